"""The decision at the end of the year: promoted, kept back, graduated (R33..R43).

Everything that the teachers' meeting looks at is read by `candidates` in a fixed number of queries; `decide` stores
what the rule says for a class, `decide_specially` what the meeting adds with its minutes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from mutu.rapor import rules
from mutu.rapor.models import (
    Kenaikan,
    KetentuanKenaikan,
    Ketidakhadiran,
    Nilai,
    NilaiPengembangan,
    NilaiRapor,
    NilaiUjian,
    Sikap,
    StandarKompetensi,
)
from mutu.rapor.services.keadaan import kunci_pribadi, wajib_terbuka
from mutu.regulation.explain import InputError
from mutu.satuan import ledger
from mutu.satuan.models import Akun, AnggotaKelas, Kelas, Pembelajaran, Semester, TahunPelajaran

Keputusan = Kenaikan.Keputusan
STAYS = (Keputusan.TINGGAL, Keputusan.TIDAK_LULUS)
SEMESTER = 2


@dataclass
class Candidate:
    """One pupil before the meeting: what is unmet and missing, the rule's decision, and what is stored already.

    `hasil` is None while something is missing (`kurang`) or where no rule covers the year (`tanpa_aturan`).
    """

    anggota: AnggotaKelas
    akhir: bool
    belum: list[tuple[str, str]] = field(default_factory=list)
    kurang: list[str] = field(default_factory=list)
    kriteria: tuple[rules.HasilKriteria, ...] = ()
    hasil: rules.HasilKenaikan | rules.HasilKelulusan | None = None
    tanpa_aturan: bool = False
    rentan: bool = False
    tersimpan: Kenaikan | None = None
    terkunci: str = ""
    aturan: str = ""

    @property
    def berbeda(self) -> bool:
        """Whether the stored decision no longer is what the rule says today."""
        stored = self.tersimpan
        if stored is None or self.tanpa_aturan:
            return False
        return self.hasil is None or (stored.keputusan, stored.kalimat) != (self.hasil.keputusan, self.hasil.kalimat)

    @property
    def alasan(self) -> tuple[str, ...]:
        return self.hasil.alasan if self.hasil else ()

    @property
    def urutan(self) -> tuple[Any, ...]:
        """Borderline pupils first, then those kept back, then the missing; by name within."""
        stays = bool(self.hasil and self.hasil.keputusan in STAYS)
        group = 0 if self.rentan else 1 if stays else 2 if self.kurang else 3
        return group, -len(self.belum), self.anggota.peserta.nama.casefold(), self.anggota.pk


@dataclass
class Decided:
    """What `decide` did: newly stored or changed, unchanged, locked (name and sentence), not ready (name, reasons)."""

    tersimpan: int = 0
    tetap: int = 0
    terkunci: list[tuple[str, str]] = field(default_factory=list)
    kurang: list[tuple[str, list[str]]] = field(default_factory=list)


def keputusan(anggota_ids: Collection[int]) -> dict[int, Kenaikan]:
    """The stored decisions of these seats, for the printed card: the sentence is `Kenaikan.kalimat`. One query."""
    return {row.anggota_id: row for row in Kenaikan.objects.filter(anggota_id__in=anggota_ids)}


def gaps(kelas: Kelas, semester: Semester) -> dict[int, list[str]]:
    """What the decision of each pupil still lacks before the rapor of semester 2 is final; empty in semester 1."""
    if semester.nomor != SEMESTER:
        return {}
    found = {}
    for one in candidates([kelas], semester):
        if one.tersimpan is None:
            found[one.anggota.pk] = [_("keputusan kenaikan kelas belum ditetapkan")]
        elif one.berbeda:
            found[one.anggota.pk] = [_("keputusan kenaikan kelas tidak lagi sesuai dengan nilai; tetapkan lagi")]
    return found


# The school's own terms (R37, R40, R42)


def terms_of(tahun: TahunPelajaran) -> KetentuanKenaikan:
    """The school's terms of a year; a row that is not stored yet where the school has set nothing (`versi` 0)."""
    return KetentuanKenaikan.objects.filter(tahun=tahun).first() or KetentuanKenaikan(tahun=tahun, dasar="", versi=0)


