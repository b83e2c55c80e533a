"""Schools, teachers, pupils with their classes, and guardians."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import ProtectedError
from django.utils import timezone
from django.utils.translation import gettext as _

from mutu.satuan import ledger
from mutu.satuan.models import (
    Akun,
    AnggotaKelas,
    Guru,
    Kelas,
    Perwalian,
    PesertaDidik,
    Sekolah,
    TahunPelajaran,
    Wali,
    Wilayah,
)
from mutu.satuan.services.saving import digits, save, tidy


def ensure_places(*, places: Iterable[tuple[str, str]], by: Akun | str) -> list[Wilayah]:
    """The places of these (code, name) pairs from the province down; those that are missing are made."""
    found: list[Wilayah] = []
    with ledger.record("wilayah.pastikan", by=by):
        for tingkat, (kode, nama) in enumerate(places, start=1):
            place = Wilayah.objects.filter(kode=kode, berlaku_sampai__isnull=True).first()
            if place is None:
                place = Wilayah(kode=kode, nama=nama, tingkat=tingkat, induk=found[-1] if found else None)
                save(place)
            found.append(place)
    return found


def create_school(
    *,
    npsn: str,
    nama: str,
    bentuk: str,
    status: str,
    kecamatan: Wilayah,
    alamat_jalan: str = "",
    desa_kelurahan: str = "",
    by: Akun | str,
) -> Sekolah:
    """Add one school that the ministry's list lacks. Raises `ValidationError`."""
    if kecamatan.tingkat != Wilayah.Tingkat.KECAMATAN or kecamatan.induk is None:
        raise ValidationError({"kecamatan": _("Pilih sebuah kecamatan.")})
    school = Sekolah(
        npsn=digits(npsn, 8, "NPSN", "npsn"),
        nama=nama,
        bentuk=bentuk,
        status=status,
        alamat_jalan=alamat_jalan,
        desa_kelurahan=desa_kelurahan,
        kabkota=kecamatan.induk,
        kecamatan=kecamatan,
    )
    with ledger.record("sekolah.buat", by=by) as notes:
        save(school)
        notes["sekolah"] = school.pk
    return school


def edit_school(*, sekolah: Sekolah, nama: str, alamat_jalan: str, desa_kelurahan: str, by: Akun | str) -> Sekolah:
    """Change how the school names itself on its papers. Raises `ValidationError`."""
    with ledger.record("sekolah.ubah", by=by, details={"sekolah": sekolah.pk}):
        sekolah.nama, sekolah.alamat_jalan, sekolah.desa_kelurahan = nama, alamat_jalan, desa_kelurahan
        save(sekolah)
    return sekolah


def create_teacher(*, sekolah: Sekolah, nama: str, nip: str = "", nuptk: str = "", by: Akun | str) -> Guru:
    """Add a teacher; NIP (18 digits) and NUPTK (16 digits) only where the person has one. Raises `ValidationError`."""
    return edit_teacher(guru=Guru(sekolah=sekolah), nama=nama, nip=nip, nuptk=nuptk, by=by)


def edit_teacher(*, guru: Guru, nama: str, nip: str, nuptk: str, by: Akun | str) -> Guru:
    """Change a teacher's name or numbers. Raises `ValidationError`."""
    guru.nama = nama
    guru.nip = digits(nip, 18, "NIP", "nip")
    guru.nuptk = digits(nuptk, 16, "NUPTK", "nuptk")
    with ledger.record("guru.buat" if guru.pk is None else "guru.ubah", by=by, details={"sekolah": guru.sekolah_id}):
        save(guru)
    return guru


def create_pupil(*, sekolah: Sekolah, kelas: Kelas | None = None, by: Akun | str, **facts: Any) -> PesertaDidik:
    """Add a pupil and, if a class is given, let the pupil sit in it; `facts` as in `edit_pupil`."""
    with ledger.record("peserta.buat", by=by, details={"sekolah": sekolah.pk}):
        pupil = edit_pupil(peserta=PesertaDidik(sekolah=sekolah), by=by, **facts)
        if kelas is not None:
            place_pupil(peserta=pupil, kelas=kelas, by=by)
    return pupil


