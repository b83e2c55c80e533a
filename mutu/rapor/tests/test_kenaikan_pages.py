"""The teachers' meeting, one pupil's reasons, the school's terms and examination marks, as plain forms."""

from __future__ import annotations

from datetime import date
from io import BytesIO
from typing import Any

import pytest
from django.test import Client
from python_calamine import CalamineWorkbook

from mutu.rapor.models import Kenaikan, KetentuanKenaikan, NilaiUjian
from mutu.rapor.services import kenaikan
from mutu.rapor.tests.test_kenaikan import isi, sekolah, sembilan
from mutu.rapor.views.kenaikan import undecided
from mutu.satuan import ledger
from mutu.satuan.models import Akun, Kelas
from tests.contoh import Contoh

pytestmark = pytest.mark.django_db

__all__ = ["sekolah", "sembilan"]


def masuk(client: Client, contoh: Contoh, role: str) -> Client:
    client.force_login(contoh.akun[role])
    return client


def test_the_head_decides_and_the_homeroom_teacher_reads(sekolah: Contoh, client: Client) -> None:
    for at, belum in enumerate((0, 5, 2)):
        isi(sekolah, at, belum)
    url = f"/rapor/kelas/{sekolah.kelas.pk}/kenaikan/"
    page = masuk(client, sekolah, "wali").get(url)
    assert [row["one"].anggota.peserta.nama for row in page.context["rows"]] == [
        "Bunga Uji 2",
        "Citra Uji 3",
        "Adi Uji 1",
    ]
    assert "Tetapkan menurut aturan" not in page.content.decode()
    assert client.post(url, {"rapat_tanggal": "2027-06-10"}).status_code == 404
    assert not Kenaikan.objects.exists()
    client = masuk(client, sekolah, "kepala")
    assert "Tetapkan menurut aturan" in client.get(url).content.decode()
    wrong = client.post(url, {"rapat_tanggal": "2026-06-10", "rapat_nomor": "1"})
    assert (wrong.status_code, Kenaikan.objects.count()) == (422, 0)
    answer = client.post(url, {"rapat_tanggal": "2027-06-10", "rapat_nomor": "12"}, follow=True)
    assert "3 keputusan ditetapkan, 0 tetap." in answer.content.decode()
    assert "naik ke kelas VIII (delapan)" in answer.content.decode()
    assert Kenaikan.objects.filter(rapat_tanggal=date(2027, 6, 10), oleh=sekolah.akun["kepala"]).count() == 3


def test_a_grade_meets_as_a_whole(sekolah: Contoh, client: Client) -> None:
    with ledger.record("uji.kelas", by=ledger.SYSTEM):
        Kelas.objects.create(tahun=sekolah.tahun, tingkat=7, nama="VII-B")
    isi(sekolah, 0, 0)
    url = f"/rapor/kelas/{sekolah.kelas.pk}/kenaikan/"
    client = masuk(client, sekolah, "kepala")
    assert "Seluruh tingkat" in client.get(url).content.decode()
    page = client.get(f"{url}?lingkup=tingkat")
    assert page.context["grade"] is True
    assert client.post(f"{url}?lingkup=tingkat", {}).status_code == 302
    assert Kenaikan.objects.count() == 1
    # The homeroom teacher of VII-A reads no other class of the grade.
    assert "Seluruh tingkat" not in masuk(client, sekolah, "wali").get(url).content.decode()


def test_a_pupils_page_gives_each_reason_and_takes_a_special_ground(sekolah: Contoh, client: Client) -> None:
    isi(sekolah, 0, 5)
    url = f"/rapor/anggota/{sekolah.anggota[0].pk}/kenaikan/"
    client = masuk(client, sekolah, "kepala")
    page = client.get(url).content.decode()
    assert "5 mapel belum tuntas, lebih dari batas 4" in page
    assert "60 &lt; KKM 65" in page
    assert "angka 3 huruf a" in page
    isi(sekolah, 0, 0)
    bad = client.post(url, {"keputusan": "tinggal", "alasan": "Sakit", "versi": "0"})
    assert (bad.status_code, Kenaikan.objects.count()) == (422, 0)
    good = {
        "keputusan": "tinggal",
        "alasan": "Sakit lama",
        "rapat_tanggal": "2027-06-10",
        "rapat_nomor": "12",
        "versi": "0",
    }
    assert client.post(url, good).status_code == 302
    row = Kenaikan.objects.get()
    assert (row.keputusan, row.alasan_khusus) == ("tinggal", "Sakit lama")
    assert client.post(url, good).status_code == 422, "the version seen is old"
    assert "Sakit lama" in client.get(url).content.decode()
    wali = masuk(client, sekolah, "wali")
    assert wali.post(url, good | {"versi": "1"}).status_code == 404
    assert masuk(client, sekolah, "kepala").post(url, {"cabut": "1", "versi": "1"}).status_code == 302
    assert Kenaikan.objects.get().keputusan == "naik"


