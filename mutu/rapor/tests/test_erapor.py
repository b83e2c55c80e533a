"""e-Rapor's files: marks into chosen columns, never into a result of ours; a leger is compared and changes no mark."""

from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from mutu.rapor.models import Ketidakhadiran, Nilai, NilaiRapor, Rapor
from mutu.rapor.services.marks import Cell, save_marks
from mutu.rapor.tests.erapor_files import final_marks, goal_marks, leger, term_marks
from mutu.satuan import jobs, ledger
from mutu.satuan.models import AnggotaKelas, Impor, PesertaDidik
from tests.contoh import Contoh

pytestmark = pytest.mark.django_db

ADI, BUNGA, CITRA = ("Adi Uji 1", "0130000001"), ("Bunga Uji 2", "0130000002"), ("Citra Uji 3", "0130000003")


@pytest.fixture
def numbered(contoh: Contoh) -> Contoh:
    """The small school, with a NISN for each pupil."""
    with ledger.record("uji.nisn", by=ledger.SYSTEM):
        for seat, (_name, nisn) in zip(contoh.anggota, (ADI, BUNGA, CITRA), strict=True):
            PesertaDidik.objects.filter(pk=seat.peserta_id).update(nisn=nisn)
    return contoh


def upload(contoh: Contoh, content: bytes, role: str = "guru", **chosen: Any) -> tuple[Client, Impor]:
    client = Client()
    client.force_login(contoh.akun[role])
    url = (
        f"/rapor/pembelajaran/{contoh.matematika.pk}/1/e-rapor/"
        if role == "guru"
        else f"/rapor/kelas/{contoh.kelas.pk}/1/e-rapor/"
    )
    answer = client.post(url, {"berkas": SimpleUploadedFile("erapor.xlsx", content), **chosen})
    assert answer.status_code == 302, answer.content.decode()
    assert jobs.work_once()
    return client, Impor.objects.latest("dibuat")


def confirm(client: Client, impor: Impor) -> Impor:
    assert client.post(f"/impor/{impor.pk}/terapkan/").status_code == 302
    assert jobs.work_once()
    impor.refresh_from_db()
    return impor


def page(client: Client, impor: Impor) -> str:
    return client.get(f"/impor/{impor.pk}/").content.decode()


def stored(contoh: Contoh) -> set[tuple[str, str, Decimal | None]]:
    return {
        (mark.penilaian.judul, mark.anggota.peserta.nama, mark.nilai)
        for mark in Nilai.objects.select_related("penilaian__semester", "anggota__peserta")
    }


def test_final_marks_go_to_the_chosen_column_and_the_page_says_so(numbered: Contoh) -> None:
    content = final_marks([(ADI, 80), (BUNGA, "72,5"), (CITRA, None)])
    client, impor = upload(numbered, content, kolom=numbered.uas.pk)
    assert impor.hasil == {"baru": 0, "berubah": 2, "sama": 1, "ditolak": 0, "peringatan": 0}
    shown = page(client, impor)
    assert "NILAI AKHIR dari e-Rapor menjadi nilai kolom UAS" in shown
    assert "Nilai rapor tidak diambil dari e-Rapor" in shown
    assert "KETERCAPAIAN KOMPETENSI" in shown, "what is not read is named"
    assert not Nilai.objects.exists()
    confirm(client, impor)
    assert stored(numbered) == {("UAS", "Adi Uji 1", Decimal(80)), ("UAS", "Bunga Uji 2", Decimal("72.5"))}
    assert all(row.nilai is None for row in NilaiRapor.objects.all()), "the result waits for the other columns"


@pytest.mark.parametrize("goals", [1, 2, 5])
def test_one_row_per_goal_counts_a_pupil_once(numbered: Contoh, goals: int) -> None:
    _client, impor = upload(numbered, final_marks([(ADI, 80), (BUNGA, 70)], goals=goals), kolom=numbered.uts.pk)
    assert (impor.hasil["berubah"], impor.hasil["ditolak"]) == (2, 0)


def test_term_marks_into_two_columns(numbered: Contoh) -> None:
    content = term_marks([(ADI, 77, 80), (BUNGA, None, 70)])
    client, impor = upload(numbered, content, kolom=numbered.uas.pk, kolom_non_tes=numbered.uts.pk)
    confirm(client, impor)
    assert stored(numbered) == {
        ("UAS", "Adi Uji 1", Decimal(80)), ("UTS", "Adi Uji 1", Decimal(77)), ("UAS", "Bunga Uji 2", Decimal(70)),
    }  # fmt: skip


