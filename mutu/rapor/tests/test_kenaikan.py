"""The decision at the year's end: from stored marks to the sentence on the card. On both databases."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from mutu.rapor.models import (
    KegiatanPengembangan,
    Kenaikan,
    Ketidakhadiran,
    MapelTingkat,
    NilaiPengembangan,
    NilaiRapor,
    Rapor,
    Sikap,
    StandarKompetensi,
)
from mutu.rapor.services import kenaikan
from mutu.rapor.services.ujian import ExamMark, parse_exam, save_exam_marks
from mutu.regulation.explain import InputError
from mutu.satuan import ledger
from mutu.satuan.models import EntriLedger, Kelas, MataPelajaran, Pembelajaran
from tests.contoh import Contoh

pytestmark = pytest.mark.django_db

RAPAT = date(2027, 6, 10)


@pytest.fixture
def sekolah(contoh: Contoh) -> Contoh:
    """The small school with six subjects, so that the limit of four can be crossed."""
    with ledger.record("uji.mapel", by=ledger.SYSTEM):
        for order, nama in enumerate(["IPA", "IPS", "Seni", "PKn"], start=3):
            mapel = MataPelajaran.objects.create(sekolah=contoh.sekolah, nama=nama, urutan=order)
            Pembelajaran.objects.create(kelas=contoh.kelas, mapel=mapel, guru=contoh.bahasa.guru)
            MapelTingkat.objects.create(tahun=contoh.tahun, mapel=mapel, tingkat=7, kkm=65)
    return contoh


def isi(contoh: Contoh, anggota: int, belum: int, *, semester: Any = None, tinggi: int = 80, rendah: int = 60) -> None:
    """Results of one pupil in every subject, the first `belum` of them under the KKM of 65."""
    with ledger.record("uji.nilai", by=ledger.SYSTEM):
        for at, lesson in enumerate(Pembelajaran.objects.filter(kelas=contoh.kelas)):
            NilaiRapor.objects.update_or_create(
                pembelajaran=lesson,
                semester=semester or contoh.semester_2,
                anggota=contoh.anggota[anggota],
                defaults={
                    "nilai": rendah if at < belum else tinggi,
                    "kkm": 65,
                    "kurang": [],
                    "aturan": "ktsp-2007",
                    "pada": timezone.now(),
                },
            )


def semua(contoh: Contoh) -> dict[int, kenaikan.Candidate]:
    return {one.anggota.pk: one for one in kenaikan.candidates([contoh.kelas], contoh.semester_2)}


def tetapkan(contoh: Contoh, **more: Any) -> kenaikan.Decided:
    return kenaikan.decide(kelas=contoh.kelas, semester=contoh.semester_2, by=contoh.akun["kepala"], **more)


def test_four_unmet_is_promoted_and_five_is_not(sekolah: Contoh) -> None:
    for at, belum in enumerate((0, 4, 5)):
        isi(sekolah, at, belum)
    done = tetapkan(sekolah, rapat_tanggal=RAPAT, rapat_nomor="12/RDG/2027")
    assert (done.tersimpan, done.kurang, done.terkunci) == (3, [], [])
    rows = kenaikan.keputusan([one.pk for one in sekolah.anggota])
    assert [(rows[one.pk].keputusan, rows[one.pk].kalimat) for one in sekolah.anggota] == [
        ("naik", "naik ke kelas VIII (delapan)"),
        ("naik_belum_tuntas", "naik ke kelas VIII (delapan)"),
        ("tinggal", "tinggal di kelas VII (tujuh)"),
    ]
    row = rows[sekolah.anggota[2].pk]
    assert (row.belum_tuntas, row.rapat_tanggal, row.rapat_nomor, row.aturan) == (5, RAPAT, "12/RDG/2027", "ktsp-2007")
    assert [step["rumus"] for step in row.langkah[:5]] == ["60 < KKM 65"] * 5
    assert row.langkah[5]["rumus"] == "5 > batas 4"
    assert "angka 3 huruf a" in row.langkah[5]["sumber"]
    assert tetapkan(sekolah).tetap == 3, "asking again changes nothing, and keeps the minutes"
    assert EntriLedger.objects.filter(tabel="rapor_kenaikan").count() == 3


def test_borderline_pupils_come_first(sekolah: Contoh) -> None:
    for at, belum in enumerate((0, 6, 5)):
        isi(sekolah, at, belum)
    found = kenaikan.candidates([sekolah.kelas], sekolah.semester_2)
    assert [(len(one.belum), one.rentan) for one in found] == [(5, True), (6, False), (0, False)]


def test_a_missing_mark_gives_no_decision_but_says_what_is_missing(sekolah: Contoh) -> None:
    isi(sekolah, 0, 0)
    isi(sekolah, 1, 0)
    with ledger.record("uji.kurang", by=ledger.SYSTEM):
        NilaiRapor.objects.filter(anggota=sekolah.anggota[1], pembelajaran=sekolah.matematika).update(
            nilai=None, kurang=["UKK"]
        )
    done = tetapkan(sekolah)
    assert done.tersimpan == 1
    reasons = dict(done.kurang)
    assert reasons["Bunga Uji 2"] == ["Matematika: UKK"]
    assert reasons["Citra Uji 3"][0] == "Matematika: nilai semester 2, KKM semester 2"
    assert set(kenaikan.keputusan([one.pk for one in sekolah.anggota])) == {sekolah.anggota[0].pk}


def test_there_is_no_decision_in_semester_1(sekolah: Contoh) -> None:
    with pytest.raises(InputError) as caught:
        kenaikan.decide(kelas=sekolah.kelas, semester=sekolah.semester, by=sekolah.akun["kepala"])
    assert caught.value.galat[0]["jalur"] == "semester"
    assert kenaikan.gaps(sekolah.kelas, sekolah.semester) == {}


def test_the_school_may_be_stricter_and_never_looser(sekolah: Contoh) -> None:
    isi(sekolah, 0, 3)
    with pytest.raises(InputError) as caught:
        kenaikan.set_promotion_terms(
            tahun=sekolah.tahun, batas=5, dasar="semester_2", kriteria={}, versi=0, by=sekolah.akun["admin"]
        )
    assert caught.value.galat[0]["jalur"] == "batas"
    assert semua(sekolah)[sekolah.anggota[0].pk].hasil.keputusan == "naik_belum_tuntas"
    kenaikan.set_promotion_terms(
        tahun=sekolah.tahun, batas=2, dasar="semester_2", kriteria={}, versi=0, by=sekolah.akun["admin"]
    )
    one = semua(sekolah)[sekolah.anggota[0].pk]
    assert (one.hasil.keputusan, one.hasil.alasan) == ("tinggal", ("3 mapel belum tuntas, lebih dari batas 2",))
    with pytest.raises(InputError) as stale:
        kenaikan.set_promotion_terms(
            tahun=sekolah.tahun, batas=1, dasar="semester_2", kriteria={}, versi=0, by=sekolah.akun["kepala"]
        )
    assert stale.value.galat[0]["jalur"] == "versi"


def test_each_criterion_of_the_school_is_judged_and_named(sekolah: Contoh) -> None:
    for at in range(3):
        isi(sekolah, at, 0)
    terms = {"tanpa_keterangan": 5, "akhlak": "baik", "pengembangan_diri": "C"}
    kenaikan.set_promotion_terms(
        tahun=sekolah.tahun, batas=None, dasar="semester_2", kriteria=terms, versi=0, by=sekolah.akun["admin"]
    )
    with ledger.record("uji.kriteria", by=ledger.SYSTEM):
        activity = KegiatanPengembangan.objects.create(sekolah=sekolah.sekolah, nama="Pramuka")
        for at, (first, second, akhlak, letter) in enumerate(((2, 3, "baik", "C"), (2, 4, "kurang baik", "D"))):
            member = sekolah.anggota[at]
            for semester, days in ((sekolah.semester, first), (sekolah.semester_2, second)):
                Ketidakhadiran.objects.create(anggota=member, semester=semester, tanpa_keterangan=days)
            Sikap.objects.create(
                anggota=member, semester=sekolah.semester_2, aspek="akhlak", kategori=akhlak, pada=timezone.now()
            )
            NilaiPengembangan.objects.create(
                kegiatan=activity, anggota=member, semester=sekolah.semester_2, nilai=letter, pada=timezone.now()
            )
    found = semua(sekolah)
    good, bad, unknown = (found[one.pk] for one in sekolah.anggota)
    assert good.hasil.keputusan == "naik"
    assert (bad.hasil.keputusan, bad.rentan) == ("tinggal", True)
    assert bad.hasil.alasan == (
        "Tanpa keterangan 6 hari, padahal syaratnya paling banyak 5 hari setahun",
        "Akhlak kurang baik, padahal syaratnya paling rendah baik",
        "Pengembangan diri D, padahal syaratnya paling rendah C",
    )
    assert unknown.hasil is None
    assert unknown.kurang == [
        "Tanpa keterangan belum dicatat",
        "Akhlak belum ditetapkan",
        "Pengembangan diri belum dinilai",
    ]
    with ledger.record("uji.setengah", by=ledger.SYSTEM):
        Ketidakhadiran.objects.create(anggota=unknown.anggota, semester=sekolah.semester_2, tanpa_keterangan=0)
    half = semua(sekolah)[unknown.anggota.pk]
    assert half.kurang[0] == "Tanpa keterangan belum dicatat", "one semester is not the year"
    tetapkan(sekolah)
    stored = kenaikan.keputusan([bad.anggota.pk])[bad.anggota.pk]
    assert [one["terpenuhi"] for one in stored.kriteria] == [False, False, False]


def test_the_mean_of_both_semesters_decides_where_only_one_is_met(sekolah: Contoh) -> None:
    kenaikan.set_promotion_terms(
        tahun=sekolah.tahun, batas=0, dasar="campur_rata", kriteria={}, versi=0, by=sekolah.akun["admin"]
    )
    isi(sekolah, 0, 1, semester=sekolah.semester, rendah=80, tinggi=80)
    isi(sekolah, 0, 1, rendah=50, tinggi=80)  # 80 and 50: mean 65, at the KKM
    isi(sekolah, 1, 1, semester=sekolah.semester, rendah=79, tinggi=80)
    isi(sekolah, 1, 1, rendah=50, tinggi=80)  # 79 and 50: mean 64,5
    isi(sekolah, 2, 0)  # semester 1 is missing
    found = semua(sekolah)
    assert found[sekolah.anggota[0].pk].hasil.keputusan == "naik"
    assert found[sekolah.anggota[1].pk].belum == [("Matematika", "(79 + 50) : 2 = 64,5; KKM (65 + 65) : 2 = 65")]
    assert found[sekolah.anggota[1].pk].hasil.keputusan == "tinggal"
    assert found[sekolah.anggota[2].pk].kurang[0] == "Matematika: nilai semester 1, KKM semester 1"
    with ledger.record("uji.masuk", by=ledger.SYSTEM):
        sekolah.anggota[2].masuk = date(2027, 2, 1)
        sekolah.anggota[2].save()
    assert semua(sekolah)[sekolah.anggota[2].pk].hasil.keputusan == "naik", "whoever came in semester 2"


def test_every_sk_of_the_year_counts_where_the_school_says_so(contoh: Contoh) -> None:
    from mutu.rapor.services.marks import Cell, add_assessment, save_marks

    with ledger.record("uji.satu_mapel", by=ledger.SYSTEM):
        contoh.bahasa.delete()
    isi(contoh, 0, 0)
    kenaikan.set_promotion_terms(
        tahun=contoh.tahun, batas=0, dasar="semua_sk", kriteria={}, versi=0, by=contoh.akun["admin"]
    )
    with ledger.record("uji.sk", by=ledger.SYSTEM):
        later = StandarKompetensi.objects.create(
            mapel_tingkat=contoh.sk[0].mapel_tingkat, semester=2, nomor=1, uraian="Uraian"
        )
    save_marks(
        pembelajaran=contoh.matematika,
        semester=contoh.semester,
        cells=[
            Cell(column.pk, contoh.anggota[0].pk, mark, 0)
            for column, mark in zip(contoh.uh, ["80", "65", "64"], strict=True)
        ],
        by=contoh.akun["guru"],
    )
    assert semua(contoh)[contoh.anggota[0].pk].kurang == ["Matematika: nilai SK 1 semester 2"]
    column = add_assessment(
        pembelajaran=contoh.matematika, semester=contoh.semester_2, jenis="uh", sk=later, by=contoh.akun["guru"]
    )
    save_marks(
        pembelajaran=contoh.matematika,
        semester=contoh.semester_2,
        cells=[Cell(column.pk, contoh.anggota[0].pk, "90", 0)],
        by=contoh.akun["guru"],
    )
    isi(contoh, 0, 0)
    one = semua(contoh)[contoh.anggota[0].pk]
    assert one.belum == [("Matematika", "SK 3 semester 1 64 < KKM 65")]
    assert one.hasil.keputusan == "tinggal"


def khusus(contoh: Contoh, anggota: int = 0, **more: Any) -> Kenaikan:
    facts = {
        "keputusan": "tinggal",
        "alasan": "Sakit lama menurut surat dokter",
        "rapat_tanggal": RAPAT,
        "rapat_nomor": "12/RDG/2027",
        "versi": 0,
    } | more
    return kenaikan.decide_specially(
        anggota=contoh.anggota[anggota], semester=contoh.semester_2, by=contoh.akun["kepala"], **facts
    )


def test_a_special_ground_keeps_a_pupil_back_whatever_the_count(sekolah: Contoh) -> None:
    isi(sekolah, 0, 0)
    row = khusus(sekolah)
    assert (row.keputusan, row.kalimat) == ("tinggal", "tinggal di kelas VII (tujuh)")
    assert "Alasan khusus" in [step["nama"] for step in row.langkah]
    tetapkan(sekolah, rapat_tanggal=date(2027, 6, 12), rapat_nomor="13")
    row.refresh_from_db()
    assert (row.keputusan, row.rapat_nomor) == ("tinggal", "12/RDG/2027"), (
        "the class decision leaves it and its minutes"
    )
    line = EntriLedger.objects.filter(tabel="rapor_kenaikan").latest("pk")
    assert "Sakit" not in str(line.sesudah), "the ground is no plain text of the ledger"
    back = kenaikan.withdraw_special(
        anggota=sekolah.anggota[0], semester=sekolah.semester_2, versi=row.versi, by=sekolah.akun["kepala"]
    )
    assert back is not None
    assert (back.keputusan, back.alasan_khusus) == ("naik", "")


def test_a_special_ground_needs_no_marks_and_goes_without_trace(sekolah: Contoh) -> None:
    row = khusus(sekolah)
    assert row.keputusan == "tinggal"
    assert (
        kenaikan.withdraw_special(
            anggota=sekolah.anggota[0], semester=sekolah.semester_2, versi=1, by=sekolah.akun["kepala"]
        )
        is None
    )
    assert not Kenaikan.objects.exists()


@pytest.mark.parametrize(
    ("ubah", "jalur"),
    [
        ({"alasan": "  "}, ["alasan"]),
        ({"rapat_tanggal": None, "rapat_nomor": ""}, ["rapat_tanggal", "rapat_nomor"]),
        ({"rapat_tanggal": date(2026, 12, 1)}, ["rapat_tanggal"]),
        ({"keputusan": "naik"}, ["keputusan"]),
        ({"keputusan": "lulus"}, ["keputusan"]),
        ({"versi": 3}, ["versi"]),
    ],
)
def test_a_special_ground_without_its_minutes_is_refused(
    sekolah: Contoh, ubah: dict[str, Any], jalur: list[str]
) -> None:
    isi(sekolah, 0, 5)
    with pytest.raises(InputError) as caught:
        khusus(sekolah, **ubah)
    assert [one["jalur"] for one in caught.value.galat] == jalur
    assert not Kenaikan.objects.exists()


def test_a_locked_rapor_keeps_its_decision(sekolah: Contoh) -> None:
    isi(sekolah, 0, 0)
    isi(sekolah, 1, 0)
    tetapkan(sekolah)
    with ledger.record("uji.final", by=ledger.SYSTEM):
        Rapor.objects.create(
            anggota=sekolah.anggota[0], semester=sekolah.semester_2, status="final", pada=timezone.now()
        )
    isi(sekolah, 0, 5)
    isi(sekolah, 1, 5)
    done = tetapkan(sekolah)
    assert done.tersimpan == 1
    assert [name for name, _why in done.terkunci] == ["Adi Uji 1"]
    with pytest.raises(InputError) as caught:
        khusus(sekolah, versi=1)
    assert "final" in caught.value.galat[0]["pesan"]
    rows = kenaikan.keputusan([one.pk for one in sekolah.anggota])
    assert (rows[sekolah.anggota[0].pk].keputusan, rows[sekolah.anggota[1].pk].keputusan) == ("naik", "tinggal")


def test_a_changed_mark_shows_that_the_stored_decision_no_longer_fits(sekolah: Contoh) -> None:
    isi(sekolah, 0, 0)
    tetapkan(sekolah)
    one = sekolah.anggota[0].pk
    assert one not in kenaikan.gaps(sekolah.kelas, sekolah.semester_2)
    isi(sekolah, 0, 5)
    assert "tidak lagi sesuai" in kenaikan.gaps(sekolah.kelas, sekolah.semester_2)[one][0]
    assert "belum ditetapkan" in kenaikan.gaps(sekolah.kelas, sekolah.semester_2)[sekolah.anggota[1].pk][0]


def test_a_curriculum_that_leaves_it_to_the_school_asks_the_head(sekolah: Contoh) -> None:
    with ledger.record("uji.kurikulum", by=ledger.SYSTEM):
        Kelas.objects.filter(pk=sekolah.kelas.pk).update(kurikulum="merdeka")
    sekolah.kelas.refresh_from_db()
    sekolah.anggota[0].refresh_from_db()
    isi(sekolah, 0, 5)
    one = semua(sekolah)[sekolah.anggota[0].pk]
    assert (one.hasil, one.tanpa_aturan) == (None, True)
    assert "notula" in tetapkan(sekolah).kurang[0][1][0]
    row = khusus(sekolah, keputusan="naik", alasan="Kemajuan menurut rapat dewan guru")
    assert (row.keputusan, row.kalimat) == ("naik", "naik ke kelas VIII (delapan)")
    assert not semua(sekolah)[sekolah.anggota[0].pk].berbeda


@pytest.mark.parametrize("pupils", [3, 12])
def test_the_queries_do_not_grow_with_the_class(pupils: int) -> None:
    from tests.contoh import sekolah_kecil

    contoh = sekolah_kecil(pupils=pupils)
    kenaikan.set_promotion_terms(
        tahun=contoh.tahun, batas=None, dasar="semua_sk", kriteria={"akhlak": "baik"}, versi=0, by=contoh.akun["admin"]
    )
    for at in range(pupils):
        isi(contoh, at, 1)
    with CaptureQueriesContext(
        connection,
    ) as seen:
        kenaikan.candidates([contoh.kelas], contoh.semester_2)
    assert len(seen) <= 14, [query["sql"][:80] for query in seen]


# Class IX


@pytest.fixture
def sembilan(contoh: Contoh) -> Contoh:
    """A class IX of 2012/2013, the year whose rule weighs national and school marks."""
    with ledger.record("uji.sembilan", by=ledger.SYSTEM):
        contoh.tahun.mulai = 2012
        contoh.tahun.save()
        for semester, (mulai, selesai) in (
            (contoh.semester, (date(2012, 7, 9), date(2012, 12, 15))),
            (contoh.semester_2, (date(2013, 1, 2), date(2013, 6, 15))),
        ):
            semester.mulai, semester.selesai, semester.tanggal_rapor = mulai, selesai, None
            semester.save()
        contoh.kelas.tingkat, contoh.kelas.nama = 9, "IX-A"
        contoh.kelas.save()
    return contoh


def ujian(contoh: Contoh, rows: list[tuple[int, Any, str, str]], versi: int = 0) -> list[dict[str, str]]:
    return save_exam_marks(
        kelas=contoh.kelas,
        semester=contoh.semester_2,
        rows=[
            ExamMark(contoh.anggota[at].pk, lesson.mapel_id, parse_exam(un), parse_exam(us), versi)
            for at, lesson, un, us in rows
        ],
        by=contoh.akun["wali"],
    )


def test_graduation_weighs_both_marks_and_names_what_is_missing(sembilan: Contoh) -> None:
    math, bahasa = sembilan.matematika, sembilan.bahasa
    assert (
        ujian(
            sembilan,
            [
                (0, math, "2,00", "7"),
                (0, bahasa, "6", "8.5"),
                (1, math, "2,65", "6"),
                (1, bahasa, "8", "8"),
                (2, math, "9", ""),
            ],
        )
        == []
    )
    done = tetapkan(sembilan)
    assert done.tersimpan == 2
    assert dict(done.kurang) == {
        "Citra Uji 3": [
            "nilai ujian nasional Bahasa Indonesia",
            "nilai sekolah Bahasa Indonesia",
            "nilai sekolah Matematika",
        ]
    }
    rows = kenaikan.keputusan([one.pk for one in sembilan.anggota])
    first, second = (rows[sembilan.anggota[at].pk] for at in (0, 1))
    assert (first.keputusan, first.kalimat) == ("lulus", "lulus")
    assert first.langkah[0] == {
        "nama": "Nilai akhir Bahasa Indonesia",
        "hasil": 7,
        "rumus": "60% × 6 + 40% × 8,5",
        "sumber": first.langkah[0]["sumber"],
    }
    assert first.langkah[0]["sumber"].endswith("(tafsir)"), "a figure from a secondary source says so"
    assert (second.keputusan, second.kalimat) == ("tidak_lulus", "tidak lulus")


def test_a_year_without_a_rule_asks_for_the_heads_decision(sembilan: Contoh) -> None:
    with ledger.record("uji.tahun", by=ledger.SYSTEM):
        sembilan.semester_2.mulai, sembilan.semester_2.selesai = date(2027, 1, 4), date(2027, 6, 18)
        sembilan.semester_2.save()
    ujian(sembilan, [(0, sembilan.matematika, "9", "9")])
    done = tetapkan(sembilan)
    assert done.tersimpan == 0
    assert "belum tercatat" in done.kurang[0][1][0]
    row = khusus(sembilan, keputusan="lulus", alasan="Memenuhi kriteria sekolah menurut rapat kelulusan")
    assert (row.keputusan, row.kalimat) == ("lulus", "lulus")


@pytest.mark.parametrize(("typed", "value"), [("", None), ("0", "0"), ("10", "10"), ("7,25", "7.25"), (" 4.5 ", "4.5")])
def test_exam_marks_as_typed(typed: str, value: str | None) -> None:
    assert parse_exam(typed) == (None if value is None else Decimal(value))


@pytest.mark.parametrize("typed", ["10,01", "-1", "75", "tujuh", "7,255", "７", "NaN", "1e1"])
def test_a_bad_exam_mark_is_refused(typed: str) -> None:
    with pytest.raises(InputError):
        parse_exam(typed)


def test_a_stale_exam_mark_is_a_conflict_and_the_others_are_saved(sembilan: Contoh) -> None:
    ujian(sembilan, [(0, sembilan.matematika, "7", "7")])
    conflicts = ujian(sembilan, [(0, sembilan.matematika, "8", "7"), (1, sembilan.matematika, "6", "")])
    assert [one["jalur"] for one in conflicts] == [f"{sembilan.anggota[0].pk}-{sembilan.matematika.mapel_id}"]
    stored = {row.anggota_id: row.un for row in sembilan.matematika.mapel.nilai_ujian.all()}
    assert stored == {sembilan.anggota[0].pk: Decimal(7), sembilan.anggota[1].pk: Decimal(6)}
