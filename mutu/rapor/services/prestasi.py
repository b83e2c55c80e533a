"""Achievements and special notes of a semester, and the homeroom teacher's note (Bab II.C; R47, R48)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from mutu.rapor import rules
from mutu.rapor.models import CatatanWali, Prestasi
from mutu.rapor.services.keadaan import kunci_pribadi, wajib_terbuka
from mutu.rapor.services.pribadi import Outcome, Refusal, lock_class, member_of, tidy
from mutu.regulation.explain import InputError
from mutu.satuan import ledger
from mutu.satuan.models import Akun, Kelas, Semester

MAX_NOTE = 500


@dataclass(frozen=True)
class Note:
    """The homeroom teacher's note to one pupil as typed; empty takes it back. `versi` as seen, 0 for none yet."""

    anggota: int
    isi: str
    versi: int


def period_of(semester: Semester) -> tuple[date, date]:
    """The days whose achievements belong to a semester: from the end of the one before it, so no holiday is lost."""
    before = (
        Semester.objects.filter(
            tahun__sekolah_id=semester.tahun.sekolah_id,
            selesai__lt=semester.mulai,
            selesai__gte=semester.mulai - timedelta(days=366),
        )
        .order_by("-selesai")
        .first()
    )
    return (before.selesai + timedelta(days=1) if before else semester.mulai), semester.selesai


def save_achievement(
    *,
    prestasi: Prestasi | None = None,
    kelas: Kelas,
    semester: Semester,
    anggota: int,
    jenis: str,
    nama: str,
    peringkat: str,
    tanggal: date,
    versi: int = 0,
    by: Akun,
) -> Prestasi:
    """Write an achievement (name, rank, day) or a special note of one pupil, or change one.

    Raises InputError at `anggota`, `jenis`, `nama`, `tanggal`, or `versi` when somebody changed it meanwhile.
    Source: Bab II.C, Catatan prestasi.
    """
    name, rank = tidy(nama), tidy(peringkat)
    galat = []
    if jenis not in Prestasi.Jenis.values:
        galat.append({"jalur": "jenis", "pesan": _("Pilih jenis dari daftar.")})
    if not name:
        galat.append({"jalur": "nama", "pesan": _("Tulis nama lomba atau kegiatannya.")})
    first, last = period_of(semester)
    if tanggal > timezone.localdate():
        galat.append({"jalur": "tanggal", "pesan": _("Tanggal ini belum terjadi; isi hari ini atau sebelumnya.")})
    elif not first <= tanggal <= last:
        galat.append({"jalur": "tanggal", "pesan": _("Tanggal ini di luar semester; periksa tanggalnya.")})
    if galat:
        raise InputError(galat)
    verb = "rapor.ubah_prestasi" if prestasi else "rapor.tambah_prestasi"
    with ledger.record(verb, by=by, details={"kelas": kelas.pk, "anggota": anggota}):
        member = member_of(lock_class(kelas), anggota)
        wajib_terbuka(semester, member.pk, "anggota")
        if prestasi is None:
            row = Prestasi(semester=semester, versi=0)
        else:
            row = _current(prestasi, versi)
            wajib_terbuka(semester, row.anggota_id, "anggota")
        row.anggota, row.jenis, row.nama, row.peringkat, row.tanggal = member, jenis, name, rank, tanggal
        row.versi += 1
        row.save()
    return row


def delete_achievement(*, prestasi: Prestasi, versi: int, by: Akun) -> None:
    """Take back an achievement. Raises InputError at `versi` when somebody changed it meanwhile, at `` when locked."""
    with ledger.record("rapor.hapus_prestasi", by=by, details={"prestasi": prestasi.pk}):
        row = _current(prestasi, versi)
        wajib_terbuka(row.semester, row.anggota_id)
        row.delete()


def _current(prestasi: Prestasi, versi: int) -> Prestasi:
    row = Prestasi.objects.select_for_update(of=("self",)).select_related("semester").filter(pk=prestasi.pk).first()
    if row is None:
        raise InputError.at("versi", _("Prestasi ini sudah dihapus orang lain; kembali ke daftar."))
    if row.versi != versi:
        raise InputError.at(
            "versi",
            _("Prestasi ini sudah diubah menjadi “{nama}”, {peringkat}; muat ulang lalu isi lagi.").format(
                nama=row.nama, peringkat=row.peringkat or "–"
            ),
        )
    return row


def save_notes(*, kelas: Kelas, semester: Semester, rows: Sequence[Note], by: Akun) -> Outcome:
    """Save the homeroom teacher's notes of a class, each row on its own; see `Outcome`.

    Raises InputError at `` when the rule set of the class prints no note.
    """
    if not rules.ada_catatan_wali(rules.aturan_untuk(kelas.kurikulum, semester.selesai)):
        raise InputError.at("", _("Rapor kelas ini tidak memuat catatan wali kelas."))
    outcome = Outcome()
    with ledger.record("rapor.simpan_catatan_wali", by=by, details={"kelas": kelas.pk}) as notes:
        members = lock_class(kelas)
        locked = kunci_pribadi(semester, members)
        stored = {row.anggota_id: row for row in CatatanWali.objects.filter(semester=semester, anggota_id__in=members)}
        for wanted in rows:
            member = member_of(members, wanted.anggota)
            row = stored.get(member.pk)
            words = tidy(wanted.isi)
            if words == (row.isi if row else ""):
                continue
            if fault := locked.get(member.pk):
                outcome.tolakan.append(Refusal(member.pk, fault))
            elif len(words) > MAX_NOTE:
                text = _("Catatan {n} karakter; paling banyak {batas}.").format(n=len(words), batas=MAX_NOTE)
                outcome.tolakan.append(Refusal(member.pk, text))
            elif (row.versi if row else 0) != wanted.versi:
                text = _("Sudah diubah orang lain menjadi: {isi}.").format(isi=row.isi if row else _("kosong"))
                outcome.tolakan.append(Refusal(member.pk, text, bentrok=True))
            elif row and not words:
                row.delete()
                outcome.tersimpan += 1
            else:
                row = row or CatatanWali(semester=semester, anggota=member, versi=0)
                row.isi = words
                row.versi += 1
                row.save()
                outcome.tersimpan += 1
        notes["baris"] = outcome.tersimpan
    return outcome