def set_promotion_terms(
    *, tahun: TahunPelajaran, batas: int | None, dasar: str, kriteria: Mapping[str, Any], versi: int, by: Akun
) -> KetentuanKenaikan:
    """Set a stricter limit, the ground of mastery and the criteria that the school adds.

    Raises InputError at `batas` (above the rule set's), `dasar`, the name of a criterion, or `versi` when somebody
    changed the terms meanwhile. Source: Petunjuk Pengelolaan Rapor SMP 2007, Bab II.C, Keputusan kenaikan kelas.
    """
    aturan = rules.aturan_pada(_second(tahun).selesai)
    rules.periksa_batas(batas, aturan)
    criteria = rules.periksa_kriteria(kriteria, aturan)
    if dasar not in KetentuanKenaikan.Dasar.values:
        raise InputError.at("dasar", _("Dasar ini tidak dikenal; pilih dari daftar."))
    with ledger.record("rapor.tetapkan_ketentuan_kenaikan", by=by, details={"tahun": tahun.pk}):
        row = KetentuanKenaikan.objects.select_for_update().filter(tahun=tahun).first()
        row = row or KetentuanKenaikan(tahun=tahun, versi=0)
        if row.versi != versi:
            raise InputError.at("versi", _("Ketentuan ini sudah diubah orang lain; muat ulang, lalu isi lagi."))
        row.batas, row.dasar, row.kriteria = batas, dasar, criteria
        row.versi += 1
        row.save()
    return row


def _second(tahun: TahunPelajaran) -> Semester:
    semester = Semester.objects.filter(tahun=tahun, nomor=SEMESTER).first()
    if semester is None:
        raise InputError.at("semester", _("Tahun pelajaran ini belum mempunyai semester 2; buat dahulu semesternya."))
    return semester


# What the meeting looks at


@dataclass
class _Facts:
    """All that is known of the pupils of some classes of one year, read at once."""

    lessons: dict[int, list[Pembelajaran]]
    marks: dict[tuple[int, int, int], tuple[int | None, int | None, list[str], dict[str, Any]]]
    sk: dict[int, list[tuple[int, str]]]
    sk_marks: dict[tuple[int, int], list[Fraction | None]]
    absences: dict[int, dict[int, int | None]]
    attitudes: dict[int, dict[str, str]]
    activities: dict[int, list[str]]
    exams: dict[int, dict[int, NilaiUjian]]
    stored: dict[int, Kenaikan]
    locked: dict[int, str]


def candidates(classes: Sequence[Kelas], semester: Semester) -> list[Candidate]:
    """Every pupil of these classes of one year with the rule's decision, borderline pupils first.

    At most twelve queries, however many pupils and classes. Raises InputError at `semester` for semester 1: there is
    no decision then (Bab II.C, Keputusan kenaikan kelas).
    """
    if semester.nomor != SEMESTER:
        raise InputError.at("semester", _("Keputusan kenaikan kelas hanya ada pada akhir semester 2."))
    terms = terms_of(semester.tahun)
    members = list(
        AnggotaKelas.objects.filter(kelas__in=classes, keluar__isnull=True).select_related("peserta", "kelas")
    )
    first = Semester.objects.filter(tahun_id=semester.tahun_id, nomor=1).first()
    facts = _facts(classes, members, first, semester, with_sk=terms.dasar == KetentuanKenaikan.Dasar.SEMUA_SK)
    found = [_candidate(member, terms, first, semester, facts) for member in members]
    return sorted(found, key=lambda one: one.urutan)


