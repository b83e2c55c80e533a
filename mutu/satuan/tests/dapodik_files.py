"""Files as Dapodik writes them, made here with invented people: two rows of titles, damaged containers."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from typing import Any

import xlsxwriter

from mutu.imports.tests.files import rezipped

GROUP = ("Nama", "Tahun Lahir", "Jenjang Pendidikan", "Pekerjaan", "Penghasilan", "NIK")
TITLES: tuple[str, ...] = (
    "No", "Nama", "NIPD", "JK", "NISN", "Tempat Lahir", "Tanggal Lahir", "NIK", "Agama", "Alamat", "RT", "RW", "Dusun",
    "Kelurahan", "Kecamatan", "Kode Pos", "Jenis Tinggal", "Alat Transportasi", "Telepon", "HP", "E-Mail", "SKHUN",
    "Penerima KPS", "No. KPS", "Data Ayah", "Data Ibu", "Data Wali", "Rombel Saat Ini", "No Peserta Ujian Nasional",
    "No Seri Ijazah", "Penerima KIP", "Nomor KIP", "Nama di KIP", "Nomor KKS", "No Registrasi Akta Lahir", "Bank",
    "Nomor Rekening Bank", "Rekening Atas Nama", "Layak PIP\n(usulan dari sekolah)", "Alasan Layak PIP",
    "Kebutuhan Khusus", "Sekolah Asal", "Anak ke-berapa", "Lintang", "Bujur", "No KK", "Berat Badan", "Tinggi Badan",
    "Lingkar Kepala", "Jml. Saudara\nKandung", "Jarak Rumah\nke Sekolah (KM)",
)  # fmt: skip
FAMILY = ("Data Ayah", "Data Ibu", "Data Wali")
SECRET = "RAHASIA"
"""Stands in every cell that must not be read."""


def pupil(nama: str, nipd: Any = None, nisn: Any = None, **other: Any) -> dict[str, Any]:
    """One row by title, good unless told otherwise."""
    return {
        "Nama": nama, "NIPD": nipd, "NISN": nisn, "JK": "P", "Tempat Lahir": "Klaten",
        "Tanggal Lahir": "2013-05-17", "Rombel Saat Ini": "VII A", "Data Ayah Nama": f"Ayah {nama}",
    } | other  # fmt: skip


def pupil_list(rows: Sequence[dict[str, Any]], order: Sequence[str] = TITLES, top: int = 4) -> bytes:
    """Dapodik's list of pupils; `order` moves the columns, `top` is the number of title rows."""
    made = io.BytesIO()
    book = xlsxwriter.Workbook(made, {"in_memory": True, "strings_to_formulas": False})
    page = book.add_worksheet("Daftar Peserta Didik")
    page.merge_range(0, 0, 0, 5, "Daftar Peserta Didik")
    for line, text in enumerate(("SMP UJI DUA", "Kecamatan Kec. Uji", "Tanggal Unduh: 2026-07-20")[: top - 1], start=1):
        page.write(line, 0, text)
    place = 0
    places: list[str] = []
    for title in order:
        if title in FAMILY:
            page.merge_range(top, place, top, place + len(GROUP) - 1, title)
            for under in GROUP:
                page.write(top + 1, place, under)
                places.append(f"{title} {under}")
                place += 1
        else:
            page.merge_range(top, place, top + 1, place, title)
            places.append(title)
            place += 1
    for line, row in enumerate(rows):
        for at, title in enumerate(places):
            value = row.get(title, SECRET if title not in known() else None)
            if title == "No":
                value = line + 1
            if value is not None:
                page.write(top + 2 + line, at, value)
    book.close()
    return made.getvalue()


def known() -> set[str]:
    """The titles that are read."""
    return {
        "Nama", "NIPD", "JK", "NISN", "Tempat Lahir", "Tanggal Lahir", "Rombel Saat Ini",
        "Data Ayah Nama", "Data Ibu Nama", "Data Wali Nama",
    }  # fmt: skip


TEACHER_TITLES = (
    "No", "Nama", "NUPTK", "JK", "Tempat Lahir", "Tanggal Lahir", "NIP", "Status Kepegawaian", "Jenis PTK", "Agama",
    "Alamat Jalan", "RT", "RW", "Nama Dusun", "Desa/Kelurahan", "Kecamatan", "Kode Pos", "Telepon", "HP", "Email",
    "Tugas Tambahan", "SK CPNS", "NIP Suami/Istri", "NPWP", "Bank", "NIK", "No KK", "NUKS",
)  # fmt: skip


def teacher_list(rows: Sequence[dict[str, Any]]) -> bytes:
    """Dapodik's list of teachers: title rows, then one row of titles."""
    made = io.BytesIO()
    book = xlsxwriter.Workbook(made, {"in_memory": True})
    page = book.add_worksheet("Daftar Guru")
    page.write(0, 0, "Daftar Guru")
    page.write(1, 0, "SMP UJI DUA")
    page.write_row(4, 0, TEACHER_TITLES)
    for line, row in enumerate(rows, start=5):
        for at, title in enumerate(TEACHER_TITLES):
            wanted = {"Nama", "NUPTK", "NIP", "Jenis PTK", "Tugas Tambahan"}
            value = row.get(title, None if title in wanted else SECRET)
            if value is not None:
                page.write(line, at, value)
    book.close()
    return made.getvalue()


def cut(data: bytes) -> bytes:
    """Half of a part, as a broken download leaves it."""
    return data[: len(data) // 2]


def replaced(part: str, old: bytes, new: bytes) -> Callable[[bytes], bytes]:
    """Damage to one part: the first `old` becomes `new`."""

    def damage(content: bytes) -> bytes:
        def change(data: bytes) -> bytes:
            assert old in data
            return data.replace(old, new, 1)

        return rezipped(content, {part: change})

    return damage


def without(*parts: str) -> Callable[[bytes], bytes]:
    """Damage: parts of the container are missing."""

    def damage(content: bytes) -> bytes:
        import zipfile

        made = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(made, "w") as new:
            for name in old.namelist():
                if name not in parts:
                    new.writestr(name, old.read(name))
        return made.getvalue()

    return damage


SHEET, TEXTS = "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"
DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "baris kosong di depan": lambda content: b"\r\n\r\n" + content,
    "peringatan di depan": lambda content: b"<br />\n<b>Notice</b>: isi lain\n" + content,
    "isi lain di belakang": lambda content: content + b"\n<!-- selesai -->\n",
    "gaya terpotong": lambda content: rezipped(content, {"xl/styles.xml": cut}),
    "gaya hilang": without("xl/styles.xml"),
    "daftar isi hilang": without("[Content_Types].xml"),
    "akar hilang": without("_rels/.rels"),
    "hubungan hilang": without("xl/_rels/workbook.xml.rels"),
    "daftar isi kosong": lambda content: rezipped(
        content, {"[Content_Types].xml": lambda _data: b'<?xml version="1.0"?><Types/>'}
    ),
    "luas salah": replaced(SHEET, b"<dimension ref=", b'<dimension ref="A1:"/><dimension ref='),
    "luas terlalu kecil": replaced(SHEET, b"<dimension ref=", b'<dimension ref="A1"/><dimension ref='),
    "huruf tak terlihat": replaced(TEXTS, b"Ayah Ayu", b"Ayah\x1fAyu"),
    "tanda dan": replaced(TEXTS, b"Ayah Ayu", b"Ayah & Ayu"),
    "sifat dokumen terpotong": lambda content: rezipped(content, {"docProps/core.xml": cut}),
}
