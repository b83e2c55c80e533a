"""The way of a rapor: who may take which step, what stays locked, and two browsers at once. On both databases."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, connections
from django.utils import timezone

from mutu.rapor import documents, rules
from mutu.rapor.models import AjuanNilai, BeritaAcara, Nilai, Rapor, RaporFinal, Sikap, TanpaRemedial
from mutu.rapor.services import bukti, cards, final, langkah, marks, terms
from mutu.rapor.services.marks import Cell
from mutu.rapor.tests.test_services import EXAMPLE_1, isi
from mutu.regulation.explain import InputError
from mutu.satuan import ledger
from mutu.satuan.models import Semester
from tests.contoh import Contoh, sekolah_kecil

SEKARANG = timezone.now()


def lengkapi(contoh: Contoh) -> None:
    """Everything that the board asks for, for every pupil; one lesson is left."""
    with ledger.record("uji.lengkap", by=ledger.SYSTEM):
        contoh.kelas.pembelajaran.exclude(pk=contoh.matematika.pk).delete()
    for number in range(len(contoh.anggota)):
        isi(contoh, EXAMPLE_1, anggota=number)
    cards.save_absences(
        kelas=contoh.kelas,
        semester=contoh.semester,
        rows=[cards.Absence(member.pk, 0, 4, 0, 0) for member in contoh.anggota],
        by=contoh.akun["wali"],
    )
    aspects = rules.aspek_sikap(rules.aturan_untuk(contoh.kelas.kurikulum, contoh.semester.selesai))
    with ledger.record("uji.lengkap", by=ledger.SYSTEM):
        for member in contoh.anggota:
            TanpaRemedial.objects.create(
                pembelajaran=contoh.matematika,
                semester=contoh.semester,
                anggota=member,
                alasan="Sudah dibimbing",
                pada=SEKARANG,
            )
            for name, aspect in aspects.items():
                Sikap.objects.create(
                    semester=contoh.semester, anggota=member, aspek=name, kategori=aspect.kategori[0], pada=SEKARANG
                )
    assert not langkah.kurang_kelas(contoh.kelas, contoh.semester)


def ajukan(contoh: Contoh) -> AjuanNilai:
    return langkah.ajukan_nilai(pembelajaran=contoh.matematika, semester=contoh.semester, by=contoh.akun["guru"])


def periksa(contoh: Contoh, *members: int) -> langkah.Hasil:
    return langkah.periksa(
        kelas=contoh.kelas, semester=contoh.semester, by=contoh.akun["wali"], anggota_ids=members or None
    )


def sahkan(contoh: Contoh, *members: int) -> langkah.Hasil:
    return final.sahkan(
        kelas=contoh.kelas,
        semester=contoh.semester,
        kumpulkan=documents.cards,
        by=contoh.akun["kepala"],
        anggota_ids=members or None,
    )


def sampai_final(contoh: Contoh) -> None:
    lengkapi(contoh)
    ajukan(contoh)
    assert len(periksa(contoh).berubah) == len(contoh.anggota)
    assert len(sahkan(contoh).berubah) == len(contoh.anggota)


def rapor(contoh: Contoh, number: int = 0) -> Rapor:
    return Rapor.objects.select_related("anggota__kelas__tahun__sekolah", "semester").get(
        anggota=contoh.anggota[number], semester=contoh.semester
    )


def keadaan(contoh: Contoh) -> list[str]:
    return [rapor(contoh, number).status for number in range(len(contoh.anggota))]


def galat(act: Callable[[], object]) -> str:
    with pytest.raises(InputError) as refused:
        act()
    return "; ".join(one["pesan"] for one in refused.value.galat)


@pytest.mark.django_db
def test_a_class_walks_from_draft_to_final(contoh: Contoh) -> None:
    lengkapi(contoh)
    assert not Rapor.objects.exists()
    ajukan(contoh)
    assert keadaan(contoh) == ["diajukan"] * 3
    one = periksa(contoh, contoh.anggota[1].pk)
    assert one.berubah == [contoh.anggota[1].pk]
    assert keadaan(contoh) == ["diajukan", "diperiksa", "diajukan"]
    assert [t.anggota for t in sahkan(contoh).tertahan] == [contoh.anggota[0].pk, contoh.anggota[2].pk]
    assert keadaan(contoh) == ["diajukan", "final", "diajukan"]
    assert periksa(contoh).sudah == [contoh.anggota[1].pk]
    assert sahkan(contoh).sudah == [contoh.anggota[1].pk]
    assert keadaan(contoh) == ["final"] * 3
    assert RaporFinal.objects.count() == 3


@pytest.mark.django_db
def test_nothing_skips_a_step(contoh: Contoh) -> None:
    lengkapi(contoh)
    assert "belum diajukan" in periksa(contoh).tertahan[0].sebab[0]
    assert "belum diperiksa" in sahkan(contoh).tertahan[0].sebab[0]
    assert not RaporFinal.objects.exists()


@pytest.mark.django_db
def test_a_lesson_with_gaps_is_not_handed_over(contoh: Contoh) -> None:
    isi(contoh, ("60", "75", "65", "", "65"))
    sentence = galat(lambda: ajukan(contoh))
    assert "Adi Uji 1: UTS" in sentence
    assert "Bunga Uji 2: belum ada nilai" in sentence
    assert not AjuanNilai.objects.exists()


@pytest.mark.django_db
def test_a_mark_under_the_kkm_needs_remedial_before_it_is_handed_over(contoh: Contoh) -> None:
    lengkapi(contoh)
    with ledger.record("uji.alasan", by=ledger.SYSTEM):
        TanpaRemedial.objects.filter(anggota=contoh.anggota[1]).delete()
    assert galat(lambda: ajukan(contoh)) == "Bunga Uji 2: di bawah KKM, belum remedial dan belum ada alasannya"


@pytest.mark.django_db
def test_the_homeroom_teacher_stands_in_for_a_teacher_without_account(contoh: Contoh) -> None:
    lengkapi(contoh)
    lesson, semester, homeroom = contoh.matematika, contoh.semester, contoh.akun["wali"]
    assert "wewenang" in galat(lambda: langkah.ajukan_nilai(pembelajaran=lesson, semester=semester, by=homeroom))
    with ledger.record("uji.akun", by=ledger.SYSTEM):
        assert lesson.guru is not None
        lesson.guru.akun = None
        lesson.guru.save()
    langkah.ajukan_nilai(pembelajaran=lesson, semester=semester, by=homeroom)
    assert keadaan(contoh) == ["diajukan"] * 3


@pytest.mark.django_db
def test_the_check_names_what_is_missing_and_lets_the_others_through(contoh: Contoh) -> None:
    lengkapi(contoh)
    ajukan(contoh)
    cards.save_absences(
        kelas=contoh.kelas,
        semester=contoh.semester,
        rows=[cards.Absence(contoh.anggota[0].pk, None, None, None, 1)],
        by=contoh.akun["wali"],
    )
    done = periksa(contoh)
    assert len(done.berubah) == 2
    assert [one.nama for one in done.tertahan] == ["Adi Uji 1"]
    assert "Ketidakhadiran: belum dicatat" in done.tertahan[0].sebab[0]


@pytest.mark.django_db
@pytest.mark.parametrize("role", ["guru", "guru_lain", "wali", "admin", "orang_tua", "operator"])
def test_only_the_head_makes_final(contoh: Contoh, role: str) -> None:
    lengkapi(contoh)
    ajukan(contoh)
    periksa(contoh)
    refused = galat(
        lambda: final.sahkan(
            kelas=contoh.kelas, semester=contoh.semester, kumpulkan=documents.cards, by=contoh.akun[role]
        )
    )
    assert "kepala sekolah" in refused
    assert keadaan(contoh) == ["diperiksa"] * 3


@pytest.mark.django_db
def test_others_neither_hand_over_nor_check(contoh: Contoh) -> None:
    lengkapi(contoh)
    lesson, semester = contoh.matematika, contoh.semester
    assert "guru mata pelajaran" in galat(
        lambda: langkah.ajukan_nilai(pembelajaran=lesson, semester=semester, by=contoh.akun["wali"])
    )
    ajukan(contoh)
    assert "wali kelas" in galat(
        lambda: langkah.periksa(kelas=contoh.kelas, semester=semester, by=contoh.akun["kepala"])
    )


@pytest.mark.django_db
def test_steps_asked_twice_have_one_effect(contoh: Contoh) -> None:
    sampai_final(contoh)
    before = list(Rapor.objects.order_by("pk").values_list("versi", "status"))
    numbers = set(RaporFinal.objects.values_list("pk", flat=True))
    ajukan(contoh)
    assert len(periksa(contoh).sudah) == 3
    assert len(sahkan(contoh).sudah) == 3
    assert list(Rapor.objects.order_by("pk").values_list("versi", "status")) == before
    assert set(RaporFinal.objects.values_list("pk", flat=True)) == numbers


@pytest.mark.django_db
def test_a_teacher_takes_back_until_somebody_has_checked(contoh: Contoh) -> None:
    lengkapi(contoh)
    ajukan(contoh)
    langkah.tarik_ajuan(pembelajaran=contoh.matematika, semester=contoh.semester, by=contoh.akun["guru"])
    assert keadaan(contoh) == ["draf"] * 3
    assert isi(contoh, ("61",), versi=1).all_saved
    ajukan(contoh)
    periksa(contoh, contoh.anggota[2].pk)
    assert "sudah diperiksa" in galat(
        lambda: langkah.tarik_ajuan(pembelajaran=contoh.matematika, semester=contoh.semester, by=contoh.akun["guru"])
    )


@pytest.mark.django_db
def test_the_homeroom_teacher_gives_back_with_a_reason(contoh: Contoh) -> None:
    lengkapi(contoh)
    ajukan(contoh)

    def give_back(alasan: str) -> None:
        langkah.kembalikan_ajuan(
            pembelajaran=contoh.matematika, semester=contoh.semester, alasan=alasan, by=contoh.akun["wali"]
        )

    assert "alasan" in galat(lambda: give_back("  "))
    give_back("UTS Adi dan Bunga tertukar")
    row = AjuanNilai.objects.get()
    assert (row.status, row.alasan) == ("dikembalikan", "UTS Adi dan Bunga tertukar")
    assert keadaan(contoh) == ["draf"] * 3


@pytest.mark.django_db
def test_marks_are_locked_by_state(contoh: Contoh) -> None:
    lengkapi(contoh)
    ajukan(contoh)
    (cell, *_rest) = isi(contoh, ("90",), versi=1).sel
    assert (cell.status, "sudah diajukan" in (cell.pesan or "")) == ("ditolak", True)
    periksa(contoh)
    assert "sudah diperiksa" in (isi(contoh, ("90",), versi=1).sel[0].pesan or "")
    sahkan(contoh)
    assert "sudah final" in (isi(contoh, ("90",), versi=1).sel[0].pesan or "")
    final.buka_revisi(rapor=rapor(contoh), alasan="UH 1 salah ketik", by=contoh.akun["kepala"])
    result = isi(contoh, ("90",), versi=1)
    assert result.all_saved, "the one in revision is open, though the lesson is handed over"
    assert "sudah final" in (isi(contoh, ("90",), versi=1, anggota=1).sel[0].pesan or "")
    assert {str(mark.nilai) for mark in Nilai.objects.filter(penilaian=contoh.uh[0])} == {"90.00", "60.00"}


@pytest.mark.django_db
def test_one_locked_cell_keeps_a_whole_batch_out(contoh: Contoh) -> None:
    lengkapi(contoh)
    ajukan(contoh)
    with pytest.raises(marks.NotSaved):
        isi(contoh, ("90",), versi=1, all_or_nothing=True)


@pytest.mark.django_db
def test_everything_around_the_marks_is_locked_too(contoh: Contoh) -> None:
    lengkapi(contoh)
    row = contoh.anggota[0].nilai_rapor.get()
    ajukan(contoh)
    lesson, semester, teacher, keeper = contoh.matematika, contoh.semester, contoh.akun["guru"], contoh.akun["admin"]
    subject = contoh.sk[0].mapel_tingkat
    column = contoh.uts
    acts: list[Callable[[], object]] = [
        lambda: marks.add_assessment(pembelajaran=lesson, semester=semester, jenis="uts", by=teacher),
        lambda: marks.edit_assessment(penilaian=column, sk=None, keterangan="lain", tanggal=None, by=teacher),
        lambda: marks.remove_assessment(penilaian=column, by=teacher),
        lambda: cards.write_description(row=row, text="Kata guru", versi=row.versi, by=teacher),
        lambda: terms.set_terms(semester=semester, cara="rata", by=keeper),
        lambda: terms.set_kkm(tahun=contoh.tahun, mapel=lesson.mapel, tingkat=7, kkm=70, by=keeper),
        lambda: terms.save_sk(mapel_tingkat=subject, semester=1, nomor=9, uraian="Baru", by=keeper),
        lambda: terms.remove_sk(sk=contoh.sk[2], by=keeper),
    ]
    for number, act in enumerate(acts):
        assert "diajukan" in galat(act), f"act {number}"
    periksa(contoh)
    (conflict, *_more) = cards.save_absences(
        kelas=contoh.kelas,
        semester=semester,
        rows=[cards.Absence(contoh.anggota[0].pk, 9, 9, 9, 1)],
        by=contoh.akun["wali"],
    )
    assert "sudah diperiksa" in conflict["pesan"]
    assert contoh.anggota[0].ketidakhadiran.get().izin == 4
    sahkan(contoh)
    assert "final" in galat(acts[4])


@pytest.mark.django_db
def test_the_day_of_handing_over_and_the_meeting_may_still_be_written(contoh: Contoh) -> None:
    sampai_final(contoh)
    day = contoh.semester.selesai
    _row, _advice = terms.set_terms(
        semester=contoh.semester, cara="rasio", bobot_uh=2, bobot_uts=1, bobot_uas=1, tanggal_rapor=day,
        by=contoh.akun["admin"],
    )  # fmt: skip
    assert Semester.objects.get(pk=contoh.semester.pk).tanggal_rapor == day
    kkm = terms.set_kkm(
        tahun=contoh.tahun, mapel=contoh.matematika.mapel, tingkat=7, kkm=65, rapat_nomor="12/2026",
        by=contoh.akun["admin"],
    )  # fmt: skip
    assert kkm.rapat_nomor == "12/2026"


@pytest.mark.django_db
def test_a_revision_needs_a_reason_and_ends_in_a_second_final(contoh: Contoh) -> None:
    sampai_final(contoh)
    head = contoh.akun["kepala"]
    assert "alasan" in galat(lambda: final.buka_revisi(rapor=rapor(contoh), alasan=" ", by=head))
    assert "kepala sekolah" in galat(
        lambda: final.buka_revisi(rapor=rapor(contoh), alasan="Salah", by=contoh.akun["wali"])
    )
    note = final.buka_revisi(rapor=rapor(contoh), alasan="UH 1 salah ketik", by=head)
    again = final.buka_revisi(rapor=rapor(contoh), alasan="Lagi", by=head)
    assert note.pk == again.pk, "asked twice it is one revision"
    assert keadaan(contoh) == ["revisi", "final", "final"]
    old = note.final
    assert old.status == "berlaku", "valid until the revision is final"
    assert isi(contoh, ("100",), versi=1).all_saved
    assert sahkan(contoh).tertahan[0].sebab[0].startswith("belum diperiksa")
    assert len(periksa(contoh).berubah) == 1
    assert len(sahkan(contoh).berubah) == 1
    old.refresh_from_db()
    new = RaporFinal.objects.get(rapor=rapor(contoh), status="berlaku")
    assert (old.status, new.revisi, BeritaAcara.objects.count()) == ("diganti", 1, 1)
    changes = {place: (was, now) for place, was, now in final.beda(final.isi(old).kartu(), final.isi(new).kartu())}
    assert changes["mapel › Matematika › nilai"] == ("63", "70")
    assert "peserta › nama" not in changes


@pytest.mark.django_db
def test_a_checked_revision_goes_back_to_revision(contoh: Contoh) -> None:
    sampai_final(contoh)
    final.buka_revisi(rapor=rapor(contoh), alasan="Salah", by=contoh.akun["kepala"])
    periksa(contoh)
    done = langkah.buka_pemeriksaan(
        kelas=contoh.kelas, semester=contoh.semester, alasan="Belum selesai", by=contoh.akun["wali"]
    )
    assert keadaan(contoh) == ["revisi", "final", "final"]
    assert len(done.tertahan) == 2


@pytest.mark.django_db
def test_a_withdrawn_final_is_never_valid_again(contoh: Contoh) -> None:
    sampai_final(contoh)
    final.tarik(rapor=rapor(contoh), alasan="Tertukar dengan anak lain", by=contoh.akun["kepala"])
    row = RaporFinal.objects.get(rapor=rapor(contoh))
    assert (row.status, row.alasan) == ("ditarik", "Tertukar dengan anak lain")
    assert contoh.anggota[0].pk not in final.berlaku(contoh.semester, [contoh.anggota[0].pk])
    periksa(contoh)
    sahkan(contoh)
    row.refresh_from_db()
    assert row.status == "ditarik"
    assert RaporFinal.objects.filter(rapor=rapor(contoh), status="berlaku").count() == 1


@pytest.mark.django_db
def test_a_pupil_who_came_late_waits_for_marks(contoh: Contoh) -> None:
    lengkapi(contoh)
    ajukan(contoh)
    periksa(contoh)
    with ledger.record("uji.pindah", by=ledger.SYSTEM):
        pupil = type(contoh.anggota[0].peserta).objects.create(sekolah=contoh.sekolah, nama="Zaki Uji", nis="7999")
        late = contoh.kelas.anggota.create(peserta=pupil)
    done = periksa(contoh)
    assert [one.anggota for one in done.tertahan] == [late.pk]
    assert any("Matematika" in reason for reason in done.tertahan[0].sebab)


def together(contoh: Contoh, *acts: Callable[[], Any]) -> list[Any]:
    """Run these at the same moment on connections of their own; what each gave or raised."""
    gate, found = threading.Barrier(len(acts)), [None] * len(acts)

    def run(number: int, act: Callable[[], Any]) -> None:
        try:
            gate.wait(10)
            found[number] = act()
        except Exception as error:  # the test looks at it
            found[number] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(number, act)) for number, act in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return found


@pytest.mark.django_db(transaction=True)
def test_two_browsers_finalise_at_once() -> None:
    contoh = sekolah_kecil(pupils=4)
    lengkapi(contoh)
    ajukan(contoh)
    periksa(contoh)
    first, second = together(contoh, lambda: sahkan(contoh), lambda: sahkan(contoh))
    assert isinstance(first, langkah.Hasil), first
    assert isinstance(second, langkah.Hasil), second
    assert sorted((len(first.berubah), len(second.berubah))) == [0, 4]
    assert sorted((len(first.sudah), len(second.sudah))) == [0, 4]
    assert RaporFinal.objects.count() == 4
    assert {row.versi for row in Rapor.objects.all()} == {3}


@pytest.mark.django_db(transaction=True)
def test_a_save_beside_finalising_is_in_the_paper_or_refused() -> None:
    contoh = sekolah_kecil(pupils=3)
    lengkapi(contoh)
    ajukan(contoh)
    periksa(contoh)
    sahkan(contoh)
    for turn in range(6):
        head = contoh.akun["kepala"]
        final.buka_revisi(rapor=rapor(contoh), alasan=f"Putaran {turn}", by=head)
        version = Nilai.objects.get(penilaian=contoh.uh[0], anggota=contoh.anggota[0]).versi
        value = str(70 + turn)
        cell = Cell(contoh.uh[0].pk, contoh.anggota[0].pk, value, version)

        def save(cell: Cell = cell) -> marks.SaveResult:
            return marks.save_marks(
                pembelajaran=contoh.matematika, semester=contoh.semester, cells=[cell], by=contoh.akun["guru"]
            )

        def close() -> langkah.Hasil:
            periksa(contoh)
            return sahkan(contoh)

        saved, closed = together(contoh, save, close)
        assert not isinstance(saved, Exception), saved
        assert not isinstance(closed, Exception), closed
        live = contoh.anggota[0].nilai_rapor.get().nilai
        printed = final.isi(RaporFinal.objects.get(rapor=rapor(contoh), status="berlaku")).kartu()
        assert printed["mapel"][0]["nilai"] == live
        stored = Nilai.objects.get(penilaian=contoh.uh[0], anggota=contoh.anggota[0]).nilai
        assert (str(stored) == f"{value}.00") == saved.all_saved


@pytest.mark.django_db
def test_the_numbers_of_finals_are_of_this_school(contoh: Contoh) -> None:
    sampai_final(contoh)
    numbers = list(RaporFinal.objects.values_list("pk", flat=True))
    assert all(bukti.parse_number(number) == number for number in numbers)
    assert {number[:8] for number in numbers} == {contoh.sekolah.npsn}
    assert connection.vendor in ("sqlite", "postgresql")
