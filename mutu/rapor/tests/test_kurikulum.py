"""Classes of later curricula: two marks a subject, letters, descriptions by highest and lowest, old rapor unchanged."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from mutu.rapor import documents
from mutu.rapor.models import MapelTingkat, NilaiRapor, Penilaian, StandarKompetensi
from mutu.rapor.services import marks, terms
from mutu.rapor.services.marks import Cell
from mutu.regulation.explain import InputError
from mutu.satuan import ledger
from mutu.satuan.models import AnggotaKelas, Kelas, Pembelajaran, Semester, TahunPelajaran
from mutu.satuan.services import years
from tests.contoh import Contoh

URAIAN = ("Memahami bilangan bulat", "Menjelaskan himpunan", "Menyajikan data")


def kelas_lanjutan(contoh: Contoh, kurikulum: str, mulai: int = 2027) -> tuple[Pembelajaran, Semester, AnggotaKelas]:
    """The first pupil of the example, a year later in class VIII of that curriculum: lesson, semester 1, seat."""
    akun = contoh.akun["admin"]
    with ledger.record("uji.kelas", by=ledger.SYSTEM):
        tahun = TahunPelajaran.objects.create(sekolah=contoh.sekolah, mulai=mulai)
        semester = Semester.objects.create(
            tahun=tahun,
            nomor=1,
            mulai=date(mulai, 7, 13),
            selesai=date(mulai, 12, 18),
            tanggal_rapor=date(mulai, 12, 19),
        )
    kelas = years.create_class(tahun=tahun, tingkat=8, nama="VIII-A", kurikulum=kurikulum, by=akun)
    with ledger.record("uji.kelas", by=ledger.SYSTEM):
        mapel = contoh.matematika.mapel
        lesson = Pembelajaran.objects.create(kelas=kelas, mapel=mapel, guru=contoh.matematika.guru)
        subject = MapelTingkat.objects.create(tahun=tahun, mapel=mapel, tingkat=8, kkm=70)
        for nomor, uraian in enumerate(URAIAN, start=1):
            StandarKompetensi.objects.create(mapel_tingkat=subject, semester=1, nomor=nomor, uraian=uraian)
        anggota = AnggotaKelas.objects.create(kelas=kelas, peserta=contoh.anggota[0].peserta)
    return lesson, semester, anggota


def kolom(
    contoh: Contoh, lesson: Pembelajaran, semester: Semester, *isi: tuple[str, str, int | None]
) -> list[Penilaian]:
    """Columns (aspect, kind, number of the SK) through the service."""
    sk = {one.nomor: one for one in StandarKompetensi.objects.filter(mapel_tingkat__tahun=semester.tahun)}
    return [
        marks.add_assessment(
            pembelajaran=lesson,
            semester=semester,
            ranah=ranah,
            jenis=jenis,
            sk=sk[nomor] if nomor else None,
            by=contoh.akun["guru"],
        )
        for ranah, jenis, nomor in isi
    ]


def simpan(
    contoh: Contoh, lesson: Pembelajaran, semester: Semester, isi: dict[Penilaian, str], siapa: Any
) -> NilaiRapor:
    cells = [Cell(column.pk, siapa.pk, nilai, 0) for column, nilai in isi.items()]
    result = marks.save_marks(pembelajaran=lesson, semester=semester, cells=cells, by=contoh.akun["guru"])
    assert result.all_saved, result
    return NilaiRapor.objects.get(pembelajaran=lesson, semester=semester, anggota=siapa)


PENGETAHUAN = (
    ("pengetahuan", "uh", 1),
    ("pengetahuan", "uh", 2),
    ("pengetahuan", "uts", None),
    ("pengetahuan", "uas", None),
)
KETERAMPILAN = (("keterampilan", "uh", 3), ("keterampilan", "uh", 3))


@pytest.mark.django_db
def test_a_subject_of_k13_has_two_marks(contoh: Contoh) -> None:
    lesson, semester, anggota = kelas_lanjutan(contoh, "k13")
    columns = kolom(contoh, lesson, semester, *PENGETAHUAN, *KETERAMPILAN)
    assert [column.judul for column in columns] == ["PH 1", "PH 2", "PTS", "PAS", "Keterampilan 1", "Keterampilan 2"]
    row = simpan(
        contoh, lesson, semester, dict(zip(columns, ["95", "60", "70", "81", "72", "88"], strict=True)), anggota
    )
    # (95 + 60) : 2 = 77.5, not rounded; (2 × 77.5 + 70 + 81) : 4 = 76.5.
    assert (row.aturan, row.nilai, row.predikat, row.status, row.kurang) == ("k13-2016", 77, "C", "tuntas", [])
    assert row.deskripsi == (
        "Menunjukkan penguasaan sangat baik dalam memahami bilangan bulat,"
        " dan perlu pendampingan dalam menjelaskan himpunan"
    )
    lain = row.ranah_lain
    assert (lain["ranah"], lain["nilai"], lain["predikat"], lain["kurang"]) == ("keterampilan", 88, "B", [])
    assert lain["deskripsi"] == "Menunjukkan keterampilan baik dalam menyajikan data"
    assert lain["huruf"] == "delapan puluh delapan"
    assert [step["nama"] for step in lain["langkah"]][:2] == ["Nilai optimum KD 3", "Rata-rata keterampilan"]
    assert any(step["nama"] == "Predikat" and "belum diverifikasi" in step["sumber"] for step in row.langkah)
    assert row.lengkap


@pytest.mark.django_db
def test_a_gap_in_the_second_mark_holds_the_rapor(contoh: Contoh) -> None:
    lesson, semester, anggota = kelas_lanjutan(contoh, "k13")
    columns = kolom(contoh, lesson, semester, *PENGETAHUAN)
    nilai = dict(zip(columns, ["95", "60", "70", "81"], strict=True))
    row = simpan(contoh, lesson, semester, nilai, anggota)
    # SK 3 has no column at all: it is missing in the first mark.
    assert row.kurang == ["nilai KD 3", "keterampilan"]
    (praktik,) = kolom(contoh, lesson, semester, ("keterampilan", "uh", 3))
    row.refresh_from_db()
    assert (row.nilai, row.ranah_lain["nilai"], row.kurang) == (77, None, ["keterampilan KD 3"])
    assert not row.lengkap
    row = simpan(contoh, lesson, semester, {praktik: "60"}, anggota)
    assert (row.ranah_lain["nilai"], row.ranah_lain["predikat"], row.kurang) == (60, "D", [])


@pytest.mark.django_db
def test_a_class_of_merdeka_has_one_mark_by_its_own_words(contoh: Contoh) -> None:
    lesson, semester, anggota = kelas_lanjutan(contoh, "merdeka")
    columns = kolom(contoh, lesson, semester, ("", "uh", 1), ("", "uh", 2), ("", "uh", 3), ("", "uas", None))
    assert [column.judul for column in columns] == ["SLM 1", "SLM 2", "SLM 3", "SAS"]
    row = simpan(contoh, lesson, semester, dict(zip(columns, ["90", "65", "80", "75"], strict=True)), anggota)
    # (90 + 65 + 80) : 3 = 78 1/3 and 75 count alike.
    assert (row.aturan, row.nilai, row.predikat, row.ranah_lain, row.kurang) == ("merdeka-2025", 77, "", {}, [])
    assert row.deskripsi == (
        "Menunjukkan penguasaan yang sangat baik dalam memahami bilangan bulat,"
        " dan perlu pendampingan dalam menjelaskan himpunan"
    )
    assert any(step["rumus"] == "77 > KKTP 70" for step in row.langkah)


@pytest.mark.django_db
def test_the_school_chooses_its_way_to_letters(contoh: Contoh) -> None:
    lesson, semester, anggota = kelas_lanjutan(contoh, "k13")
    columns = kolom(contoh, lesson, semester, *PENGETAHUAN, *KETERAMPILAN)
    row = simpan(
        contoh, lesson, semester, dict(zip(columns, ["95", "60", "70", "81", "72", "88"], strict=True)), anggota
    )
    admin = contoh.akun["admin"]
    pilihan: dict[str, Any] = {"cara": "rasio", "bobot_uh": 2, "bobot_uts": 1, "bobot_uas": 1, "by": admin}
    alasan = "Rapat dewan guru memilih batas tetap."
    terms.set_terms(semester=semester, predikat="tetap", alasan=alasan, **pilihan)
    row.refresh_from_db()
    assert (row.nilai, row.predikat, row.ranah_lain["predikat"]) == (77, "B", "A-")
    assert any("Batas tetap" in step["rumus"] for step in row.langkah)
    with pytest.raises(InputError) as tertangkap:
        terms.set_terms(semester=semester, predikat="kira-kira", alasan=alasan, **pilihan)
    assert tertangkap.value.galat[0]["jalur"] == "predikat"
    with pytest.raises(InputError):
        terms.set_terms(semester=contoh.semester, predikat="tetap", **pilihan)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("kurikulum", "ranah", "jenis", "jalur"),
    [
        ("k13", "", "uh", "ranah"),
        ("k13", "keterampilan", "uts", "jenis"),
        ("merdeka", "pengetahuan", "uh", "ranah"),
        ("ktsp", "keterampilan", "uh", "ranah"),
    ],
)
def test_a_column_names_an_aspect_that_the_curriculum_has(
    contoh: Contoh, kurikulum: str, ranah: str, jenis: str, jalur: str
) -> None:
    lesson, semester, _anggota = kelas_lanjutan(contoh, kurikulum)
    with pytest.raises(InputError) as tertangkap:
        kolom(contoh, lesson, semester, (ranah, jenis, 1))
    assert [one["jalur"] for one in tertangkap.value.galat] == [jalur]
    assert not Penilaian.objects.filter(pembelajaran=lesson).exists()


@pytest.mark.django_db
def test_an_old_rapor_reprints_alike_after_the_pupil_moved_on(contoh: Contoh) -> None:
    anggota = contoh.anggota[0]
    isi = dict(zip([*contoh.uh, contoh.uts, contoh.uas], ["60", "75", "65", "55", "65"], strict=True))
    lama = simpan(contoh, contoh.matematika, contoh.semester, isi, anggota)
    kartu = documents.cards(contoh.kelas, contoh.semester, [anggota.pk], appendix=True)
    assert (lama.aturan, lama.nilai) == ("ktsp-2007", 63)

    lesson, semester, baru = kelas_lanjutan(contoh, "k13")
    columns = kolom(contoh, lesson, semester, *PENGETAHUAN, *KETERAMPILAN)
    simpan(contoh, lesson, semester, dict(zip(columns, ["95", "60", "70", "81", "72", "88"], strict=True)), baru)

    assert documents.cards(contoh.kelas, contoh.semester, [anggota.pk], appendix=True) == kartu
    stored = NilaiRapor.objects.get(pk=lama.pk)
    assert (stored.aturan, stored.nilai, stored.langkah, stored.versi) == (lama.aturan, 63, lama.langkah, lama.versi)
    (sekarang,) = documents.cards(lesson.kelas, semester, [baru.pk])
    assert (kartu[0]["aturan"]["id"], sekarang["aturan"]["id"]) == ("ktsp-2007", "k13-2016")
    assert kartu[0]["peserta"] == sekarang["peserta"]


@pytest.mark.django_db
def test_a_curriculum_without_rules_for_the_year_is_refused(contoh: Contoh, client: Client) -> None:
    client.force_login(contoh.akun["admin"], backend="django.contrib.auth.backends.ModelBackend")
    with ledger.record("uji.tahun", by=ledger.SYSTEM):
        tahun = TahunPelajaran.objects.create(sekolah=contoh.sekolah, mulai=2014)
    isi = {"nama": "VIII-A", "tingkat": "8", "kurikulum": "k13"}
    page = client.post(f"/tahun/{tahun.pk}/kelas/", isi)
    assert page.status_code in (200, 422)
    assert "k13-2016 sejak 2016-07-01" in page.content.decode()
    assert not Kelas.objects.filter(tahun=tahun).exists()
    client.post(f"/tahun/{tahun.pk}/kelas/", isi | {"kurikulum": "ktsp"})
    assert Kelas.objects.get(tahun=tahun).kurikulum == "ktsp"


@pytest.mark.django_db
def test_a_curriculum_changes_only_before_the_first_column(contoh: Contoh, client: Client) -> None:
    client.force_login(contoh.akun["admin"], backend="django.contrib.auth.backends.ModelBackend")
    lesson, semester, _anggota = kelas_lanjutan(contoh, "k13")
    isi = {"nama": "VIII-A", "tingkat": "8", "kurikulum": "merdeka"}
    client.post(f"/kelas/{lesson.kelas_id}/ubah/", isi)
    lesson.kelas.refresh_from_db()
    assert lesson.kelas.kurikulum == "merdeka"
    kolom(contoh, lesson, semester, ("", "uh", 1))
    page = client.post(f"/kelas/{lesson.kelas_id}/ubah/", isi | {"kurikulum": "k13"})
    assert "sudah mempunyai kolom nilai menurut Kurikulum Merdeka" in page.content.decode()
    lesson.kelas.refresh_from_db()
    assert lesson.kelas.kurikulum == "merdeka"
    # What is not the curriculum can still be changed.
    client.post(f"/kelas/{lesson.kelas_id}/ubah/", isi | {"nama": "VIII-B"})
    lesson.kelas.refresh_from_db()
    assert lesson.kelas.nama == "VIII-B"


@pytest.mark.django_db
def test_the_grid_of_k13_shows_both_marks_without_more_queries(contoh: Contoh, client: Client) -> None:
    client.force_login(contoh.akun["guru"], backend="django.contrib.auth.backends.ModelBackend")
    lesson, semester, anggota = kelas_lanjutan(contoh, "k13")
    columns = kolom(contoh, lesson, semester, *PENGETAHUAN, *KETERAMPILAN)
    simpan(contoh, lesson, semester, dict(zip(columns, ["95", "60", "70", "81", "72", "88"], strict=True)), anggota)
    client.get(f"/rapor/pembelajaran/{lesson.pk}/1/")
    with CaptureQueriesContext(connection) as asked:
        page = client.get(f"/rapor/pembelajaran/{lesson.pk}/1/").content.decode()
    for wanted in (
        ">Pengetahuan</span> KD 1<",
        ">Keterampilan</span> KD 3<",
        "</span> Semua KD<",
        ">PH 1<",
        ">Keterampilan 2<",
    ):
        assert wanted in page
    assert f'data-hasil="lain_nilai" data-anggota="{anggota.pk}">88<' in page
    assert f'data-hasil="predikat" data-anggota="{anggota.pk}">C<' in page
    assert 'data-hasil="huruf"' not in page
    with CaptureQueriesContext(connection) as before:
        old = client.get(f"/rapor/pembelajaran/{contoh.matematika.pk}/1/").content.decode()
    assert len(asked) <= len(before)
    assert ">SK 1<" in old
    assert 'data-hasil="huruf"' in old
    assert "lain_nilai" not in old
    why = client.get(f"/rapor/kenapa/{NilaiRapor.objects.get(pembelajaran=lesson).pk}/").content.decode()
    assert "Nilai optimum KD 3" in why
    assert "belum diverifikasi" in why


@pytest.mark.django_db
def test_the_form_asks_for_the_aspect_only_where_there_are_two(contoh: Contoh, client: Client) -> None:
    client.force_login(contoh.akun["guru"], backend="django.contrib.auth.backends.ModelBackend")
    lesson, semester, _anggota = kelas_lanjutan(contoh, "k13")
    assert 'name="ranah"' not in client.get(f"/rapor/pembelajaran/{contoh.matematika.pk}/1/kolom/").content.decode()
    page = client.get(f"/rapor/pembelajaran/{lesson.pk}/1/kolom/").content.decode()
    assert 'name="ranah"' in page
    assert "PTS" in page
    assert "KD 1: Memahami bilangan bulat" in page
    sk = StandarKompetensi.objects.get(mapel_tingkat__tahun=semester.tahun, nomor=2)
    client.post(f"/rapor/pembelajaran/{lesson.pk}/1/kolom/", {"ranah": "keterampilan", "jenis": "uh", "sk": sk.pk})
    (made,) = Penilaian.objects.filter(pembelajaran=lesson)
    assert (made.ranah, made.jenis, made.sk_id, made.nomor) == ("keterampilan", "uh", sk.pk, 1)


@pytest.mark.django_db
def test_a_school_with_one_curriculum_starts_from_its_terms(contoh: Contoh, client: Client) -> None:
    client.force_login(contoh.akun["admin"], backend="django.contrib.auth.backends.ModelBackend")
    _lesson, semester, _anggota = kelas_lanjutan(contoh, "merdeka")
    page = client.get(f"/rapor/semester/{semester.pk}/ketentuan/").content.decode()
    assert "merdeka-2025" in page
    assert 'name="predikat"' not in page
    assert terms.rules_of(contoh.semester).id == "ktsp-2007"
    years.create_class(tahun=semester.tahun, tingkat=8, nama="VIII-K", kurikulum="k13", by=contoh.akun["admin"])
    page = client.get(f"/rapor/semester/{semester.pk}/ketentuan/").content.decode()
    assert 'name="predikat"' in page
    assert terms.rules_of(semester).id == "ktsp-2007"
