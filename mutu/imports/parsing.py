"""From a file to records: every data row ends either as a record or as refused, with a reason per cell.

The work goes column by column over blocks of some thousand rows: a block is turned on its side, each column is
converted at once where its cells are plainly good, and cell by cell only where they are not. Text that repeats
(a district's name, a choice) is converted once and remembered.
"""

import os
from collections import Counter, defaultdict
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import compress
from operator import itemgetter
from typing import Any

from mutu.imports.columns import Check, Column, Finding, Layout, Sheet
from mutu.imports.gate import Limits, admit
from mutu.imports.kinds import Cell, CellError, Kind, Mended
from mutu.imports.memory import without_collection
from mutu.imports.mending import mend_workbook
from mutu.imports.messages import FileDamaged, FileRefused, Notice, column_letter, listed, quoted
from mutu.imports.tables import Table, open_text
from mutu.imports.workbooks import open_workbook

SMALL = 64
"""Below so many cells a column is read cell by cell."""
REMEMBERED = 50_000
"""So many different cells of a column are remembered."""
DETAILED_ROWS = 20_000
"""So many refused rows get a message for every bad cell; later ones get one message each, so memory stays bounded."""

Record = tuple[Any, ...]


@dataclass
class Parsed:
    """What a file holds.

    ``records`` are tuples in the order of the sheet's columns, ``rows`` their row numbers. ``refused`` holds every
    message of every refused row, ``refused_rows`` the raw cells of those rows by number. ``warnings`` concern rows
    that are kept, or (with row 0) the file. ``total`` is the number of data rows: accepted plus refused. ``cells``
    holds the raw cells of accepted rows where the records alone no longer tell them (see `translate`). ``state`` is
    what a workbook of ours carried unseen (see `write_template`); anyone may have changed it.
    """

    sheet: Sheet
    layout: Layout
    # No row appears in the representation, because representations end up in logs.
    rows: list[int] = field(default_factory=list, repr=False)
    records: list[Record] = field(default_factory=list, repr=False)
    refused: list[Notice] = field(default_factory=list, repr=False)
    refused_rows: dict[int, tuple[Cell, ...]] = field(default_factory=dict, repr=False)
    warnings: list[Notice] = field(default_factory=list, repr=False)
    cells: dict[int, tuple[Cell, ...]] = field(default_factory=dict, repr=False)
    state: list[list[str]] = field(default_factory=list, repr=False)

    @property
    def total(self) -> int:
        """The number of data rows; blank rows are none."""
        return len(self.records) + len(self.refused_rows)


@dataclass(frozen=True, slots=True)
class _Bad:
    """A cell that could not be converted, in place of its value."""

    text: str


class _Memory(dict[Any, Any]):
    """Raw cell -> value (or `_Bad`), filled as cells appear."""

    def __init__(self, kind: Kind, required: bool) -> None:
        super().__init__()
        self.kind = kind
        self.required = required
        self.bad: set[Any] = set()
        self.mended = False

    def __missing__(self, raw: Any) -> Any:
        value: Any
        if raw is None or (isinstance(raw, str) and not raw.strip()):
            value = _Bad("kosong, padahal wajib diisi. Isi selnya.") if self.required else None
        else:
            try:
                value = self.kind.convert(raw)
            except CellError as fault:
                value = _Bad(str(fault))
        if isinstance(value, _Bad):
            self.bad.add(raw)
        elif isinstance(value, Mended):
            self.mended = True
        elif len(self) < REMEMBERED:
            self[raw] = value
        return value


