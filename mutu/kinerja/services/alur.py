"""The steps of an assessment, from the announcement to the final result.

Which step leads where and who takes it stands in the rule set (`alur_kinerja`). A step locks the row first, so that
two people's steps follow one another and the second meets the state that the first one left.
"""

from __future__ import annotations

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _

from mutu.kinerja import rules
from mutu.kinerja.models import PenilaianKinerja
from mutu.kinerja.services.akses import aturan_dari, dilihat
from mutu.regulation.explain import InputError
from mutu.satuan import ledger
from mutu.satuan.access import can
from mutu.satuan.models import Akun

__all__ = ["dilihat", "kunci", "langkah", "siapa"]

Status = PenilaianKinerja.Status
# What an account must be allowed on the row to stand in a relation.
ACTIONS = {"kepala_sekolah": "atur", "penilai": "nilai", "guru_dinilai": "tanggapi", "moderator": "moderasi"}


def kunci(penilaian: PenilaianKinerja) -> PenilaianKinerja:
    """The row as it stands now, locked to the end of the caller's transaction. SQLite has one writer anyway."""
    rows = PenilaianKinerja.objects.select_related("rencana__tahun", "guru")
    if connection.features.has_select_for_update:
        rows = rows.select_for_update(of=("self",))
    return rows.get(pk=penilaian.pk)


def langkah(
    penilaian: PenilaianKinerja, nama: str, *, by: Akun, alasan: str = "", moderator: Akun | None = None
) -> PenilaianKinerja:
    """Take a step of `alur_kinerja` inside the caller's transaction; the given row gets the new state and version.

    `moderator` is asked for by `tunjuk_moderator` alone. Raises InputError at `oleh` for somebody who does not stand
    in the relation, at `status` for a step that does not start where the assessment is, at `alasan` for a missing
    reason, and at `moderator` for one who is a party.
    """
    with ledger.record(f"kinerja.{nama}", by=by, details={"penilaian": penilaian.pk}):
        row = kunci(penilaian)
        aturan = aturan_dari(row)
        satu = rules.alur(aturan)[nama]
        if not any(can(by, ACTIONS[relation], row) for relation in satu.oleh):
            raise InputError.at(
                "oleh",
                _("Langkah ini bukan wewenang Anda; yang melakukannya {siapa}.").format(
                    siapa=_(" atau ").join(siapa(relation) for relation in satu.oleh)
                ),
            )
        if row.status not in satu.dari:
            raise InputError.at("status", _refusal(row.status, satu))
        ke = rules.langkah_alur(nama, row.status, aturan, alasan)
        if nama == "tunjuk_moderator":
            row.moderator = _wajib_moderator(row, moderator, by)
        row.status = ke
        row.versi += 1
        row.pada = timezone.now()
        row.save(update_fields=["status", "versi", "pada", "moderator"])
    for field in ("status", "versi", "pada", "moderator_id"):
        setattr(penilaian, field, getattr(row, field))
    return penilaian


def siapa(relation: str) -> str:
    """Who stands in a relation, as a person says it."""
    names = {
        "guru_dinilai": _("guru yang dinilai"),
        "penilai": _("penilai"),
        "moderator": _("moderator"),
        "kepala_sekolah": _("kepala sekolah"),
    }
    return names[relation]


def _refusal(status: str, satu: rules.LangkahAlur) -> str:
    labels = dict(Status.choices)
    return _("Penilaian ini sekarang “{kini}”; langkah ini hanya dari “{dari}”. Muat ulang halaman ini.").format(
        kini=labels[Status(status)], dari=_("” atau “").join(str(labels[Status(satu_dari)]) for satu_dari in satu.dari)
    )


def _wajib_moderator(row: PenilaianKinerja, moderator: Akun | None, by: Akun) -> Akun:
    if row.guru.akun_id == by.pk:
        raise InputError.at(
            "oleh", _("Keberatan Anda sendiri tidak dapat Anda urus sebagai kepala sekolah; sampaikan kepada dinas.")
        )
    if moderator is None:
        raise InputError.at("moderator", _("Pilih moderatornya."))
    if moderator.pk == row.penilai_id:
        raise InputError.at("moderator", _("Penilai tidak dapat menjadi moderator atas penilaiannya sendiri."))
    if moderator.pk == row.guru.akun_id:
        raise InputError.at("moderator", _("Guru yang dinilai tidak dapat menjadi moderator."))
    if not moderator.is_active:
        raise InputError.at("moderator", _("Akun itu sudah tidak aktif; pilih moderator lain."))
    return moderator
