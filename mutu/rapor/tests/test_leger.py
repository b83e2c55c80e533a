"""The ledger says what the rapor say; sums, ranks, workbook, paper and the archive of a class."""

import zipfile
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from python_calamine import CalamineWorkbook

from bench.ground import school
from bench.kartu import fill
from mutu.rapor import documents
from mutu.rapor.documents import leger
from mutu.rapor.models import Ketentuan, NilaiRapor, Rapor
from mutu.satuan import jobs, ledger
from mutu.satuan.models import AnggotaKelas, Kelas, PesertaDidik, Semester
from tests.contoh import Contoh

pytestmark = pytest.mark.django_db


@pytest.fixture
def made() -> Contoh:
    """A class of four with three subjects, every mark there, two of them under the KKM."""
    found: Contoh = school(4, 1, 3)
    fill(found)
    with ledger.record("uji.bawah", by=ledger.SYSTEM):
        for member, mark in zip(found.anggota, (58, 64, 65), strict=False):
            first = NilaiRapor.objects.filter(anggota=member).order_by("pk")[:1].get()
            NilaiRapor.objects.filter(pk=first.pk).update(nilai=mark)
    return found


def ledger_of(made: Contoh) -> leger.Ledger:
    kelas = Kelas.objects.select_related("tahun__sekolah", "wali_kelas").get(pk=made.kelas.pk)
    return leger.ledger_of(kelas, Semester.objects.select_related("tahun").get(pk=made.semester.pk))


def test_the_ledger_says_what_the_rapor_say(made: Contoh) -> None:
    found = ledger_of(made)
    cards = documents.cards(made.kelas, made.semester)
    assert [one.mapel for one in found.kolom] == [mark["nama"] for mark in cards[0]["mapel"]]
    for row, card in zip(found.baris, cards, strict=True):
        assert (row.nama, row.nis) == (card["peserta"]["nama"], card["peserta"]["nomor_induk"])
        assert [figure.nilai for figure in row.nilai] == [mark["nilai"] for mark in card["mapel"]]
        assert [figure.bawah for figure in row.nilai] == [mark["nilai"] < mark["kkm"] for mark in card["mapel"]]
        assert list(row.absen) == list(card["ketidakhadiran"].values())
        assert row.jumlah == sum(mark["nilai"] for mark in card["mapel"])
    assert {figure.bawah for row in found.baris for figure in row.nilai} == {True, False}
    for at, column in enumerate(found.kolom):
        own = [row.nilai[at].nilai for row in found.baris]
        assert column.rata == leger.mean([one for one in own if one is not None])
        assert column.kkm == (65,)


def test_a_missing_mark_is_no_zero(made: Contoh) -> None:
    with ledger.record("uji.kosong", by=ledger.SYSTEM):
        lesson = NilaiRapor.objects.filter(anggota=made.anggota[0]).first()
        assert lesson is not None
        NilaiRapor.objects.filter(pk=lesson.pk).update(nilai=None)
    found = ledger_of(made)
    at = [one.mapel for one in found.kolom].index(lesson.pembelajaran.mapel.nama)
    row = next(row for row in found.baris if row.anggota == made.anggota[0].pk)
    assert (row.nilai[at].nilai, row.jumlah, row.rata) == (None, None, None)
    others = [one.nilai[at].nilai for one in found.baris if one is not row]
    assert found.kolom[at].rata == leger.mean([one for one in others if one is not None])


def test_two_marks_a_subject_make_two_columns(made: Contoh) -> None:
    with ledger.record("uji.k13", by=ledger.SYSTEM):
        Kelas.objects.filter(pk=made.kelas.pk).update(kurikulum="k13")
        NilaiRapor.objects.update(ranah_lain={"ranah": "keterampilan", "nilai": 61, "huruf": "", "predikat": "C"})
    found = ledger_of(made)
    assert [one.ranah for one in found.kolom[:2]] == ["Pengetahuan", "Keterampilan"]
    assert [(name, count) for name, count in found.mapel] == [(one.mapel, 2) for one in found.kolom[::2]]
    assert [row.nilai[1].nilai for row in found.baris] == [61] * 4
    assert all(row.nilai[1].bawah for row in found.baris)
    row = found.baris[0]
    assert row.jumlah == sum(figure.nilai or 0 for figure in row.nilai)


def test_ranks_are_shared_and_the_next_is_skipped() -> None:
    assert leger.ranks([250, 240, None, 250, 100]) == [1, 3, None, 1, 4]
    assert leger.mean([70, 71, 71]) == Decimal("70.67")
    assert leger.mean([65, 66, 66, 66, 66, 66, 66, 66]) == Decimal("65.88")
    assert leger.mean([]) is None


