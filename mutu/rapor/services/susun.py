"""Classes of the next year from the decisions of the last: who goes where, seen first and then done at once.

A promoted pupil sits one grade higher; one who was kept back sits in the same grade again, and the new seat points to
last year's (`AnggotaKelas.mengulang`), so that what was mastered then still counts.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from mutu.rapor.models import Kenaikan
from mutu.rapor.services.kenaikan import STAYS, keputusan
from mutu.regulation.explain import InputError
from mutu.satuan import ledger
from mutu.satuan.models import Akun, AnggotaKelas, Kelas, TahunPelajaran
from mutu.satuan.services import people


@dataclass
class Move:
    """One pupil of the year that ends: the decision, the classes that fit it, the one proposed, and why none fits."""

    anggota: AnggotaKelas
    keputusan: Kenaikan | None
    pilihan: list[Kelas] = field(default_factory=list)
    usul: int | None = None
    sudah: AnggotaKelas | None = None
    sebab: str = ""

    @property
    def mengulang(self) -> bool:
        return self.keputusan is not None and self.keputusan.keputusan in STAYS

    @property
    def selesai(self) -> bool:
        """Whether the pupil already sits where the decision leads, with last year's seat noted where it must be."""
        if self.sudah is None or self.keputusan is None or self.sebab:
            return False
        return not self.mengulang or self.sudah.mengulang_id == self.anggota.pk


def next_year(tahun: TahunPelajaran) -> TahunPelajaran | None:
    """The school year after this one, once the school has made it."""
    return TahunPelajaran.objects.filter(sekolah_id=tahun.sekolah_id, mulai=tahun.mulai + 1).first()


def plan(tahun: TahunPelajaran) -> list[Move]:
    """Every pupil who still sat in a class at the end of `tahun`. Five queries for any number of pupils.

    Proposed is the class whose name ends like last year's (VII-A to VIII-A), else the only one of the grade.
    """
    following = next_year(tahun)
    classes = list(Kelas.objects.filter(tahun=following)) if following else []
    members = list(
        AnggotaKelas.objects.filter(kelas__tahun=tahun, keluar__isnull=True)
        .select_related("peserta", "kelas")
        .order_by("kelas__tingkat", "kelas__nama", "peserta__nama", "peserta__nis")
    )
    decisions = keputusan([member.pk for member in members])
    seats = {
        seat.peserta_id: seat
        for seat in AnggotaKelas.objects.filter(kelas__in=classes, keluar__isnull=True).select_related("kelas")
    }
    return [_move(member, decisions.get(member.pk), classes, seats.get(member.peserta_id)) for member in members]


def _move(member: AnggotaKelas, decision: Kenaikan | None, classes: list[Kelas], seat: AnggotaKelas | None) -> Move:
    move = Move(member, decision, sudah=seat)
    if decision is None:
        move.sebab = _("belum ada keputusan; tetapkan dahulu dalam rapat kenaikan kelas")
        return move
    if decision.keputusan == Kenaikan.Keputusan.LULUS:
        move.sebab = _("lulus; tidak disusun ke kelas")
        return move
    grade = member.kelas.tingkat + (0 if move.mengulang else 1)
    if seat is not None:
        if seat.kelas.tingkat != grade:
            move.sebab = _("sudah duduk di {kelas}, padahal keputusannya {keputusan}; betulkan kelasnya dahulu").format(
                kelas=seat.kelas.nama, keputusan=decision.kalimat
            )
            return move
        move.pilihan, move.usul = [seat.kelas], seat.kelas_id
        return move
    move.pilihan = [kelas for kelas in classes if kelas.tingkat == grade]
    if not move.pilihan:
        move.sebab = _("belum ada kelas tingkat {tingkat} pada tahun berikut; buat dahulu").format(tingkat=grade)
        return move
    ending = _ending(member.kelas.nama)
    alike = [kelas for kelas in move.pilihan if _ending(kelas.nama) == ending]
    chosen = alike[0] if alike else move.pilihan[0] if len(move.pilihan) == 1 else None
    move.usul = chosen.pk if chosen else None
    return move


def _ending(name: str) -> str:
    return name.replace(" ", "-").rpartition("-")[2].casefold()


def fingerprint(moves: list[Move], chosen: Mapping[int, int]) -> str:
    """What the preview showed: whoever commits it commits these decisions and these classes, and no later ones."""
    shown = sorted(
        (move.anggota.pk, move.keputusan.versi, chosen[move.anggota.pk])
        for move in moves
        if move.keputusan is not None and move.anggota.pk in chosen
    )
    return hashlib.sha256(repr(shown).encode()).hexdigest()


def check(moves: list[Move], chosen: Mapping[int, int]) -> Counter[int]:
    """How many pupils each class would get. Raises InputError at the seat (its number) of each impossible choice."""
    by_pk = {move.anggota.pk: move for move in moves}
    faults = []
    for pk, target in chosen.items():
        move = by_pk.get(pk)
        if move is None:
            faults.append({"jalur": str(pk), "pesan": _("Seorang peserta didik sudah tidak di kelasnya; muat ulang.")})
        elif move.sebab:
            faults.append({"jalur": str(pk), "pesan": f"{move.anggota.peserta.nama}: {move.sebab}"})
        elif target not in {kelas.pk for kelas in move.pilihan}:
            faults.append(
                {
                    "jalur": str(pk),
                    "pesan": _(
                        "{nama}: kelas ini tidak sesuai dengan keputusan “{kalimat}”; pilih dari daftar."
                    ).format(nama=move.anggota.peserta.nama, kalimat=move.keputusan.kalimat if move.keputusan else ""),
                }
            )
    if faults:
        raise InputError(faults)
    return Counter(chosen.values())


def arrange(*, tahun: TahunPelajaran, chosen: Mapping[int, int], sidik: str, by: Akun) -> int:
    """Seat the chosen pupils (last year's seat -> class of the next year) in one transaction; returns how many.

    Raises InputError as `check` does, and at "" when a decision changed since the preview; then nobody is seated.
    """
    with ledger.record("rapor.susun_kelas", by=by, details={"tahun": tahun.pk}) as notes:
        TahunPelajaran.objects.select_for_update(of=("self",)).order_by().values_list("pk").get(pk=tahun.pk)
        moves = plan(tahun)
        check(moves, chosen)
        if fingerprint(moves, chosen) != sidik:
            raise InputError.at("", _("Keputusan berubah sejak pratinjau ini dibuat; periksa pratinjau yang baru."))
        done = 0
        for move in moves:
            target = next((kelas for kelas in move.pilihan if kelas.pk == chosen.get(move.anggota.pk)), None)
            if target is None or move.selesai:
                continue
            try:
                seat = people.place_pupil(peserta=move.anggota.peserta, kelas=target, by=by)
            except ValidationError as error:
                raise InputError.at(str(move.anggota.pk), " ".join(error.messages)) from None
            if move.mengulang:
                seat.mengulang = move.anggota
                seat.save(update_fields=["mengulang"])
            done += 1
        notes["ditempatkan"] = done
    return done
