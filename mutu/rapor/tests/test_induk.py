"""One pupil over the years: where the marks of the transcript come from, who may read it, and the buku induk."""

from datetime import date, timedelta

import pypdfium2
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from mutu.rapor.models import Kenaikan, Mutasi, NilaiRapor, Prestasi, RaporFinal
from mutu.rapor.services import final, induk
from mutu.rapor.tests.test_keadaan import sampai_final
from mutu.satuan import ledger
from mutu.satuan.models import (
    Akun,
    AnggotaKelas,
    Guru,
    Kelas,
    MataPelajaran,
    Pembelajaran,
    PesertaDidik,
    Semester,
    TahunPelajaran,
)
from tests.contoh import Contoh, akun_baru

pytestmark = pytest.mark.django_db


def enter(akun: Akun) -> Client:
    client = Client()
    client.force_login(akun, backend="django.contrib.auth.backends.ModelBackend")
    return client


def earlier_year(contoh: Contoh) -> AnggotaKelas:
    """Last year's class of another curriculum and homeroom teacher, with two marks in one subject, not final."""
    with ledger.record("uji.tahun_lalu", by=ledger.SYSTEM):
        tahun = TahunPelajaran.objects.create(sekolah=contoh.sekolah, mulai=2025)
        semester = Semester.objects.create(
            tahun=tahun, nomor=1, mulai=date(2025, 7, 14), selesai=date(2025, 12, 19), tanggal_rapor=date(2025, 12, 20)
        )
        old = akun_baru("wali-lama", "Lama Wali", "guru", contoh.sekolah)
        teacher = Guru.objects.create(sekolah=contoh.sekolah, nama="Lama Wali", akun=old)
        kelas = Kelas.objects.create(tahun=tahun, tingkat=7, nama="VII-Z", kurikulum="k13", wali_kelas=teacher)
        subject = MataPelajaran.objects.create(sekolah=contoh.sekolah, nama="Prakarya", urutan=9)
        lesson = Pembelajaran.objects.create(kelas=kelas, mapel=subject, guru=teacher)
        seat = AnggotaKelas.objects.create(kelas=kelas, peserta=contoh.anggota[0].peserta)
        NilaiRapor.objects.create(
            pembelajaran=lesson,
            semester=semester,
            anggota=seat,
            nilai=81,
            kkm=70,
            predikat="B",
            ranah_lain={"ranah": "keterampilan", "nilai": 69, "predikat": "C"},
            aturan="k13-2016",
            pada=timezone.now(),
        )
    return seat


@pytest.fixture
def selesai(contoh: Contoh) -> Contoh:
    """Semester 1 is final and was handed over yesterday."""
    sampai_final(contoh)
    with ledger.record("uji.bagi", by=ledger.SYSTEM):
        day = timezone.localdate() - timedelta(days=1)
        Semester.objects.filter(pk=contoh.semester.pk).update(tanggal_rapor=day)
    return contoh


def pupil(contoh: Contoh) -> PesertaDidik:
    return PesertaDidik.objects.select_related("sekolah").get(pk=contoh.anggota[0].peserta_id)


def test_final_marks_come_from_the_stored_text(selesai: Contoh) -> None:
    earlier_year(selesai)
    before = induk.transcript(pupil(selesai))
    with ledger.record("uji.ubah", by=ledger.SYSTEM):
        NilaiRapor.objects.filter(semester=selesai.semester).update(nilai=11)
    found = induk.transcript(pupil(selesai))
    assert [(term.anggota.kelas.nama, term.semester.nomor, term.draf) for term in found.terms] == [
        ("VII-Z", 1, True),
        ("VII-A", 1, False),
    ]
    assert found.baris() == before.baris()
    assert found.terms[1].nilai["Matematika"][0].nilai not in (None, 11)
    assert RaporFinal.objects.filter(pk=found.terms[1].naskah).exists()


def test_curricula_stand_side_by_side(selesai: Contoh) -> None:
    earlier_year(selesai)
    found = induk.transcript(pupil(selesai))
    assert [term.ranah for term in found.terms] == [("Pengetahuan", "Keterampilan"), ("",)]
    rows = dict(found.baris())
    assert [(mark.nilai, mark.predikat, mark.bawah) for mark in rows["Prakarya"]] == [
        (81, "B", False),
        (69, "C", True),
        (None, "", False),
    ]
    assert [mark.nilai for mark in rows["Matematika"]][:2] == [None, None]


