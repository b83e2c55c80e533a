"""The operator of a school: a new year with its class, subject, KKM and SK; then its pupils from a workbook."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect
from python_calamine import CalamineWorkbook

from mutu.imports.template import write_template
from mutu.satuan.sheets import PESERTA_DIDIK
from tests.journeys.test_operator import APPLIED, await_preview, counts
from tests.journeys.visit import Visit

pytestmark = [pytest.mark.peramban, pytest.mark.lambat]
SCHOOL = "/sekolah/69900001/"
WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
NAMES = ("Arum Kemuning", "Bima Sadewa", "Cempaka Larasati", "Danu Wiratama", "Endah Palupi", "Galuh Candra")


def pupils(year: int, wrong: str = "") -> bytes:
    """Six invented pupils in the shape of the template; `wrong` stands in for the NISN of the third."""
    rows = []
    for number, name in enumerate(NAMES):
        facts = {
            "nis": f"{year}{number:02}",
            "nisn": wrong if wrong and number == 2 else f"98{year}{number:04}",
            "nama": name,
            "jenis_kelamin": "P" if number % 2 else "L",
            "kelas": "IX-Z",
            "nama_wali": f"Orang Tua {name.split()[0]}",
            "hubungan_wali": "ibu",
        }
        rows.append(tuple(facts.get(column.name) for column in PESERTA_DIDIK.columns))
    return write_template(PESERTA_DIDIK, rows)


def send(visit: Visit, name: str, content: bytes) -> dict[str, int]:
    """Upload a workbook on the page that is open and wait for the preview."""
    visit.page.locator("input[type=file]").set_input_files({"name": name, "mimeType": WORKBOOK, "buffer": content})
    visit.button("Periksa berkas")
    return await_preview(visit)


def test_a_school_year_from_nothing_to_its_pupils(arrive: Callable[..., Visit], size: str, tmp_path: Path) -> None:
    year = {"1280x900": 2031, "360x740": 2032}[size]
    visit = arrive("demo-admin-sekolah", size=size)
    visit.look()
    visit.go("/sekolah/")
    visit.link("SMP Negeri 1 Kembang Setaman")
    year_page = make_year(visit, year)
    make_class(visit, year_page, year)
    set_kkm_and_sk(visit, year_page, year)
    import_pupils(visit, year_page, year, tmp_path)


def make_year(visit: Visit, year: int) -> str:
    """A wrong year is refused beside its field, the right one has both semesters; returns the year's address."""
    visit.link("Tahun pelajaran baru")
    visit.fill(tahun=f"{year}/{year + 2}")
    visit.button("Buat")
    expect(visit.page.locator("[name=tahun]")).to_have_attribute("aria-invalid", "true")
    assert "berurutan" in visit.text
    visit.fill(tahun=f"{year}/{year + 1}")
    visit.button("Buat")
    if f"{year}/{year + 1}" not in visit.heading:
        visit.go(SCHOOL)
        visit.link(f"{year}/{year + 1}")
    assert visit.heading == f"Tahun pelajaran {year}/{year + 1}"
    address = str(visit.page.url)
    assert visit.page.get_by_role("region", name="Semester").locator("tbody tr").count() == 2
    assert "Belum ada kelas" in visit.text
    visit.link("Ubah tanggal semester")
    visit.fill(tanggal_rapor_1=f"{year}-12-19")
    visit.button("Simpan")
    assert f"19 Desember {year}" in visit.text
    return address


