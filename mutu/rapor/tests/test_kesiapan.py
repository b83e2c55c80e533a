"""What holds a rapor back, whom it waits for, and how many queries the boards ask."""

import re
from datetime import date

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from bench.ground import school
from bench.kartu import fill
from mutu.rapor.models import (
    AjuanNilai,
    KegiatanPengembangan,
    MapelTingkat,
    NilaiPengembangan,
    NilaiRapor,
    Pengingat,
    PercobaanRemedial,
    Sikap,
    StandarKompetensi,
    TanpaRemedial,
)
from mutu.rapor.services import cards, kesiapan
from mutu.rapor.services.marks import Cell, save_marks
from mutu.regulation.explain import InputError
from mutu.satuan import ledger
from mutu.satuan.models import AnggotaKelas, Kelas, MataPelajaran, Pembelajaran, PesertaDidik, Semester
from tests.contoh import Contoh

pytestmark = pytest.mark.django_db

MOST_FOR_THE_SCHOOL = 14


def gaps(contoh: Contoh, at: int = 0, semester: Semester | None = None) -> list[tuple[str, str, str]]:
    """Kind, thing and owner of each gap of one pupil."""
    board = kesiapan.class_board(contoh.kelas, semester or contoh.semester)
    return [(gap["jenis"], gap["apa"], gap["siapa"]) for gap in board.pupils[at].kurang]


def complete(contoh: Contoh, mark: str = "80") -> None:
    """Everything that the rapor of semester 1 asks for, for all pupils."""
    with ledger.record("uji.lengkap", by=ledger.SYSTEM):
        subject = MapelTingkat.objects.get(mapel=contoh.bahasa.mapel)
        sk = StandarKompetensi.objects.create(mapel_tingkat=subject, semester=1, nomor=1, uraian="Menulis")
        columns = [
            contoh.bahasa.penilaian.create(semester=contoh.semester, jenis=kind, sk=sk if kind == "uh" else None)
            for kind in ("uh", "uts", "uas")
        ]
        contoh.matematika.mapel.bidang, contoh.bahasa.mapel.bidang = "agama", "pkn"
        contoh.matematika.mapel.save()
        contoh.bahasa.mapel.save()
        for member in contoh.anggota:
            for aspek in ("akhlak", "kepribadian"):
                Sikap.objects.create(
                    semester=contoh.semester, anggota=member, aspek=aspek, kategori="baik", pada=timezone.now()
                )
    for lesson, own, by in (
        (contoh.matematika, [*contoh.uh, contoh.uts, contoh.uas], "guru"),
        (contoh.bahasa, columns, "guru_lain"),
    ):
        cells = [Cell(column.pk, member.pk, mark, 0) for column in own for member in contoh.anggota]
        saved = save_marks(pembelajaran=lesson, semester=contoh.semester, cells=cells, by=contoh.akun[by])
        assert saved.all_saved
    rows = [cards.Absence(member.pk, 0, 0, 0, 0) for member in contoh.anggota]
    cards.save_absences(kelas=contoh.kelas, semester=contoh.semester, rows=rows, by=contoh.akun["wali"])


def test_every_gap_names_its_owner(contoh: Contoh) -> None:
    with ledger.record("uji.bidang", by=ledger.SYSTEM):
        contoh.bahasa.mapel.bidang = "agama"
        contoh.bahasa.mapel.save()
        MapelTingkat.objects.filter(mapel=contoh.bahasa.mapel).delete()
    assert gaps(contoh) == [
        ("nilai", "Matematika", "Gani Guru, S.Pd."),
        ("kkm", "KKM Bahasa Indonesia", "operator sekolah"),
        ("kkm", "SK Bahasa Indonesia", "operator sekolah"),
        ("nilai", "Bahasa Indonesia", "Lia Lain, S.Pd."),
        ("ketidakhadiran", "Ketidakhadiran", "wali kelas Wati Wali, M.Pd."),
        ("sikap", "Akhlak", "Lia Lain, S.Pd."),
        ("sikap", "Kepribadian", "belum ada mata pelajaran berbidang pkn"),
    ]


def test_a_complete_class_has_no_gap(contoh: Contoh) -> None:
    complete(contoh)
    board = kesiapan.class_board(contoh.kelas, contoh.semester)
    assert [pupil.kurang for pupil in board.pupils] == [[], [], []]
    assert board.complete == 3


def test_a_mark_under_the_kkm_waits_for_remedial_or_a_reason(contoh: Contoh) -> None:
    complete(contoh, "50")
    assert gaps(contoh) == [
        ("remedial", "Matematika", "Gani Guru, S.Pd."),
        ("remedial", "Bahasa Indonesia", "Lia Lain, S.Pd."),
    ]
    place = {"semester": contoh.semester, "anggota": contoh.anggota[0], "pada": timezone.now()}
    with ledger.record("uji.remedial", by=ledger.SYSTEM):
        attempt = PercobaanRemedial.objects.create(
            pembelajaran=contoh.matematika, tanggal=date(2026, 10, 1), nilai=60, **place
        )
        TanpaRemedial.objects.create(pembelajaran=contoh.bahasa, alasan="pindah sebelum ujian", **place)
    assert gaps(contoh) == []
    with ledger.record("uji.batal", by=ledger.SYSTEM):
        attempt.batal = "salah orang"
        attempt.save()
    assert gaps(contoh) == [("remedial", "Matematika", "Gani Guru, S.Pd.")]
    assert kesiapan.owing_remedial([contoh.matematika, contoh.bahasa], contoh.semester) == {
        contoh.matematika.pk: 3,
        contoh.bahasa.pk: 2,
    }


