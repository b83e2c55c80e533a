"""What is printed, read back from the PDF that the database leads to."""

import io
import zipfile
from datetime import date
from typing import Any

import pypdfium2
import pytest
from django.utils import timezone, translation

from mutu.rapor import documents
from mutu.rapor.models import Rapor, Sikap
from mutu.rapor.services import cards
from mutu.rapor.tests.test_services import EXAMPLE_1, isi
from mutu.satuan import jobs, ledger
from mutu.satuan.models import AnggotaKelas, Kelas, Pekerjaan, Wilayah
from tests.contoh import Contoh, sekolah_kecil

pytestmark = pytest.mark.django_db


def words(content: bytes) -> str:
    pdf = pypdfium2.PdfDocument(content)
    return " ".join(" ".join(page.get_textpage().get_text_range().split()) for page in pdf)


def member(contoh: Contoh, number: int = 0) -> AnggotaKelas:
    return AnggotaKelas.objects.select_related(
        "kelas__tahun__sekolah__kabkota", "kelas__tahun__sekolah__kecamatan", "kelas__wali_kelas"
    ).get(pk=contoh.anggota[number].pk)


def complete(contoh: Contoh, *, status: str = Rapor.Status.FINAL) -> None:
    """The first pupil's card of semester 1 with nothing missing, in that state."""
    isi(contoh, EXAMPLE_1)
    contoh.bahasa.kelas.pembelajaran.exclude(pk=contoh.matematika.pk).delete()
    cards.save_absences(
        kelas=contoh.kelas,
        semester=contoh.semester,
        rows=[cards.Absence(contoh.anggota[0].pk, 0, 4, 0, 0)],
        by=contoh.akun["wali"],
    )
    own = {"semester": contoh.semester, "anggota": contoh.anggota[0]}
    for aspek in ("akhlak", "kepribadian"):
        Sikap.objects.create(**own, aspek=aspek, kategori="baik", pada=timezone.now())
    Rapor.objects.create(**own, status=status, pada=timezone.now())


@pytest.fixture
def lengkap(contoh: Contoh) -> Contoh:
    with ledger.record("uji.lengkap", by=ledger.SYSTEM):
        complete(contoh)
    return contoh


def test_the_card_says_what_the_guideline_asks(lengkap: Contoh) -> None:
    content, data = documents.print_one(member(lengkap), lengkap.semester, appendix=True, paper="a4")
    text = words(content)
    assert not data["draf"]
    for part in (
        "SMP Tunas Harapan",
        "Banyuripan, Bayat, Klaten",
        "Adi Uji 1",
        "7000",
        "VII-A",
        "2026/2027",
        "Matematika",
        "enam puluh tiga",
        "SK 2 terlampaui, SK 3 tercapai, dan SK 1 belum tercapai",
        "Klaten, 19 Desember 2026",
        "Wati Wali, M.Pd.",
        "NIP 198001012005012001",
        "Oma Tua",
        "4 hari",
        "132 + 55 + 65",
        "252 : 4",
        "Bab II.B.2",
    ):
        assert part in text, part
    assert "DRAF" not in text
    assert data["ketidakhadiran"] == {"sakit": "-", "izin": "4", "tanpa_keterangan": "-"}


def test_a_gap_makes_a_draft_and_is_never_zero(lengkap: Contoh) -> None:
    with ledger.record("uji.buka", by=ledger.SYSTEM):
        Rapor.objects.all().delete()
    isi(lengkap, ("", "", "", "", ""), versi=1)
    content, data = documents.print_one(member(lengkap), lengkap.semester, appendix=False, paper="a4")
    assert data["draf"]
    assert data["mapel"][0]["nilai"] is None
    assert "DRAF" in words(content)
    _second, without = documents.print_one(member(lengkap, 1), lengkap.semester, appendix=False, paper="a4")
    assert without["ketidakhadiran"]["sakit"] is None, "not recorded is not a dash"