def _facts(
    classes: Sequence[Kelas],
    members: Sequence[AnggotaKelas],
    first: Semester | None,
    second: Semester,
    *,
    with_sk: bool,
) -> _Facts:
    ids = [member.pk for member in members]
    lessons: dict[int, list[Pembelajaran]] = defaultdict(list)
    for lesson in Pembelajaran.objects.filter(kelas__in=classes).select_related("mapel"):
        lessons[lesson.kelas_id].append(lesson)
    marks = {}
    columns = ("anggota_id", "pembelajaran_id", "semester__nomor", "nilai", "kkm", "kurang", "ranah_lain")
    results = NilaiRapor.objects.filter(anggota_id__in=ids, semester__tahun_id=second.tahun_id)
    for anggota, lesson_id, nomor, *values in results.order_by().values_list(*columns):
        marks[anggota, lesson_id, nomor] = (values[0], values[1], values[2], values[3])
    absences: dict[int, dict[int, int | None]] = defaultdict(dict)
    days = Ketidakhadiran.objects.filter(anggota_id__in=ids)
    for anggota, semester_id, count in days.values_list("anggota_id", "semester_id", "tanpa_keterangan"):
        absences[anggota][semester_id] = count
    attitudes: dict[int, dict[str, str]] = defaultdict(dict)
    judged = Sikap.objects.filter(anggota_id__in=ids, semester=second)
    for anggota, aspect, category in judged.values_list("anggota_id", "aspek", "kategori"):
        attitudes[anggota][aspect] = category
    activities: dict[int, list[str]] = defaultdict(list)
    graded = NilaiPengembangan.objects.filter(anggota_id__in=ids, semester=second)
    for anggota, letter in graded.values_list("anggota_id", "nilai"):
        activities[anggota].append(letter)
    exams: dict[int, dict[int, NilaiUjian]] = defaultdict(dict)
    if any(rules.kelas_akhir(kelas.tingkat) for kelas in classes):
        for row in NilaiUjian.objects.filter(anggota_id__in=ids).select_related("mapel"):
            exams[row.anggota_id][row.mapel_id] = row
    sk, sk_marks = _sk_facts(classes, ids, second) if with_sk else ({}, {})
    return _Facts(
        lessons=lessons,
        marks=marks,
        sk=sk,
        sk_marks=sk_marks,
        absences=absences,
        attitudes=attitudes,
        activities=activities,
        exams=exams,
        stored=keputusan(ids),
        locked=kunci_pribadi(second, ids),
    )


def _sk_facts(
    classes: Sequence[Kelas], ids: Sequence[int], second: Semester
) -> tuple[dict[int, list[tuple[int, str]]], dict[tuple[int, int], list[Fraction | None]]]:
    """The SK of each lesson's subject and grade, by lesson; and each pupil's marks in each SK."""
    by_subject: dict[tuple[int, int], list[tuple[int, str]]] = defaultdict(list)
    grades = {kelas.pk: kelas.tingkat for kelas in classes}
    wanted = StandarKompetensi.objects.filter(
        mapel_tingkat__tahun_id=second.tahun_id, mapel_tingkat__tingkat__in=set(grades.values())
    )
    for pk, subject, grade, nomor, number in wanted.values_list(
        "pk", "mapel_tingkat__mapel_id", "mapel_tingkat__tingkat", "semester", "nomor"
    ):
        by_subject[subject, grade].append((pk, f"SK {number} semester {nomor}"))
    lessons = Pembelajaran.objects.filter(kelas__in=classes).order_by()
    sk = {
        pk: by_subject[subject, grades[kelas]]
        for pk, subject, kelas in lessons.values_list("pk", "mapel_id", "kelas_id")
    }
    marks: dict[tuple[int, int], list[Fraction | None]] = defaultdict(list)
    found = Nilai.objects.filter(anggota_id__in=ids, penilaian__sk__isnull=False)
    for anggota, pk, value, again in found.order_by().values_list(
        "anggota_id", "penilaian__sk_id", "nilai", "remedial"
    ):
        reached = [Fraction(one) for one in (value, again) if one is not None]
        marks[anggota, pk].append(max(reached) if reached else None)
    return sk, marks


