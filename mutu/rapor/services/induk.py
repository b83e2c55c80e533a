"""One pupil over the years: the transcript of all semesters, and what the buku induk keeps."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from mutu.rapor import rules
from mutu.rapor.models import Mutasi, NilaiRapor, Prestasi, RaporFinal
from mutu.rapor.services import final
from mutu.rapor.services.reading import released
from mutu.satuan.models import Akun, AnggotaKelas, Perwalian, PesertaDidik, Semester


@dataclass(frozen=True)
class Mark:
    """One mark of a transcript; `bawah` when it lies under the KKM that stood on that rapor. None is no mark."""

    nilai: int | None
    predikat: str = ""
    bawah: bool = False


@dataclass
class Term:
    """One semester of a transcript: where the pupil sat, by which rules, and the marks by subject.

    `naskah` is the number of the final rapor that the marks come from; empty for marks that are still a draft.
    `ranah` names the marks of a subject, one where the curriculum has one.
    """

    anggota: AnggotaKelas
    semester: Semester
    aturan: str
    naskah: str
    ranah: tuple[str, ...]
    nilai: dict[str, tuple[Mark, ...]] = field(default_factory=dict)

    @property
    def draf(self) -> bool:
        return not self.naskah

    @property
    def judul(self) -> str:
        return f"{self.anggota.kelas.nama}, {self.anggota.kelas.tahun.label}, semester {self.semester.nomor}"


@dataclass
class Transcript:
    """All semesters of a pupil in the order of time, and every subject that any of them has."""

    peserta: PesertaDidik
    terms: list[Term]

    @property
    def mapel(self) -> list[str]:
        return list(dict.fromkeys(name for term in self.terms for name in term.nilai))

    @property
    def draf(self) -> int:
        """How many semesters are not final."""
        return sum(term.draf for term in self.terms)

    def baris(self) -> list[tuple[str, list[Mark]]]:
        """Each subject with its marks through all columns of all semesters."""
        return [
            (name, [mark for term in self.terms for mark in term.nilai.get(name, (Mark(None),) * len(term.ranah))])
            for name in self.mapel
        ]


def transcript(peserta: PesertaDidik, *, finals_only: bool = False) -> Transcript:
    """The marks of all semesters of a pupil: of the final rapor where there is one, else the present ones as a draft.

    `finals_only` is what a guardian sees: final rapor of semesters whose day of handing over has come. A final rapor
    counts until another replaces it, also while its revision is open; a semester without any mark is left out. Four
    queries for any number of semesters. Raises final.Tercemar for a stored text that no longer fits its signature.
    """
    seats = {
        seat.pk: seat
        for seat in AnggotaKelas.objects.filter(peserta=peserta)
        .select_related("kelas__tahun", "kelas__wali_kelas")
        .order_by("kelas__tahun__mulai", "kelas__tingkat", "pk")
    }
    semesters: dict[int, list[Semester]] = defaultdict(list)
    years = {seat.kelas.tahun_id for seat in seats.values()}
    for semester in Semester.objects.filter(tahun__in=years).order_by("nomor"):
        semesters[semester.tahun_id].append(semester)
    finals = {
        (row.rapor.anggota_id, row.rapor.semester_id): row
        for row in RaporFinal.objects.filter(rapor__anggota__in=list(seats), status=RaporFinal.Status.BERLAKU)
        .select_related("rapor")
        .order_by("revisi")
    }
    live: dict[tuple[int, int], list[tuple[Any, ...]]] = defaultdict(list)
    if not finals_only:
        rows = NilaiRapor.objects.filter(anggota__in=list(seats)).order_by(
            "pembelajaran__mapel__urutan", "pembelajaran__mapel__nama"
        )
        for seat, term, *mark in rows.values_list(
            *("anggota_id", "semester_id", "pembelajaran__mapel__nama", "nilai", "predikat", "kkm", "ranah_lain")
        ):
            live[seat, term].append(tuple(mark))
    terms = []
    for seat_pk, seat in seats.items():
        for semester in semesters[seat.kelas.tahun_id]:
            stored = finals.get((seat_pk, semester.pk))
            if stored is not None and (not finals_only or released(semester)):
                terms.append(_of_final(seat, semester, stored))
            elif found := live.get((seat_pk, semester.pk)):
                term = _of_live(seat, semester, found)
                if any(mark.nilai is not None for marks in term.nilai.values() for mark in marks):
                    terms.append(term)
    return Transcript(peserta, terms)


def _of_final(seat: AnggotaKelas, semester: Semester, row: RaporFinal) -> Term:
    card = final.isi(row).data["kartu"]
    term = Term(seat, semester, card["aturan"]["id"], row.pk, ("",))
    for mark in card["mapel"]:
        parts = [mark, *(mark.get("ranah") or {}).values()]
        term.nilai[mark["nama"]] = tuple(_mark(one["nilai"], one.get("predikat"), mark["kkm"]) for one in parts)
        if len(parts) > len(term.ranah):
            term.ranah = _names(rules.aturan_dengan_id(card["aturan"]["id"], semester.selesai), len(parts))
    return term


def _of_live(seat: AnggotaKelas, semester: Semester, rows: Sequence[tuple[Any, ...]]) -> Term:
    aturan = rules.aturan_untuk(seat.kelas.kurikulum, semester.selesai)
    names = _names(aturan, max(1, len(rules.bentuk_rapor(aturan).ranah)))
    term = Term(seat, semester, aturan.id, "", names)
    for name, figure, letter, kkm, other in rows:
        parts: list[tuple[int | None, str]] = [(figure, letter)]
        if len(names) > 1:
            parts.append((other.get("nilai"), other.get("predikat") or ""))
        term.nilai[name] = tuple(_mark(value, word, kkm) for value, word in parts)
    return term


def _names(aturan: rules.AturanRapor, count: int) -> tuple[str, ...]:
    """What the marks of a subject are called; nothing where there is one."""
    names = tuple(str(title) for title in rules.bentuk_rapor(aturan).ranah.values())
    return names[:count] if len(names) >= count > 1 else ("",) * count


def _mark(value: int | None, letter: str | None, kkm: int | None) -> Mark:
    return Mark(value, letter or "", value is not None and kkm is not None and value < kkm)


@dataclass(frozen=True)
class BukuInduk:
    """What the buku induk keeps of a pupil beside the marks."""

    peserta: PesertaDidik
    wali: list[Perwalian]
    kelas: list[AnggotaKelas]
    mutasi: list[Mutasi]
    prestasi: list[Prestasi]


def buku_induk(peserta: PesertaDidik) -> BukuInduk:
    """Identity, guardians, classes by year with the decision at their end, transfers and achievements. Four queries."""
    return BukuInduk(
        peserta=peserta,
        wali=list(Perwalian.objects.filter(peserta=peserta).select_related("wali").order_by("-utama", "pk")),
        kelas=list(
            AnggotaKelas.objects.filter(peserta=peserta)
            .select_related("kelas__tahun", "kelas__wali_kelas", "kenaikan")
            .order_by("kelas__tahun__mulai", "pk")
        ),
        mutasi=list(Mutasi.objects.filter(peserta=peserta).select_related("kelas__tahun")),
        prestasi=list(
            Prestasi.objects.filter(anggota__peserta=peserta)
            .select_related("semester__tahun")
            .order_by("tanggal", "pk")
        ),
    )


def present_homeroom(peserta: PesertaDidik, akun: Akun) -> bool:
    """Whether the account is the homeroom teacher of the class where the pupil sits now, or sat last."""
    seats = AnggotaKelas.objects.filter(peserta=peserta).select_related("kelas__wali_kelas")
    seat = seats.order_by("-kelas__tahun__mulai", "-pk").first()
    return bool(seat and seat.kelas.wali_kelas and seat.kelas.wali_kelas.akun_id == akun.pk)


def decision_of(seat: AnggotaKelas) -> str:
    """The sentence of the decision at the end of a seat's year; empty while there is none."""
    decided: Any = getattr(seat, "kenaikan", None)
    return decided.kalimat if decided else ""


def columns(terms: Sequence[Term]) -> list[tuple[Term, str]]:
    """Each column of marks: its semester and the name of the mark where a subject has two."""
    return [(term, name) for term in terms for name in term.ranah]
