"""Examination marks of class IX, national and school: the one path by which they are written (R43)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from mutu.rapor import rules
from mutu.rapor.models import NilaiUjian
from mutu.rapor.services.keadaan import kunci_pribadi
from mutu.regulation.explain import InputError
from mutu.satuan import ledger
from mutu.satuan.models import Akun, AnggotaKelas, Kelas, Pembelajaran, Semester

_MARK = re.compile(r"([0-9]{1,2})(?:[.,]([0-9]{1,2}))?")


@dataclass(frozen=True)
class ExamMark:
    """A pupil's marks in one subject as typed, 0..10; None is "not entered", which differs from 0. `versi` as seen."""

    anggota: int
    mapel: int
    un: Decimal | None
    us: Decimal | None
    versi: int


def parse_exam(typed: str) -> Decimal | None:
    """An examination mark as a person typed it: 0..10, at most two decimals, comma or point; None for an empty cell.

    Raises InputError otherwise.
    """
    text = typed.strip()
    if not text:
        return None
    lowest, highest = rules.skala_ujian()
    found = _MARK.fullmatch(text) if text.isascii() else None
    mark = Decimal(f"{found[1]}.{found[2] or 0}") if found else None
    if mark is None or not lowest <= mark <= highest:
        raise InputError.at(
            "nilai",
            _("“{isi}” bukan nilai ujian; isi {bawah} sampai {atas}, paling banyak dua angka di belakang koma.").format(
                isi=text[:20], bawah=lowest, atas=highest
            ),
        )
    return mark


def save_exam_marks(*, kelas: Kelas, semester: Semester, rows: Sequence[ExamMark], by: Akun) -> list[dict[str, str]]:
    """Save examination marks of a class. Returns what was not saved, at "<anggota>-<mapel>": rows that somebody else

    changed meanwhile, and pupils whose rapor is locked. Raises InputError at `anggota` or `mapel` outside the class.
    """
    refused: list[dict[str, str]] = []
    with ledger.record("rapor.simpan_nilai_ujian", by=by, details={"kelas": kelas.pk}) as notes:
        Kelas.objects.select_for_update(of=("self",)).order_by().values_list("pk").get(pk=kelas.pk)
        members = {
            one.pk: one
            for one in AnggotaKelas.objects.filter(kelas=kelas, keluar__isnull=True).select_related("peserta")
        }
        subjects = set(Pembelajaran.objects.filter(kelas=kelas).order_by().values_list("mapel_id", flat=True))
        stored = {(row.anggota_id, row.mapel_id): row for row in NilaiUjian.objects.filter(anggota_id__in=members)}
        locked = kunci_pribadi(semester, members)
        saved = 0
        for wanted in rows:
            member = members.get(wanted.anggota)
            if member is None:
                raise InputError.at("anggota", _("Peserta didik ini tidak ada di kelas; muat ulang halaman."))
            if wanted.mapel not in subjects:
                raise InputError.at("mapel", _("Mata pelajaran ini tidak diajarkan di kelas; muat ulang halaman."))
            row = stored.get((wanted.anggota, wanted.mapel))
            if row is None and wanted.un is None and wanted.us is None:
                continue
            row = row or NilaiUjian(anggota=member, mapel_id=wanted.mapel, versi=0)
            if (row.un, row.us) == (wanted.un, wanted.us):
                continue
            place = f"{wanted.anggota}-{wanted.mapel}"
            if wanted.anggota in locked:
                refused.append({"jalur": place, "pesan": f"{member.peserta.nama}: {locked[wanted.anggota]}"})
                continue
            if row.versi != wanted.versi:
                refused.append(
                    {
                        "jalur": place,
                        "pesan": _("Nilai ujian {nama} sudah diubah orang lain; muat ulang lalu isi lagi.").format(
                            nama=member.peserta.nama
                        ),
                    }
                )
                continue
            row.un, row.us = wanted.un, wanted.us
            row.versi += 1
            row.save()
            saved += 1
        notes["baris"] = saved
    return refused
