"""How a subject declares a sheet: its columns, its key, its checks; and how the header row of a file is recognised."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from mutu.imports.kinds import Kind
from mutu.imports.messages import FileRefused, Notice, column_letter, listed, quoted

HEADER_ROWS = 30
"""A header is looked for in so many first rows; above it stand titles and letterheads."""

REASON = "Alasan ditolak"
"""Title of the column of reasons in the workbook of refused rows. It is ignored when that workbook, mended, comes
back; every other unknown column is asked about."""


def normal_title(cell: object) -> str:
    """A title without capitals, blanks, line breaks, punctuation: ``" Kode\\nKab./Kota "`` is ``"kodekabkota"``."""
    return re.sub(r"[\W_]+", "", str(cell).casefold()) if cell is not None else ""


@dataclass(frozen=True)
class Column:
    """One column of a sheet.

    ``name`` is the field's name in the code; ``title`` is the title in the template; ``titles`` are further titles
    that files in the field carry. ``required`` wants the column to be there and each of its cells filled; an optional
    column may be missing. ``note`` explains the column in the template; ``example`` stands there as an example.
    """

    name: str
    title: str
    kind: Kind
    required: bool = True
    titles: tuple[str, ...] = ()
    note: str = ""
    example: str = ""


@dataclass(frozen=True)
class Finding:
    """What a check says about one row.

    ``refuse`` refuses the row; otherwise it is kept with a warning, and the columns named in ``without`` are left
    blank. ``column`` is the name of the column to blame.
    """

    column: str
    text: str
    refuse: bool = False
    without: tuple[str, ...] = ()


@dataclass(frozen=True)
class Check:
    """A check over some columns of each row.

    ``judge`` takes the values of ``columns`` in that order (None where blank) and returns a `Finding` or None. It is
    a pure function; with ``repeats`` its answer is remembered, which pays where few different values occur.
    """

    columns: tuple[str, ...]
    judge: Callable[..., Finding | None]
    repeats: bool = False


@dataclass(frozen=True)
class Sheet:
    """One kind of table that can be imported.

    ``key`` names the columns that identify a row; ``unique`` names further sets of columns that may not occur twice
    in a file (blank ones apart). Unknown columns refuse the file, unless ``ignore_unknown`` says that this sheet is
    read from files made for others: their unknown columns are never converted nor kept, and a damaged container is
    mended. ``groups`` are titles that span several columns, each with a title of its own in the row below; such a
    column is then titled by both, "Data Ayah Nama". With ``merged_rows`` a cell merged downwards stands for its first
    row, and the rows below it hold nothing. ``version`` rises when the meaning of a column changes; the template
    carries it.
    """

    name: str
    title: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    unique: tuple[tuple[str, ...], ...] = ()
    checks: tuple[Check, ...] = ()
    ignore_unknown: bool = False
    groups: tuple[str, ...] = ()
    merged_rows: bool = False
    version: int = 1
    places: dict[str, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "places", {column.name: at for at, column in enumerate(self.columns)})
        titles = self.titles()
        if len(self.places) < len(self.columns) or len(titles) < len(
            {(column.name, normal_title(title)) for column in self.columns for title in _titles_of(column)}
        ):
            raise ValueError(f"sheet {self.name}: two columns share a name or a title")
        for names in (self.key, *self.unique, *(check.columns for check in self.checks)):
            for name in names:
                self.places[name]

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the columns in their order."""
        return tuple(self.places)

    def titles(self) -> dict[str, Column]:
        """Each normalised title with its column."""
        return {normal_title(title): column for column in self.columns for title in _titles_of(column)}

    def key_of(self, record: Sequence[Any]) -> Any:
        """The key of a record: the value itself for a key of one column, otherwise a tuple."""
        if len(self.key) == 1:
            return record[self.places[self.key[0]]]
        return tuple(record[self.places[name]] for name in self.key)


def _titles_of(column: Column) -> tuple[str, ...]:
    return (column.name, column.title, *column.titles)


