"""What is handed back to the person: refused rows as CSV, and a workbook of them with the bad cells marked."""

import csv
from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, BinaryIO, TextIO

import xlsxwriter

from mutu.imports.columns import REASON
from mutu.imports.kinds import Cell, Digits
from mutu.imports.messages import Notice, quoted
from mutu.imports.parsing import Parsed

_LIVE = ("=", "+", "-", "@", "\t", "\r", "\n", "\0", "＝", "＋", "－", "＠")
TEXT_FORMAT = 49
"""The built-in number of the cell format "Text"; a self-made "@" format is not shown as Text by every program."""


def neutral(text: str) -> str:
    """Text that a spreadsheet opens as text: what could start a formula gets an apostrophe in front (OWASP ASVS 5.0,
    1.2.10)."""
    return f"'{text}" if text.startswith(_LIVE) else text


def write_refusals(notices: Iterable[Notice], stream: TextIO) -> int:
    """Write the notices as CSV with the columns baris, kolom, nilai, pesan; returns how many lines were written.

    ``stream`` is text opened with ``newline=""``; write it as ``utf-8-sig`` so that Excel shows the letters right.
    """
    writer = csv.writer(stream)
    writer.writerow(("baris", "kolom", "nilai", "pesan"))
    written = 0
    for notice in notices:
        writer.writerow((notice.row or "", *(neutral(quoted(part)) for part in notice[1:3]), neutral(notice.text)))
        written += 1
    return written


def write_error_workbook(parsed: Parsed, stream: BinaryIO) -> int:
    """Write the refused rows as a workbook: the file's own titles and cells, bad cells red with the reason as a
    comment, and all reasons of a row in a last column. Returns the number of rows.

    The person mends the cells and imports the workbook again; the column of reasons is ignored then.
    """
    layout = parsed.layout
    by_row: defaultdict[int, list[Notice]] = defaultdict(list)
    for notice in parsed.refused:
        by_row[notice.row].append(notice)
    place_of = {heading: place for place, heading in enumerate(layout.headings) if heading}
    codes = {
        layout.positions[column.name]
        for column in parsed.sheet.columns
        if isinstance(column.kind, Digits) and column.name in layout.positions
    }
    book = xlsxwriter.Workbook(
        stream, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    sheet = book.add_worksheet(parsed.sheet.title)
    bold = book.add_format({"bold": True, "text_wrap": True, "bottom": 1})
    bad = book.add_format({"bg_color": "#F9D0C4", "border": 1, "border_color": "#A12D0F"})
    bad_code = book.add_format(
        {"bg_color": "#F9D0C4", "border": 1, "border_color": "#A12D0F", "num_format": TEXT_FORMAT}
    )
    code = book.add_format({"num_format": TEXT_FORMAT})
    day = book.add_format({"num_format": "dd/mm/yyyy"})
    for place, heading in enumerate(layout.headings):
        sheet.set_column(place, place, 18, code if place in codes else None)
        sheet.write_string(0, place, heading, bold)
    last = len(layout.headings)
    sheet.set_column(last, last, 90)
    sheet.write_string(0, last, REASON, bold)
    sheet.freeze_panes(1, 0)
    for line, number in enumerate(sorted(parsed.refused_rows), start=1):
        blamed: dict[int, str] = {}
        for notice in by_row[number]:
            if notice.column in place_of:
                blamed.setdefault(place_of[notice.column], notice.text)
        for place, cell in enumerate(parsed.refused_rows[number]):
            form = (bad_code if place in codes else bad) if place in blamed else (code if place in codes else None)
            _write(sheet, line, place, cell, form, day)
            if place in blamed:
                sheet.write_comment(line, place, blamed[place])
        sheet.write_string(line, last, f"Baris {number}. " + " ".join(map(_reason, by_row[number])))
    book.close()
    return len(parsed.refused_rows)


def _reason(notice: Notice) -> str:
    return f"{notice.column}: {notice.text}" if notice.column else notice.text


def _write(sheet: Any, line: int, place: int, cell: Cell | None, form: Any, day: Any) -> None:
    """Write one raw cell with its own type; text always as text, so that nothing in it is run."""
    if cell is None or cell == "":
        sheet.write_blank(line, place, None, form)
    elif isinstance(cell, int | float):
        sheet.write_number(line, place, cell, form)
    elif isinstance(cell, date | datetime):
        sheet.write_datetime(line, place, cell, form or day)
    else:
        sheet.write_string(line, place, str(cell), form)