def test_whoever_reads_english_prints_the_same_rapor(lengkap: Contoh) -> None:
    mapel = lengkap.matematika.mapel
    with ledger.record("uji.muatan_lokal", by=ledger.SYSTEM):
        mapel.kelompok = mapel.Kelompok.MULOK_WAJIB
        mapel.save()
    content, _ = documents.print_one(member(lengkap), lengkap.semester, appendix=True, paper="a4")
    with translation.override("en"):
        again, _ = documents.print_one(member(lengkap), lengkap.semester, appendix=True, paper="a4")
    assert "Muatan lokal wajib" in words(content)
    assert again == content


def test_same_data_same_bytes(lengkap: Contoh) -> None:
    first, _ = documents.print_one(member(lengkap), lengkap.semester, appendix=True, paper="f4")
    second, _ = documents.print_one(member(lengkap), lengkap.semester, appendix=True, paper="f4")
    assert first == second


def test_a_school_in_a_city_shows_street_and_city(contoh: Contoh) -> None:
    assert documents.school_address(contoh.sekolah) == "Banyuripan, Bayat, Klaten"
    contoh.sekolah.kabkota = Wilayah(nama="Kota Yogyakarta")
    assert documents.school_address(contoh.sekolah) == "Jl. Melati No. 5 Yogyakarta"


def test_without_a_day_the_line_is_left_to_be_filled(lengkap: Contoh) -> None:
    lengkap.semester.tanggal_rapor = None
    (data,) = documents.cards(lengkap.kelas, lengkap.semester, [lengkap.anggota[0].pk])
    assert data["tanda_tangan"]["tempat_tanggal"].startswith("Klaten, ....")
    assert documents.timestamp_of(lengkap.semester).date() == date(2026, 12, 18)


def _print(contoh: Contoh, **options: Any) -> tuple[Pekerjaan, bytes]:
    data = {"kelas": contoh.kelas.pk, "semester": contoh.semester.pk, **options}
    row = jobs.submit("rapor.cetak_kelas", title="Cetak", by=contoh.akun["wali"], data=data)
    assert jobs.work_once()
    row.refresh_from_db()
    path = jobs.result_path(row)
    return row, path.read_bytes() if path else b""


def test_a_class_in_one_pdf_holds_every_pupil(db: None) -> None:
    contoh = sekolah_kecil(pupils=12)
    row, content = _print(contoh, bentuk="pdf")
    assert row.hasil["dicetak"] == 12
    text = words(content)
    assert all(anggota.peserta.nama in text for anggota in contoh.anggota)
    assert len(pypdfium2.PdfDocument(content)) == 12


def test_a_zip_holds_one_file_per_pupil(contoh: Contoh) -> None:
    row, content = _print(contoh, bentuk="zip", kertas="f4")
    archive = zipfile.ZipFile(io.BytesIO(content))
    assert len(archive.namelist()) == 3 == row.hasil["dicetak"]
    for anggota in contoh.anggota:
        (name,) = [one for one in archive.namelist() if one.startswith(anggota.peserta.nama)]
        assert anggota.peserta.nama in words(archive.read(name))


def test_a_name_that_cannot_be_printed_holds_up_nobody(contoh: Contoh) -> None:
    with ledger.record("uji.nama", by=ledger.SYSTEM):
        contoh.anggota[1].peserta.nama = "Bunga 🌸"
        contoh.anggota[1].peserta.save()
    row, content = _print(contoh, bentuk="zip")
    assert row.hasil["dicetak"] == 2
    assert "tidak dapat dicetak" in row.hasil["gagal"][0]
    assert len(zipfile.ZipFile(io.BytesIO(content)).namelist()) == 2
    failed, nothing = _print(contoh, bentuk="pdf")
    assert (failed.status, nothing) == ("gagal", b"")
    assert "tidak dapat dicetak" in failed.pesan


def test_a_job_for_a_class_one_no_longer_keeps_is_refused(contoh: Contoh) -> None:
    with ledger.record("uji.wali", by=ledger.SYSTEM):
        Kelas.objects.filter(pk=contoh.kelas.pk).update(wali_kelas=None)
    row, content = _print(contoh, bentuk="pdf")
    assert (row.status, content) == ("gagal", b"")
    assert "tidak lagi mengelolanya" in row.pesan
