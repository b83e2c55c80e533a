"""Rows out of workbooks: the right worksheet, and what its cells alone do not tell.

The cells come from calamine. It does not say which rows are hidden, which cells are merged and which hold a formula
whose value was never computed; `marks` reads that from the file's own XML. What a person cannot see or what stands
for several cells is never taken and never dropped silently:

- a hidden row (filters hide rows too) is refused and named; a hidden column of the table refuses the file;
- a row that a merged cell touches is refused; a merged header refuses the file;
- a formula counts with its stored value; without one, or with an error, its row is refused;
- a hidden worksheet is not read, and a warning names it.
"""

import os
from collections.abc import Iterator
from itertools import islice

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from mutu.imports.columns import HEADER_ROWS, Layout, Sheet, find_header, normal_title, read_layout
from mutu.imports.gate import Limits, Source, admit
from mutu.imports.kinds import Cell
from mutu.imports.marks import Marks, read_marks
from mutu.imports.messages import FileDamaged, FileRefused, Notice, column_letter, listed
from mutu.imports.tables import ROWS_AT_ONCE, Table

GUIDE = "Petunjuk"
"""The template's own worksheet of explanations, which never holds data."""
STATE = "Mutu-keadaan"
"""A worksheet nobody sees, in which a workbook of ours carries what it was made for."""
_RESAVE = "Buka berkas itu, lalu simpan ulang sebagai .xlsx (Excel Workbook)."


def open_workbook(source: Source, sheet: Sheet, limits: Limits) -> Table:
    """Open a workbook and find the worksheet that holds the sheet's table.

    A worksheet named like the sheet's title is taken; otherwise the only one whose header names its columns.
    Raises `FileRefused`.
    """
    with source.open() as stream:
        marks = read_marks(stream, source.container, limits)
        stream.seek(0)
        try:
            book = CalamineWorkbook.from_filelike(stream)
            notices: list[Notice] = []
            names: list[str] = []
            state: list[list[str]] = []
            for part in book.sheets_metadata:
                if part.name == STATE:
                    state = [[str(cell) for cell in row] for row in _rows(book.get_sheet_by_name(STATE))]
                    continue
                if part.typ != SheetTypeEnum.WorkSheet or normal_title(part.name) == normal_title(GUIDE):
                    continue
                if part.visible == SheetVisibleEnum.Visible and not marks[part.name].hidden:
                    names.append(part.name)
                else:
                    notices.append(
                        Notice(0, "", part.name, f"Lembar tersembunyi {part.name} tidak dibaca. Tampilkan bila perlu.")
                    )
            chosen = _choose(book, sheet, names)
            notices.extend(
                Notice(0, "", name, f"Lembar {name} tidak dibaca, hanya lembar {chosen}.")
                for name in names
                if name != chosen
            )
            worksheet = book.get_sheet_by_name(chosen)
        except (CalamineError, OSError, ValueError) as fault:
            raise FileDamaged(f"Buku kerja rusak atau tidak dapat dibaca. {_RESAVE}") from fault
    rows = _rows(worksheet)
    first = list(islice(rows, HEADER_ROWS))
    layout = read_layout(sheet, first, source.container, chosen)
    seen = marks[chosen]
    _check_columns(seen, layout, sheet)

    def data() -> Iterator[tuple[int, list[list[Cell]]]]:
        yield layout.header_row + 1, first[layout.header_row :]
        number = len(first) + 1
        while block := list(islice(rows, ROWS_AT_ONCE)):
            yield number, block
            number += len(block)
        # Rows at the end that hold nothing but uncomputed formulas do not reach us as cells.
        last = max((row for row, _ in seen.bad_cells), default=0)
        if number <= last:
            yield number, [[] for _ in range(number, last + 1)]

    computed = sum(1 for row, _ in seen.formulas if row > layout.header_row)
    if computed:
        notices.append(
            Notice(0, "", "", f"{computed} sel berisi rumus; nilai terakhir yang tersimpan di berkas yang dipakai.")
        )
    return Table(layout, data(), False, _faults(seen, layout, sheet), notices, state)


