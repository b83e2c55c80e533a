"""Akhlak and kepribadian: who sets the category, and what the other teachers saw (Bab I.B.4.i, II.C; R28, R29)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from mutu.rapor import rules
from mutu.rapor.models import Pengamatan, Sikap
from mutu.rapor.services.keadaan import kunci_pribadi
from mutu.rapor.services.pribadi import Outcome, Refusal, conflict, lock_class, member_of, tidy
from mutu.regulation.explain import InputError
from mutu.satuan import ledger
from mutu.satuan.models import Akun, Guru, Kelas, Pembelajaran, Semester

MAX_WORDS = 500


@dataclass(frozen=True)
class Judgement:
    """One pupil's category (or description) in one aspect; empty takes it back. `versi` as seen, 0 for no row yet."""

    anggota: int
    aspek: str
    isi: str
    versi: int


def owners(kelas: Kelas, aturan: rules.AturanRapor) -> dict[str, list[Guru]]:
    """The teachers who set each aspect in this class: those of a lesson of its `bidang`, or the homeroom teacher."""
    lessons = list(
        Pembelajaran.objects.filter(kelas=kelas, guru__isnull=False)
        .exclude(mapel__bidang="")
        .select_related("mapel", "guru")
    )
    found: dict[str, list[Guru]] = {}
    for aspek, isi in rules.aspek_sikap(aturan).items():
        if isi.bidang:
            found[aspek] = [one.guru for one in lessons if one.mapel.bidang == isi.bidang and one.guru]
        else:
            found[aspek] = [kelas.wali_kelas] if kelas.wali_kelas else []
    return found


def owned_by(akun: Akun, kelas: Kelas, aturan: rules.AturanRapor) -> set[str]:
    """The aspects that this account sets in this class."""
    return {
        aspek
        for aspek, teachers in owners(kelas, aturan).items()
        if any(teacher.akun_id == akun.pk for teacher in teachers)
    }


def teaches(akun: Akun, kelas: Kelas) -> bool:
    """Whether the account teaches a lesson of the class or is its homeroom teacher."""
    return Kelas.objects.filter(Q(pembelajaran__guru__akun=akun) | Q(wali_kelas__akun=akun), pk=kelas.pk).exists()


def save_judgements(*, kelas: Kelas, semester: Semester, rows: Sequence[Judgement], by: Akun) -> Outcome:
    """Save categories of character for a class, each row on its own; see `Outcome`.

    Raises InputError at `aspek` for an aspect the rule set does not know or that another teacher sets, and at
    `anggota` for a pupil of another class; then nothing is saved. Source: Bab II.C, Akhlak dan kepribadian.
    """
    aturan = rules.aturan_untuk(kelas.kurikulum, semester.selesai)
    aspects = rules.aspek_sikap(aturan)
    outcome = Outcome()
    with ledger.record("rapor.simpan_sikap", by=by, details={"kelas": kelas.pk}) as notes:
        members = lock_class(kelas)
        own = owned_by(by, kelas, aturan)
        locked = kunci_pribadi(semester, members)
        stored = {
            (row.anggota_id, row.aspek): row
            for row in Sikap.objects.filter(semester=semester, anggota_id__in=members).select_related("oleh")
        }
        for wanted in rows:
            member = member_of(members, wanted.anggota)
            _owned(wanted.aspek, own, aspects)
            by_category = bool(aspects[wanted.aspek].kategori)
            row = stored.get((member.pk, wanted.aspek))
            isi = tidy(wanted.isi)
            now = _words(row)
            if isi == now:
                continue
            fault = locked.get(member.pk) or _fault(wanted.aspek, isi, aturan)
            if fault:
                outcome.tolakan.append(Refusal(member.pk, fault, bagian=wanted.aspek))
                continue
            if (row.versi if row else 0) != wanted.versi:
                outcome.tolakan.append(
                    conflict(member.pk, now, row.oleh if row else None, row.pada if row else None, wanted.aspek)
                )
                continue
            if row and not isi:
                row.delete()
            else:
                row = row or Sikap(semester=semester, anggota=member, aspek=wanted.aspek, versi=0)
                row.kategori, row.uraian = (isi, "") if by_category else ("", isi)
                row.versi, row.oleh, row.pada = row.versi + 1, by, timezone.now()
                row.save()
            outcome.tersimpan += 1
        notes["baris"] = outcome.tersimpan
    return outcome