def test_a_column_that_was_not_chosen_is_named(numbered: Contoh) -> None:
    client, impor = upload(numbered, term_marks([(ADI, 77, 80)]), kolom=numbered.uas.pk)
    assert "NILAI_NON_TES tidak diambil" in page(client, impor)
    client, impor = upload(numbered, final_marks([(ADI, 80)]))
    assert impor.status == "ditolak"
    assert "pilih kolom tujuannya" in page(client, impor)
    both = {"kolom": numbered.uas.pk, "kolom_non_tes": numbered.uas.pk}
    client, impor = upload(numbered, term_marks([(ADI, 77, 80)]), **both)
    assert "menuju kolom nilai yang sama" in page(client, impor)


@pytest.mark.parametrize("codes", ["kolom", "baris"])
def test_goal_marks_go_to_the_tests_of_that_number(numbered: Contoh, codes: str) -> None:
    content = goal_marks([(ADI, (60, 70, 80, 90)), (BUNGA, (61, None, 81, None))], codes=codes)
    client, impor = upload(numbered, content)
    assert (impor.hasil["berubah"], impor.hasil["ditolak"]) == (2, 0), page(client, impor)
    assert "TP 4 tidak diambil" in page(client, impor)
    confirm(client, impor)
    assert stored(numbered) == {
        ("UH 1", "Adi Uji 1", Decimal(60)), ("UH 2", "Adi Uji 1", Decimal(70)), ("UH 3", "Adi Uji 1", Decimal(80)),
        ("UH 1", "Bunga Uji 2", Decimal(61)), ("UH 3", "Bunga Uji 2", Decimal(81)),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("pupil", "mark", "words"),
    [
        (("Adi Uji 1", "0130000002"), 80, "NISN ini milik Bunga Uji 2"),
        (("Adi Uji 1", "0139999999"), 80, "NISN-nya 0130000001"),
        (("Orang Lain", "0139999999"), 80, "tidak ada di kelas ini"),
        (ADI, 101, "antara 0 dan 100"),
        (ADI, "delapan", "bukan bilangan"),
        (("Adi Uji 1", "13000000"), 80, "0013000000"),
    ],
)
def test_a_row_that_needs_a_person_is_refused(numbered: Contoh, pupil: Any, mark: Any, words: str) -> None:
    client, impor = upload(numbered, term_marks([(pupil, None, mark)]), kolom=numbered.uas.pk)
    assert impor.hasil["ditolak"] == 1, page(client, impor)
    assert words in page(client, impor)
    confirm(client, impor)
    assert not Nilai.objects.exists()


def test_a_blank_nisn_is_matched_by_name_with_a_warning(numbered: Contoh) -> None:
    client, impor = upload(numbered, term_marks([(("ADI UJI 1", None), None, 80)]), kolom=numbered.uas.pk)
    assert (impor.hasil["berubah"], impor.hasil["peringatan"]) == (1, 1)
    assert "menurut nama saja" in page(client, impor)
    twice = [(("Adi Uji 1", None), None, 80), (ADI, None, 90)]
    assert upload(numbered, term_marks(twice), kolom=numbered.uas.pk)[1].hasil["ditolak"] == 2


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"kelas": "VII B"}, "untuk kelas VII B, bukan VII-A"),
        ({"term": "2025/2026 Ganjil"}, "untuk 2025/2026 Ganjil"),
        ({"term": "2026/2027 Genap"}, "untuk 2026/2027 Genap"),
        ({"mapel": "Ilmu Pengetahuan Alam"}, "mata pelajaran Ilmu Pengetahuan Alam"),
    ],
)
def test_a_file_for_something_else_is_refused(numbered: Contoh, options: dict[str, str], words: str) -> None:
    client, impor = upload(numbered, term_marks([(ADI, None, 80)], **options), kolom=numbered.uas.pk)
    assert impor.status == "ditolak"
    assert words in page(client, impor)


def test_a_subject_by_another_name_is_taken_when_the_teacher_says_so(numbered: Contoh) -> None:
    content = term_marks([(ADI, None, 80)], mapel="Matematika (Umum)")
    _client, impor = upload(numbered, content, kolom=numbered.uas.pk, mapel_lain="on")
    assert impor.hasil["berubah"] == 1


def test_a_blank_takes_no_mark_back(numbered: Contoh) -> None:
    save_marks(
        pembelajaran=numbered.matematika, semester=numbered.semester, by=numbered.akun["guru"],
        cells=[Cell(numbered.uas.pk, numbered.anggota[0].pk, "55", 0)],
    )  # fmt: skip
    client, impor = upload(numbered, final_marks([(ADI, None), (BUNGA, 70)]), kolom=numbered.uas.pk)
    confirm(client, impor)
    assert ("UAS", "Adi Uji 1", Decimal(55)) in stored(numbered)


