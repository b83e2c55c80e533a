"""Ready or not: what each rapor still lacks, whom it waits for and where it is mended; by class and for a school.

What holds a rapor back stands in `kurang`; what only deserves a look stands in `saran`. Lessons that are not handed
over (R51) are a matter of the class and stand apart. Both boards ask a fixed number of queries for any size: the
school's reads complete marks as counts alone.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Exists, F, FilteredRelation, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _

from mutu.rapor import rules
from mutu.rapor.models import (
    AjuanNilai,
    Kenaikan,
    Ketidakhadiran,
    MapelTingkat,
    NilaiPengembangan,
    NilaiRapor,
    Pengingat,
    PercobaanRemedial,
    Sikap,
    StandarKompetensi,
    TanpaRemedial,
)
from mutu.rapor.services import kenaikan
from mutu.rapor.services.cards import ABSENCE
from mutu.regulation.explain import InputError
from mutu.satuan import ledger
from mutu.satuan.models import Akun, AnggotaKelas, Kelas, Pembelajaran, Semester

Gap = dict[str, Any]
"""`jenis`, `apa`, `rincian` (list), `siapa`, `pembelajaran` (id or None), `tautan` (route name and its arguments)."""

DECISION_SEMESTER = kenaikan.SEMESTER
LONGEST_MESSAGE = 300


@dataclass
class Readiness:
    """One pupil on the board of a class: the marks by subject, what holds the rapor back, and advice."""

    anggota: AnggotaKelas
    rows: Mapping[int, NilaiRapor]
    ketidakhadiran: Ketidakhadiran | None
    kurang: list[Gap] = field(default_factory=list)
    saran: list[Gap] = field(default_factory=list)

    @property
    def lengkap(self) -> bool:
        return not self.kurang


@dataclass
class Board:
    """A class and semester with every pupil's readiness, and the lessons that are not handed over."""

    lessons: list[Pembelajaran]
    pupils: list[Readiness]
    belum_diajukan: list[Gap] = field(default_factory=list)

    @property
    def complete(self) -> int:
        return sum(pupil.lengkap for pupil in self.pupils)


@dataclass
class Tally:
    """The same gap of several pupils of a class: the gap, and their names in the order of the class list."""

    hal: Gap
    nama: list[str] = field(default_factory=list)


@dataclass
class ClassReadiness:
    """One class on the school's board: complete of all, gaps with the pupils they concern, lessons not handed over."""

    kelas: Kelas
    jumlah: int
    lengkap: int
    hal: list[Tally]
    belum_diajukan: list[Gap]

    @property
    def persen(self) -> int:
        return 100 * self.lengkap // self.jumlah if self.jumlah else 0


@dataclass(frozen=True)
class _Class:
    """What the rule set of a class asks for."""

    kelas: Kelas
    semester: Semester
    aturan: rules.AturanRapor

    @property
    def aspek(self) -> Mapping[str, rules.AspekSikap]:
        return rules.aspek_sikap(self.aturan) if "sikap" in self.bagian else {}

    @property
    def bagian(self) -> Mapping[str, str]:
        return rules.bentuk_rapor(self.aturan).bagian

    @property
    def remedial_wajib(self) -> bool:
        return "remedial_wajib" in self.aturan.nilai and bool(self.aturan.isi("remedial_wajib"))

    @property
    def berkeputusan(self) -> bool:
        return self.semester.nomor == DECISION_SEMESTER and "kenaikan" in self.bagian