def add_observation(
    *, kelas: Kelas, semester: Semester, anggota: int, aspek: str, isi: str, tanggal: date, by: Akun
) -> Pengamatan:
    """Note what a teacher of the class saw, for the teacher who sets the category.

    Raises InputError at `aspek`, `anggota`, `isi` or `tanggal`, and at `` for someone who does not teach the class.
    """
    aturan = rules.aturan_untuk(kelas.kurikulum, semester.selesai)
    words = tidy(isi)
    galat = []
    if aspek not in rules.aspek_sikap(aturan):
        galat.append({"jalur": "aspek", "pesan": _("Pilih aspek dari daftar.")})
    if not words:
        galat.append({"jalur": "isi", "pesan": _("Tulis apa yang Anda amati.")})
    elif len(words) > MAX_WORDS:
        galat.append(
            {
                "jalur": "isi",
                "pesan": _("Pengamatan {n} karakter; paling banyak {batas}.").format(n=len(words), batas=MAX_WORDS),
            }
        )
    if tanggal > timezone.localdate():
        galat.append({"jalur": "tanggal", "pesan": _("Tanggal ini belum terjadi; isi hari ini atau sebelumnya.")})
    elif not semester.mulai <= tanggal <= semester.selesai:
        galat.append({"jalur": "tanggal", "pesan": _("Tanggal ini di luar semester; periksa tanggalnya.")})
    if galat:
        raise InputError(galat)
    with ledger.record("rapor.tambah_pengamatan", by=by, details={"kelas": kelas.pk}):
        member = member_of(lock_class(kelas), anggota)
        if not teaches(by, kelas):
            raise InputError.at("", _("Hanya guru dan wali kelas kelas ini yang menulis pengamatan."))
        return Pengamatan.objects.create(
            semester=semester,
            anggota=member,
            aspek=aspek,
            isi=words,
            tanggal=tanggal,
            oleh=by,
            pada=timezone.now(),
        )


def remove_observation(*, pengamatan: Pengamatan, by: Akun) -> None:
    """Take back one's own observation. Raises InputError at `` for somebody else's."""
    with ledger.record("rapor.hapus_pengamatan", by=by, details={"pengamatan": pengamatan.pk}):
        if pengamatan.oleh_id != by.pk:
            raise InputError.at("", _("Hanya penulisnya yang dapat menghapus pengamatan."))
        pengamatan.delete()


def _owned(aspek: str, own: set[str], aspects: dict[str, rules.AspekSikap]) -> None:
    if aspek not in aspects:
        raise InputError.at("aspek", _("Aspek ini tidak dinilai di kelas ini."))
    if aspek not in own:
        raise InputError.at(
            "aspek",
            _("{aspek} hanya ditetapkan gurunya; tulis pengamatan Anda untuk guru itu.").format(
                aspek=aspects[aspek].judul
            ),
        )


def _words(row: Sikap | None) -> str:
    return (row.kategori or row.uraian) if row else ""


def _fault(aspek: str, isi: str, aturan: rules.AturanRapor) -> str:
    if not isi:
        return ""
    if not rules.aspek_sikap(aturan)[aspek].kategori:
        over = len(isi) > MAX_WORDS
        return _("Uraian {n} karakter; paling banyak {batas}.").format(n=len(isi), batas=MAX_WORDS) if over else ""
    try:
        rules.periksa_kategori(aspek, isi, aturan)
    except InputError as error:
        return error.galat[0]["pesan"]
    return ""
