"""Files for the tests, good and bad, all made here."""

import zipfile
from collections.abc import Callable, Mapping, Sequence
from io import BytesIO
from typing import Any

import xlsxwriter

from mutu.imports.columns import Check, Column, Finding, Sheet
from mutu.imports.kinds import Choice, Day, Digits, Number, SchoolYear, Text, Whole
from mutu.imports.tests.dates import FIRST, LAST


def _judge(mark: Any, weight: int | None) -> Finding | None:
    if mark is not None and weight == 0:
        return Finding("bobot", "bobot 0 tidak dihitung. Isi bobot.", without=("bobot",))
    return None


MURID = Sheet(
    name="murid",
    title="Murid",
    columns=(
        Column("nisn", "NISN", Digits(10, "NISN")),
        Column("nama", "Nama Lengkap", Text(40), titles=("Nama Siswa",)),
        Column("jk", "Jenis Kelamin", Choice({"L": ("Laki-laki",), "P": ("Perempuan",)}), required=False),
        Column("nilai", "Nilai", Number(0, 100, 2), required=False),
        Column("bobot", "Bobot", Whole(0, 100), required=False),
        Column("lahir", "Tanggal Lahir", Day(FIRST, LAST), required=False),
        Column("tahun", "Tahun Pelajaran", SchoolYear(), required=False),
    ),
    key=("nisn",),
    checks=(Check(("nilai", "bobot"), _judge),),
)
TITLES = [column.title for column in MURID.columns]
GOOD: list[Any] = ["0012345678", "Sari Melati", "P", "82,5", "40", "17/08/2007", "2007/2008"]


def changed(**cells: Any) -> list[Any]:
    """The good row with some cells changed by column name."""
    row = list(GOOD)
    for name, value in cells.items():
        row[MURID.places[name]] = value
    return row


def csv_file(rows: Sequence[Sequence[Any]], delimiter: str = ",", end: str = "\n", encoding: str = "utf-8") -> bytes:
    """Rows as text, each cell quoted."""

    def cell(value: Any) -> str:
        return '"' + str(value).replace('"', '""') + '"'

    return "".join(delimiter.join(map(cell, row)) + end for row in rows).encode(encoding)


def workbook(
    rows: Sequence[Sequence[Any]], change: Callable[[Any, Any], None] | None = None, name: str = "Murid"
) -> bytes:
    """Rows as an .xlsx file; ``change`` may do more to the worksheet and the book."""
    made = BytesIO()
    book = xlsxwriter.Workbook(made, {"in_memory": True, "strings_to_formulas": False})
    sheet = book.add_worksheet(name)
    for line, row in enumerate(rows):
        for place, value in enumerate(row):
            if value not in ("", None):
                sheet.write(line, place, value)
    if change:
        change(sheet, book)
    book.close()
    return made.getvalue()


def rezipped(content: bytes, replace: Mapping[str, Callable[[bytes], bytes]] | None = None, **added: bytes) -> bytes:
    """A ZIP container with some parts rewritten and some added."""
    made = BytesIO()
    with zipfile.ZipFile(BytesIO(content)) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.namelist():
            data = old.read(entry)
            new.writestr(entry, (replace or {}).get(entry, lambda same: same)(data))
        for entry, data in added.items():
            new.writestr(entry, data)
    return made.getvalue()
