"""A class's own workbook of marks: out, filled in, previewed, committed exactly or not at all."""

import io
from decimal import Decimal
from typing import Any

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from python_calamine import CalamineWorkbook

from mutu.rapor import sheets
from mutu.rapor.models import Nilai
from mutu.rapor.services import marks
from mutu.rapor.tests.test_services import isi, rapor
from mutu.satuan import jobs
from mutu.satuan.models import Impor, Pekerjaan
from tests.contoh import Contoh

pytestmark = pytest.mark.django_db

HEAD = ("NIS", "Nama", "UH 1", "UH 2", "UH 3", "UTS", "UAS")


def book(*rows: tuple[Any, ...], head: tuple[str, ...] = HEAD) -> bytes:
    made = io.BytesIO()
    with xlsxwriter.Workbook(made, {"in_memory": True}) as file:
        page = file.add_worksheet("Nilai")
        for line, row in enumerate((head, *rows)):
            for at, value in enumerate(row):
                if value is not None:
                    page.write(line, at, value)
    return made.getvalue()


def upload(contoh: Contoh, content: bytes) -> tuple[Client, Impor]:
    client = Client()
    client.force_login(contoh.akun["guru"])
    url = f"/rapor/pembelajaran/{contoh.matematika.pk}/1/buku-kerja/"
    answer = client.post(url, {"berkas": SimpleUploadedFile("nilai.xlsx", content)})
    assert answer.status_code == 302, answer.content.decode()[:2000]
    assert jobs.work_once()
    return client, Impor.objects.get()


def confirm(client: Client, impor: Impor) -> Impor:
    assert client.post(f"/impor/{impor.pk}/terapkan/").status_code == 302
    assert jobs.work_once()
    impor.refresh_from_db()
    return impor


def test_the_workbook_holds_the_class_and_its_marks(contoh: Contoh) -> None:
    isi(contoh, ("60", "72,5"))
    page = CalamineWorkbook.from_filelike(io.BytesIO(sheets.workbook(contoh.matematika, contoh.semester)))
    rows = page.get_sheet_by_index(0).to_python()
    assert tuple(rows[0]) == HEAD
    assert rows[1][:4] == ["7000", "Adi Uji 1", 60, 72.5]
    assert [row[0] for row in rows[1:]] == ["7000", "7001", "7002"]


def test_what_was_previewed_is_what_is_written(contoh: Contoh) -> None:
    isi(contoh, ("60",))
    client, impor = upload(
        contoh, book(("7000", "Adi Uji 1", 65, "75,5", None, None, None), ("7001", None, 80, None, None, None, None))
    )
    assert impor.hasil == {"baru": 0, "berubah": 2, "sama": 0, "ditolak": 0, "peringatan": 0}
    assert Nilai.objects.get().nilai == 60, "a preview writes nothing"
    assert "75.5" in client.get(f"/impor/{impor.pk}/").content.decode()
    assert confirm(client, impor).status == "diterapkan"
    assert sorted(Nilai.objects.values_list("nilai", flat=True)) == [Decimal(65), Decimal("75.5"), Decimal(80)]
    assert Nilai.objects.get(penilaian=contoh.uh[0], anggota=contoh.anggota[0]).versi == 2
    assert rapor(contoh).kurang[:1] == ["UH 3"]
    again = upload_again(contoh, book(("7000", "Adi Uji 1", 65, "75,5", None, None, None)))
    assert again.hasil["sama"] == 1


def upload_again(contoh: Contoh, content: bytes) -> Impor:
    Impor.objects.all().delete()
    return upload(contoh, content)[1]


def test_an_empty_cell_deletes_nothing(contoh: Contoh) -> None:
    isi(contoh, ("60", "70"))
    client, impor = upload(contoh, book(("7000", None, None, 71, None, None, None)))
    confirm(client, impor)
    assert sorted(Nilai.objects.values_list("nilai", flat=True)) == [Decimal(60), Decimal(71)]


@pytest.mark.parametrize(
    ("row", "part"),
    [
        (("7000", None, 101, None, None, None, None), "antara 0 dan 100"),
        (("7000", None, "delapan", None, None, None, None), "delapan"),
        (("7000", None, "７５", None, None, None, None), "７５"),
        (("9999", None, 70, None, None, None, None), "NIS ini tidak ada di kelas ini"),
        (("7000", "Bunga Uji 2", 70, None, None, None, None), "bukan pemilik NIS"),
    ],
)
def test_a_bad_row_is_named_and_the_good_one_counts(contoh: Contoh, row: tuple[Any, ...], part: str) -> None:
    client, impor = upload(contoh, book(row, ("7001", None, 70, None, None, None, None)))
    assert (impor.hasil["ditolak"], impor.hasil["berubah"]) == (1, 1)
    assert part in client.get(f"/impor/{impor.pk}/").content.decode()


def test_a_pupil_listed_twice_is_refused_both_times(contoh: Contoh) -> None:
    _client, impor = upload(
        contoh, book(("7000", None, 70, None, None, None, None), ("7000", None, 90, None, None, None, None))
    )
    assert impor.hasil["ditolak"] == 2
    assert impor.hasil["berubah"] == 0


def test_a_column_of_another_lesson_is_refused(contoh: Contoh) -> None:
    _client, impor = upload(contoh, book(("7000", None, 70), head=("NIS", "Nama", "UH 9")))
    assert impor.status == "ditolak"


def test_a_mark_changed_since_the_preview_stops_the_whole_import(contoh: Contoh) -> None:
    client, impor = upload(contoh, book(("7000", None, 70, None, None, None, None)))
    isi(contoh, ("61",))
    assert confirm(client, impor).status == "batal"
    assert "berubah" in Pekerjaan.objects.get(jenis="impor.terapkan").pesan
    assert [mark.nilai for mark in Nilai.objects.all()] == [Decimal(61)]


def test_another_teacher_finds_no_such_import(contoh: Contoh) -> None:
    _client, impor = upload(contoh, book(("7000", None, 70, None, None, None, None)))
    other = Client()
    for role in ("guru_lain", "admin", "operator", "wali"):
        other.force_login(contoh.akun[role])
        assert other.get(f"/impor/{impor.pk}/").status_code == 404, role
        assert other.post(f"/impor/{impor.pk}/terapkan/").status_code == 404, role


def test_it_takes_the_one_path_of_marks(contoh: Contoh) -> None:
    client, impor = upload(contoh, book(("7000", None, "72,5", None, None, None, None)))
    confirm(client, impor)
    assert [line["oleh"] for line in marks.mark_history(contoh.uh[0], contoh.anggota[0])] == ["Gani Guru"]