def test_ranking_is_off_until_the_school_asks_for_it(made: Contoh, client: Client) -> None:
    client.force_login(made.akun["kepala"], backend="django.contrib.auth.backends.ModelBackend")
    address = f"/rapor/kelas/{made.kelas.pk}/1/leger/"
    assert {row.peringkat for row in ledger_of(made).baris} == {None}
    assert "Peringkat" not in client.get(address).content.decode()
    with ledger.record("uji.peringkat", by=ledger.SYSTEM):
        Ketentuan.objects.create(semester=made.semester, peringkat=True)
    assert min(row.peringkat or 0 for row in ledger_of(made).baris) == 1
    assert "Peringkat" in client.get(address).content.decode()
    for card in documents.cards(made.kelas, made.semester):
        assert "peringkat" not in card


def workbook(made: Contoh) -> dict[str, Any]:
    target = BytesIO()
    leger.write_workbook(target, ledger_of(made), timestamp=documents.timestamp_of(made.semester))
    target.seek(0)
    book = CalamineWorkbook.from_filelike(target)
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


def test_the_workbook_holds_the_same_numbers(made: Contoh) -> None:
    found = ledger_of(made)
    rows = workbook(made)["Leger VII-A"]
    assert rows[0][3:6] == [one.mapel for one in found.kolom][:3]
    assert rows[1][2] == "KKM"
    assert rows[1][3] == 65
    for row, line in zip(found.baris, rows[2:], strict=False):
        assert line[2] == row.nama
        assert line[3 : 3 + len(row.nilai)] == [figure.nilai for figure in row.nilai]
        assert line[3 + len(row.nilai) : 6 + len(row.nilai)] == [row.jumlah, float(row.rata or 0), row.bawah]
    assert rows[-1][2] == "Rata-rata"


def test_the_paper_names_every_pupil_and_marks_what_lies_under_the_kkm(made: Contoh) -> None:
    found = ledger_of(made)
    content = leger.print_ledger(found, timestamp=documents.timestamp_of(made.semester))
    document = pypdfium2.PdfDocument(content)
    width, height = document[0].get_size()
    assert width > height
    text = "".join(page.get_textpage().get_text_range() for page in document)
    for row in found.baris:
        assert row.nama in text
    under = sum(row.bawah for row in found.baris)
    assert under
    # One more stands in the legend.
    assert text.count(leger.UNDER) == under + 1


def test_the_ledger_asks_a_fixed_number_of_queries(made: Contoh) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            ledger_of(made)
        return len(queries)

    few = count()
    with ledger.record("uji.tambah", by=ledger.SYSTEM):
        for number in range(5):
            person = PesertaDidik.objects.create(sekolah=made.sekolah, nama=f"Baru {number}", nis=f"B{number}")
            AnggotaKelas.objects.create(kelas=made.kelas, peserta=person)
    assert count() == few <= 10


def test_the_archive_holds_every_rapor_together_and_apart_and_the_ledger(made: Contoh) -> None:
    row = jobs.submit(
        "rapor.cetak_semua",
        title="Semua",
        by=made.akun["kepala"],
        data={"kelas": made.kelas.pk, "semester": made.semester.pk},
    )
    assert jobs.work_once()
    row.refresh_from_db()
    assert (row.status, row.hasil["diminta"], row.hasil["dicetak"], row.hasil["gagal"]) == ("selesai", 4, 4, [])
    with zipfile.ZipFile(Path(settings.OUTPUT_DIR) / row.berkas) as archive:
        names = archive.namelist()
        together = next(name for name in names if name.startswith("rapor-"))
        pages = pypdfium2.PdfDocument(archive.read(together))
        text = "".join(page.get_textpage().get_text_range() for page in pages)
    assert sum(name.startswith("per peserta didik/") for name in names) == 4
    assert sum(name.startswith("leger-") for name in names) == 2
    assert len(names) == 7
    assert all(member.peserta.nama in text for member in made.anggota)


def test_one_rapor_that_cannot_be_printed_holds_up_no_other(made: Contoh) -> None:
    with ledger.record("uji.huruf", by=ledger.SYSTEM):
        first = made.anggota[0].peserta
        PesertaDidik.objects.filter(pk=first.pk).update(nama="Adi \U0001f600")
    row = jobs.submit(
        "rapor.cetak_semua",
        title="Semua",
        by=made.akun["wali"],
        data={"kelas": made.kelas.pk, "semester": made.semester.pk},
    )
    assert jobs.work_once()
    row.refresh_from_db()
    assert (row.status, row.hasil["dicetak"]) == ("selesai", 3)
    assert any(line.startswith("No. 1: ") for line in row.hasil["gagal"])
    assert Rapor.objects.count() == 0