def lock(contoh: Contoh, seat: AnggotaKelas) -> None:
    from django.utils import timezone

    with ledger.record("uji.kunci", by=ledger.SYSTEM):
        Rapor.objects.create(anggota=seat, semester=contoh.semester, status="final", pada=timezone.now())


def test_a_locked_rapor_is_refused_in_the_preview(numbered: Contoh) -> None:
    lock(numbered, numbered.anggota[0])
    client, impor = upload(numbered, final_marks([(ADI, 80), (BUNGA, 70)]), kolom=numbered.uas.pk)
    assert (impor.hasil["berubah"], impor.hasil["ditolak"]) == (1, 1)
    assert "sudah final" in page(client, impor)
    assert confirm(client, impor).status == "diterapkan"


SUBJECTS = ("Matematika", "Bahasa Indonesia", "Prakarya")


def test_a_leger_is_compared_and_changes_no_mark(numbered: Contoh) -> None:
    columns = (*numbered.uh, numbered.uts, numbered.uas)
    save_marks(
        pembelajaran=numbered.matematika, semester=numbered.semester, by=numbered.akun["guru"],
        cells=[Cell(one.pk, numbered.anggota[0].pk, "70", 0) for one in columns],
    )  # fmt: skip
    content = leger(SUBJECTS, [(ADI, (75, None, 80), (1, "-", 2)), (BUNGA, (70, None, 80), (None, None, None))])
    client, impor = upload(numbered, content, "wali")
    assert impor.hasil == {"baru": 0, "berubah": 0, "sama": 2, "ditolak": 0, "peringatan": 2}
    shown = page(client, impor)
    assert "leger e-Rapor 75, di sini 70 (Adi Uji 1)" in shown
    assert "leger e-Rapor 70, di sini belum ada (Bunga Uji 2)" in shown
    assert "Prakarya" in shown, "a subject that the class does not have is named"
    confirm(client, impor)
    assert NilaiRapor.objects.get(anggota=numbered.anggota[0], pembelajaran=numbered.matematika).nilai == 70
    assert not Ketidakhadiran.objects.exists(), "absences were not asked for"


def test_absences_of_a_leger_when_asked(numbered: Contoh) -> None:
    rows = [(ADI, (None,) * 3, (1, "-", 2)), (BUNGA, (None,) * 3, (None, 4, None)), (CITRA, (None,) * 3, (201, 0, 0))]
    client, impor = upload(numbered, leger(SUBJECTS, rows), "wali", absen="on")
    assert (impor.hasil["berubah"], impor.hasil["ditolak"]) == (2, 1)
    assert confirm(client, impor).status == "diterapkan"
    rows = Ketidakhadiran.objects.values_list("anggota__peserta__nama", "sakit", "izin", "tanpa_keterangan")
    assert sorted(rows) == [
        ("Adi Uji 1", 1, 0, 2), ("Bunga Uji 2", None, 4, None),
    ]  # fmt: skip
    client, again = upload(numbered, leger(SUBJECTS, [(ADI, (None,) * 3, (None, None, None))]), "wali", absen="on")
    confirm(client, again)
    assert Ketidakhadiran.objects.get(anggota=numbered.anggota[0]).sakit == 1, "a blank deletes nothing"


def test_absences_of_a_locked_rapor_stay(numbered: Contoh) -> None:
    lock(numbered, numbered.anggota[0])
    _client, impor = upload(numbered, leger(SUBJECTS, [(ADI, (None,) * 3, (1, 1, 1))]), "wali", absen="on")
    assert impor.hasil["ditolak"] == 1


def test_a_meanwhile_changed_absence_stops_the_import(numbered: Contoh) -> None:
    client, impor = upload(numbered, leger(SUBJECTS, [(ADI, (None,) * 3, (1, 1, 1))]), "wali", absen="on")
    with ledger.record("uji", by=ledger.SYSTEM):
        Ketidakhadiran.objects.create(anggota=numbered.anggota[0], semester=numbered.semester, sakit=5)
    assert confirm(client, impor).status == "batal"
    assert Ketidakhadiran.objects.get().sakit == 5


def test_only_the_teacher_and_the_homeroom_teacher(numbered: Contoh) -> None:
    _client, impor = upload(numbered, final_marks([(ADI, 80)]), kolom=numbered.uas.pk)
    other = Client()
    for role in ("guru_lain", "wali", "admin", "kepala"):
        other.force_login(numbered.akun[role])
        assert other.get(f"/impor/{impor.pk}/").status_code == 404, role