def test_a_guardian_sees_finals_that_were_handed_over_alone(selesai: Contoh) -> None:
    earlier_year(selesai)
    found = induk.transcript(pupil(selesai), finals_only=True)
    assert [term.anggota.kelas.nama for term in found.terms] == ["VII-A"]
    page = enter(selesai.akun["orang_tua"]).get(f"/rapor/peserta/{pupil(selesai).pk}/transkrip/")
    assert "Matematika" in page.content.decode()
    assert "Prakarya" not in page.content.decode()
    with ledger.record("uji.bagi", by=ledger.SYSTEM):
        Semester.objects.filter(pk=selesai.semester.pk).update(tanggal_rapor=timezone.localdate() + timedelta(days=1))
    assert induk.transcript(pupil(selesai), finals_only=True).terms == []


def test_a_withdrawn_rapor_gives_no_marks_to_a_guardian(selesai: Contoh) -> None:
    rapor = RaporFinal.objects.get(rapor__anggota=selesai.anggota[0]).rapor
    final.tarik(rapor=rapor, alasan="nama salah eja", by=selesai.akun["kepala"])
    assert induk.transcript(pupil(selesai), finals_only=True).terms == []
    assert [term.draf for term in induk.transcript(pupil(selesai)).terms] == [True]


def test_a_text_that_was_changed_is_not_shown(selesai: Contoh) -> None:
    with ledger.record("uji.ubah", by=ledger.SYSTEM):
        row = RaporFinal.objects.get(rapor__anggota=selesai.anggota[0])
        RaporFinal.objects.filter(pk=row.pk).update(isi=row.isi.replace("Matematika", "Matematik4"))
    with pytest.raises(final.Tercemar):
        induk.transcript(pupil(selesai))
    assert enter(selesai.akun["kepala"]).get(f"/rapor/peserta/{pupil(selesai).pk}/transkrip/").status_code == 302


def test_only_the_present_homeroom_teacher_follows_a_pupil(selesai: Contoh) -> None:
    earlier_year(selesai)
    place = f"/rapor/peserta/{pupil(selesai).pk}"
    old = enter(Akun.objects.get(username="wali-lama"))
    for page in ("transkrip/", "transkrip.pdf", "buku-induk/", "buku-induk.pdf"):
        assert old.get(f"{place}/{page}").status_code == 404
        assert enter(selesai.akun["wali"]).get(f"{place}/{page}").status_code == 200
    assert enter(selesai.akun["admin"]).get(f"{place}/transkrip/").status_code == 404


def test_the_keepers_print_has_no_marks(selesai: Contoh) -> None:
    place = f"/rapor/peserta/{pupil(selesai).pk}/buku-induk.pdf"

    def text(role: str) -> str:
        content = enter(selesai.akun[role]).get(place).content
        return "".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(content))

    assert "Matematika" in text("kepala")
    assert "Matematika" not in text("admin")
    assert pupil(selesai).nama in text("admin")


def test_the_buku_induk_tells_classes_decision_transfer_and_achievement(contoh: Contoh) -> None:
    seat = earlier_year(contoh)
    with ledger.record("uji.induk", by=ledger.SYSTEM):
        Kenaikan.objects.create(
            anggota=seat, keputusan="naik", kalimat="naik ke kelas VIII", belum_tuntas=0, aturan="k13-2016",
            pada=timezone.now(),
        )  # fmt: skip
        Mutasi.objects.create(
            sekolah=contoh.sekolah, peserta=seat.peserta, arah="masuk", tanggal=date(2025, 7, 20), kelas=seat.kelas,
            sekolah_lain="SMP Angin Timur",
        )  # fmt: skip
        Prestasi.objects.create(
            semester=contoh.semester, anggota=contoh.anggota[0], jenis="kurikuler", nama="Lomba Puisi",
            peringkat="Juara I", tanggal=date(2026, 9, 1),
        )  # fmt: skip
    page = enter(contoh.akun["admin"]).get(f"/rapor/peserta/{seat.peserta_id}/buku-induk/").content.decode()
    for words in ("VII-Z", "VII-A", "naik ke kelas VIII", "SMP Angin Timur", "Lomba Puisi", "Juara I", "Oma Tua"):
        assert words in page


def test_the_queries_do_not_grow_with_the_years(selesai: Contoh) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            induk.transcript(pupil(selesai))
        return len(queries)

    few = count()
    earlier_year(selesai)
    assert count() == few <= 5
    with CaptureQueriesContext(connection) as queries:
        induk.buku_induk(pupil(selesai))
    assert len(queries) <= 5
