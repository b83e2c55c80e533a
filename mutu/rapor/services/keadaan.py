"""What may still be changed: the locks that follow from the state of a rapor and of the marks handed over (R51).

| state | marks of a lesson | the rest of the pupil's rapor |
|---|---|---|
| draf | open | open |
| the lesson is handed over (`AjuanNilai`) | locked | open |
| diperiksa, final | locked | locked |
| revisi | open, also in lessons handed over | open |

Every service that writes asks here, inside its own transaction; a page may hide a button, but it locks nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from mutu.rapor.models import AjuanNilai, Rapor
from mutu.regulation.explain import InputError
from mutu.satuan.models import Pembelajaran, Semester

LOCKED = (Rapor.Status.DIPERIKSA, Rapor.Status.FINAL)


@dataclass(frozen=True)
class KunciNilai:
    """Which marks of one lesson and semester are locked: all but those in revision, or those of some pupils."""

    diajukan: bool
    status: Mapping[int, str]

    def pesan(self, anggota: int) -> str | None:
        """Why this pupil's marks cannot be changed, and how to open them; None when they can."""
        status = self.status.get(anggota)
        if status in LOCKED:
            return sentence(status)
        if self.diajukan and status != Rapor.Status.REVISI:
            return _("Nilai mata pelajaran ini sudah diajukan; tarik dahulu ajuannya untuk mengubah nilai.")
        return None


def sentence(status: str) -> str:
    """Why a rapor in this state is locked, and who opens it."""
    if status == Rapor.Status.FINAL:
        return _("Rapor ini sudah final; kepala sekolah membukanya dengan revisi dan berita acara.")
    return _("Rapor ini sudah diperiksa wali kelas; minta wali kelas mengembalikannya untuk mengubah isinya.")


_LOCKS = """
SELECT r.anggota_id, r.status FROM rapor_rapor r JOIN satuan_anggotakelas a ON a.id = r.anggota_id
WHERE r.semester_id = %s AND a.kelas_id = %s
UNION ALL
SELECT NULL, status FROM rapor_ajuannilai WHERE pembelajaran_id = %s AND semester_id = %s AND status = %s
"""


def kunci_nilai(pembelajaran: Pembelajaran, semester: Semester) -> KunciNilai:
    """The locks on the marks of a lesson and semester. One query, written out: every save of a mark asks it."""
    with connection.cursor() as cursor:
        asked: list[Any] = [
            semester.pk,
            pembelajaran.kelas_id,
            pembelajaran.pk,
            semester.pk,
            AjuanNilai.Status.DIAJUKAN.value,
        ]
        cursor.execute(_LOCKS, asked)
        found = dict(cursor.fetchall())
    handed_over = found.pop(None, None) is not None
    return KunciNilai(handed_over, found)


def kunci_pribadi(semester: Semester, anggota_ids: Collection[int]) -> dict[int, str]:
    """Pupils whose rapor is locked, each with the sentence that says why and who opens it. One query."""
    rows = Rapor.objects.filter(semester=semester, anggota_id__in=anggota_ids, status__in=LOCKED)
    return {anggota: sentence(status) for anggota, status in rows.values_list("anggota_id", "status")}


def wajib_terbuka(semester: Semester, anggota: int, jalur: str = "") -> None:
    """Raises InputError at `jalur` when the rapor of this pupil and semester is locked."""
    if found := kunci_pribadi(semester, [anggota]):
        raise InputError.at(jalur, found[anggota])


def wajib_terbuka_kolom(pembelajaran: Pembelajaran, semester: Semester, jalur: str = "") -> None:
    """Raises InputError at `jalur` when the columns of a lesson are locked: a column concerns every pupil of it."""
    locks = kunci_nilai(pembelajaran, semester)
    if locks.diajukan:
        raise InputError.at(jalur, _("Nilai mata pelajaran ini sudah diajukan; tarik dahulu ajuannya."))
    for status in locks.status.values():
        if status in LOCKED:
            raise InputError.at(jalur, sentence(status))


def wajib_terbuka_ketentuan(jalur: str, pembelajaran: QuerySet[Pembelajaran], **semester: Any) -> None:
    """Raises InputError at `jalur` when terms by which these lessons are marked may no longer change (R50).

    `semester` says which semesters the terms concern (`pk=...`, or `nomor=...`; none of it: both of the year).
    """
    terms = Semester.objects.filter(**semester)
    lessons = pembelajaran.order_by().values("pk")
    if Rapor.objects.filter(semester__in=terms, anggota__kelas__pembelajaran__in=lessons, status__in=LOCKED).exists():
        raise InputError.at(
            jalur,
            _("Sudah ada rapor yang diperiksa atau final menurut ketentuan ini; ketentuannya tidak dapat diubah lagi."),
        )
    if AjuanNilai.objects.filter(
        semester__in=terms, pembelajaran__in=lessons, status=AjuanNilai.Status.DIAJUKAN
    ).exists():
        raise InputError.at(
            jalur,
            _("Sudah ada nilai yang diajukan menurut ketentuan ini; guru menarik ajuannya dahulu."),
        )
