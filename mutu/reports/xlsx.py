"""Workbooks with plain tables, written row by row so that memory stays flat however long they are."""

import io
import math
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import BinaryIO

import xlsxwriter


@dataclass(frozen=True)
class Marked:
    """A whole number with a sign shown beside it; for the spreadsheet it stays a number, so sums and sorting hold."""

    value: int
    sign: str


Value = str | int | float | Decimal | bool | date | datetime | Marked | None

# Limits of the xlsx format itself.
MOST_ROWS = 1_048_576
LONGEST_TEXT = 32_767
_LONGEST_SHEET_NAME = 31
_FORBIDDEN_IN_SHEET_NAME = re.compile(r"[\[\]:*?/\\]")

# A spreadsheet that is handed a text with one of these in front may run it as a formula (OWASP, CSV
# injection).
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\0", "＝", "＋", "－", "＠")


class WorkbookError(ValueError):
    """A table does not fit into a workbook; the Indonesian message names sheet, row and column."""


@dataclass(frozen=True)
class Column:
    """One column: its header and its width in characters."""

    title: str
    width: float = 14


@dataclass(frozen=True)
class Sheet:
    """One table. ``rows`` may be a generator; it is read once and not kept."""

    title: str
    columns: Sequence[Column]
    rows: Iterable[Sequence[Value]]


def write(target: BinaryIO, sheets: Iterable[Sheet], *, timestamp: datetime) -> None:
    """Write ``sheets`` as an xlsx workbook into ``target``.

    The header row is bold, stays in view and has a filter. Text is always stored as text: NISN and NIP keep
    their leading zeros, and a text that looks like a formula is marked as quoted text, which keeps its
    characters (a prefixed apostrophe would change them and come back on the next import). Decimals keep 15
    significant digits, as every xlsx number does. ``timestamp`` is the date in the file's properties; the
    same data give the same bytes.

    Raises ``WorkbookError`` for a text over 32,767 characters, more than 1,048,575 rows, a NaN or infinite
    number, a row whose length differs from the columns, or two sheets with one name; nothing is written then.
    """
    book = xlsxwriter.Workbook(target, {"constant_memory": True})
    # The property holds no time zone.
    book.set_properties({"created": timestamp.replace(tzinfo=None)})
    styles = _Styles(
        header=book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"}),
        quoted=book.add_format({"quote_prefix": True}),
        day=book.add_format({"num_format": "yyyy-mm-dd"}),
        moment=book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}),
        signed=lru_cache(lambda sign: book.add_format({"num_format": f'0"{sign.replace(chr(34), "")}"'})),
    )
    try:
        names: set[str] = set()
        for sheet in sheets:
            name = _sheet_name(sheet.title)
            if name.casefold() in names:
                raise WorkbookError(f"Dua lembar bernama “{name}”. Beri nama yang berbeda.")
            names.add(name.casefold())
            _write_sheet(book.add_worksheet(name), sheet, styles)
    except BaseException:
        # Rows wait in temporary files until the workbook is closed; pupils' data must not stay behind in them.
        # The half-made workbook itself goes nowhere.
        book.filename = io.BytesIO()
        book.close()
        raise
    book.close()


@dataclass(frozen=True)
class _Styles:
    header: object
    quoted: object
    day: object
    moment: object
    signed: Callable[[str], object]


def _sheet_name(title: str) -> str:
    return _FORBIDDEN_IN_SHEET_NAME.sub("-", title).strip("' ")[:_LONGEST_SHEET_NAME].strip("' ") or "Lembar"


def _write_sheet(page: "xlsxwriter.worksheet.Worksheet", sheet: Sheet, styles: _Styles) -> None:
    for index, column in enumerate(sheet.columns):
        page.set_column(index, index, column.width)
    page.freeze_panes(1, 0)
    for index, column in enumerate(sheet.columns):
        page.write_string(0, index, column.title, styles.header)
    number = 0
    for number, row in enumerate(sheet.rows, start=1):
        if number >= MOST_ROWS:
            raise WorkbookError(f"Lembar “{sheet.title}” melebihi {MOST_ROWS - 1} baris. Persempit saringan.")
        if len(row) != len(sheet.columns):
            wanted = len(sheet.columns)
            raise WorkbookError(
                f"Lembar “{sheet.title}” baris {number + 1} berisi {len(row)} kolom, seharusnya {wanted}."
            )
        for index, value in enumerate(row):
            try:
                _write_cell(page, number, index, value, styles)
            except WorkbookError as error:
                where = f"Lembar “{sheet.title}” baris {number + 1} kolom “{sheet.columns[index].title}”"
                raise WorkbookError(f"{where}: {error}") from None
    if sheet.columns:
        page.autofilter(0, 0, number, len(sheet.columns) - 1)


def _write_cell(page: "xlsxwriter.worksheet.Worksheet", row: int, column: int, value: Value, styles: _Styles) -> None:
    match value:
        case None:
            pass
        case str():
            if len(value) > LONGEST_TEXT:
                raise WorkbookError(f"teks {len(value)} karakter, paling panjang {LONGEST_TEXT}. Pendekkan teksnya.")
            style = styles.quoted if value.lstrip(" ").startswith(_FORMULA_STARTS) else None
            page.write_string(row, column, value, style)
        case bool():
            page.write_boolean(row, column, value)
        case int() | float() | Decimal():
            if not math.isfinite(value):
                raise WorkbookError("bukan bilangan. Perbaiki perhitungannya.")
            page.write_number(row, column, value)
        case Marked():
            page.write_number(row, column, value.value, styles.signed(value.sign))
        case datetime():
            page.write_datetime(row, column, value.replace(tzinfo=None), styles.moment)
        case date():
            page.write_datetime(row, column, value, styles.day)
        case _:
            raise WorkbookError(f"jenis isi {type(value).__name__} tidak dapat ditulis.")
