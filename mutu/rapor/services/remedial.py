"""Assessed again: attempts after teaching again, each kept with its day and assessor; and why none was held.

The first mark stays where it is. What counts for the rapor is decided by `rules.nilai_remedial` in
`services/results.py`, from the highest attempt that is not cancelled.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from mutu.rapor import rules
from mutu.rapor.models import Nilai, NilaiRapor, Penilaian, PercobaanRemedial, TanpaRemedial
from mutu.rapor.services.keadaan import KunciNilai, kunci_nilai
from mutu.rapor.services.marks import lock_lesson, parse_mark
from mutu.rapor.services.results import recompute
from mutu.regulation.explain import InputError
from mutu.satuan import ledger
from mutu.satuan.models import Akun, AnggotaKelas, Kelas, Pembelajaran, Semester


@dataclass
class Pupil:
    """One pupil on the remedial page: the mark as computed, the attempts, why none was held, and whether locked."""

    hasil: NilaiRapor
    percobaan: list[PercobaanRemedial] = field(default_factory=list)
    tanpa: TanpaRemedial | None = None
    terkunci: str | None = None

    @property
    def berutang(self) -> bool:
        """Whether this mark still holds the rapor back (R16)."""
        held = any(not one.batal for one in self.percobaan)
        return below(self.hasil) and not held and self.tanpa is None


def below(row: NilaiRapor) -> bool:
    """Whether a rapor mark stands under its KKM."""
    return row.nilai is not None and row.kkm is not None and row.nilai < row.kkm


def pupils(pembelajaran: Pembelajaran, semester: Semester) -> list[Pupil]:
    """Whoever is under the KKM, or was assessed again or excused, in the order of the class list. Five queries."""
    lock = kunci_nilai(pembelajaran, semester)
    attempts: dict[int, list[PercobaanRemedial]] = defaultdict(list)
    held = PercobaanRemedial.objects.filter(pembelajaran=pembelajaran, semester=semester)
    for one in held.select_related("penilaian__semester", "penilai"):
        attempts[one.anggota_id].append(one)
    excused = {
        row.anggota_id: row
        for row in TanpaRemedial.objects.filter(pembelajaran=pembelajaran, semester=semester).select_related("oleh")
    }
    found = NilaiRapor.objects.filter(pembelajaran=pembelajaran, semester=semester, anggota__keluar__isnull=True)
    rows = found.select_related("anggota__peserta").order_by("anggota__peserta__nama", "anggota__peserta__nis")
    return [
        Pupil(row, attempts[row.anggota_id], excused.get(row.anggota_id), lock.pesan(row.anggota_id))
        for row in rows
        if below(row) or row.anggota_id in attempts or row.anggota_id in excused
    ]


def owing(kelas: Kelas, semester: Semester) -> set[tuple[int, int]]:
    """Pupil and lesson of each mark under the KKM without remedial and without a reason (R16). One query."""
    under = NilaiRapor.objects.filter(semester=semester, anggota__kelas=kelas, anggota__keluar__isnull=True)
    held = PercobaanRemedial.objects.filter(semester=semester, anggota__kelas=kelas, batal="")
    excused = TanpaRemedial.objects.filter(semester=semester, anggota__kelas=kelas)
    done = held.order_by().values_list("anggota_id", "pembelajaran_id")
    settled = set(done.union(excused.order_by().values_list("anggota_id", "pembelajaran_id"), all=True))
    marks = under.order_by().values_list("anggota_id", "pembelajaran_id", "nilai", "kkm")
    return {
        (pupil, lesson)
        for pupil, lesson, mark, kkm in marks
        if mark is not None and kkm is not None and mark < kkm and (pupil, lesson) not in settled
    }


def add_attempt(
    *,
    pembelajaran: Pembelajaran,
    semester: Semester,
    anggota: AnggotaKelas,
    tanggal: date,
    nilai: str,
    by: Akun,
    penilaian: Penilaian | None = None,
) -> tuple[PercobaanRemedial, tuple[str, ...]]:
    """Keep one attempt (0..100 as typed): at an assessment, or at the subject as a whole without `penilaian`.

    Returns it with advice, such as that the KKM had been reached already. Raises InputError at `nilai`, `tanggal`,
    `penilaian` or, for a locked rapor, at the empty path. Source: Petunjuk Pengelolaan Rapor SMP 2007, Bab II.B.2.
    """
    aturan = rules.aturan_untuk(pembelajaran.kelas.kurikulum, semester.selesai)
    mark = parse_mark(nilai, aturan)
    if mark is None:
        raise InputError.at("nilai", _("Isi nilai remedial; percobaan tanpa nilai tidak dicatat."))
    if tanggal > timezone.localdate():
        raise InputError.at("tanggal", _("Tanggal remedial belum tiba; isi tanggal pelaksanaannya."))
    if tanggal < semester.mulai:
        raise InputError.at("tanggal", _("Tanggal ini sebelum semester dimulai; periksa tanggalnya."))
    with ledger.record("rapor.catat_remedial", by=by, details={"pembelajaran": pembelajaran.pk}):
        lock_lesson(pembelajaran)
        _refuse_locked(kunci_nilai(pembelajaran, semester), anggota)
        original = _original(pembelajaran, semester, anggota, penilaian)
        kkm = _kkm(pembelajaran, semester, anggota)
        row = PercobaanRemedial.objects.create(
            pembelajaran=pembelajaran,
            semester=semester,
            anggota=anggota,
            penilaian=penilaian,
            tanggal=tanggal,
            nilai=mark,
            penilai=by,
            pada=timezone.now(),
        )
        _renew(row)
    reached = kkm is not None and original >= kkm
    advice = _("Nilai semula sudah mencapai KKM; remedial tidak diwajibkan.") if reached else ""
    return row, (advice,) if advice else ()


def cancel_attempt(*, percobaan: PercobaanRemedial, alasan: str, by: Akun) -> None:
    """Take an attempt out of the reckoning; it stays to be read. Raises InputError at `alasan` without a reason."""
    reason = _reason(alasan, PercobaanRemedial._meta.get_field("batal").max_length)
    with ledger.record("rapor.batalkan_remedial", by=by, details={"percobaan": percobaan.pk}):
        lock_lesson(percobaan.pembelajaran)
        row = PercobaanRemedial.objects.select_for_update(of=("self",)).get(pk=percobaan.pk)
        _refuse_locked(kunci_nilai(row.pembelajaran, row.semester), row.anggota)
        if row.batal:
            raise InputError.at("alasan", _("Percobaan ini sudah dibatalkan."))
        row.batal = reason
        row.save(update_fields=["batal"])
        _renew(row)


def excuse(*, pembelajaran: Pembelajaran, semester: Semester, anggota: AnggotaKelas, alasan: str, by: Akun) -> None:
    """Say why a mark under the KKM goes into the rapor without remedial; empty text takes the reason back (R16).

    Raises InputError at `alasan` when it is too short to mean anything.
    """
    with ledger.record("rapor.tanpa_remedial", by=by, details={"pembelajaran": pembelajaran.pk}):
        lock_lesson(pembelajaran)
        _refuse_locked(kunci_nilai(pembelajaran, semester), anggota)
        if not alasan.strip():
            TanpaRemedial.objects.filter(pembelajaran=pembelajaran, semester=semester, anggota=anggota).delete()
            return
        reason = _reason(alasan, TanpaRemedial._meta.get_field("alasan").max_length)
        TanpaRemedial.objects.update_or_create(
            pembelajaran=pembelajaran,
            semester=semester,
            anggota=anggota,
            defaults={"alasan": reason, "oleh": by, "pada": timezone.now()},
        )


SHORTEST_REASON = 5


def _reason(text: str, longest: int | None) -> str:
    words = " ".join(text.split())
    if len(words) < SHORTEST_REASON:
        raise InputError.at("alasan", _("Tulis alasannya, sedikitnya satu frasa yang dapat dibaca orang lain."))
    if longest and len(words) > longest:
        raise InputError.at("alasan", _("Alasan paling panjang {n} karakter.").format(n=longest))
    return words


def _refuse_locked(lock: KunciNilai, anggota: AnggotaKelas) -> None:
    if sentence := lock.pesan(anggota.pk):
        raise InputError.at("", sentence)


def _original(
    pembelajaran: Pembelajaran, semester: Semester, anggota: AnggotaKelas, penilaian: Penilaian | None
) -> Decimal:
    """The mark that the attempt repeats. Raises InputError at `penilaian` when there is none."""
    if anggota.kelas_id != pembelajaran.kelas_id:
        raise InputError.at("anggota", _("Peserta didik ini tidak ada di kelas; muat ulang halaman."))
    if penilaian is not None:
        if (penilaian.pembelajaran_id, penilaian.semester_id) != (pembelajaran.pk, semester.pk):
            raise InputError.at("penilaian", _("Kolom penilaian ini tidak ada lagi; muat ulang halaman."))
        first: Decimal | int | None = (
            Nilai.objects.filter(penilaian=penilaian, anggota=anggota).values_list("nilai", flat=True).first()
        )
    else:
        found = NilaiRapor.objects.filter(pembelajaran=pembelajaran, semester=semester, anggota=anggota)
        first = found.values_list("nilai", flat=True).first()
    if first is None:
        raise InputError.at("penilaian", _("Nilai semula belum ada; isi dahulu nilainya, baru remedialnya."))
    return Decimal(first)


def _kkm(pembelajaran: Pembelajaran, semester: Semester, anggota: AnggotaKelas) -> int | None:
    found = NilaiRapor.objects.filter(pembelajaran=pembelajaran, semester=semester, anggota=anggota)
    return found.values_list("kkm", flat=True).first()


def _renew(row: PercobaanRemedial) -> None:
    """Repeat the highest attempt beside the first mark and renew the result."""
    same = PercobaanRemedial.objects.filter(
        pembelajaran=row.pembelajaran_id, semester=row.semester_id, anggota=row.anggota_id, penilaian=row.penilaian_id
    )
    best: Any = same.filter(batal="").aggregate(best=Max("nilai"))["best"]
    if row.penilaian_id is not None:
        Nilai.objects.filter(penilaian=row.penilaian_id, anggota=row.anggota_id).update(remedial=best)
    else:
        NilaiRapor.objects.filter(
            pembelajaran=row.pembelajaran_id, semester=row.semester_id, anggota=row.anggota_id
        ).update(remedial=best)
    recompute(pembelajaran=row.pembelajaran, semester=row.semester, anggota_ids=[row.anggota_id])


def choices(pembelajaran: Pembelajaran, semester: Semester) -> Sequence[Penilaian]:
    """The assessments that can be repeated."""
    columns = Penilaian.objects.filter(pembelajaran=pembelajaran, semester=semester).select_related("semester")
    return list(columns.order_by("jenis", "nomor"))
