"""The rapor of the made-up demo school: a finished year, and a class in rapor week with a few gaps to fill.

Everything goes through the services. Built once; deterministic.
"""

from __future__ import annotations

import random
from decimal import Decimal

from mutu.rapor.models import Ketentuan
from mutu.rapor.services import cards, marks, terms
from mutu.rapor.services.marks import Cell
from mutu.satuan import ledger
from mutu.satuan.demo import LAST_YEAR, NPSN, SEED
from mutu.satuan.models import Akun, AnggotaKelas, Kelas, Pembelajaran, Sekolah, Semester

SK_PER_SEMESTER = 3
TOPICS = ("memahami dasar-dasar", "menerapkan dalam kehidupan sehari-hari", "menyajikan hasil karya tentang")
# Marks still to be entered in rapor week: subject -> (kind of assessment, how many pupils from the end of the list).
GAPS = {"Matematika": ("uas", 5), "Bahasa Indonesia": ("uts", 2)}
NO_ABSENCE_YET = 3


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
        for kelas in Kelas.objects.filter(tahun__sekolah=school).select_related("tahun"):
            _class(kelas, keeper, chance)


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
