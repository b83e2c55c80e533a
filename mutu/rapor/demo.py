"""The rapor of the made-up demo school: a finished year, and a class in rapor week with a few gaps to fill.

Everything goes through the services. Built once; deterministic.
"""

from __future__ import annotations

import random
from datetime import timedelta
from decimal import Decimal

from django.utils import timezone

from mutu.rapor import documents
from mutu.rapor.models import KegiatanPengembangan, Ketentuan
from mutu.rapor.services import (
    cards,
    final,
    kehadiran,
    kenaikan,
    langkah,
    marks,
    pengembangan,
    prestasi,
    remedial,
    sikap,
    terms,
)
from mutu.rapor.services.marks import Cell
from mutu.satuan import ledger
from mutu.satuan.demo import LAST_YEAR, NPSN, SEED
from mutu.satuan.models import Akun, AnggotaKelas, Kelas, Pembelajaran, Sekolah, Semester

SK_PER_SEMESTER = 3
TOPICS = ("memahami dasar-dasar", "menerapkan dalam kehidupan sehari-hari", "menyajikan hasil karya tentang")
# Marks still to be entered in rapor week: subject -> (kind of assessment, how many pupils from the end of the list).
GAPS = {"Matematika": ("uas", 5), "Bahasa Indonesia": ("uts", 2)}
NO_ABSENCE_YET = 3
# Beside the marks: activity -> place of its leader among the teachers, and what pupils with A, B and C in it can do.
ACTIVITIES = {
    "Pramuka": (
        3,
        (
            "memimpin regu dan mengajarkan simpul kepada adik kelas",
            "mahir tali-temali dan sandi",
            "mengenal sandi dan simpul dasar",
        ),
    ),
    "Palang Merah Remaja": (
        4,
        (
            "sigap memberi pertolongan pertama dan tenang memimpin tim",
            "terampil membalut luka",
            "mengenal isi kotak pertolongan pertama",
        ),
    ),
    "Seni Tari": (
        9,
        (
            "menari dengan luwes dan percaya diri di panggung",
            "hafal ragam gerak dasar",
            "mengikuti irama dengan gembira",
        ),
    ),
    "Bola Voli": (8, ("menjadi pengatur serangan yang andal", "servis dan pasnya terarah", "semangat berlatih servis")),
}
SEEN = (
    ("akhlak", "Mengantar teman yang sakit ke ruang kesehatan tanpa diminta."),
    ("kepribadian", "Mengembalikan dompet yang ditemukan di halaman."),
    ("akhlak", "Menyapa guru dan petugas kebersihan setiap pagi."),
    ("kepribadian", "Memimpin piket kelas dengan adil."),
)
ACHIEVEMENTS = (
    (0, "kurikuler", "Olimpiade Sains Tingkat Kabupaten", "Juara 2"),
    (4, "pengembangan_diri", "Lomba Tingkat Pramuka Penggalang", "Juara 1"),
    (9, "khusus", "Duta seni sekolah pada pameran batik", ""),
)
NO_CHARACTER_YET = 4
KEPT_DAILY = "VII-B"


def build() -> None:
    """Fill the demo school with terms, SK, marks and absences. Does nothing when it is filled already."""
    school = Sekolah.objects.get(npsn=NPSN)
    if Ketentuan.objects.filter(semester__tahun__sekolah=school).exists():
        return
    chance = random.Random(SEED)
    keeper = Akun.objects.get(username="demo-admin-sekolah")
    with ledger.record("demo.bangun_rapor", by=ledger.SYSTEM):
        for semester in Semester.objects.filter(tahun__sekolah=school).select_related("tahun"):
            terms.set_terms(
                semester=semester,
                cara="rasio",
                bobot_uh=Decimal(2),
                bobot_uts=Decimal(1),
                bobot_uas=Decimal(1),
                tanggal_rapor=semester.tanggal_rapor,
                by=keeper,
            )
        teachers = list(school.guru.order_by("pk"))
        for nama, (leader, _words) in ACTIVITIES.items():
            pengembangan.save_activity(
                kegiatan=KegiatanPengembangan(sekolah=school),
                nama=nama,
                urutan=None,
                pembina=teachers[leader],
                by=keeper,
            )
        for kelas in Kelas.objects.filter(tahun__sekolah=school).select_related("tahun__sekolah", "wali_kelas__akun"):
            _class(kelas, keeper, chance)
            if kelas.tahun.mulai == LAST_YEAR:
                _finish(kelas)