class _Gaps:
    """Makes the gaps of one class. Pupils share the entry of the same gap, so nothing is made twice."""

    def __init__(self, own: _Class, lessons: Sequence[Pembelajaran]) -> None:
        self.own = own
        self.lessons = lessons
        kelas, nomor = own.kelas, own.semester.nomor
        homeroom = _("wali kelas {nama}").format(nama=kelas.wali_kelas.nama) if kelas.wali_kelas else ""
        self.homeroom = homeroom or _("wali kelas, belum ditetapkan")
        self.absence = self._gap(
            "ketidakhadiran", _("Ketidakhadiran"), [_("belum dicatat")], self.homeroom, "rapor-ketidakhadiran"
        )
        self.of_terms = {lesson.pk: self._terms(lesson) for lesson in lessons}
        self.aspects = {name: self._aspect(name, aspect) for name, aspect in own.aspek.items()}
        self.decision = self._gap(
            "keputusan", _("Keputusan"), [_("belum ditetapkan")], _("kepala sekolah"), "rapor-kenaikan", kelas.pk
        )
        self.no_lessons = self._gap(
            "nilai", _("Mata pelajaran"), [_("kelas ini belum mempunyai mata pelajaran")], _("operator sekolah"), ""
        )
        self._known: dict[tuple[Any, ...], Gap] = {}
        self._no_mark = _("belum ada nilai")
        self._no_remedial = _("di bawah {kkm}, belum remedial dan belum ada alasannya").format(
            kkm=own.aturan.sebutan_kkm
        )
        self.said = {own.aturan.sebutan_kkm, f"{own.aturan.sebutan} mata pelajaran"}
        self.nomor = nomor

    def _gap(
        self, jenis: str, apa: str, rincian: list[str], siapa: str, route: str, *args: Any, lesson: int | None = None
    ) -> Gap:
        return {
            "jenis": jenis,
            "apa": apa,
            "rincian": rincian,
            "siapa": siapa,
            "pembelajaran": lesson,
            "tautan": (route, args or (self.own.kelas.pk, self.own.semester.nomor)),
        }

    def _of_lesson(self, jenis: str, lesson: Pembelajaran, rincian: list[str], route: str) -> Gap:
        key = (jenis, lesson.pk, *rincian)
        if key not in self._known:
            place = (lesson.pk, self.nomor)
            self._known[key] = self._gap(
                jenis, lesson.mapel.nama, rincian, teacher_of(lesson), route, *place, lesson=lesson.pk
            )
        return self._known[key]

    def _terms(self, lesson: Any) -> list[Gap]:
        """What the school has not set yet for a lesson: the limit of mastery, the units of the description."""
        aturan = self.own.aturan
        place = (self.own.semester.tahun_id, lesson.mapel_id, self.own.kelas.tingkat)
        missing = [(aturan.sebutan_kkm, lesson.kkm is None), (aturan.sebutan, not lesson.ada_sk)]
        return [
            self._gap(
                "kkm",
                f"{name} {lesson.mapel.nama}",
                [_("belum ditetapkan")],
                _("operator sekolah"),
                "rapor-kkm-ubah",
                *place,
                lesson=lesson.pk,
            )
            for name, lacking in missing
            if lacking
        ]

    def _aspect(self, name: str, aspect: rules.AspekSikap) -> Gap:
        if aspect.bidang:
            owners = [teacher_of(lesson) for lesson in self.lessons if lesson.mapel.bidang == aspect.bidang]
            who = ", ".join(dict.fromkeys(owners)) or _("belum ada mata pelajaran berbidang {bidang}").format(
                bidang=aspect.bidang
            )
        else:
            who = self.homeroom
        return self._gap("sikap", aspect.judul, [_("belum ditetapkan")], who, "rapor-sikap")

    def of_marks(self, lesson: Pembelajaran, mark: tuple[int | None, list[str]] | None, remedial: bool) -> list[Gap]:
        """The gaps of one pupil in one lesson. `mark` is the figure with what it lacks, None for no result at all."""
        found = list(self.of_terms[lesson.pk])
        figure, lacking = mark or (None, [])
        rest = [one for one in lacking if one not in self.said]
        if rest or (figure is None and not lacking):
            found.append(self._of_lesson("nilai", lesson, rest or [self._no_mark], "rapor-kisi"))
        if remedial:
            found.append(self._of_lesson("remedial", lesson, [self._no_remedial], "rapor-remedial"))
        return found

    def beside(self, absences: Iterable[int | None], character: set[str], decided: bool) -> list[Gap]:
        """The gaps of one pupil beside the marks."""
        found = [self.absence] if any(days is None for days in absences) else []
        found += [gap for name, gap in self.aspects.items() if name not in character]
        if self.own.berkeputusan and not decided:
            found.append(self.decision)
        return found

    def handing_over(self) -> list[Gap]:
        """The lessons that are not handed over to the homeroom teacher."""
        return [
            self._of_lesson("ajuan", lesson, [_("nilai belum diajukan")], "rapor-ajuan")
            for lesson in self.lessons
            if lesson.status_ajuan != AjuanNilai.Status.DIAJUKAN  # type: ignore[attr-defined]
        ]

    def advice(self, apa: str, words: Iterable[str], siapa: str, lesson: int | None = None) -> Gap:
        route, args = ("rapor-kisi", (lesson, self.nomor)) if lesson else ("rapor-pribadi", ())
        return self._gap("saran", apa, list(words), siapa, route, *args, lesson=lesson)