class _ColumnReader:
    """Converts one column block by block; remembers what it met."""

    def __init__(self, column: Column, place: int | None) -> None:
        self.column = column
        self.place = place
        self.memory = _Memory(column.kind, column.required)
        self.repeats: bool | None = None

    def read(
        self, cells: Sequence[Any], text_only: bool
    ) -> tuple[list[Any], list[tuple[int, str]], list[tuple[int, str]]]:
        """The values of a block, and for each bad cell and each mended one its place in the block with the reason."""
        if self.repeats is None:
            self.repeats = not text_only or len(set(cells)) * 4 < len(cells)
        values: list[Any] = []
        if self.repeats:
            self._singly(cells, values)
        else:
            self._bulk(cells, values)
        faults: list[tuple[int, str]] = []
        if self.memory.bad:
            faults = [(at, value.text) for at, value in enumerate(values) if value.__class__ is _Bad]
            for at, _ in faults:
                values[at] = None
            self.memory.bad.clear()
        remarks: list[tuple[int, str]] = []
        if self.memory.mended:
            for at, value in enumerate(values):
                if value.__class__ is Mended:
                    remarks.append((at, value.text))
                    values[at] = value.value
            self.memory.mended = False
        return values, faults, remarks

    def _singly(self, cells: Sequence[Any], values: list[Any]) -> None:
        if cells[0] == cells[-1] and cells.count(cells[0]) == len(cells):
            values.extend([self.memory[cells[0]]] * len(cells))
        else:
            values.extend(map(self.memory.__getitem__, cells))

    def _bulk(self, cells: Sequence[str], values: list[Any]) -> None:
        """Convert all at once; where that fails, halve, so that one bad cell slows only its neighbours."""
        done = self.column.kind.bulk(cells, self.column.required)
        if done is not None:
            values.extend(done)
        elif len(cells) <= SMALL:
            self._singly(cells, values)
        else:
            middle = len(cells) // 2
            self._bulk(cells[:middle], values)
            self._bulk(cells[middle:], values)


class _Judge:
    """Runs one check over a block."""

    def __init__(self, check: Check, sheet: Sheet) -> None:
        self.check = check
        self.places = [sheet.places[name] for name in check.columns]
        self.known: dict[tuple[Any, ...], Finding | None] = {}

    def run(self, columns: list[list[Any]], skipped: Container[int]) -> list[tuple[int, Finding]]:
        """The findings of a block, each with its place; ``skipped`` rows are refused already, so a check never meets
        a required cell without its value."""
        chosen = [columns[place] for place in self.places]
        if skipped:
            good = [at for at in range(len(chosen[0])) if at not in skipped]
            chosen = [[column[at] for at in good] for column in chosen]
            return [(good[at], finding) for at, finding in self._findings(chosen)]
        return self._findings(chosen)

    def _findings(self, chosen: list[list[Any]]) -> list[tuple[int, Finding]]:
        answers: list[Finding | None]
        if self.check.repeats:
            known, judge = self.known, self.check.judge
            groups = set(zip(*chosen, strict=True))
            for group in groups.difference(known):
                known[group] = judge(*group)
            if not any(map(known.__getitem__, groups)):
                return []
            answers = list(map(known.__getitem__, zip(*chosen, strict=True)))
        else:
            answers = list(map(self.check.judge, *chosen))
        if not any(answers):
            return []
        return [(at, finding) for at, finding in enumerate(answers) if finding is not None]


def parse(
    source: bytes | str | os.PathLike[str],
    sheet: Sheet,
    *,
    name: str | None = None,
    limits: Limits | None = None,
    progress: Callable[[int], None] | None = None,
) -> Parsed:
    """Read a workbook or CSV (bytes or a path) as the sheet declares.

    ``name`` is the file's own name where ``source`` is bytes. ``progress`` is called with the number of rows read so
    far. Raises `FileRefused` when nothing of the file can be used; a single bad row never does that.
    """
    limits = limits or Limits()
    try:
        table = _open(source, sheet, name, limits)
    except FileDamaged as damage:
        mended = mend_workbook(source, limits) if sheet.ignore_unknown else None
        if mended is None:
            raise
        try:
            table = _open(mended.content, sheet, name, limits)
        except FileDamaged:
            raise damage from None
        table.notices.insert(0, Notice(0, "", "", mended.text))
    parsed = Parsed(sheet, table.layout, warnings=list(table.notices), state=table.state)
    with without_collection():
        reading = _Reading(sheet, table, parsed, limits, progress)
        reading.run()
    if not parsed.total:
        raise FileRefused(
            f"Berkas hanya berisi judul kolom (baris {table.layout.header_row}), tanpa data. "
            "Isi barisnya, lalu impor lagi."
        )
    if sheet.ignore_unknown:
        parsed.layout = parsed.layout.narrowed()
    _refuse_repeated(parsed, reading.spoiled)
    parsed.refused.sort(key=lambda notice: notice.row)
    return parsed


def _open(source: bytes | str | os.PathLike[str], sheet: Sheet, name: str | None, limits: Limits) -> Table:
    admitted = admit(source, name, limits)
    opened = open_text if admitted.container.startswith("csv") else open_workbook
    return opened(admitted, sheet, limits)