def _class(kelas: Kelas, keeper: Akun, chance: random.Random) -> None:
    finished = kelas.tahun.mulai == LAST_YEAR
    rapor_week = not finished and kelas.nama == "VII-A"
    lessons = list(Pembelajaran.objects.filter(kelas=kelas).select_related("mapel", "guru__akun", "kelas"))
    members = list(AnggotaKelas.objects.filter(kelas=kelas).values_list("pk", flat=True))
    ability = {member: chance.gauss(74, 7) for member in members}
    for at, lesson in enumerate(lessons):
        subject = terms.set_kkm(
            tahun=kelas.tahun, mapel=lesson.mapel, tingkat=kelas.tingkat, kkm=65 + at % 3 * 2, by=keeper
        )
        for number in (1, 2):
            if subject.sk.filter(semester=number).exists():
                continue
            for sk in range(1, SK_PER_SEMESTER + 1):
                words = f"{TOPICS[sk - 1].capitalize()} {lesson.mapel.nama.lower()}, bagian {sk + 3 * (number - 1)}"
                terms.save_sk(mapel_tingkat=subject, semester=number, nomor=sk, uraian=words, by=keeper)
    for semester in kelas.tahun.semester.order_by("nomor"):
        if semester.nomor == 2 and not finished:
            continue
        if finished or rapor_week:
            _beside_marks(kelas, semester, members, keeper, None if finished else NO_CHARACTER_YET)
        if kelas.nama == KEPT_DAILY:
            _roll(kelas, semester, members, keeper)
        for lesson in lessons:
            by = (lesson.guru and lesson.guru.akun) or keeper
            kinds = ("uh", "uts", "uas") if finished or rapor_week else ("uh",)
            gap = GAPS.get(lesson.mapel.nama) if rapor_week else None
            _marks(lesson, semester, by, kinds, gap, ability, chance)
        if finished or rapor_week:
            counted = members if finished else members[:-NO_ABSENCE_YET]
            cards.save_absences(
                kelas=kelas,
                semester=semester,
                rows=[
                    cards.Absence(member, chance.choice((0, 0, 0, 1, 2)), chance.choice((0, 0, 1)), 0, 0)
                    for member in counted
                ],
                by=keeper,
            )


def _marks(
    lesson: Pembelajaran,
    semester: Semester,
    by: Akun,
    kinds: tuple[str, ...],
    gap: tuple[str, int] | None,
    ability: dict[int, float],
    chance: random.Random,
) -> None:
    subject = lesson.mapel.mapel_tingkat.get(tahun_id=semester.tahun_id, tingkat=lesson.kelas.tingkat)
    places = [
        (kind, sk) for kind in kinds for sk in (subject.sk.filter(semester=semester.nomor) if kind == "uh" else [None])
    ]
    columns = [
        marks.add_assessment(pembelajaran=lesson, semester=semester, jenis=kind, sk=sk, by=by) for kind, sk in places
    ]
    members = list(ability)
    cells = []
    for column in columns:
        missing = set(members[-gap[1] :]) if gap and gap[0] == column.jenis else set()
        cells += [
            Cell(column.pk, member, str(max(30, min(100, round(chance.gauss(ability[member], 6))))), 0)
            for member in members
            if member not in missing
        ]
    marks.save_marks(pembelajaran=lesson, semester=semester, cells=cells, by=by, all_or_nothing=True)


