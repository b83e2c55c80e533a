"""The workbook that a person fills in, made from a sheet's declaration alone.

Its first worksheet holds nothing but the titles, so a filled template is imported as it is; the second one,
"Petunjuk", explains each column and shows an example. Columns of digits are formatted as text, so leading zeros
survive; choices and ranges are checked while typing.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from io import BytesIO
from typing import Any

import xlsxwriter

from mutu.imports.columns import Column, Sheet
from mutu.imports.kinds import Choice, Day, Digits, Number, SchoolYear, Text, Whole
from mutu.imports.refusals import TEXT_FORMAT
from mutu.imports.workbooks import GUIDE, STATE

PREPARED_ROWS = 2000
"""So many rows get formats and checks; more may be filled in."""
_LIST_LENGTH = 255
"""The longest list of choices that a spreadsheet keeps inside one cell's check."""


def write_template(
    sheet: Sheet,
    rows: Sequence[tuple[Any, ...]] | None = None,
    *,
    locked: Collection[str] = (),
    state: Sequence[Sequence[str]] = (),
) -> bytes:
    """The template as the bytes of an .xlsx file, the same for the same declaration.

    ``rows`` prefills it with records in the order of the columns. The document properties carry the sheet's name and
    version under ``mutu_lembar`` and ``mutu_versi``. With ``locked`` the titles and these columns cannot be typed over
    (there is no password: it keeps from slips, not from intent). ``state`` rides along on a worksheet nobody sees and
    comes back as `Parsed.state`.
    """
    made = BytesIO()
    book = xlsxwriter.Workbook(made, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"title": f"Templat {sheet.title}", "created": datetime(2000, 1, 1)})
    book.set_custom_property("mutu_lembar", sheet.name)
    book.set_custom_property("mutu_versi", sheet.version, "number")
    title = book.add_format({"bold": True, "bg_color": "#E3ECF7", "border": 1, "text_wrap": True})
    optional = book.add_format({"bold": False, "bg_color": "#F3F3F3", "border": 1, "text_wrap": True})
    text = book.add_format({"num_format": TEXT_FORMAT})
    day = book.add_format({"num_format": "dd/mm/yyyy"})
    data = book.add_worksheet(sheet.title)
    data.freeze_panes(1, 0)
    free = book.add_format({"locked": False})
    for place, column in enumerate(sheet.columns):
        form = text if isinstance(column.kind, Text | Digits | SchoolYear) else None
        if isinstance(column.kind, Day):
            form = day
        if locked and column.name not in locked:
            form = free
        data.set_column(place, place, max(12, len(column.title) + 4), form)
        data.write_string(0, place, column.title, title if column.required else optional)
        rule = _validation(column)
        if rule:
            data.data_validation(1, place, PREPARED_ROWS, place, rule)
        for line, record in enumerate(rows or [], start=1):
            _write(data, line, place, record[place], form)
    if locked:
        data.protect("", {"format_columns": True, "format_rows": True, "autofilter": True})
    _guide(book, sheet, title)
    if state:
        unseen = book.add_worksheet(STATE)
        unseen.very_hidden()
        for line, cells in enumerate(state):
            for place, text_of in enumerate(cells):
                unseen.write_string(line, place, text_of)
    book.close()
    return made.getvalue()


def _write(data: Any, line: int, place: int, value: Any, form: Any) -> None:
    if value is None:
        return
    if isinstance(value, str):
        data.write_string(line, place, value, form)
    elif hasattr(value, "year"):
        data.write_datetime(line, place, value, form)
    else:
        data.write_number(line, place, value, form)


def _validation(column: Column) -> dict[str, Any] | None:
    """What the spreadsheet checks while the person types, or None where it cannot."""
    kind = column.kind
    rule: dict[str, Any] | None = None
    if isinstance(kind, Choice) and len(",".join(kind.choices)) <= _LIST_LENGTH:
        rule = {"validate": "list", "source": list(kind.choices), "error_type": "warning"}
    elif isinstance(kind, Whole):
        rule = {"validate": "integer", "criteria": "between", "minimum": kind.low, "maximum": kind.high}
    elif isinstance(kind, Number):
        rule = {"validate": "decimal", "criteria": "between", "minimum": kind.low, "maximum": kind.high}
    elif isinstance(kind, Digits):
        rule = {"validate": "length", "criteria": "==", "value": kind.length}
    elif isinstance(kind, Text):
        rule = {"validate": "length", "criteria": "<=", "value": kind.longest}
    if rule:
        rule |= {"error_title": column.title[:32], "error_message": kind.explain()[:255], "ignore_blank": True}
    return rule


def _guide(book: Any, sheet: Sheet, title: Any) -> None:
    """The worksheet of explanations."""
    guide = book.add_worksheet(GUIDE)
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    guide.set_column(0, 0, 24, wrapped)
    guide.set_column(1, 1, 10, wrapped)
    guide.set_column(2, 2, 70, wrapped)
    guide.set_column(3, 3, 24, wrapped)
    lines = [
        f"Isi lembar {sheet.title}, satu baris satu data. Jangan ubah judul kolom; urutannya boleh diubah.",
        "Sel kosong pada kolom yang tidak wajib tidak menghapus data yang sudah tersimpan.",
        "Jangan menggabungkan sel, jangan menyembunyikan baris atau kolom. Lembar Petunjuk ini tidak dibaca.",
    ]
    for line, sentence in enumerate(lines):
        guide.write_string(line, 0, sentence, book.add_format({"text_wrap": False}))
    start = len(lines) + 1
    for place, heading in enumerate(("Kolom", "Wajib", "Isi", "Contoh")):
        guide.write_string(start, place, heading, title)
    for line, column in enumerate(sheet.columns, start=start + 1):
        explained = f"{column.kind.explain()} {column.note}".strip()
        cells = (column.title, "ya" if column.required else "tidak", explained, column.example)
        for place, cell in enumerate(cells):
            guide.write_string(line, place, cell, wrapped)