def _candidate(
    member: AnggotaKelas, terms: KetentuanKenaikan, first: Semester | None, second: Semester, facts: _Facts
) -> Candidate:
    aturan = rules.aturan_untuk(member.kelas.kurikulum, second.selesai)
    last = rules.kelas_akhir(member.kelas.tingkat)
    one = Candidate(
        member, last, tersimpan=facts.stored.get(member.pk), terkunci=facts.locked.get(member.pk, ""), aturan=aturan.id
    )
    if last:
        _graduation(one, aturan, facts)
        return one
    _subjects(one, terms, first, aturan, facts)
    one.kriteria = _criteria(member, terms, first, second, aturan, facts)
    one.kurang += [f"{satu.nama} {satu.nyata}" for satu in one.kriteria if satu.terpenuhi is None]
    if not rules.mengenal_kenaikan(aturan):
        one.tanpa_aturan = True
        return one
    limit = min(rules.periksa_batas(None, aturan), 99 if terms.batas is None else terms.batas)
    ground = one.tersimpan.alasan_khusus if one.tersimpan and one.tersimpan.alasan_khusus else None
    one.rentan = rules.rentan(len(one.belum), limit, one.kriteria)
    if one.kurang and ground is None:
        return one
    one.hasil = rules.keputusan_kenaikan(
        kelas=rules.kelas_romawi(member.kelas.tingkat),
        belum_tuntas=len(one.belum),
        batas=limit,
        alasan_khusus=ground,
        kriteria=[satu for satu in one.kriteria if satu.terpenuhi is not None],
        aturan=aturan,
    )
    return one


def _subjects(
    one: Candidate, terms: KetentuanKenaikan, first: Semester | None, aturan: rules.AturanRapor, facts: _Facts
) -> None:
    """Which subjects are unmet for the year, and which marks are missing."""
    member = one.anggota
    lessons = facts.lessons.get(member.kelas_id, [])
    if not lessons:
        one.kurang.append(_("kelas ini belum mempunyai mata pelajaran"))
    # Whoever came after semester 1 has no marks in it here.
    late = bool(first and member.masuk and member.masuk > first.selesai)
    for lesson in lessons:
        halves: list[rules.NilaiSemester | None] = []
        missing: list[str] = []
        for nomor in (1, 2):
            if nomor == 1 and (late or first is None):
                halves.append(None)
                continue
            mark, kkm, gaps, other = facts.marks.get((member.pk, lesson.pk, nomor), (None, None, [], {}))
            # A curriculum with two marks a subject counts the lower one.
            second_mark = other.get("nilai") if other else None
            if mark is not None and second_mark is not None:
                mark = min(mark, int(second_mark))
            halves.append(rules.NilaiSemester(mark, kkm))
            if nomor == SEMESTER:
                missing = [str(gap) for gap in gaps]
        sk = [
            (name, rules.nilai_sk(facts.sk_marks.get((member.pk, pk), []), aturan).nilai)
            for pk, name in facts.sk.get(lesson.pk, [])
            if not (late and name.endswith("semester 1"))
        ]
        found = rules.tuntas_setahun(
            semester_1=halves[0],
            semester_2=halves[1],
            sk=sk,
            dasar=terms.dasar or None,  # type: ignore[arg-type]
            aturan=aturan,
        )
        if found.tuntas is None or missing:
            one.kurang.append(f"{lesson.mapel.nama}: {', '.join(missing or found.kurang)}")
        elif not found.tuntas:
            one.belum.append((lesson.mapel.nama, found.rumus))