def _beside_marks(kelas: Kelas, semester: Semester, members: list[int], keeper: Akun, gap: int | None) -> None:
    """Letters, character, observations and achievements; `gap` pupils from the end still have no kepribadian."""
    # The marks keep the numbers they drew before this part existed.
    chance = random.Random(f"{SEED}/{kelas.pk}/{semester.nomor}")
    homeroom = (kelas.wali_kelas and kelas.wali_kelas.akun) or keeper
    for at, activity in enumerate(KegiatanPengembangan.objects.filter(sekolah_id=kelas.tahun.sekolah_id)):
        words = ACTIVITIES[activity.nama][1]
        rows = []
        for member in members:
            if at == 0 or chance.random() < 0.4:
                letter = chance.choices((0, 1, 2), (3, 5, 2))[0]
                rows.append(pengembangan.Letter(member, "ABC"[letter], words[letter], 0))
        leader = (activity.pembina and activity.pembina.akun) or keeper
        pengembangan.save_letters(kegiatan=activity, kelas=kelas, semester=semester, rows=rows, by=leader)
    for aspek, username in (("akhlak", "demo-guru-agama"), ("kepribadian", "demo-guru-pkn")):
        judged = members[:-gap] if gap and aspek == "kepribadian" else members
        sikap.save_judgements(
            kelas=kelas,
            semester=semester,
            rows=[
                sikap.Judgement(member, aspek, chance.choices(("sangat baik", "baik"), (2, 3))[0], 0)
                for member in judged
            ],
            by=Akun.objects.get(username=username),
        )
    day = semester.mulai + timedelta(days=40)
    if day > timezone.localdate():
        return
    for at, (aspek, seen) in enumerate(SEEN):
        sikap.add_observation(
            kelas=kelas,
            semester=semester,
            anggota=members[at * 3],
            aspek=aspek,
            isi=seen,
            tanggal=day + timedelta(days=at),
            by=homeroom if homeroom != keeper else Akun.objects.get(username="demo-guru-agama"),
        )
    for at, jenis, nama, peringkat in ACHIEVEMENTS:
        prestasi.save_achievement(
            kelas=kelas,
            semester=semester,
            anggota=members[at],
            jenis=jenis,
            nama=nama,
            peringkat=peringkat,
            tanggal=day,
            by=homeroom,
        )


def _roll(kelas: Kelas, semester: Semester, members: list[int], keeper: Akun) -> None:
    """The first two weeks of a class that keeps its attendance daily."""
    chance = random.Random(f"{SEED}/{kelas.pk}")
    days = [semester.mulai + timedelta(days=at) for at in range(12)]
    for day in days:
        if day.weekday() == kehadiran.SUNDAY or day > timezone.localdate():
            continue
        absent = {member: chance.choice(kehadiran.STATUS) for member in chance.sample(members, chance.randint(0, 2))}
        kehadiran.take_attendance(kelas=kelas, semester=semester, tanggal=day, absen=absent, versi=0, by=keeper)


def _finish(kelas: Kelas) -> None:
    """Take last year's class to its final rapor, both semesters: what guardians read and what the check page knows."""
    homeroom = kelas.wali_kelas.akun if kelas.wali_kelas else None
    head = Akun.objects.get(username="demo-kepala")
    if homeroom is None:
        return
    lessons = {row.pk: row for row in Pembelajaran.objects.filter(kelas=kelas).select_related("mapel", "guru__akun")}
    members = {row.pk: row for row in AnggotaKelas.objects.filter(kelas=kelas)}
    for semester in kelas.tahun.semester.order_by("nomor"):
        for pupil, lesson in sorted(remedial.owing(kelas, semester)):
            teacher = lessons[lesson].guru
            remedial.excuse(
                pembelajaran=lessons[lesson],
                semester=semester,
                anggota=members[pupil],
                alasan="Sudah dibimbing di luar jam pelajaran",
                by=(teacher and teacher.akun) or homeroom,
            )
        if semester.nomor == 2:
            kenaikan.decide(kelas=kelas, semester=semester, rapat_nomor="12/RDG/2026", by=head)
        for taught in lessons.values():
            taught.kelas = kelas
            by = (taught.guru and taught.guru.akun) or homeroom
            langkah.ajukan_nilai(pembelajaran=taught, semester=semester, by=by)
        langkah.periksa(kelas=kelas, semester=semester, by=homeroom)
        final.sahkan(kelas=kelas, semester=semester, kumpulkan=documents.cards, by=head)
