"""What stands beside the marks: who may write it, what is refused, and what two people at once leave behind."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from mutu.rapor import rules
from mutu.rapor.models import (
    CatatanWali,
    HariKehadiran,
    KegiatanPengembangan,
    KehadiranHarian,
    Ketidakhadiran,
    NilaiPengembangan,
    Pengamatan,
    Prestasi,
    Rapor,
    Sikap,
)
from mutu.rapor.services import cards, kehadiran, pengembangan, prestasi, sikap
from mutu.rapor.services.cards import Absence
from mutu.rapor.services.pengembangan import Letter
from mutu.rapor.services.prestasi import Note
from mutu.rapor.services.pribadi import Outcome
from mutu.rapor.services.sikap import Judgement
from mutu.regulation.explain import InputError
from mutu.satuan import ledger
from mutu.satuan.models import EntriLedger, MataPelajaran, Pembelajaran
from tests.contoh import Contoh, sekolah_kecil

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 24)
MONDAY, TUESDAY, WEDNESDAY = date(2026, 8, 3), date(2026, 8, 4), date(2026, 8, 5)


@pytest.fixture(autouse=True)
def a_fixed_day(monkeypatch: pytest.MonkeyPatch) -> None:
    """Dates are checked against today; the clock of the machine must not decide a test."""
    monkeypatch.setattr(timezone, "localdate", lambda *args, **kwargs: TODAY)


@pytest.fixture
def pramuka(contoh: Contoh) -> KegiatanPengembangan:
    return pengembangan.save_activity(
        kegiatan=KegiatanPengembangan(sekolah=contoh.sekolah),
        nama=" Pramuka ",
        urutan=None,
        pembina=contoh.bahasa.guru,
        by=contoh.akun["admin"],
    )


@pytest.fixture
def fields(contoh: Contoh) -> Contoh:
    """The two lessons of the class become religion (Gani Guru) and civics (Lia Lain)."""
    with ledger.record("uji.bidang", by=ledger.SYSTEM):
        for lesson, bidang in ((contoh.matematika, "agama"), (contoh.bahasa, "pkn")):
            lesson.mapel.bidang = bidang
            lesson.mapel.save()
    return contoh


def lock(contoh: Contoh, member: int = 0, status: str = Rapor.Status.FINAL) -> None:
    with ledger.record("uji.kunci", by=ledger.SYSTEM):
        Rapor.objects.create(
            anggota=contoh.anggota[member], semester=contoh.semester, status=status, pada=timezone.now()
        )


def give(
    contoh: Contoh, kegiatan: KegiatanPengembangan, *rows: tuple[int, str, str, int], by: str = "guru_lain"
) -> Outcome:
    return pengembangan.save_letters(
        kegiatan=kegiatan,
        kelas=contoh.kelas,
        semester=contoh.semester,
        rows=[Letter(contoh.anggota[member].pk, nilai, words, versi) for member, nilai, words, versi in rows],
        by=contoh.akun[by],
    )


def judge(contoh: Contoh, aspek: str, isi: str, by: str, versi: int = 0, member: int = 0) -> Outcome:
    return sikap.save_judgements(
        kelas=contoh.kelas,
        semester=contoh.semester,
        rows=[Judgement(contoh.anggota[member].pk, aspek, isi, versi)],
        by=contoh.akun[by],
    )


def take(contoh: Contoh, tanggal: date, absen: dict[int, str], versi: int = 0, ganti: bool = False) -> HariKehadiran:
    return kehadiran.take_attendance(
        kelas=contoh.kelas,
        semester=contoh.semester,
        tanggal=tanggal,
        absen={contoh.anggota[member].pk: status for member, status in absen.items()},
        versi=versi,
        ganti=ganti,
        by=contoh.akun["wali"],
    )


def days(contoh: Contoh, member: int = 0) -> tuple[Any, ...]:
    row = Ketidakhadiran.objects.filter(anggota=contoh.anggota[member], semester=contoh.semester).first()
    return (row.sakit, row.izin, row.tanpa_keterangan, row.dari_harian) if row else ()


# Pengembangan diri


def test_activities_keep_the_school_s_order(contoh: Contoh, pramuka: KegiatanPengembangan) -> None:
    admin = contoh.akun["admin"]
    voli = pengembangan.save_activity(
        kegiatan=KegiatanPengembangan(sekolah=contoh.sekolah), nama="Voli", urutan=None, pembina=None, by=admin
    )
    assert (pramuka.nama, pramuka.urutan, voli.urutan) == ("Pramuka", 1, 2)
    for nama, pembina, jalur in (("pramuka", None, "nama"), (" ", None, "nama")):
        with pytest.raises(InputError) as error:
            pengembangan.save_activity(
                kegiatan=KegiatanPengembangan(sekolah=contoh.sekolah), nama=nama, urutan=1, pembina=pembina, by=admin
            )
        assert error.value.galat[0]["jalur"] == jalur
    other = sekolah_kecil("69900109", prefix="lain-")
    with pytest.raises(InputError) as error:
        pengembangan.save_activity(kegiatan=voli, nama="Voli", urutan=2, pembina=other.matematika.guru, by=admin)
    assert error.value.galat[0]["jalur"] == "pembina"


def test_an_activity_with_letters_stays(contoh: Contoh, pramuka: KegiatanPengembangan) -> None:
    give(contoh, pramuka, (0, "A", "memimpin regu", 0))
    with pytest.raises(InputError):
        pengembangan.delete_activity(kegiatan=pramuka, by=contoh.akun["admin"])
    give(contoh, pramuka, (0, "", "", 1))
    pengembangan.delete_activity(kegiatan=pramuka, by=contoh.akun["admin"])
    assert not KegiatanPengembangan.objects.exists()


def test_letters_are_saved_changed_and_taken_back(contoh: Contoh, pramuka: KegiatanPengembangan) -> None:
    assert give(contoh, pramuka, (0, "A", "  memimpin   regu ", 0), (1, "", "", 0)).tersimpan == 1
    row = NilaiPengembangan.objects.get()
    assert (row.nilai, row.keterangan, row.versi, row.oleh) == ("A", "memimpin regu", 1, contoh.akun["guru_lain"])
    assert give(contoh, pramuka, (0, "A", "memimpin regu", 0)).tersimpan == 0, "unchanged is no save and no conflict"
    assert give(contoh, pramuka, (0, "B", "memimpin regu", 1)).tersimpan == 1
    assert give(contoh, pramuka, (0, "", "", 2)).tersimpan == 1
    assert not NilaiPengembangan.objects.exists()


def test_a_stale_letter_shows_both_values_and_saves_the_rest(contoh: Contoh, pramuka: KegiatanPengembangan) -> None:
    give(contoh, pramuka, (0, "B", "aktif berlatih", 0))
    outcome = give(contoh, pramuka, (0, "A", "memimpin regu", 0), (1, "C", "menguasai simpul dasar", 0))
    assert outcome.tersimpan == 1
    (refused,) = outcome.tolakan
    assert refused.bentrok
    assert "Lia Lain" in refused.pesan
    assert "B, aktif berlatih" in refused.pesan
    assert NilaiPengembangan.objects.get(anggota=contoh.anggota[0]).nilai == "B"
    give(contoh, pramuka, (0, "", "", 1))
    (gone,) = give(contoh, pramuka, (0, "A", "", 1)).tolakan
    assert gone.bentrok, "a row that was taken back meanwhile does not return by itself"


def test_faulty_letters_are_refused_and_discouraging_words_are_not(
    contoh: Contoh, pramuka: KegiatanPengembangan
) -> None:
    outcome = give(contoh, pramuka, (0, "F", "", 0), (1, "", "rajin", 0), (2, "D", "belum berani dan malas", 0))
    assert [one.anggota for one in outcome.tolakan] == [contoh.anggota[0].pk, contoh.anggota[1].pk]
    assert outcome.tersimpan == 1
    assert give(contoh, pramuka, (0, "A", "x" * 301, 0)).tolakan
    other = sekolah_kecil("69900109", prefix="lain-")
    with pytest.raises(InputError):
        pengembangan.save_letters(
            kegiatan=pramuka,
            kelas=contoh.kelas,
            semester=contoh.semester,
            rows=[Letter(other.anggota[0].pk, "A", "", 0)],
            by=contoh.akun["guru_lain"],
        )


def test_words_about_a_child_never_reach_the_ledger(contoh: Contoh, pramuka: KegiatanPengembangan) -> None:
    give(contoh, pramuka, (0, "A", "memimpin regu", 0))
    lines = EntriLedger.objects.filter(perbuatan="rapor.simpan_pengembangan")
    assert lines.filter(aksi="kerja").count() == 1
    assert "memimpin" not in str(list(lines.values_list("sebelum", "sesudah")))


@pytest.mark.parametrize("status", [Rapor.Status.DIPERIKSA, Rapor.Status.FINAL])
def test_a_locked_rapor_keeps_everything_beside_the_marks(
    fields: Contoh, pramuka: KegiatanPengembangan, status: str
) -> None:
    lock(fields, status=status)
    assert [one.anggota for one in give(fields, pramuka, (0, "A", "", 0), (1, "B", "", 0)).tolakan] == [
        fields.anggota[0].pk
    ]
    assert judge(fields, "akhlak", "baik", "guru").tolakan
    assert judge(fields, "akhlak", "baik", "guru", member=1).tersimpan == 1
    with pytest.raises(InputError):
        achieve(fields)
    with pytest.raises(InputError) as error:
        take(fields, MONDAY, {0: "sakit"})
    assert error.value.galat[0]["jalur"] == str(fields.anggota[0].pk)
    assert not HariKehadiran.objects.exists()
    by_hand = [Absence(fields.anggota[member].pk, 1, 0, 0, 0) for member in (0, 1)]
    refused = cards.save_absences(kelas=fields.kelas, semester=fields.semester, rows=by_hand, by=fields.akun["wali"])
    assert [one["jalur"] for one in refused] == [str(fields.anggota[0].pk)]
    assert NilaiPengembangan.objects.get().anggota == fields.anggota[1]
    assert Sikap.objects.get().anggota == fields.anggota[1]
    assert not Prestasi.objects.exists()


# Akhlak and kepribadian


def test_only_the_teacher_of_the_field_sets_its_aspect(fields: Contoh) -> None:
    assert judge(fields, "akhlak", "sangat baik", "guru").tersimpan == 1
    assert judge(fields, "kepribadian", "kurang baik", "guru_lain").tersimpan == 1
    for aspek, by in (
        ("kepribadian", "guru"),
        ("akhlak", "guru_lain"),
        ("akhlak", "wali"),
        ("akhlak", "kepala"),
        ("akhlak", "admin"),
        ("kerapian", "guru"),
    ):
        with pytest.raises(InputError) as error:
            judge(fields, aspek, "baik", by, versi=1)
        assert error.value.galat[0]["jalur"] == "aspek"
    assert set(Sikap.objects.values_list("aspek", "kategori")) == {
        ("akhlak", "sangat baik"),
        ("kepribadian", "kurang baik"),
    }


def test_a_religion_teacher_of_another_class_sets_nothing_here(fields: Contoh) -> None:
    other = sekolah_kecil("69900109", prefix="lain-")
    with ledger.record("uji.bidang", by=ledger.SYSTEM):
        MataPelajaran.objects.filter(pk=other.matematika.mapel_id).update(bidang="agama")
    with pytest.raises(InputError):
        sikap.save_judgements(
            kelas=fields.kelas,
            semester=fields.semester,
            rows=[Judgement(fields.anggota[0].pk, "akhlak", "baik", 0)],
            by=other.akun["guru"],
        )


def test_exactly_three_categories(fields: Contoh) -> None:
    for wrong in ("cukup", "A", "Sangat Baik", "sangat kurang"):
        (refused,) = judge(fields, "akhlak", wrong, "guru").tolakan
        assert "sangat baik, baik, kurang baik" in refused.pesan
    assert not Sikap.objects.exists()
    for number, word in enumerate(("sangat baik", "baik", "kurang baik")):
        assert judge(fields, "akhlak", word, "guru", versi=number).tersimpan == 1
    (stale,) = judge(fields, "akhlak", "baik", "guru", versi=1).tolakan
    assert stale.bentrok
    assert "kurang baik" in stale.pesan
    assert judge(fields, "akhlak", "", "guru", versi=3).tersimpan == 1
    assert not Sikap.objects.exists()


def test_every_teacher_of_the_class_adds_observations_and_nobody_else(fields: Contoh) -> None:
    def note(by: str, **other: Any) -> Pengamatan:
        wanted: dict[str, Any] = {"anggota": fields.anggota[0].pk, "aspek": "akhlak", "isi": "menolong teman"}
        wanted |= {"tanggal": MONDAY} | other
        return sikap.add_observation(kelas=fields.kelas, semester=fields.semester, by=fields.akun[by], **wanted)

    for by in ("guru", "guru_lain", "wali"):
        note(by)
    for by in ("kepala", "admin", "orang_tua"):
        with pytest.raises(InputError):
            note(by)
    for wrong in (
        {"aspek": "kerapian"},
        {"isi": "  "},
        {"isi": "x" * 501},
        {"tanggal": date(2026, 7, 1)},
        {"tanggal": date(2026, 11, 25)},
        {"anggota": 0},
    ):
        with pytest.raises(InputError) as error:
            note("wali", **wrong)
        assert error.value.galat[0]["jalur"] == next(iter(wrong))
    assert Pengamatan.objects.count() == 3
    mine = Pengamatan.objects.get(oleh=fields.akun["wali"])
    with pytest.raises(InputError):
        sikap.remove_observation(pengamatan=mine, by=fields.akun["guru"])
    sikap.remove_observation(pengamatan=mine, by=fields.akun["wali"])
    assert Pengamatan.objects.count() == 2


def test_two_religion_lessons_of_a_class_have_two_owners(fields: Contoh) -> None:
    with ledger.record("uji.agama", by=ledger.SYSTEM):
        second = MataPelajaran.objects.create(sekolah=fields.sekolah, nama="Agama lain", bidang="agama")
        Pembelajaran.objects.create(kelas=fields.kelas, mapel=second, guru=fields.kelas.wali_kelas)
    aturan = rules.aturan_untuk(fields.kelas.kurikulum, fields.semester.selesai)
    owners = {guru.akun for guru in sikap.owners(fields.kelas, aturan)["akhlak"]}
    assert owners == {fields.akun["guru"], fields.akun["wali"]}
    assert judge(fields, "akhlak", "baik", "wali").tersimpan == 1


# Prestasi and notes


def achieve(contoh: Contoh, row: Prestasi | None = None, **other: Any) -> Prestasi:
    wanted: dict[str, Any] = {
        "anggota": contoh.anggota[0].pk,
        "jenis": "kurikuler",
        "nama": "Olimpiade Sains",
        "peringkat": "Juara 2 kabupaten",
        "tanggal": MONDAY,
        "versi": 0,
    } | other
    return prestasi.save_achievement(
        prestasi=row, kelas=contoh.kelas, semester=contoh.semester, by=contoh.akun["wali"], **wanted
    )


def test_achievements_are_written_changed_and_removed(contoh: Contoh) -> None:
    row = achieve(contoh)
    achieve(contoh, row, peringkat="Juara 1 kabupaten", versi=1)
    with pytest.raises(InputError) as error:
        achieve(contoh, row, peringkat="Juara 3", versi=1)
    assert error.value.galat[0]["jalur"] == "versi"
    assert "Juara 1 kabupaten" in error.value.galat[0]["pesan"]
    with pytest.raises(InputError):
        prestasi.delete_achievement(prestasi=row, versi=1, by=contoh.akun["wali"])
    prestasi.delete_achievement(prestasi=row, versi=2, by=contoh.akun["wali"])
    assert not Prestasi.objects.exists()
    with pytest.raises(InputError):
        achieve(contoh, row, versi=2)


def test_achievements_belong_to_their_semester_holidays_included(contoh: Contoh) -> None:
    for wrong in ({"nama": " "}, {"jenis": "lain"}, {"tanggal": date(2026, 7, 12)}, {"tanggal": date(2026, 11, 25)}):
        with pytest.raises(InputError) as error:
            achieve(contoh, **wrong)
        assert error.value.galat[0]["jalur"] == next(iter(wrong))
    assert prestasi.period_of(contoh.semester) == (date(2026, 7, 13), date(2026, 12, 18))
    assert prestasi.period_of(contoh.semester_2) == (date(2026, 12, 19), date(2027, 6, 18))


def test_the_note_of_the_homeroom_teacher_only_where_it_is_printed(
    contoh: Contoh, monkeypatch: pytest.MonkeyPatch
) -> None:
    def write(text: str, versi: int) -> Outcome:
        rows = [Note(contoh.anggota[0].pk, text, versi)]
        return prestasi.save_notes(kelas=contoh.kelas, semester=contoh.semester, rows=rows, by=contoh.akun["wali"])

    with pytest.raises(InputError):
        write("Tetap semangat.", 0)
    with ledger.record("uji.kurikulum", by=ledger.SYSTEM):
        contoh.kelas.kurikulum = "merdeka"
        contoh.kelas.save()
    assert write("Tetap semangat.", 0).tersimpan == 1
    (stale,) = write("Lain.", 0).tolakan
    assert "Tetap semangat." in stale.pesan
    assert write("", 1).tersimpan == 1
    assert not CatatanWali.objects.exists()


def test_character_as_description_belongs_to_the_homeroom_teacher(fields: Contoh) -> None:
    with ledger.record("uji.kurikulum", by=ledger.SYSTEM):
        fields.kelas.kurikulum = "k13"
        fields.kelas.save()
    words = "Selalu bersyukur dan menolong teman."
    assert judge(fields, "spiritual", words, "wali").tersimpan == 1
    assert (Sikap.objects.get().kategori, Sikap.objects.get().uraian) == ("", words)
    with pytest.raises(InputError):
        judge(fields, "spiritual", "lain", "guru", versi=1)


# Daily attendance


def test_days_add_up_and_not_recorded_differs_from_zero(contoh: Contoh) -> None:
    assert days(contoh) == ()
    take(contoh, MONDAY, {0: "sakit", 1: "izin"})
    take(contoh, TUESDAY, {0: "sakit"})
    take(contoh, WEDNESDAY, {0: "tanpa_keterangan"})
    assert days(contoh, 0) == (2, 0, 1, True)
    assert days(contoh, 1) == (0, 1, 0, True)
    assert days(contoh, 2) == (0, 0, 0, True)
    assert [row.hari.tanggal for row in kehadiran.absences_of(contoh.kelas, contoh.semester)[contoh.anggota[0].pk]] == [
        MONDAY,
        TUESDAY,
        WEDNESDAY,
    ]


def test_a_day_is_corrected_and_taken_back(contoh: Contoh) -> None:
    take(contoh, MONDAY, {0: "sakit", 1: "izin"})
    take(contoh, MONDAY, {0: "izin", 2: "sakit"}, versi=1)
    assert [days(contoh, member)[:3] for member in range(3)] == [(0, 1, 0), (0, 0, 0), (1, 0, 0)]
    assert KehadiranHarian.objects.count() == 2
    day = HariKehadiran.objects.get()
    with pytest.raises(InputError):
        kehadiran.remove_day(hari=day, versi=1, by=contoh.akun["wali"])
    kehadiran.remove_day(hari=day, versi=2, by=contoh.akun["wali"])
    assert [days(contoh, member) for member in range(3)] == [(None, None, None, False)] * 3


def test_a_day_recorded_twice_at_once_shows_what_stands_there(contoh: Contoh) -> None:
    take(contoh, MONDAY, {0: "sakit"})
    with pytest.raises(InputError) as error:
        take(contoh, MONDAY, {1: "izin"})
    assert error.value.galat[0]["jalur"] == "versi"
    assert "Adi Uji 1 (sakit)" in error.value.galat[0]["pesan"]
    assert days(contoh, 0)[0] == 1
    assert days(contoh, 1)[:3] == (0, 0, 0)


@pytest.mark.parametrize(
    ("tanggal", "word"),
    [
        (date(2026, 11, 25), "belum terjadi"),
        (date(2026, 7, 11), "di luar semester"),
        (date(2026, 8, 2), "Minggu"),
    ],
)
def test_days_without_school_are_refused_with_the_reason(contoh: Contoh, tanggal: date, word: str) -> None:
    with pytest.raises(InputError) as error:
        take(contoh, tanggal, {})
    assert error.value.galat[0]["jalur"] == "tanggal"
    assert word in error.value.galat[0]["pesan"]
    assert not HariKehadiran.objects.exists()


def test_saturday_and_both_ends_of_the_semester_are_school_days(contoh: Contoh) -> None:
    for tanggal in (contoh.semester.mulai, date(2026, 8, 1), TODAY):
        take(contoh, tanggal, {})
    kehadiran.check_day(contoh.semester, contoh.semester.selesai, today=contoh.semester.selesai)
    assert HariKehadiran.objects.count() == 3


def test_an_unknown_pupil_or_status_saves_nothing(contoh: Contoh) -> None:
    other = sekolah_kecil("69900109", prefix="lain-")
    for absen in ({other.anggota[0].pk: "sakit"}, {contoh.anggota[0].pk: "bolos"}):
        with pytest.raises(InputError):
            kehadiran.take_attendance(
                kelas=contoh.kelas,
                semester=contoh.semester,
                tanggal=MONDAY,
                absen=absen,
                versi=0,
                by=contoh.akun["wali"],
            )
    assert not HariKehadiran.objects.exists()


def test_days_typed_by_hand_give_way_only_when_asked(contoh: Contoh) -> None:
    by_hand = [Absence(contoh.anggota[0].pk, 4, 0, 0, 0)]
    wali = contoh.akun["wali"]
    assert not cards.save_absences(kelas=contoh.kelas, semester=contoh.semester, rows=by_hand, by=wali)
    with pytest.raises(InputError) as error:
        take(contoh, MONDAY, {1: "izin"})
    assert error.value.galat[0]["jalur"] == "ganti"
    assert days(contoh) == (4, 0, 0, False)
    take(contoh, MONDAY, {1: "izin"}, ganti=True)
    assert days(contoh) == (0, 0, 0, True)
    take(contoh, TUESDAY, {})
    typed_again = [Absence(contoh.anggota[0].pk, 4, 0, 0, 2)]
    (refused,) = cards.save_absences(kelas=contoh.kelas, semester=contoh.semester, rows=typed_again, by=wali)
    assert "kehadiran harian" in refused["pesan"]
    assert days(contoh) == (0, 0, 0, True)


def test_whoever_joins_or_leaves_is_counted_for_the_own_days_only(contoh: Contoh) -> None:
    with ledger.record("uji.pindah", by=ledger.SYSTEM):
        contoh.anggota[1].masuk = WEDNESDAY
        contoh.anggota[1].save()
        contoh.anggota[2].keluar = TUESDAY
        contoh.anggota[2].save()
    assert [member.pk for member in kehadiran.pupils_on(contoh.kelas, MONDAY)] == [
        contoh.anggota[0].pk,
        contoh.anggota[2].pk,
    ]
    take(contoh, MONDAY, {2: "sakit"})
    assert days(contoh, 1) == (), "not there yet: nothing is recorded"
    assert days(contoh, 2) == (1, 0, 0, True)
    take(contoh, WEDNESDAY, {1: "izin"})
    assert days(contoh, 1) == (0, 1, 0, True)
    with pytest.raises(InputError):
        take(contoh, WEDNESDAY, {2: "izin"}, versi=1)


def test_a_locked_rapor_does_not_stop_the_days_of_the_others(contoh: Contoh) -> None:
    take(contoh, MONDAY, {0: "sakit"})
    lock(contoh)
    take(contoh, TUESDAY, {1: "izin"})
    assert days(contoh, 1)[:3] == (0, 1, 0)
    with pytest.raises(InputError) as error:
        kehadiran.remove_day(hari=HariKehadiran.objects.get(tanggal=MONDAY), versi=1, by=contoh.akun["wali"])
    assert "final" in error.value.galat[0]["pesan"]
    assert days(contoh, 0) == (1, 0, 0, True)


def test_a_day_costs_the_same_whatever_the_size_of_the_class(db: None) -> None:
    counts = []
    for npsn, pupils in (("69900111", 3), ("69900112", 12)):
        contoh = sekolah_kecil(npsn, pupils=pupils, prefix=f"{pupils}-")
        take(contoh, MONDAY, {})
        with CaptureQueriesContext(
            connection,
        ) as queries:
            take(contoh, TUESDAY, {})
        counts.append(len(queries))
    assert counts[0] == counts[1]