class _Reading:
    """One run over a table's blocks."""

    def __init__(
        self, sheet: Sheet, table: Table, parsed: Parsed, limits: Limits, progress: Callable[[int], None] | None
    ) -> None:
        self.sheet = sheet
        self.table = table
        self.parsed = parsed
        self.limits = limits
        self.progress = progress
        positions = table.layout.positions
        self.readers = [_ColumnReader(column, positions.get(column.name)) for column in sheet.columns]
        self.judges = [_Judge(check, sheet) for check in sheet.checks]
        self.width = len(table.layout.headings)
        self.untitled = () if sheet.ignore_unknown else table.layout.untitled
        # Of a file made by another system only these places are looked at; None for all.
        self.known = sorted(positions.values()) if sheet.ignore_unknown else None
        self.required = [positions[one.name] for one in sheet.columns if one.required and one.name in positions]
        # Refused rows as far as they could be read: their keys still count when repeated ones are looked for.
        self.spoiled: list[tuple[int, Record]] = []

    def run(self) -> None:
        """Read every block into ``parsed``."""
        for first, rows in self.table.blocks:
            if first + len(rows) > self.limits.rows:
                raise FileRefused(f"Berkas lebih dari {self.limits.rows} baris. Bagilah datanya.")
            numbers: Sequence[int] = range(first, first + len(rows))
            if self.known is not None or not all(map(any, rows)):
                filled = [self._filled(number, row) for number, row in zip(numbers, rows, strict=True)]
                numbers = list(compress(numbers, filled))
                rows = list(compress(rows, filled))
            if rows:
                self._block(numbers, rows)
            if self.progress:
                self.progress(first + len(rows) - 1)

    def _filled(self, number: int, row: list[Cell]) -> bool:
        """Whether a row holds data; one whose formulas were never computed looks blank and is not."""
        if self.known is not None:
            return self._filled_by_another(number, row)
        if any(cell not in ("", None) and str(cell).strip() for cell in row):
            return True
        return any(place is not None for place, _ in self.table.faults.get(number, ()))

    def _filled_by_another(self, number: int, row: list[Cell]) -> bool:
        """As `_filled`, by the known columns alone; a hidden row without what is required is no data."""

        def filled(place: int) -> bool:
            return place < len(row) and row[place] is not None and bool(str(row[place]).strip())

        faults = self.table.faults.get(number, ())
        if any(place is None for place, _ in faults) and not any(map(filled, self.required)):
            return False
        known = self.known or ()
        return any(map(filled, known)) or any(place in known for place, _ in faults)

    def _block(self, numbers: Sequence[int], rows: list[list[Cell]]) -> None:
        problems: defaultdict[int, list[Notice]] = defaultdict(list)
        self._widths(numbers, rows, problems)
        self._marked_faults(numbers, rows, problems)
        sideways = list(zip(*rows, strict=True))
        self._untitled(numbers, sideways, problems)
        columns: list[list[Any]] = []
        warnings: list[tuple[int, Notice]] = []
        for reader in self.readers:
            if reader.place is None:
                columns.append([None] * len(rows))
                continue
            cells = sideways[reader.place]
            values, faults, remarks = reader.read(cells, self.table.strict_width)
            columns.append(values)
            heading = self.table.layout.headings[reader.place]
            warnings.extend((at, Notice(numbers[at], heading, quoted(cells[at]), text)) for at, text in remarks)
            for at, text in faults:
                if not any(notice.column in ("", heading) for notice in problems.get(at, ())):
                    problems[at].append(Notice(numbers[at], heading, quoted(cells[at]), text))
        warnings += self._judge(numbers, columns, problems)
        self._keep(numbers, rows, columns, problems)
        self.parsed.warnings.extend(
            notice for at, notice in sorted(warnings, key=lambda pair: pair[0]) if at not in problems
        )

    def _widths(self, numbers: Sequence[int], rows: list[list[Cell]], problems: dict[int, list[Notice]]) -> None:
        """Make every row as wide as the header; a text row of another width has lost or gained a delimiter."""
        width = self.width
        if set(map(len, rows)) == {width}:
            return
        for at, row in enumerate(rows):
            if self.table.strict_width and len(row) < width:
                problems[at].append(
                    Notice(
                        numbers[at],
                        "",
                        "",
                        f"hanya {len(row)} sel, padahal judulnya {width} kolom; baris terpotong atau kurang pemisah. "
                        "Lengkapi barisnya.",
                    )
                )
            elif any(cell not in ("", None) for cell in row[width:]):
                problems[at].append(
                    Notice(
                        numbers[at],
                        "",
                        "",
                        f"ada {len(row)} sel, padahal judulnya {width} kolom. Apit teks yang memuat pemisah dengan "
                        'tanda kutip ("), atau hapus sel di luar tabel.',
                    )
                )
            rows[at] = (row + [""] * (width - len(row)))[:width]

    def _marked_faults(self, numbers: Sequence[int], rows: list[list[Cell]], problems: dict[int, list[Notice]]) -> None:
        """What the container told about rows: hidden, merged, formulas without a value."""
        marked = self.table.faults
        if not marked:
            return
        headings = self.table.layout.headings
        for at, number in enumerate(numbers):
            for place, text in marked.get(number, ()):
                if place is None:
                    problems[at].append(Notice(number, "", "", text))
                elif place < self.width and (self.known is None or place in self.known):
                    heading = headings[place] or column_letter(place)
                    problems[at].append(Notice(number, heading, quoted(rows[at][place]), text))

    def _untitled(
        self, numbers: Sequence[int], sideways: list[tuple[Cell, ...]], problems: dict[int, list[Notice]]
    ) -> None:
        """A cell under no title would be lost silently, so its row is refused."""
        for place in self.untitled:
            if any(sideways[place]):
                for at, cell in enumerate(sideways[place]):
                    if cell not in ("", None):
                        problems[at].append(
                            Notice(
                                numbers[at],
                                column_letter(place),
                                quoted(cell),
                                "kolom ini tidak berjudul. Beri judul, atau hapus isinya.",
                            )
                        )

    def _judge(
        self, numbers: Sequence[int], columns: list[list[Any]], problems: dict[int, list[Notice]]
    ) -> list[tuple[int, Notice]]:
        """Run the sheet's checks on rows that are good so far; returns the warnings with their places."""
        warnings: list[tuple[int, Notice]] = []
        places = self.sheet.places
        for judge in self.judges:
            for at, finding in judge.run(columns, problems):
                place = self.table.layout.positions.get(finding.column)
                title = (
                    self.table.layout.headings[place]
                    if place is not None
                    else self.sheet.columns[places[finding.column]].title
                )
                seen = quoted(columns[places[finding.column]][at])
                notice = Notice(numbers[at], title, seen, finding.text)
                if finding.refuse:
                    problems[at].append(notice)
                    continue
                warnings.append((at, notice))
                for name in finding.without:
                    columns[places[name]][at] = None
        return warnings

    def _keep(
        self,
        numbers: Sequence[int],
        rows: list[list[Cell]],
        columns: list[list[Any]],
        problems: dict[int, list[Notice]],
    ) -> None:
        parsed = self.parsed
        if not problems:
            parsed.records.extend(zip(*columns, strict=True))
            parsed.rows.extend(numbers)
            return
        good = [at not in problems for at in range(len(rows))]
        parsed.records.extend(compress(zip(*columns, strict=True), good))
        parsed.rows.extend(compress(numbers, good))
        for at, notices in problems.items():
            parsed.refused.extend(notices if len(parsed.refused_rows) < DETAILED_ROWS else notices[:1])
            cells = rows[at]
            parsed.refused_rows[numbers[at]] = tuple(
                cells if self.known is None else (cells[place] for place in self.known)
            )
            self.spoiled.append((numbers[at], tuple(column[at] for column in columns)))