def make_class(visit: Visit, year_page: str, year: int) -> None:
    """A class with a homeroom teacher, and a subject of its own that somebody teaches there."""
    visit.link("Buat kelas")
    visit.fill(nama="IX-Z", tingkat="9")
    visit.page.locator("[name=wali_kelas]").select_option(label="Yohana Kartika, S.Pd.")
    visit.button("Buat")
    assert "Kelas IX-Z dibuat." in visit.text
    visit.go(SCHOOL + "mapel/")
    visit.fill(nama=f"Astronomi {year}")
    visit.button("Tambah")
    assert f"Mata pelajaran Astronomi {year} ditambahkan." in visit.text
    visit.go(year_page)
    visit.link("IX-Z")
    visit.link("Atur mata pelajaran dan guru")
    visit.page.get_by_label(f"Astronomi {year}").select_option(label="Bagas Hendrawan, S.Pd.")
    visit.button("Simpan")
    assert f"Astronomi {year}" in visit.page.get_by_role("region", name="Mata pelajaran dan guru").inner_text()


def set_kkm_and_sk(visit: Visit, year_page: str, year: int) -> None:
    """KKM 120 is refused, 70 stays; two SK."""
    visit.go(year_page)
    visit.link("KKM dan SK")
    subject = f"Astronomi {year}"
    visit.page.get_by_role("link", name=f"Isi KKM {subject} tingkat 9").click()
    visit.look()
    visit.fill(kkm="120", rapat_tanggal=f"{year}-07-05", rapat_nomor="12/BA/2031")
    visit.button("Simpan")
    expect(visit.page.locator("[name=kkm]")).to_have_attribute("aria-invalid", "true")
    assert "100" in visit.page.locator("main .error, main .errorlist, main [role=alert]").first.inner_text()
    visit.fill(kkm="70")
    visit.button("Simpan")
    row = visit.page.locator("tbody tr", has_text=subject)
    expect(row).to_contain_text("KKM 70")
    row.get_by_role("link", name=f"SK {subject} tingkat 9").click()
    visit.look()
    for number, words in ((1, "Memahami gerak benda langit"), (2, "Menjelaskan fase bulan")):
        visit.fill(nomor=str(number), uraian=words)
        visit.button("Tambah")
        expect(visit.page.get_by_role("region", name="Standar kompetensi")).to_contain_text(words)


def import_pupils(visit: Visit, year_page: str, year: int, folder: Path) -> None:
    """The template comes from Mutu; a bad row is told, marked in a workbook to mend, and right the next time."""
    visit.go(year_page)
    visit.link("Peserta didik")
    visit.link("Impor dari buku kerja")
    template = visit.download("Unduh templat (.xlsx)", folder)
    headings = CalamineWorkbook.from_path(str(template)).get_sheet_by_index(0).to_python()[0]
    assert [str(text).strip(" *") for text in headings] == [column.title for column in PESERTA_DIDIK.columns]

    found = send(visit, "peserta.xlsx", pupils(year, wrong="12345"))
    assert found == {"Baru": 5, "Berubah": 0, "Sama": 0, "Ditolak": 1, "Peringatan": 0}
    refused = visit.page.get_by_role("region", name="Baris yang ditolak").inner_text()
    for part in ("NISN", "12345", "10 angka"):
        assert part in refused
    mend = visit.download("Unduh untuk diperbaiki (.xlsx)", folder)
    sheet = CalamineWorkbook.from_path(str(mend)).get_sheet_by_index(0).to_python()
    assert any("Cempaka Larasati" in map(str, line) for line in sheet)
    assert not any("Bima Sadewa" in map(str, line) for line in sheet)
    visit.button("Batalkan impor")

    assert send(visit, "peserta-benar.xlsx", pupils(year))["Baru"] == 6
    visit.button("Terapkan")
    expect(visit.page.get_by_text(APPLIED)).to_be_visible(timeout=30_000)
    visit.look()
    assert counts(visit)["Baru"] == 6
    visit.go(year_page)
    visit.link("IX-Z")
    listed = visit.page.get_by_role("region", name="Peserta didik").locator("tbody th").all_inner_texts()
    assert listed == sorted(NAMES)
    visit.link("Cempaka Larasati")
    assert f"98{year}0002" in visit.text
    assert "Orang Tua Cempaka" in visit.text