def _criteria(
    member: AnggotaKelas,
    terms: KetentuanKenaikan,
    first: Semester | None,
    second: Semester,
    aturan: rules.AturanRapor,
    facts: _Facts,
) -> tuple[rules.HasilKriteria, ...]:
    known = rules.aspek_sikap(aturan)
    # A school's terms may name an aspect that this class's curriculum does not have.
    wanted = {
        name: value
        for name, value in terms.kriteria.items()
        if name in ("tanpa_keterangan", "pengembangan_diri") or (name in known and value in known[name].kategori)
    }
    days = facts.absences.get(member.pk, {})
    late = bool(first and member.masuk and member.masuk > first.selesai)
    halves = [semester.pk for semester in (first, second) if semester and not (late and semester is first)]
    counts = [days.get(pk) for pk in halves]
    known_counts = [count for count in counts if count is not None]
    return rules.nilai_kriteria(
        wanted,
        tanpa_keterangan=sum(known_counts) if len(known_counts) == len(counts) else None,
        sikap=facts.attitudes.get(member.pk, {}),
        pengembangan=facts.activities.get(member.pk, []),
        aturan=aturan,
    )


def _graduation(one: Candidate, aturan: rules.AturanRapor, facts: _Facts) -> None:
    """Class IX: the subjects examined are those in which anybody of the class has a mark."""
    member = one.anggota
    if rules.aturan_kelulusan(aturan) is None:
        one.tanpa_aturan = True
        return
    classmates = {lesson.mapel_id: lesson.mapel.nama for lesson in facts.lessons.get(member.kelas_id, [])}
    examined = {
        subject: classmates.get(subject, row.mapel.nama)
        for rows in facts.exams.values()
        for subject, row in rows.items()
        if row.un is not None or row.us is not None
    }
    own = facts.exams.get(member.pk, {})
    marks = []
    for subject, name in sorted(examined.items(), key=lambda pair: pair[1]):
        row = own.get(subject)
        un, us = (row.un, row.us) if row else (None, None)
        marks.append(rules.Ujian(name, None if un is None else Fraction(un), None if us is None else Fraction(us)))
    found = rules.keputusan_kelulusan(marks, aturan)
    ground = one.tersimpan.alasan_khusus if one.tersimpan else ""
    if ground:
        step = found.langkah
        found = rules.HasilKelulusan(
            "tidak_lulus", rules.kalimat_kelulusan(False), ("alasan khusus menurut notula rapat",), step, ()
        )
    one.kurang += found.kurang
    one.hasil = found if found.keputusan else None
    one.rentan = bool(found.keputusan == "tidak_lulus")


# Decisions


def decide(
    *,
    kelas: Kelas,
    semester: Semester,
    anggota_ids: Collection[int] | None = None,
    rapat_tanggal: date | None = None,
    rapat_nomor: str = "",
    by: Akun,
) -> Decided:
    """Store what the rule says for a class (or some of its pupils), with the meeting that took note of it.

    A pupil with marks missing gets no decision, and one whose rapor is locked keeps the decision it has; both come
    back by name. A special ground stays until it is taken back. Raises InputError at `semester` or `rapat_tanggal`.
    """
    _check_meeting(semester, rapat_tanggal)
    done = Decided()
    with ledger.record("rapor.tetapkan_kenaikan", by=by, details={"kelas": kelas.pk}) as notes:
        Kelas.objects.select_for_update(of=("self",)).order_by().values_list("pk").get(pk=kelas.pk)
        for one in candidates([kelas], semester):
            if anggota_ids is not None and one.anggota.pk not in anggota_ids:
                continue
            if one.hasil is None:
                if one.tersimpan is None or not one.tanpa_aturan:
                    why = list(one.kurang)
                    if one.tanpa_aturan:
                        why.insert(0, _("aturan tahun ini belum tercatat; kepala sekolah memutuskan dengan notula"))
                    done.kurang.append((one.anggota.peserta.nama, why))
                else:
                    done.tetap += 1
                continue
            wanted = _stored_form(one, rapat_tanggal, rapat_nomor)
            row = one.tersimpan or Kenaikan(anggota=one.anggota, versi=0)
            if one.tersimpan is not None and (
                one.tersimpan.alasan_khusus or not (rapat_tanggal or rapat_nomor.strip())
            ):
                # The minutes of a special ground are its own, and none given leaves those that were noted before.
                wanted |= {"rapat_tanggal": row.rapat_tanggal, "rapat_nomor": row.rapat_nomor}
            if all(getattr(row, name) == value for name, value in wanted.items()):
                done.tetap += 1
            elif one.terkunci:
                done.terkunci.append((one.anggota.peserta.nama, one.terkunci))
            else:
                _store(row, wanted, by)
                done.tersimpan += 1
        notes["tersimpan"] = done.tersimpan
    return done


