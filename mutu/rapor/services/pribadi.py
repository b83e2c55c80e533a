"""What the services beside the marks share: who sits in a class, and what became of a page of rows."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from mutu.regulation.explain import InputError
from mutu.satuan.models import Akun, AnggotaKelas, Kelas


@dataclass(frozen=True)
class Refusal:
    """One row that was not saved, and why. `bentrok`: somebody else changed it meanwhile, and a person must choose.

    `bagian` tells apart what one pupil has several of, such as the aspect of character.
    """

    anggota: int
    pesan: str
    bentrok: bool = False
    bagian: str = ""


@dataclass
class Outcome:
    """What became of a page of rows: how many were written, and which were left alone."""

    tersimpan: int = 0
    tolakan: list[Refusal] = field(default_factory=list)


def lock_class(kelas: Kelas) -> dict[int, AnggotaKelas]:
    """Hold the class for the rest of the transaction; gives its present pupils by id, each with its `peserta`."""
    Kelas.objects.select_for_update(of=("self",)).order_by().values_list("pk").get(pk=kelas.pk)
    members = AnggotaKelas.objects.filter(kelas=kelas, keluar__isnull=True).select_related("peserta")
    return {member.pk: member for member in members}


def member_of(members: dict[int, AnggotaKelas], anggota: int) -> AnggotaKelas:
    """The pupil of that id. Raises InputError at `anggota` for one who does not sit in the class."""
    if anggota not in members:
        raise InputError.at("anggota", _("Peserta didik ini tidak ada di kelas; muat ulang halaman."))
    return members[anggota]


def conflict(anggota: int, isi: str, oleh: Akun | None, pada: datetime | None, bagian: str = "") -> Refusal:
    """The refusal of a row that changed since it was read: what stands there now, by whom and when."""
    if pada is None:
        return Refusal(anggota, _("Baris ini sudah dihapus orang lain sejak Anda membukanya."), True, bagian)
    return Refusal(
        anggota,
        _("Diubah {oleh} pada {pada} menjadi: {isi}.").format(
            oleh=oleh.nama if oleh else _("orang lain"),
            pada=date_format(timezone.localtime(pada), "j F Y H.i"),
            isi=isi or _("kosong"),
        ),
        True,
        bagian,
    )


def tidy(text: str) -> str:
    """Words as one line without doubled blanks."""
    return " ".join(text.split())