def teacher_of(lesson: Pembelajaran) -> str:
    """Who teaches a lesson, or that nobody does."""
    return lesson.guru.nama if lesson.guru else _("guru belum ditetapkan")


def _lessons(classes: Sequence[Kelas], semester: Semester) -> dict[int, list[Pembelajaran]]:
    """The lessons of each class with KKM (`kkm`), whether they have SK (`ada_sk`), and `status_ajuan`."""
    same = {"tahun": semester.tahun_id, "mapel": OuterRef("mapel"), "tingkat": OuterRef("kelas__tingkat")}
    units = {f"mapel_tingkat__{name}": value for name, value in same.items()}
    handed = AjuanNilai.objects.filter(pembelajaran=OuterRef("pk"), semester=semester).order_by()
    rows = (
        Pembelajaran.objects.filter(kelas__in=classes)
        .select_related("mapel", "guru")
        .annotate(
            kkm=Subquery(MapelTingkat.objects.filter(**same).order_by().values("kkm")),
            ada_sk=Exists(StandarKompetensi.objects.filter(semester=semester.nomor, **units)),
            status_ajuan=Subquery(handed.values("status")),
        )
    )
    found: dict[int, list[Pembelajaran]] = defaultdict(list)
    for lesson in rows:
        found[lesson.kelas_id].append(lesson)
    return found


def _settled(classes: Sequence[Kelas], semester: Semester) -> set[tuple[int, int]]:
    """Pupil and lesson of each remedial held and each reason why none was (R16)."""
    held = PercobaanRemedial.objects.filter(semester=semester, anggota__kelas__in=classes, batal="").order_by()
    excused = TanpaRemedial.objects.filter(semester=semester, anggota__kelas__in=classes).order_by()
    pair = ("anggota_id", "pembelajaran_id")
    return set(held.values_list(*pair).union(excused.values_list(*pair), all=True))


def _character(classes: Sequence[_Class], semester: Semester) -> dict[int, set[str]]:
    """The aspects of character that are set: pupil -> names. A category counts only where the rule set has some."""
    by_category = {one.kelas.pk: {name: bool(isi.kategori) for name, isi in one.aspek.items()} for one in classes}
    rows = Sikap.objects.filter(semester=semester, anggota__kelas__in=list(by_category)).order_by()
    found: dict[int, set[str]] = defaultdict(set)
    for pupil, kelas, name, category, words in rows.values_list(
        "anggota_id", "anggota__kelas_id", "aspek", "kategori", "uraian"
    ):
        if category if by_category[kelas].get(name) else words:
            found[pupil].add(name)
    return found


def _of(kelas: Kelas, semester: Semester) -> _Class:
    return _Class(kelas, semester, rules.aturan_untuk(kelas.kurikulum, semester.selesai))


# One class


def class_board(kelas: Kelas, semester: Semester) -> Board:
    """Who is complete and who is not, and what and whom each gap waits for.

    Eight queries for any class size; in semester 2 also those of `kenaikan.candidates`, because a decision that no
    longer follows from the marks holds the rapor back too.
    """
    own = _of(kelas, semester)
    lessons = _lessons([kelas], semester)[kelas.pk]
    gaps = _Gaps(own, lessons)
    members = list(AnggotaKelas.objects.filter(kelas=kelas, keluar__isnull=True).select_related("peserta"))
    marks: dict[int, dict[int, NilaiRapor]] = defaultdict(dict)
    for stored in NilaiRapor.objects.filter(semester=semester, anggota__kelas=kelas).defer("langkah", "peringatan"):
        marks[stored.anggota_id][stored.pembelajaran_id] = stored
    absences = {row.anggota_id: row for row in Ketidakhadiran.objects.filter(semester=semester, anggota__kelas=kelas)}
    character = _character([own], semester) if own.aspek else {}
    settled = _settled([kelas], semester) if own.remedial_wajib else set()
    decisions = kenaikan.gaps(kelas, semester) if own.berkeputusan else {}
    activities: dict[int, list[tuple[str, str, str]]] = defaultdict(list)
    for pupil, *activity in NilaiPengembangan.objects.filter(semester=semester, anggota__kelas=kelas).values_list(
        "anggota_id", "kegiatan__nama", "nilai", "keterangan"
    ):
        activities[pupil].append(tuple(activity))  # type: ignore[arg-type]
    pupils = []
    for member in members:
        one = Readiness(member, marks[member.pk], absences.get(member.pk))
        if not lessons:
            one.kurang.append(gaps.no_lessons)
        for lesson in lessons:
            row = one.rows.get(lesson.pk)
            owed = own.remedial_wajib and _below(row) and (member.pk, lesson.pk) not in settled
            one.kurang += gaps.of_marks(lesson, (row.nilai, row.kurang) if row else None, owed)
        days = [getattr(one.ketidakhadiran, name, None) for name in ABSENCE]
        one.kurang += gaps.beside(days, character.get(member.pk, set()), member.pk not in decisions)
        if decided := decisions.get(member.pk):
            one.kurang[-1] = gaps.decision | {"rincian": decided}
        one.saran = _advice(own, gaps, one, activities.get(member.pk, []))
        pupils.append(one)
    return Board(lessons, pupils, gaps.handing_over())


