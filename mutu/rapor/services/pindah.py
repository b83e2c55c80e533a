"""Transfers out of and into a school, as the last pages of the rapor say (R44..R46).

A transfer never touches a rapor: what was final stays final, byte for byte, and its proof stays valid. It ends the
seat in the class (`AnggotaKelas.keluar`) or begins one (`masuk`), and keeps the names as they were signed.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from mutu.rapor.models import Mutasi
from mutu.regulation.explain import InputError
from mutu.satuan import ledger
from mutu.satuan.models import Akun, AnggotaKelas, Guru, Kelas, Peran, Perwalian, PesertaDidik, Sekolah, TahunPelajaran
from mutu.satuan.services import people


def head_of(sekolah: Sekolah) -> tuple[str, str]:
    """Name and NIP of the school's head today; empty where no account holds that role.

    From the teacher behind the account, else the account's own name, which has no NIP.
    """
    today = timezone.localdate()
    role = Peran.objects.filter(
        Q(sampai__isnull=True) | Q(sampai__gte=today),
        sekolah=sekolah,
        jenis=Peran.Jenis.KEPALA_SEKOLAH,
        dari__lte=today,
    )
    found = role.order_by("-dari", "-pk").values_list("akun_id", "akun__nama").first()
    if found is None:
        return "", ""
    teacher = Guru.objects.filter(akun_id=found[0]).first()
    return (teacher.nama, teacher.nip) if teacher else (found[1], "")


def guardian_of(peserta: PesertaDidik) -> str:
    """The guardian who signs the rapor."""
    signing = Perwalian.objects.filter(peserta=peserta, utama=True).order_by("pk")
    return signing.values_list("wali__nama", flat=True).first() or ""


def leave(
    *,
    anggota: AnggotaKelas,
    tanggal: date,
    alasan: str,
    sekolah_lain: str = "",
    kepala_nama: str = "",
    kepala_nip: str = "",
    wali_nama: str = "",
    by: Akun,
) -> Mutasi:
    """A pupil leaves the school. The seat ends that day; marks and rapor, final or not, stay as they are.

    Raises InputError at `tanggal` outside the school year or before the pupil came, at `anggota` when the pupil has
    left already, and at `alasan` when empty. Source: Petunjuk Pengelolaan Rapor SMP 2007, Bab II.C, Pindah sekolah.
    """
    with ledger.record("rapor.pindah_keluar", by=by, details={"anggota": anggota.pk}):
        seat = (
            AnggotaKelas.objects.select_for_update(of=("self",))
            .select_related("kelas__tahun", "peserta")
            .get(pk=anggota.pk)
        )
        if seat.keluar is not None:
            raise InputError.at(
                "anggota", _("Peserta didik ini sudah keluar dari kelas; kepindahannya sudah tercatat.")
            )
        _check_day(tanggal, seat.kelas.tahun)
        if seat.masuk is not None and tanggal < seat.masuk:
            raise InputError.at("tanggal", _("Peserta didik ini baru masuk sesudah tanggal itu; periksa tanggalnya."))
        row = Mutasi(
            sekolah_id=seat.kelas.tahun.sekolah_id,
            peserta=seat.peserta,
            arah=Mutasi.Arah.KELUAR,
            tanggal=tanggal,
            kelas=seat.kelas,
            versi=0,
        )
        _store(row, alasan, sekolah_lain, kepala_nama, kepala_nip, wali_nama)
        seat.keluar = tanggal
        seat.save(update_fields=["keluar"])
    return row


def enter(
    *,
    kelas: Kelas,
    tanggal: date,
    pupil: dict[str, Any],
    alasan: str = "",
    sekolah_lain: str = "",
    kepala_nama: str = "",
    kepala_nip: str = "",
    wali_nama: str = "",
    by: Akun,
) -> Mutasi:
    """A pupil comes to the school and sits in a class from that day.

    `pupil` holds what `people.edit_pupil` takes. A pupil of the school with that NIS and name who left earlier comes
    back; the same NIS under another name is refused. Raises InputError at `tanggal` outside the school year, at `nis`,
    or at another field of the pupil. Source: Petunjuk Pengelolaan Rapor SMP 2007, Bab II.C, Pindah sekolah.
    """
    school = kelas.tahun.sekolah
    _check_day(tanggal, kelas.tahun)
    with ledger.record("rapor.pindah_masuk", by=by, details={"kelas": kelas.pk}):
        known = PesertaDidik.objects.select_for_update().filter(sekolah=school, nis=pupil["nis"].strip()).first()
        if known is not None:
            if " ".join(known.nama.casefold().split()) != " ".join(pupil["nama"].casefold().split()):
                raise InputError.at("nis", _("NIS ini sudah dipakai peserta didik lain di sekolah ini."))
            if people.current_membership(known, kelas.tahun) is not None:
                raise InputError.at("nis", _("Peserta didik ini sudah duduk di sebuah kelas pada tahun ini."))
        try:
            row_of_pupil = known or people.create_pupil(sekolah=school, by=by, **pupil)
            seat = people.place_pupil(peserta=row_of_pupil, kelas=kelas, by=by)
            if wali_nama.strip() and not guardian_of(row_of_pupil):
                people.add_guardian(peserta=row_of_pupil, nama=wali_nama, by=by)
        except ValidationError as error:
            raise _as_input_error(error) from None
        seat.masuk = tanggal
        seat.save(update_fields=["masuk"])
        row = Mutasi(
            sekolah=school, peserta=row_of_pupil, arah=Mutasi.Arah.MASUK, tanggal=tanggal, kelas=kelas, versi=0
        )
        _store(row, alasan, sekolah_lain, kepala_nama, kepala_nip, wali_nama)
    return row


def correct(
    *,
    mutasi: Mutasi,
    alasan: str,
    sekolah_lain: str,
    kepala_nama: str,
    kepala_nip: str,
    wali_nama: str,
    versi: int,
    by: Akun,
) -> Mutasi:
    """Correct the words of a transfer page; its day and class stay. Raises InputError at `versi` when it is stale."""
    with ledger.record("rapor.ubah_pindah", by=by, details={"mutasi": mutasi.pk}):
        row = Mutasi.objects.select_for_update(of=("self",)).get(pk=mutasi.pk)
        if row.versi != versi:
            raise InputError.at("versi", _("Halaman pindah ini sudah diubah orang lain; muat ulang, lalu isi lagi."))
        _store(row, alasan, sekolah_lain, kepala_nama, kepala_nip, wali_nama)
    return row


def take_back(*, mutasi: Mutasi, by: Akun) -> None:
    """Undo a leaving that was noted by mistake: the pupil sits in the class again. Raises InputError otherwise."""
    with ledger.record("rapor.batal_pindah", by=by, details={"mutasi": mutasi.pk}):
        seat = (
            AnggotaKelas.objects.select_for_update(of=("self",))
            .filter(kelas_id=mutasi.kelas_id, peserta_id=mutasi.peserta_id, keluar=mutasi.tanggal)
            .first()
        )
        if mutasi.arah != Mutasi.Arah.KELUAR or seat is None:
            raise InputError.at("", _("Kepindahan ini tidak dapat dibatalkan lagi."))
        if people.current_membership(mutasi.peserta, mutasi.kelas.tahun) is not None:
            raise InputError.at("", _("Peserta didik ini sudah duduk di kelas lain; kepindahannya tidak dibatalkan."))
        seat.keluar = None
        seat.save(update_fields=["keluar"])
        mutasi.delete()


def year_range(tahun: TahunPelajaran) -> tuple[date, date]:
    """First and last day of a school year. Raises InputError at `tanggal` where the semesters are not set yet."""
    days = list(tahun.semester.order_by("nomor").values_list("mulai", "selesai"))
    if not days:
        raise InputError.at("tanggal", _("Tahun pelajaran ini belum mempunyai semester; isi tanggalnya dahulu."))
    # The year lasts until the next one begins: a transfer in the holidays belongs to the year that ended.
    return days[0][0], max(days[-1][1], date(tahun.mulai + 1, 6, 30))


def _check_day(day: date, tahun: TahunPelajaran) -> None:
    first, last = year_range(tahun)
    if not first <= day <= last:
        raise InputError.at(
            "tanggal",
            _("Tanggal ini di luar tahun pelajaran {tahun} ({mulai} sampai {selesai}); periksa tahunnya.").format(
                tahun=tahun.label, mulai=f"{first:%d-%m-%Y}", selesai=f"{last:%d-%m-%Y}"
            ),
        )


def _store(row: Mutasi, alasan: str, sekolah_lain: str, kepala_nama: str, kepala_nip: str, wali_nama: str) -> None:
    row.alasan = " ".join(alasan.split())
    row.sekolah_lain, row.wali_nama = " ".join(sekolah_lain.split()), " ".join(wali_nama.split())
    row.kepala_nama, row.kepala_nip = " ".join(kepala_nama.split()), kepala_nip.replace(" ", "")
    if row.arah == Mutasi.Arah.KELUAR and not row.alasan:
        raise InputError.at("alasan", _("Tulis alasan pindah; halaman pindah keluar memuatnya."))
    if row.kepala_nip and not (row.kepala_nip.isascii() and row.kepala_nip.isdigit() and len(row.kepala_nip) == 18):
        raise InputError.at("kepala_nip", _("NIP harus tepat 18 angka; kosongkan bila tidak ada."))
    row.versi += 1
    try:
        row.full_clean()
    except ValidationError as error:
        raise _as_input_error(error) from None
    row.save()


def _as_input_error(error: ValidationError) -> InputError:
    if not hasattr(error, "error_dict"):
        return InputError.at("", " ".join(error.messages))
    return InputError(
        [
            {"jalur": "" if name == "__all__" else name, "pesan": " ".join(found)}
            for name, found in error.message_dict.items()
        ]
    )