def decide_specially(
    *,
    anggota: AnggotaKelas,
    semester: Semester,
    keputusan: str,
    alasan: str,
    rapat_tanggal: date | None,
    rapat_nomor: str,
    versi: int,
    by: Akun,
) -> Kenaikan:
    """The head's decision with minutes: a special ground that keeps a pupil back (R38), or, where no rule covers the

    year or the curriculum leaves it to the school, the decision itself (R43). `versi` is the row's as seen, 0 for none.
    Raises InputError at `keputusan`, `alasan`, `rapat_tanggal`, `rapat_nomor`, `versi`, or "" for a locked rapor.
    Source: Petunjuk Pengelolaan Rapor SMP 2007, Bab II.C, Keputusan kenaikan kelas, angka 3 huruf b.
    """
    ground, number = " ".join(alasan.split()), " ".join(rapat_nomor.split())
    faults = []
    if not ground:
        faults.append(
            {"jalur": "alasan", "pesan": _("Tulis alasannya; keputusan ini tidak dapat berdiri tanpa alasan.")}
        )
    if rapat_tanggal is None:
        faults.append({"jalur": "rapat_tanggal", "pesan": _("Isi tanggal rapat dewan guru.")})
    if not number:
        faults.append({"jalur": "rapat_nomor", "pesan": _("Isi nomor notula rapat.")})
    if faults:
        raise InputError(faults)
    _check_meeting(semester, rapat_tanggal)
    with ledger.record("rapor.putuskan_khusus", by=by, details={"anggota": anggota.pk}):
        row, one = _locked(anggota, semester, versi)
        if keputusan not in choices_of(one):
            raise InputError.at(
                "keputusan", _("Keputusan ini tidak dapat diambil untuk peserta didik ini; pilih dari daftar.")
            )
        row.alasan_khusus = ground
        stays = keputusan in STAYS
        if one.akhir:
            sentence = rules.kalimat_kelulusan(not stays)
        else:
            sentence = rules.kalimat_kenaikan(
                rules.kelas_romawi(one.anggota.kelas.tingkat),
                not stays,
                rules.aturan_untuk(one.anggota.kelas.kurikulum, semester.selesai),
            )
        wanted = {
            "keputusan": keputusan,
            "kalimat": sentence,
            "belum_tuntas": len(one.belum),
            "kriteria": [satu.as_dict() for satu in one.kriteria],
            "langkah": [_minutes_step(keputusan, sentence)],
            "aturan": one.aturan,
            "alasan_khusus": ground,
            "rapat_tanggal": rapat_tanggal,
            "rapat_nomor": number,
        }
        if not one.tanpa_aturan:
            # With the ground on the row the rule itself comes to the same decision, and shows how.
            again = _with_ground(one, row, semester)
            wanted["langkah"] = _stored_form(again, None, "")["langkah"]
        _store(row, wanted, by)
    return row


def _with_ground(one: Candidate, row: Kenaikan, semester: Semester) -> Candidate:
    terms = terms_of(semester.tahun)
    first = Semester.objects.filter(tahun_id=semester.tahun_id, nomor=1).first()
    facts = _facts(
        [one.anggota.kelas],
        [one.anggota],
        first,
        semester,
        with_sk=terms.dasar == KetentuanKenaikan.Dasar.SEMUA_SK,
    )
    facts.stored[one.anggota.pk] = row
    return _candidate(one.anggota, terms, first, semester, facts)