def read_state(source: bytes | str | os.PathLike[str], name: str | None = None) -> list[list[str]]:
    """What a workbook of ours carries unseen, also where its table cannot be read; empty for any other file. Raises
    `FileRefused` for one that must not be opened."""
    admitted = admit(source, name)
    if admitted.container.startswith("csv"):
        return []
    with admitted.open() as stream:
        try:
            book = CalamineWorkbook.from_filelike(stream)
            if STATE not in book.sheet_names:
                return []
            return [[str(cell) for cell in row] for row in _rows(book.get_sheet_by_name(STATE))]
        except (CalamineError, OSError, ValueError):
            return []


def _choose(book: CalamineWorkbook, sheet: Sheet, names: list[str]) -> str:
    if not names:
        raise FileRefused("Buku kerja tidak mempunyai lembar yang terlihat. Tampilkan lembar datanya.")
    for name in names:
        if normal_title(name) == normal_title(sheet.title):
            return name
    scores = {
        name: find_header(sheet, list(islice(_rows(book.get_sheet_by_name(name)), HEADER_ROWS)))[1] for name in names
    }
    best = max(scores.values())
    fitting = [name for name in names if scores[name] == best]
    if best and len(fitting) > 1:
        raise FileRefused(
            f"Beberapa lembar memuat tabel yang sama: {listed(fitting)}. Sisakan satu, atau beri nama {sheet.title} "
            "pada lembar yang benar."
        )
    return fitting[0]


def _rows(worksheet: CalamineSheet) -> Iterator[list[Cell]]:
    """All rows from the first one, with column A as place 0; true and false as Excel writes them."""
    if worksheet.start is None:
        return
    margin: list[Cell] = [""] * worksheet.start[1]
    for row in worksheet.iter_rows():
        cells: list[Cell] = [*margin, *row]
        if True in cells or False in cells:
            cells = ["TRUE" if cell is True else "FALSE" if cell is False else cell for cell in cells]
        yield cells


def _check_columns(seen: Marks, layout: Layout, sheet: Sheet) -> None:
    """Refuse a table with a hidden column or a merged header; other systems' own columns may be hidden."""
    headings, header_row = layout.headings, layout.header_row
    looked_at = set(layout.positions.values()) if sheet.ignore_unknown else range(len(headings))
    hidden = [
        f"{column_letter(place)} ({heading})"
        for place, heading in enumerate(headings)
        if heading and place in looked_at and any(first <= place <= last for first, last in seen.hidden_columns)
    ]
    if hidden:
        raise FileRefused(
            Notice(
                header_row,
                "",
                "",
                f"kolom tersembunyi: {listed(hidden)}. Tampilkan kolomnya, periksa, lalu impor lagi.",
            )
        )
    if seen.rows_hidden_by_default:
        raise FileRefused("Semua baris lembar ini disembunyikan. Tampilkan barisnya, periksa, lalu impor lagi.")
    top = header_row - layout.header_rows + 1
    for merged in seen.merged:
        if layout.header_rows > 1 and top <= merged.top and merged.bottom <= header_row:
            continue
        if merged.top <= header_row and top <= merged.bottom and merged.left < len(headings):
            raise FileRefused(
                Notice(
                    header_row,
                    "",
                    "",
                    f"sel judul {merged} digabung. Pisahkan sel gabungan itu; setiap kolom perlu judul sendiri.",
                )
            )


def _faults(seen: Marks, layout: Layout, sheet: Sheet) -> dict[int, list[tuple[int | None, str]]]:
    """The rows that may not be taken as they are, with the reason."""
    header_row = layout.header_row
    looked_at = sorted(layout.positions.values()) if sheet.ignore_unknown else range(len(layout.headings))
    faults: dict[int, list[tuple[int | None, str]]] = {}
    for row in seen.hidden_rows:
        if row > header_row:
            faults.setdefault(row, []).append(
                (None, "baris ini tersembunyi (mungkin oleh saringan). Tampilkan dan periksa, atau hapus barisnya.")
            )
    for merged in seen.merged:
        place = next((place for place in looked_at if merged.left <= place <= merged.right), None)
        if merged.bottom <= header_row or place is None:
            continue
        if sheet.merged_rows and merged.left == merged.right and merged.top > header_row:
            continue
        for row in range(max(merged.top, header_row + 1), min(merged.bottom, seen.last_row) + 1):
            faults.setdefault(row, []).append((place, f"sel gabungan {merged}. Pisahkan, lalu isi setiap selnya."))
    for (row, place), text in seen.bad_cells.items():
        if row > header_row:
            faults.setdefault(row, []).append((place, text))
    return faults