def test_semester_2_waits_for_the_decision(contoh: Contoh) -> None:
    assert ("keputusan", "Keputusan", "kepala sekolah") in gaps(contoh, semester=contoh.semester_2)
    assert "keputusan" not in [kind for kind, *_rest in gaps(contoh)]


def test_a_lesson_not_handed_over_stands_apart(contoh: Contoh) -> None:
    complete(contoh)
    with ledger.record("uji.ajuan", by=ledger.SYSTEM):
        AjuanNilai.objects.create(
            pembelajaran=contoh.matematika, semester=contoh.semester, status="diajukan", pada=timezone.now()
        )
        AjuanNilai.objects.create(
            pembelajaran=contoh.bahasa, semester=contoh.semester, status="dikembalikan", pada=timezone.now()
        )
    board = kesiapan.class_board(contoh.kelas, contoh.semester)
    assert [(gap["apa"], gap["siapa"]) for gap in board.belum_diajukan] == [("Bahasa Indonesia", "Lia Lain, S.Pd.")]
    assert board.complete == 3


def test_advice_holds_nothing_back(contoh: Contoh) -> None:
    complete(contoh)
    with ledger.record("uji.saran", by=ledger.SYSTEM):
        activity = KegiatanPengembangan.objects.create(sekolah=contoh.sekolah, nama="Pramuka")
        NilaiPengembangan.objects.create(
            kegiatan=activity,
            semester=contoh.semester,
            anggota=contoh.anggota[0],
            nilai="A",
            keterangan="kurang rajin",
            pada=timezone.now(),
        )
        NilaiRapor.objects.filter(anggota=contoh.anggota[1], pembelajaran=contoh.bahasa).update(
            deskripsi_manual="panjang " * 60
        )
    first, second, third = kesiapan.class_board(contoh.kelas, contoh.semester).pupils
    assert [gap["apa"] for gap in first.saran] == ["Pramuka"]
    assert "kurang" in first.saran[0]["rincian"][0]
    assert [gap["apa"] for gap in second.saran] == ["Bahasa Indonesia", "Pengembangan Diri"]
    assert [gap["apa"] for gap in third.saran] == ["Pengembangan Diri"]
    assert (first.lengkap, second.lengkap, third.lengkap) == (True, True, True)


def _by_pupil(contoh: Contoh) -> tuple[set[tuple[str, str, str]], set[tuple[str, str, str]]]:
    """Pupil, kind and thing of every gap, from the class boards and from the school's board."""
    classes = list(Kelas.objects.filter(tahun=contoh.tahun).select_related("wali_kelas"))
    one_by_one = {
        (pupil.anggota.peserta.nama, gap["jenis"], gap["apa"])
        for kelas in classes
        for pupil in kesiapan.class_board(kelas, contoh.semester).pupils
        for gap in pupil.kurang
    }
    at_once = {
        (name, tally.hal["jenis"], tally.hal["apa"])
        for row in kesiapan.school_board(contoh.semester)
        for tally in row.hal
        for name in tally.nama
    }
    return one_by_one, at_once


def test_the_schools_board_says_what_the_class_boards_say() -> None:
    made = school(3, 2, 4)
    fill(made)
    with ledger.record("uji.lubang", by=ledger.SYSTEM):
        kelas = Kelas.objects.get(tahun=made.tahun, nama="VII-2")
        first, second, _third = AnggotaKelas.objects.filter(kelas=kelas)
        lesson = Pembelajaran.objects.filter(kelas=kelas).first()
        NilaiRapor.objects.filter(anggota=first, pembelajaran=lesson).delete()
        NilaiRapor.objects.filter(anggota=second, pembelajaran=lesson).update(nilai=None, kurang=["UTS"])
        low = NilaiRapor.objects.filter(anggota=first).order_by("pk")[:1].get()
        NilaiRapor.objects.filter(pk=low.pk).update(nilai=64)
        Sikap.objects.filter(anggota=second, aspek="akhlak").update(kategori="")
        second.ketidakhadiran.update(izin=None)
        mapel = MataPelajaran.objects.get(nama="Bahasa Indonesia")
        StandarKompetensi.objects.filter(mapel_tingkat__mapel=mapel).delete()
        MapelTingkat.objects.filter(mapel=mapel).delete()
    one_by_one, at_once = _by_pupil(made)
    assert one_by_one == at_once
    assert {kind for _name, kind, _thing in at_once} == {"nilai", "kkm", "remedial", "sikap", "ketidakhadiran"}
    complete = {row.kelas.nama: row.lengkap for row in kesiapan.school_board(made.semester)}
    alone = {
        row.kelas.nama: row.lengkap
        for kelas in Kelas.objects.filter(tahun=made.tahun)
        for row in kesiapan.school_board(made.semester, Kelas.objects.filter(pk=kelas.pk))
    }
    assert alone == complete
    for kelas in Kelas.objects.filter(tahun=made.tahun).select_related("wali_kelas"):
        assert complete[kelas.nama] == kesiapan.class_board(kelas, made.semester).complete


