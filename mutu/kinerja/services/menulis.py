"""Who writes notes, evidence and scores of an assessment now, and what a stale write meets.

The assessor and the moderator never write the same rows: what the moderator writes carries `moderasi`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from mutu.kinerja import rules
from mutu.kinerja.models import Keberatan, PenilaianKinerja
from mutu.regulation.explain import InputError
from mutu.satuan.models import Akun

Status = PenilaianKinerja.Status
# Until the result is told, the assessor may still mend what was noted and scored.
WRITING = (Status.BERJALAN, Status.DINILAI)
SEMUA = "semua"


@dataclass(frozen=True)
class Beda:
    """Where a write met something newer: place, the value that stands there, and its version."""

    jalur: str
    kini: str
    versi: int


class Bentrok(InputError):
    """Somebody changed it since it was read. `beda` holds what stands there now; nothing was written."""

    def __init__(self, galat: Sequence[dict[str, str]], beda: Sequence[Beda]) -> None:
        super().__init__(galat)
        self.beda = list(beda)


def instrumen_dari(penilaian: PenilaianKinerja) -> rules.Instrumen:
    """The instrument of an assessment as it holds when its round ends, with its field of duty.

    Raises InputError at `instrumen` for an unknown one, at `tanggal` for one that no longer holds, and at `bidang`
    where a field of duty must be chosen first.
    """
    found = rules.instrumen_pada(penilaian.instrumen, penilaian.rencana.selesai, penilaian.bidang or None)
    if found.bidang:
        raise InputError.at(
            "bidang", _("Pilih bidang tugasnya pada rencana: {pilihan}.").format(pilihan=", ".join(found.bidang))
        )
    return found


def diulang(penilaian: PenilaianKinerja) -> set[int]:
    """The numbers of the competencies that the objection asks to be assessed again; empty without an objection."""
    row = Keberatan.objects.filter(penilaian=penilaian).first()
    if row is None:
        return set()
    if row.seluruhnya:
        return {satu.nomor for satu in instrumen_dari(penilaian).komponen}
    return {int(nomor) for nomor in row.alasan if nomor != SEMUA}


def sebagai_moderator(penilaian: PenilaianKinerja, by: Akun, kompetensi: int) -> bool:
    """Whether what this account writes now is the moderator's; False for the assessor's own.

    Raises InputError at `oleh` for anybody else, at `status` outside the time of writing, and at `kompetensi` for one
    that the moderator was not asked about.
    """
    label = Status(penilaian.status).label
    if by.pk == penilaian.moderator_id:
        if penilaian.status != Status.MODERASI:
            raise InputError.at(
                "status", _("Tugas moderator sudah selesai; penilaian ini “{keadaan}”.").format(keadaan=label)
            )
        if kompetensi not in diulang(penilaian):
            raise InputError.at(
                "kompetensi", _("Guru tidak berkeberatan atas kompetensi {n}; nilainya tetap.").format(n=kompetensi)
            )
        return True
    if by.pk != penilaian.penilai_id:
        raise InputError.at("oleh", _("Yang menulis catatan dan skor hanya penilainya."))
    if penilaian.status not in WRITING:
        raise InputError.at(
            "status",
            _("Catatan dan skor ditulis selama pengamatan berjalan, sebelum hasilnya disampaikan; penilaian ini "
              "sekarang “{keadaan}”.").format(keadaan=label),
        )  # fmt: skip
    return False


def waktu(moment: object) -> str:
    """A moment in local time as people read it: `21 November 2026 22.10`."""
    return date_format(timezone.localtime(moment), "j F Y H.i")  # type: ignore[arg-type]


def siapa_mengubah(oleh: Akun | None, pada: object) -> str:
    """Who wrote the newer value, and when."""
    return _("{oleh} pada {pada}").format(oleh=oleh.nama if oleh else _("orang lain"), pada=waktu(pada))