def withdraw_special(*, anggota: AnggotaKelas, semester: Semester, versi: int, by: Akun) -> Kenaikan | None:
    """Take a special ground back; the rule decides again, or nobody where marks are missing or no rule covers the year.

    Raises InputError at `versi`, or "" for a locked rapor.
    """
    with ledger.record("rapor.cabut_putusan_khusus", by=by, details={"anggota": anggota.pk}):
        row, one = _locked(anggota, semester, versi)
        if row.pk is None:
            return None
        row.alasan_khusus = ""
        again = _with_ground(one, row, semester)
        if again.hasil is None:
            row.delete()
            return None
        _store(row, _stored_form(again, None, ""), by)
    return row


def choices_of(one: Candidate) -> list[str]:
    """Which decisions the head may take with minutes: keep back where a rule decides, either where none does."""
    if one.akhir:
        return [Keputusan.LULUS, Keputusan.TIDAK_LULUS] if one.tanpa_aturan else [Keputusan.TIDAK_LULUS]
    return [Keputusan.NAIK, Keputusan.TINGGAL] if one.tanpa_aturan else [Keputusan.TINGGAL]


def _locked(anggota: AnggotaKelas, semester: Semester, versi: int) -> tuple[Kenaikan, Candidate]:
    """The row to change and the pupil's standing, held against others until the transaction ends."""
    Kelas.objects.select_for_update(of=("self",)).order_by().values_list("pk").get(pk=anggota.kelas_id)
    wajib_terbuka(semester, anggota.pk)
    one = next((one for one in candidates([anggota.kelas], semester) if one.anggota.pk == anggota.pk), None)
    if one is None:
        raise InputError.at("", _("Peserta didik ini sudah keluar dari kelas; keputusannya tidak dapat diubah."))
    row = one.tersimpan or Kenaikan(anggota=one.anggota, versi=0)
    if row.versi != versi:
        raise InputError.at("versi", _("Keputusan ini sudah diubah orang lain; muat ulang, lalu putuskan lagi."))
    return row, one


def _check_meeting(semester: Semester, day: date | None) -> None:
    if semester.nomor != SEMESTER:
        raise InputError.at("semester", _("Keputusan kenaikan kelas hanya ada pada akhir semester 2."))
    if day is not None and not semester.mulai <= day <= date(semester.selesai.year, 12, 31):
        raise InputError.at(
            "rapat_tanggal", _("Tanggal rapat di luar semester 2 tahun pelajaran ini; periksa tahunnya.")
        )


def _stored_form(one: Candidate, day: date | None, number: str) -> dict[str, Any]:
    if one.hasil is None or one.hasil.keputusan is None:
        raise ValueError("there is no decision to store")
    return {
        "keputusan": one.hasil.keputusan,
        "kalimat": one.hasil.kalimat,
        "belum_tuntas": len(one.belum),
        "kriteria": [satu.as_dict() for satu in one.kriteria],
        "langkah": [{"nama": nama, "hasil": "belum tuntas", "rumus": rumus, "sumber": ""} for nama, rumus in one.belum]
        + [step.as_dict() for step in one.hasil.langkah],
        "aturan": one.aturan,
        "rapat_tanggal": day,
        "rapat_nomor": number.strip(),
    }


def _minutes_step(decision: str, sentence: str) -> dict[str, str]:
    label = str(Keputusan(decision).label)
    return {"nama": "Keputusan kepala sekolah dengan notula rapat", "hasil": label, "rumus": sentence, "sumber": ""}


def _store(row: Kenaikan, wanted: Mapping[str, Any], by: Akun) -> None:
    for name, value in wanted.items():
        setattr(row, name, value)
    row.versi += 1
    row.oleh, row.pada = by, timezone.now()
    row.save()