@dataclass(frozen=True)
class Layout:
    """Where a file has what.

    ``positions`` gives for each column name its place in the file's rows, counted from 0; ``headings`` are the
    file's own titles by place; ``ignored`` are titles no column wanted; ``container`` is ``xlsx``, ``ods`` or
    ``csv``; ``part`` is the worksheet's name or the delimiter. ``header_row`` is the last of ``header_rows`` rows of
    titles, and ``above`` what the rows before them hold, blank cells left out.
    """

    container: str
    part: str
    header_row: int
    headings: tuple[str, ...]
    positions: dict[str, int]
    ignored: tuple[str, ...]
    header_rows: int = 1
    above: tuple[tuple[str, ...], ...] = ()

    def narrowed(self) -> "Layout":
        """The same with the columns alone that the sheet knows, in their order."""
        kept = sorted(self.positions, key=self.positions.__getitem__)
        return replace(
            self,
            headings=tuple(self.headings[self.positions[name]] for name in kept),
            positions={name: at for at, name in enumerate(kept)},
        )

    @property
    def untitled(self) -> tuple[int, ...]:
        """Places without a title."""
        return tuple(at for at, heading in enumerate(self.headings) if not heading)


def header_score(sheet: Sheet, cells: Sequence[object]) -> int:
    """How many different columns of the sheet the row names."""
    titles = sheet.titles()
    return len({titles[key].name for key in map(normal_title, cells) if key in titles})


def find_header(sheet: Sheet, rows: Sequence[Sequence[object]]) -> tuple[int, int]:
    """The place of the row that names most columns among the first rows, and how many it names (0 for none)."""
    best, score = -1, 0
    for at, cells in enumerate(rows[:HEADER_ROWS]):
        found = header_score(sheet, cells)
        if found > score:
            best, score = at, found
    return best, score


def read_layout(sheet: Sheet, rows: Sequence[Sequence[object]], container: str, part: str) -> Layout:
    """Recognise the header among the first rows.

    Raises `FileRefused` when there is none, when a required column is missing, when a column stands twice, or when a
    column is unknown and the sheet does not ignore unknown ones; all reasons at once.
    """
    at, score = find_header(sheet, rows)
    wanted = [column.title for column in sheet.columns if column.required]
    if at < 0 or score < min(2, len(sheet.columns)):
        raise FileRefused(
            f"Baris judul kolom tidak ditemukan dalam {HEADER_ROWS} baris pertama. Berkas harus mempunyai kolom: "
            f"{listed(wanted, 30)}. Pakailah templat {sheet.title}."
        )
    headings, depth = _headings(sheet, rows, at)
    number = at + depth
    titles = sheet.titles()
    positions: dict[str, int] = {}
    seen: dict[str, int] = {}
    unknown: list[str] = []
    problems: list[Notice] = []
    for place, heading in enumerate(headings):
        key = normal_title(heading)
        if not heading:
            continue
        column = titles.get(key)
        identity = column.name if column else key
        if identity in seen and (column or not sheet.ignore_unknown):
            problems.append(
                Notice(
                    number,
                    heading,
                    heading,
                    f"judul ini terdapat dua kali (kolom {column_letter(seen[identity])} dan "
                    f"{column_letter(place)}). Hapus salah satu.",
                )
            )
            continue
        seen[identity] = place
        if column:
            positions[column.name] = place
        else:
            unknown.append(heading)
            if not sheet.ignore_unknown and key != normal_title(REASON):
                problems.append(
                    Notice(
                        number,
                        quoted(heading),
                        quoted(heading),
                        f"kolom {column_letter(place)} tidak dikenal. Hapus kolom itu, atau perbaiki judulnya menjadi "
                        "salah satu judul pada templat.",
                    )
                )
    problems.extend(
        Notice(number, column.title, "", "kolom wajib ini tidak ada. Tambahkan kolom itu beserta isinya.")
        for column in sheet.columns
        if column.required and column.name not in positions
    )
    if problems:
        raise FileRefused(*problems)
    above = tuple(tuple(title for cell in row if (title := _title(cell))) for row in rows[:at])
    return Layout(container, part, number, headings, positions, tuple(unknown), depth, above)


def _title(cell: object) -> str:
    return " ".join(str(cell).split()) if cell is not None else ""


def _headings(sheet: Sheet, rows: Sequence[Sequence[object]], at: int) -> tuple[tuple[str, ...], int]:
    """The titles by place, and how many rows they take: two where a title spans columns with titles of their own."""
    upper = [_title(cell) for cell in rows[at]]
    groups = set(map(normal_title, sheet.groups))
    if len(rows) == at + 1 or not groups.intersection(map(normal_title, upper)):
        return tuple(upper), 1
    lower = [_title(cell) for cell in rows[at + 1]]
    width = max(len(upper), len(lower))
    upper += [""] * (width - len(upper))
    lower += [""] * (width - len(lower))
    headings, group = [], ""
    for over, under in zip(upper, lower, strict=True):
        group = over if over else group if under else ""
        headings.append(f"{group} {under}".strip() if under else over)
    return tuple(headings), 2