def _refuse_repeated(parsed: Parsed, spoiled: list[tuple[int, Record]]) -> None:
    """Refuse every row whose key (or other unique value) stands in the file more than once; the last never wins.

    A row refused for another reason counts too: nobody knows which of the two was meant.
    """
    again: dict[int, list[Notice]] = {}
    for names in (parsed.sheet.key, *parsed.sheet.unique):
        found = _repeated(parsed, spoiled, names)
        positions = parsed.layout.positions
        title = " + ".join(parsed.layout.headings[positions[name]] if name in positions else name for name in names)
        for value, rows in found.items():
            shown = " + ".join(map(str, value))
            for row in rows:
                others = listed([other for other in rows if other != row])
                again.setdefault(row, []).append(
                    Notice(
                        row,
                        title,
                        quoted(shown),
                        f"{title} {shown} juga terdapat di baris {others}. Sisakan satu baris yang benar.",
                    )
                )
    if not again:
        return
    width = len(parsed.layout.headings)
    kept = [row not in again for row in parsed.rows]
    for row, record, keep in zip(parsed.rows, parsed.records, kept, strict=True):
        if not keep:
            raw: list[Cell] = [""] * width
            for name, place in parsed.layout.positions.items():
                value = record[parsed.sheet.places[name]]
                raw[place] = "" if value is None else value
            parsed.refused_rows[row] = tuple(raw)
    for notices in again.values():
        parsed.refused.extend(notices)
    parsed.warnings = [notice for notice in parsed.warnings if notice.row not in again]
    parsed.records = list(compress(parsed.records, kept))
    parsed.rows = list(compress(parsed.rows, kept))