def _below(row: NilaiRapor | None) -> bool:
    return row is not None and row.nilai is not None and row.kkm is not None and row.nilai < row.kkm


def _advice(own: _Class, gaps: _Gaps, one: Readiness, activities: list[tuple[str, str, str]]) -> list[Gap]:
    """What does not hold a rapor back: words that discourage or contradict, long descriptions, no activity."""
    found = []
    for lesson in gaps.lessons:
        row = one.rows.get(lesson.pk)
        words = rules.saran_panjang(row.deskripsi_cetak, own.aturan) if row and row.deskripsi_cetak else ()
        if words:
            found.append(gaps.advice(lesson.mapel.nama, words, teacher_of(lesson), lesson.pk))
    if "pengembangan" in own.bagian:
        letters = rules.nilai_pengembangan(own.aturan)
        for name, letter, text in activities:
            if words := rules.periksa_keterangan(text, letter if letter in letters else "", own.aturan):
                found.append(gaps.advice(name, words, _("pembina")))
        if not activities:
            title = own.bagian["pengembangan"]
            found.append(gaps.advice(title, [_("belum ada kegiatan yang bernilai")], _("pembina")))
    return found


# The whole school


def school_board(semester: Semester, classes: QuerySet[Kelas] | None = None) -> list[ClassReadiness]:
    """Every class of a semester, or those given: complete of all, and each gap with the pupils it concerns.

    At most nine queries. A decision that no longer follows from the marks shows on the board of the class alone.
    """
    rows = Kelas.objects.filter(tahun=semester.tahun_id) if classes is None else classes
    return _tallied(
        [_of(kelas, semester) for kelas in rows.select_related("wali_kelas").order_by("tingkat", "nama")], semester
    )


def _tallied(classes: Sequence[_Class], semester: Semester) -> list[ClassReadiness]:
    plain = [one.kelas for one in classes]
    if not plain:
        return []
    lessons = _lessons(plain, semester)
    members = _members(plain, semester)
    troubled, absent = _troubled(plain, semester, lessons, members)
    settled = _settled(plain, semester) if any(one.remedial_wajib for one in classes) else set()
    character = _character(classes, semester) if any(one.aspek for one in classes) else {}
    found = []
    for own in classes:
        kelas = own.kelas
        gaps = _Gaps(own, lessons[kelas.pk])
        by_pk = {lesson.pk: lesson for lesson in lessons[kelas.pk]}
        always = [gap for lesson in lessons[kelas.pk] for gap in gaps.of_terms[lesson.pk]]
        if not by_pk:
            always.append(gaps.no_lessons)
        tallies: dict[int, Tally] = {}
        complete = 0
        for pk, name, decided, days in members[kelas.pk]:
            own_gaps = list(always)
            for lesson_pk, figure, kkm, lacking in troubled.get(pk, ()):
                below = figure is not None and kkm is not None and figure < kkm
                owed = own.remedial_wajib and below and (pk, lesson_pk) not in settled
                own_gaps += gaps.of_marks(by_pk[lesson_pk], (figure, lacking), owed)[len(gaps.of_terms[lesson_pk]) :]
            for lesson_pk in absent.get(pk, ()):
                own_gaps += gaps.of_marks(by_pk[lesson_pk], None, False)[len(gaps.of_terms[lesson_pk]) :]
            own_gaps += gaps.beside(days, character.get(pk, set()), decided)
            complete += not own_gaps
            for gap in own_gaps:
                tallies.setdefault(id(gap), Tally(gap)).nama.append(name)
        hal = sorted(tallies.values(), key=lambda one: -len(one.nama))
        found.append(ClassReadiness(kelas, len(members[kelas.pk]), complete, hal, gaps.handing_over()))
    return found


