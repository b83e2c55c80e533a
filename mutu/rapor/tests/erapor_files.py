"""Files as e-Rapor makes them, with invented people: title rows, merged cells, its own ids."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import xlsxwriter

Pupil = tuple[str, str | None]


class _Book:
    def __init__(self) -> None:
        self.made = io.BytesIO()
        self.book = xlsxwriter.Workbook(self.made, {"in_memory": True})
        self.page = self.book.add_worksheet("Worksheet")

    def close(self) -> bytes:
        self.book.close()
        return self.made.getvalue()


def final_marks(
    rows: Sequence[tuple[Pupil, Any]], mapel: str = "Matematika", kelas: str = "VII A", goals: int = 3
) -> bytes:
    """Nilai akhir: one row per goal, the pupil's cells merged downwards, titles in row 12."""
    made = _Book()
    page = made.page
    page.merge_range("A1:H1", "Template Nilai Akhir")
    named = (("Mata Pelajaran", mapel), ("Kelas", kelas), ("Kode Rombel", "r-1"), ("Kode Mapel", "p-1"))
    for line, (title, value) in enumerate(named, start=1):
        page.merge_range(line, 0, line, 2, title)
        page.merge_range(line, 3, line, 7, value)
    page.merge_range("A8:H10", "Pada kolom KETERCAPAIAN KOMPETENSI isi 1, 0, atau kosongkan")
    page.write_row(11, 0, ("NO", "PD_ID", "NAMA PESERTA DIDIK", "NISN", "NILAI AKHIR", "TP_ID",
                           "KETERCAPAIAN KOMPETENSI", "DESKRIPSI TUJUAN PEMBELAJARAN"))  # fmt: skip
    line = 12
    for number, ((nama, nisn), mark) in enumerate(rows, start=1):
        for place, value in ((0, number), (2, nama), (3, nisn), (4, mark)):
            if goals > 1:
                page.merge_range(line, place, line + goals - 1, place, value if value is not None else "")
            elif value is not None:
                page.write(line, place, value)
        for goal in range(goals):
            page.write_row(line + goal, 5, (f"tp-{goal}", 1, f"Tujuan {goal}"))
            page.write(line + goal, 1, f"pd-{number}")
        line += goals
    return made.close()


def _summative(titles: Sequence[str], rows: Sequence[Sequence[Any]], mapel: str, kelas: str, term: str) -> bytes:
    made = _Book()
    page = made.page
    width = len(titles)
    page.merge_range(0, 0, 0, width - 1, "FORMAT EXCEL")
    for line, (title, value) in enumerate(
        (("Mata Pelajaran", mapel), ("Kelas", kelas), ("Tahun Pelajaran", term)), start=1
    ):
        page.merge_range(line, 0, line, 2, title)
        page.merge_range(line, 3, line, width - 1, f": {value}")
    page.merge_range(5, 0, 5, width - 1, "KETERANGAN:")
    page.write_row(8, 0, titles)
    for line, row in enumerate(rows, start=9):
        for place, value in enumerate(row):
            if value is not None:
                page.write(line, place, value)
    return made.close()


def term_marks(
    rows: Sequence[tuple[Pupil, Any, Any]],
    mapel: str = "Matematika",
    kelas: str = "VII A",
    term: str = "2026/2027 Ganjil",
) -> bytes:
    """Sumatif akhir semester: marks without and with a test, data from row 10."""
    titles = ("No", "PD_ID", "Nama Peserta Didik", "NISN", "NILAI_NON_TES", "NILAI_TES")
    lines = [(n, f"pd-{n}", *pupil, *marks) for n, (pupil, *marks) in enumerate(rows, start=1)]
    return _summative(titles, lines, mapel, kelas, term)


def goal_marks(rows: Sequence[tuple[Pupil, Sequence[Any]]], goals: int = 4, codes: str = "kolom") -> bytes:
    """Sumatif lingkup materi: `TP 1`, `TP 2` ...; e-Rapor's own codes of them in further columns or in a hidden row."""
    ids = [f"5f2c{n}e0a-11d0" for n in range(1, goals + 1)] if codes == "kolom" else []
    titles = ("No", "PD_ID", "Nama Peserta Didik", "NISN", *(f"TP {n}" for n in range(1, goals + 1)), *ids)
    lines: list[Sequence[Any]] = [
        (n, f"pd-{n}", *pupil, *marks, *ids) for n, (pupil, marks) in enumerate(rows, start=1)
    ]
    if codes == "baris":
        lines.insert(0, (None, None, None, None, *(f"5f2c{n}e0a-11d0" for n in range(1, goals + 1))))
    content = _summative(titles, lines, "Matematika", "VII A", "2026/2027 Ganjil")
    if codes == "baris":
        from mutu.imports.tests.files import rezipped

        hide = {"xl/worksheets/sheet1.xml": lambda data: data.replace(b'<row r="10"', b'<row r="10" hidden="1"', 1)}
        content = rezipped(content, hide)
    return content


def leger(subjects: Sequence[str], rows: Sequence[tuple[Pupil, Sequence[Any], Sequence[Any]]]) -> bytes:
    """Leger of a class: a column per subject, then S, I, A."""
    made = _Book()
    made.page.write(0, 0, "LEGER NILAI")
    made.page.write_row(4, 0, ("No", "NAMA PESERTA DIDIK", "NISN", *subjects, "S", "I", "A"))
    for line, (pupil, marks, days) in enumerate(rows, start=5):
        for place, value in enumerate((line - 4, *pupil, *marks, *days)):
            if value is not None:
                made.page.write(line, place, value)
    return made.close()