def _repeated(
    parsed: Parsed, spoiled: list[tuple[int, Record]], names: tuple[str, ...]
) -> dict[tuple[Any, ...], list[int]]:
    """The values of the named columns that stand in several rows, each with its rows."""
    places = [parsed.sheet.places[name] for name in names]
    pick = itemgetter(*places)
    values = [*map(pick, parsed.records), *(pick(record) for _, record in spoiled)]
    if len(set(values)) == len(values):
        return {}
    rows = [*parsed.rows, *(row for row, _ in spoiled)]
    twice = {value for value, times in Counter(values).items() if times > 1}
    found: defaultdict[tuple[Any, ...], list[int]] = defaultdict(list)
    for row, value in zip(rows, values, strict=True):
        if value in twice:
            parts = value if len(places) > 1 else (value,)
            if None not in parts:
                found[parts].append(row)
    return {value: sorted(where) for value, where in found.items()}


def refuse_rows(parsed: Parsed, records: Sequence[Record], reasons: Mapping[int, Sequence[Notice]]) -> Parsed:
    """The file without further rows that the database cannot take; `reasons` gives their notices by place in `records`.

    `records` stand in for `parsed.records` and may hold values that were put right. The refused rows keep their cells
    as they were read, for the workbook of refused rows. Changes nothing in `parsed`.
    """
    kept = [at for at in range(len(records)) if at not in reasons]
    refused = dict(parsed.refused_rows)
    for at in reasons:
        row = parsed.rows[at]
        refused[row] = parsed.cells[row] if row in parsed.cells else _cells(parsed, at)
    lost = {parsed.rows[at] for at in reasons}
    notices = [*parsed.refused, *(notice for found in reasons.values() for notice in found)]
    return Parsed(
        parsed.sheet,
        parsed.layout,
        [parsed.rows[at] for at in kept],
        [records[at] for at in kept],
        sorted(notices, key=lambda notice: notice.row),
        refused,
        [notice for notice in parsed.warnings if notice.row not in lost],
        {row: cells for row, cells in parsed.cells.items() if row not in lost},
        parsed.state,
    )


def _cells(parsed: Parsed, at: int) -> tuple[Cell, ...]:
    """The cells of one accepted row as its record tells them."""
    cells: list[Cell] = [""] * len(parsed.layout.headings)
    for column, value in zip(parsed.sheet.columns, parsed.records[at], strict=True):
        place = parsed.layout.positions.get(column.name)
        if place is not None:
            cells[place] = "" if value is None else value
    return tuple(cells)


def translate(
    parsed: Parsed,
    sheet: Sheet,
    records: Sequence[Record | None],
    reasons: Mapping[int, Sequence[Notice]],
    warnings: Sequence[Notice] = (),
    names: Mapping[str, str] | None = None,
) -> Parsed:
    """The file as another sheet holds it: what another system calls its columns becomes what is stored here.

    ``records`` gives the record of ``sheet`` for each place in `parsed.records`; rows with ``reasons`` are refused.
    ``names`` tells where a column of ``sheet`` has another name in the file's own sheet. The refused rows of the
    result, and those refused later, keep the cells of the file.
    """
    settled = refuse_rows(parsed, parsed.records, reasons)
    kept = [at for at in range(len(parsed.records)) if at not in reasons]
    chosen = [record for at in kept if (record := records[at]) is not None]
    asked = {name: (names or {}).get(name, name) for name in sheet.places}
    places = parsed.layout.positions
    positions = {name: places[other] for name, other in asked.items() if other in places}
    known = set(settled.rows)
    return Parsed(
        sheet,
        replace(parsed.layout, positions=positions),
        settled.rows,
        chosen,
        settled.refused,
        settled.refused_rows,
        [*settled.warnings, *(notice for notice in warnings if notice.row in known or not notice.row)],
        {parsed.rows[at]: _cells(parsed, at) for at in kept},
    )