def edit_pupil(
    *,
    peserta: PesertaDidik,
    nama: str,
    nis: str,
    nisn: str = "",
    jenis_kelamin: str = "",
    tempat_lahir: str = "",
    tanggal_lahir: date | None = None,
    by: Akun | str,
) -> PesertaDidik:
    """Change what the school knows of a pupil. Raises `ValidationError`."""
    if tanggal_lahir is not None and tanggal_lahir > timezone.localdate():
        raise ValidationError({"tanggal_lahir": _("Tanggal lahir ini belum terjadi. Periksa tahunnya.")})
    peserta.nama, peserta.nis, peserta.jenis_kelamin = nama, nis, jenis_kelamin
    peserta.nisn = digits(nisn, 10, "NISN", "nisn")
    peserta.tempat_lahir, peserta.tanggal_lahir = tempat_lahir, tanggal_lahir
    verb = "peserta.buat" if peserta.pk is None else "peserta.ubah"
    with ledger.record(verb, by=by, details={"sekolah": peserta.sekolah_id}):
        save(peserta)
    return peserta


def current_membership(peserta: PesertaDidik, tahun: TahunPelajaran) -> AnggotaKelas | None:
    """Where the pupil sits in that year, or None."""
    rows = AnggotaKelas.objects.filter(peserta=peserta, kelas__tahun=tahun, keluar__isnull=True)
    return rows.select_related("kelas").first()


def place_pupil(*, peserta: PesertaDidik, kelas: Kelas, by: Akun | str, on: date | None = None) -> AnggotaKelas:
    """Let a pupil sit in a class of a year, instead of the one before.

    A seat that has no marks yet is given up without trace; one that has marks ends on the day `on` (today). Raises
    `ValidationError` for a class of another school.
    """
    if kelas.tahun.sekolah_id != peserta.sekolah_id:
        raise ValidationError({"kelas": _("Kelas ini milik sekolah lain. Pilih dari daftar.")})
    with ledger.record("peserta.tempatkan", by=by, details={"peserta": peserta.pk, "kelas": kelas.pk}):
        now = current_membership(peserta, kelas.tahun)
        if now is not None and now.kelas_id == kelas.pk:
            return now
        if now is not None:
            _give_up(now, on or timezone.localdate())
        seat = AnggotaKelas.objects.filter(kelas=kelas, peserta=peserta).first()
        seat = seat or AnggotaKelas(kelas=kelas, peserta=peserta)
        seat.keluar = None
        save(seat)
    return seat


def remove_from_class(*, anggota: AnggotaKelas, on: date | None = None, by: Akun | str) -> None:
    """A pupil leaves the class: at once where no marks exist, otherwise from the day `on` (today)."""
    with ledger.record("peserta.keluarkan", by=by, details={"anggota": anggota.pk}):
        _give_up(anggota, on or timezone.localdate())


def _give_up(seat: AnggotaKelas, on: date) -> None:
    try:
        seat.delete()
    except ProtectedError:
        seat.keluar = on
        save(seat)


def add_guardian(
    *,
    peserta: PesertaDidik,
    nama: str = "",
    wali: Wali | None = None,
    hubungan: str = "orang tua",
    utama: bool = True,
    by: Akun | str,
) -> Perwalian:
    """Note who cares for a pupil: a guardian known already (`wali`, as for siblings), or a new one by name.

    `utama` says who signs the rapor; only one does. Raises `ValidationError`.
    """
    if wali is None and not tidy(nama):
        raise ValidationError({"nama": _("Isi nama orang tua/wali.")})
    if wali is not None and wali.sekolah_id != peserta.sekolah_id:
        raise ValidationError({"wali": _("Orang tua/wali ini tercatat di sekolah lain.")})
    with ledger.record("wali.tambah", by=by, details={"peserta": peserta.pk}):
        if wali is None:
            wali = Wali(sekolah=peserta.sekolah, nama=nama)
            save(wali)
        if utama:
            Perwalian.objects.filter(peserta=peserta, utama=True).update(utama=False)
        tie = Perwalian(peserta=peserta, wali=wali, hubungan=tidy(hubungan) or "orang tua", utama=utama)
        save(tie)
    return tie


def edit_guardian(*, wali: Wali, nama: str, by: Akun | str) -> Wali:
    """Correct a guardian's name. Raises `ValidationError`."""
    with ledger.record("wali.ubah", by=by, details={"wali": wali.pk}):
        wali.nama = nama
        save(wali)
    return wali


def remove_guardian(*, perwalian: Perwalian, by: Akun | str) -> None:
    """A guardian no longer cares for a pupil; the guardian's account then no longer sees that pupil."""
    with ledger.record("wali.lepas", by=by, details={"peserta": perwalian.peserta_id, "wali": perwalian.wali_id}):
        perwalian.delete()