def count(what: object, *args: object) -> int:
    with CaptureQueriesContext(connection) as queries:
        what(*args)  # type: ignore[operator]
    return len(queries)


def test_the_boards_ask_a_fixed_number_of_queries() -> None:
    made = school(2, 1, 3)
    fill(made)
    few = count(kesiapan.class_board, made.kelas, made.semester)
    assert few <= 8
    with ledger.record("uji.tambah", by=ledger.SYSTEM):
        for number in range(9):
            person = PesertaDidik.objects.create(sekolah=made.sekolah, nama=f"Baru {number}", nis=f"B{number}")
            AnggotaKelas.objects.create(kelas=made.kelas, peserta=person)
    assert count(kesiapan.class_board, made.kelas, made.semester) == few
    assert count(kesiapan.school_board, made.semester) <= 9


# Pages


def enter(contoh: Contoh, role: str) -> Client:
    client = Client()
    client.force_login(contoh.akun[role], backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_each_gap_leads_to_a_page_that_the_visitor_may_open(contoh: Contoh) -> None:
    with ledger.record("uji.bidang", by=ledger.SYSTEM):
        contoh.bahasa.mapel.bidang = "agama"
        contoh.bahasa.mapel.save()
    cells = [Cell(contoh.uh[0].pk, contoh.anggota[0].pk, "20", 0)]
    save_marks(pembelajaran=contoh.matematika, semester=contoh.semester, cells=cells, by=contoh.akun["guru"])
    with ledger.record("uji.bawah", by=ledger.SYSTEM):
        NilaiRapor.objects.update(nilai=20)
    board, school_page = f"/rapor/kelas/{contoh.kelas.pk}/1/", f"/rapor/semester/{contoh.semester.pk}/kesiapan/"
    for role, pages in (("wali", [board]), ("kepala", [board, school_page]), ("admin", [board, school_page])):
        client = enter(contoh, role)
        for page in pages:
            content = client.get(page).content.decode()
            links = set(re.findall(r'<li><a href="(/[^"]+)"', content[content.index('class="gaps"') :]))
            assert links, (role, page)
            assert {link: client.get(link).status_code for link in links} == dict.fromkeys(links, 200)


def test_the_head_reminds_whoever_owes_something_and_nobody_else(contoh: Contoh) -> None:
    place = f"/rapor/semester/{contoh.semester.pk}/ingatkan/"
    assert enter(contoh, "admin").post(place, {"pesan": "Segera"}).status_code == 404
    assert enter(contoh, "kepala").post(place, {"pesan": "  Paling lambat   Jumat "}).status_code == 302
    assert Pengingat.objects.get().pesan == "Paling lambat Jumat"
    for role in ("guru", "guru_lain", "wali"):
        home = enter(contoh, role).get("/").content.decode()
        assert "Pengingat dari Kus Kepala" in home
        assert "Paling lambat Jumat" in home
    complete(contoh)
    for role in ("guru", "guru_lain", "wali"):
        assert "Pengingat dari" not in enter(contoh, role).get("/").content.decode()


def test_a_long_message_is_refused(contoh: Contoh) -> None:
    with pytest.raises(InputError, match="300"):
        kesiapan.remind(semester=contoh.semester, pesan="x" * 301, by=contoh.akun["kepala"])
    assert not Pengingat.objects.exists()


def test_the_home_page_names_remedial_and_empty_activities(contoh: Contoh) -> None:
    complete(contoh, "50")
    with ledger.record("uji.kegiatan", by=ledger.SYSTEM):
        KegiatanPengembangan.objects.create(sekolah=contoh.sekolah, nama="Pramuka", pembina=contoh.bahasa.guru)
    home = enter(contoh, "guru_lain").get("/").content.decode()
    assert "Remedial Bahasa Indonesia VII-A" in home
    assert "Nilai kegiatan Pramuka" in home
    assert "Kesiapan rapor semester 1" in enter(contoh, "kepala").get("/").content.decode()


def test_the_pages_ask_a_fixed_number_of_queries() -> None:
    made = school(3, 3, 3)
    fill(made)
    head = enter(made, "kepala")
    page = f"/rapor/semester/{made.semester.pk}/kesiapan/"
    head.get(page)
    assert count(head.get, page) <= MOST_FOR_THE_SCHOOL
    board = f"/rapor/kelas/{made.kelas.pk}/1/"
    few = count(head.get, board)
    with ledger.record("uji.tambah", by=ledger.SYSTEM):
        for number in range(9):
            person = PesertaDidik.objects.create(sekolah=made.sekolah, nama=f"Baru {number}", nis=f"B{number}")
            AnggotaKelas.objects.create(kelas=made.kelas, peserta=person)
    assert count(head.get, board) == few
