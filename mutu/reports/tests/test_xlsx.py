"""Workbooks, read back with another library and looked at in the XML."""

import io
import tempfile
import zipfile
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from mutu.reports.tests.samples import WHEN
from mutu.reports.xlsx import LONGEST_TEXT, Column, Sheet, WorkbookError, write

PAYLOADS = [
    "=1+1",
    "+1",
    "-2+3",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    " =1+1",
    '=HYPERLINK("http://l.example")',
    "＝1+1",
    "{=1+1}",
    "=cmd|' /C calc'!A0",
]


def made(*sheets: Sheet) -> bytes:
    target = io.BytesIO()
    write(target, sheets, timestamp=WHEN)
    return target.getvalue()


def one(rows: list, *titles: str) -> Sheet:
    return Sheet("Nilai", [Column(title) for title in titles or ("Isi",)], rows)


def rows_of(book: bytes, sheet: str = "Nilai") -> list[list]:
    return CalamineWorkbook.from_filelike(io.BytesIO(book)).get_sheet_by_name(sheet).to_python()


def part(book: bytes, name: str) -> str:
    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        return archive.read(name).decode()


def test_values_come_back_as_they_were() -> None:
    book = made(one([["0012345678", 63, Decimal("66.5"), date(2007, 12, 22), True, None]], *"abcdef"))
    assert rows_of(book) == [list("abcdef"), ["0012345678", 63.0, 66.5, date(2007, 12, 22), True, ""]]


def test_no_text_becomes_a_formula_and_every_character_stays() -> None:
    book = made(one([[payload] for payload in PAYLOADS]))
    assert [row[0].replace("_x000D_", "\r") for row in rows_of(book)[1:]] == PAYLOADS
    xml = part(book, "xl/worksheets/sheet1.xml")
    assert "<f>" not in xml
    assert "<f " not in xml
    assert "hyperlink" not in part(book, "[Content_Types].xml").lower()


def test_what_looks_like_a_formula_is_marked_as_quoted() -> None:
    xml = part(made(one([[payload] for payload in PAYLOADS if payload != "{=1+1}"])), "xl/worksheets/sheet1.xml")
    assert 'quotePrefix="1"' in part(made(one([["=1"]])), "xl/styles.xml")
    cells = xml.split("<row ")[2:]
    assert len({cell.split(' s="')[1].split('"')[0] for cell in cells}) == 1
    plain = part(made(one([["biasa"]])), "xl/worksheets/sheet1.xml").split("<row ")[2]
    assert ' s="' not in plain


def test_a_negative_number_stays_a_number() -> None:
    assert rows_of(made(one([[-5], [Decimal("-0.5")]])))[1:] == [[-5.0], [-0.5]]


def test_same_data_same_bytes() -> None:
    assert made(one([["a"], [1]])) == made(one([["a"], [1]]))


def test_the_header_stays_in_view_and_filters() -> None:
    xml = part(made(one([["a"], ["b"]], "Nama")), "xl/worksheets/sheet1.xml")
    assert '<pane ySplit="1"' in xml
    assert '<autoFilter ref="A1:A3"/>' in xml


def test_several_sheets_from_generators() -> None:
    book = made(
        Sheet("VII-A: nilai/1", [Column("Nama")], (["Ani"] for _ in range(3))),
        Sheet("x" * 40, [Column("Nama")], iter([["Budi"]])),
    )
    assert CalamineWorkbook.from_filelike(io.BytesIO(book)).sheet_names == ["VII-A- nilai-1", "x" * 31]
    assert rows_of(book, "x" * 31) == [["Nama"], ["Budi"]]


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([["a"], ["b" * (LONGEST_TEXT + 1)]], "“Nilai” baris 3 kolom “Isi”"),
        ([[float("nan")]], "baris 2 kolom “Isi”: bukan bilangan"),
        ([[Decimal("Infinity")]], "bukan bilangan"),
        ([["a", "b"]], "baris 2 berisi 2 kolom, seharusnya 1"),
        ([[object()]], "jenis isi object"),
    ],
)
def test_what_does_not_fit_is_refused_with_its_place(rows: list, words: str) -> None:
    with pytest.raises(WorkbookError, match=words):
        made(one(rows))


def test_two_sheets_of_one_name_and_too_many_rows_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(WorkbookError, match="Dua lembar"):
        made(one([]), one([]))
    monkeypatch.setattr("mutu.reports.xlsx.MOST_ROWS", 3)
    made(one([["a"]] * 2))
    with pytest.raises(WorkbookError, match="melebihi 2 baris"):
        made(one([["a"]] * 3))


def test_a_moment_is_written_without_its_zone() -> None:
    assert rows_of(made(one([[WHEN]])))[1] == [datetime(2007, 12, 22, 3, 0)]


def test_a_refused_table_leaves_neither_output_nor_temporary_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    target = io.BytesIO()
    with pytest.raises(WorkbookError):
        write(target, [one([["nama"], ["x" * (LONGEST_TEXT + 1)]])], timestamp=WHEN)
    assert target.getvalue() == b""
    assert list(tmp_path.iterdir()) == []
