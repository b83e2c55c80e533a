"""Activities of pengembangan diri and the letters pupils get in them (Bab II.C, R25..R27)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Max, ProtectedError
from django.utils import timezone
from django.utils.translation import gettext as _

from mutu.rapor import rules
from mutu.rapor.models import KegiatanPengembangan, NilaiPengembangan
from mutu.rapor.services.keadaan import kunci_pribadi
from mutu.rapor.services.pribadi import Outcome, Refusal, conflict, lock_class, member_of, tidy
from mutu.regulation.explain import InputError
from mutu.satuan import ledger
from mutu.satuan.models import Akun, Guru, Kelas, Sekolah, Semester

MAX_WORDS = 300


@dataclass(frozen=True)
class Letter:
    """One pupil's letter and words as typed; both empty take the row back. `versi` as seen, 0 for no row yet."""

    anggota: int
    nilai: str
    keterangan: str
    versi: int


def save_activity(
    *, kegiatan: KegiatanPengembangan, nama: str, urutan: int | None, pembina: Guru | None, by: Akun
) -> KegiatanPengembangan:
    """Add an activity to the school or change one; without `urutan` a new one stands last.

    Raises InputError at `nama` (empty, or used already) and at `pembina` for a teacher of another school.
    """
    sekolah: Sekolah = kegiatan.sekolah
    name = tidy(nama)
    if not name:
        raise InputError.at("nama", _("Tulis nama kegiatan."))
    if pembina is not None and pembina.sekolah_id != sekolah.pk:
        raise InputError.at("pembina", _("Pilihan ini milik sekolah lain. Pilih dari daftar."))
    verb = "rapor.buat_kegiatan" if kegiatan.pk is None else "rapor.ubah_kegiatan"
    with ledger.record(verb, by=by, details={"sekolah": sekolah.pk}):
        others = KegiatanPengembangan.objects.filter(sekolah=sekolah).exclude(pk=kegiatan.pk)
        if others.filter(nama__iexact=name).exists():
            raise InputError.at("nama", _("Kegiatan dengan nama ini sudah ada di sekolah ini."))
        if urutan is None:
            urutan = kegiatan.urutan if kegiatan.pk else (others.aggregate(n=Max("urutan"))["n"] or 0) + 1
        kegiatan.nama, kegiatan.urutan, kegiatan.pembina = name, urutan, pembina
        kegiatan.save()
    return kegiatan


def delete_activity(*, kegiatan: KegiatanPengembangan, by: Akun) -> None:
    """Take back an activity that no pupil has a letter in. Raises InputError at `` when one has."""
    with ledger.record("rapor.hapus_kegiatan", by=by, details={"kegiatan": kegiatan.pk}):
        try:
            kegiatan.delete()
        except ProtectedError:
            raise InputError.at(
                "", _("Kegiatan ini sudah bernilai, jadi tidak dapat dihapus; lepaskan pembinanya bila sudah berhenti.")
            ) from None


def save_letters(
    *, kegiatan: KegiatanPengembangan, kelas: Kelas, semester: Semester, rows: Sequence[Letter], by: Akun
) -> Outcome:
    """Save the letters of one activity for a class and semester, each row on its own.

    A row is left alone and listed when somebody changed it meanwhile, when the pupil's rapor is locked, or when letter
    or words are faulty. Raises InputError at `anggota` for a pupil of another class. Discouraging words are no fault:
    `rules.periksa_keterangan` gives the advice. Source: Bab II.C, Kegiatan pengembangan diri.
    """
    aturan = rules.aturan_untuk(kelas.kurikulum, semester.selesai)
    outcome = Outcome()
    with ledger.record(
        "rapor.simpan_pengembangan", by=by, details={"kegiatan": kegiatan.pk, "kelas": kelas.pk}
    ) as notes:
        members = lock_class(kelas)
        locked = kunci_pribadi(semester, members)
        stored = {
            row.anggota_id: row
            for row in NilaiPengembangan.objects.filter(
                kegiatan=kegiatan, semester=semester, anggota_id__in=members
            ).select_related("oleh")
        }
        for wanted in rows:
            member = member_of(members, wanted.anggota)
            row = stored.get(member.pk)
            words = tidy(wanted.keterangan)
            if (row.nilai, row.keterangan) == (wanted.nilai, words) if row else not (wanted.nilai or words):
                continue
            fault = locked.get(member.pk) or _letter_fault(wanted.nilai, words, aturan)
            if fault:
                outcome.tolakan.append(Refusal(member.pk, fault))
                continue
            if (row.versi if row else 0) != wanted.versi:
                outcome.tolakan.append(
                    conflict(
                        member.pk,
                        ", ".join(part for part in (row.nilai, row.keterangan) if part) if row else "",
                        row.oleh if row else None,
                        row.pada if row else None,
                    )
                )
                continue
            if row and not wanted.nilai:
                row.delete()
            else:
                row = row or NilaiPengembangan(kegiatan=kegiatan, semester=semester, anggota=member, versi=0)
                row.nilai, row.keterangan = wanted.nilai, words
                row.versi, row.oleh, row.pada = row.versi + 1, by, timezone.now()
                row.save()
            outcome.tersimpan += 1
        notes["baris"] = outcome.tersimpan
    return outcome


def _letter_fault(nilai: str, words: str, aturan: rules.AturanRapor) -> str:
    if not nilai:
        return _("Pilih nilainya, atau kosongkan keterangannya.") if words else ""
    if len(words) > MAX_WORDS:
        return _("Keterangan {n} karakter; paling banyak {batas}.").format(n=len(words), batas=MAX_WORDS)
    try:
        rules.huruf_pengembangan(nilai, aturan)
    except InputError as error:
        return error.galat[0]["pesan"]
    return ""