def test_the_minutes_list_as_a_workbook(sekolah: Contoh, client: Client) -> None:
    isi(sekolah, 0, 5)
    answer = masuk(client, sekolah, "wali").get(f"/rapor/kelas/{sekolah.kelas.pk}/kenaikan/notula.xlsx")
    rows = CalamineWorkbook.from_filelike(BytesIO(answer.content)).get_sheet_by_index(0).to_python()
    assert rows[0][1] == "Nama"
    assert (rows[1][1], rows[1][4], rows[1][8]) == ("Adi Uji 1", 5, "tinggal di kelas VII (tujuh)")
    assert "Matematika (60 < KKM 65)" in str(rows[1][5])
    assert "nilai semester 2" in str(rows[2][7])


def test_terms_of_the_school_are_set_and_a_looser_limit_is_refused(sekolah: Contoh, client: Client) -> None:
    url = f"/rapor/tahun/{sekolah.tahun.pk}/kenaikan/ketentuan/"
    client = masuk(client, sekolah, "admin")
    page = client.get(url).content.decode()
    assert "Akhlak paling rendah" in page
    base = {"dasar": "campur_rata", "versi": "0", "tanpa_keterangan": "10", "akhlak": "baik", "pengembangan_diri": ""}
    looser = client.post(url, base | {"batas": "5"})
    assert (looser.status_code, KetentuanKenaikan.objects.count()) == (422, 0)
    assert "hanya dapat memperketat" in looser.content.decode()
    assert client.post(url, base | {"batas": "2"}).status_code == 302
    row = KetentuanKenaikan.objects.get()
    assert (row.batas, row.dasar, row.kriteria) == (2, "campur_rata", {"tanpa_keterangan": 10, "akhlak": "baik"})
    assert client.post(url, base | {"batas": "1"}).status_code == 422, "the version seen is old"


def test_the_year_counts_decisions_and_home_says_who_waits(sekolah: Contoh, client: Client) -> None:
    isi(sekolah, 0, 0)
    kenaikan.decide(kelas=sekolah.kelas, semester=sekolah.semester_2, by=sekolah.akun["kepala"])
    page = masuk(client, sekolah, "admin").get(f"/rapor/tahun/{sekolah.tahun.pk}/kenaikan/")
    assert page.context["rows"][0]["kelas"].ditetapkan == 1
    assert page.context["rows"][0]["kelas"].jumlah == 3
    assert f"/rapor/kelas/{sekolah.kelas.pk}/kenaikan/" not in page.content.decode(), "no door that is closed"
    assert undecided(sekolah.akun["kepala"]) == []
    with ledger.record("uji.tanggal", by=ledger.SYSTEM):
        sekolah.tahun.mulai = 2025
        sekolah.tahun.save()
        sekolah.semester.mulai, sekolah.semester.selesai = date(2025, 7, 1), date(2025, 12, 19)
        sekolah.semester.save()
        sekolah.semester_2.mulai, sekolah.semester_2.selesai = date(2026, 1, 5), date(2026, 6, 19)
        sekolah.semester_2.save()
    (line,) = undecided(Akun.objects.get(pk=sekolah.akun["kepala"].pk))
    assert line.count == 2


def test_examination_marks_are_typed_with_a_comma(sembilan: Contoh, client: Client) -> None:
    math = sembilan.matematika.mapel_id
    url = f"/rapor/kelas/{sembilan.kelas.pk}/ujian/?mapel={math}"
    client = masuk(client, sembilan, "wali")
    names = [f"{one.pk}-{math}" for one in sembilan.anggota]
    wrong = client.post(url, {f"un-{names[0]}": "75", f"us-{names[0]}": "8", f"versi-{names[0]}": "0"})
    assert (wrong.status_code, NilaiUjian.objects.count()) == (422, 0)
    assert 'value="75"' in wrong.content.decode(), "what was typed stays"
    assert (
        client.post(url, {f"un-{names[0]}": "7,25", f"us-{names[0]}": "", f"versi-{names[0]}": "0"}).status_code == 302
    )
    row: Any = NilaiUjian.objects.get()
    assert (str(row.un), row.us) == ("7.25", None)
    assert 'value="7,25"' in client.get(f"/rapor/kelas/{sembilan.kelas.pk}/ujian/").content.decode()


def test_only_the_last_class_has_examinations(sekolah: Contoh, client: Client) -> None:
    assert masuk(client, sekolah, "kepala").get(f"/rapor/kelas/{sekolah.kelas.pk}/ujian/").status_code == 404