def _members(
    classes: Sequence[Kelas], semester: Semester
) -> dict[int, list[tuple[int, str, bool, tuple[int | None, ...]]]]:
    """The pupils of each class: id, name, whether there is a decision, days absent."""
    rows = AnggotaKelas.objects.filter(kelas__in=classes, keluar__isnull=True).annotate(
        absen=FilteredRelation("ketidakhadiran", condition=Q(ketidakhadiran__semester=semester)),
        diputuskan=Exists(Kenaikan.objects.filter(anggota=OuterRef("pk"))),
    )
    found = defaultdict(list)
    for kelas, pk, name, decided, *days in rows.values_list(
        "kelas_id", "pk", "peserta__nama", "diputuskan", *(f"absen__{name}" for name in ABSENCE)
    ):
        found[kelas].append((pk, name, bool(decided), tuple(days)))
    return found


def _troubled(
    classes: Sequence[Kelas],
    semester: Semester,
    lessons: Mapping[int, Sequence[Pembelajaran]],
    members: Mapping[int, Sequence[tuple[int, str, bool, Any]]],
) -> tuple[dict[int, list[tuple[int, int | None, int | None, list[str]]]], dict[int, list[int]]]:
    """Results that lack something or lie below the KKM, by pupil; and the lessons in which a pupil has no result.

    Complete results are only counted: whose lesson has as many results as the class has pupils lacks none.
    """
    results = NilaiRapor.objects.filter(
        semester=semester, anggota__kelas__in=classes, anggota__keluar__isnull=True
    ).order_by()
    troubled = defaultdict(list)
    wanting = results.filter(Q(nilai__isnull=True) | ~Q(kurang=[]) | Q(nilai__lt=F("kkm")))
    for pupil, *mark in wanting.values_list("anggota_id", "pembelajaran_id", "nilai", "kkm", "kurang"):
        troubled[pupil].append(tuple(mark))
    pairs = results.values_list("anggota_id", "pembelajaran_id")
    # Of one class the pairs themselves are as cheap as their numbers, and save the second question.
    there = set(pairs) if len(classes) == 1 else None
    if there is None:
        counted = dict(results.values_list("pembelajaran_id").annotate(n=Count("pk")))
    else:
        counted = Counter(lesson for _pupil, lesson in there)
    short = {
        lesson.pk: lesson.kelas_id
        for kelas, own in lessons.items()
        for lesson in own
        if counted.get(lesson.pk, 0) < len(members[kelas])
    }
    absent = defaultdict(list)
    if short:
        if there is None:
            there = set(pairs.filter(pembelajaran__in=list(short)))
        for lesson_pk, kelas in short.items():
            for pupil, *_others in members[kelas]:
                if (pupil, lesson_pk) not in there:
                    absent[pupil].append(lesson_pk)
    return troubled, absent


# Reminders


def remind(*, semester: Semester, pesan: str, by: Akun) -> Pengingat:
    """Remind everybody who owes something for the rapor of a semester: a dated note on their home page.

    Who that is follows from the board on the day it is read, so whoever has finished sees nothing. Raises InputError
    at `pesan` when it is too long.
    """
    words = " ".join(pesan.split())
    if len(words) > LONGEST_MESSAGE:
        raise InputError.at("pesan", _("Pesan paling panjang {n} karakter.").format(n=LONGEST_MESSAGE))
    with ledger.record("rapor.ingatkan", by=by, details={"semester": semester.pk}):
        return Pengingat.objects.create(semester=semester, pesan=words, oleh=by, pada=timezone.now())


def last_reminder(semester: Semester) -> Pengingat | None:
    """The newest reminder of a semester, with its sender."""
    return Pengingat.objects.filter(semester=semester).select_related("oleh").order_by("-pk").first()


def owing_remedial(lessons: Sequence[Pembelajaran], semester: Semester) -> dict[int, int]:
    """How many marks of each lesson wait for a remedial or a reason (R16): pembelajaran id -> number. Two queries."""
    wanted = [lesson.pk for lesson in lessons if _of(lesson.kelas, semester).remedial_wajib]
    if not wanted:
        return {}
    same = {"pembelajaran": OuterRef("pembelajaran"), "anggota": OuterRef("anggota"), "semester": semester}
    rows = (
        NilaiRapor.objects.filter(
            pembelajaran__in=wanted, semester=semester, anggota__keluar__isnull=True, nilai__lt=F("kkm")
        )
        .exclude(Exists(PercobaanRemedial.objects.filter(batal="", **same)))
        .exclude(Exists(TanpaRemedial.objects.filter(**same)))
    )
    return dict(rows.order_by().values_list("pembelajaran_id").annotate(n=Count("pk")))
