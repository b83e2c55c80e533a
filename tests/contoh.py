"""A small made-up school for tests: one class, two subjects, three SK, a teacher each, a guardian, an operator."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from mutu.rapor.models import MapelTingkat, Penilaian, StandarKompetensi
from mutu.satuan import ledger
from mutu.satuan.models import (
    Akun,
    AnggotaKelas,
    Guru,
    Kelas,
    MataPelajaran,
    Pembelajaran,
    Peran,
    Perwalian,
    PesertaDidik,
    Sekolah,
    Semester,
    TahunPelajaran,
    Wali,
    Wilayah,
)

NAMES = ("Adi", "Bunga", "Citra", "Dimas", "Eka", "Fajar", "Gita", "Hana", "Indra", "Joko", "Kirana", "Lestari")


@dataclass
class Contoh:
    """What the tests take hold of."""

    sekolah: Sekolah
    tahun: TahunPelajaran
    semester: Semester
    semester_2: Semester
    kelas: Kelas
    matematika: Pembelajaran
    bahasa: Pembelajaran
    sk: list[StandarKompetensi]
    uh: list[Penilaian]
    uts: Penilaian
    uas: Penilaian
    anggota: list[AnggotaKelas]
    akun: dict[str, Akun]


def akun_baru(username: str, nama: str, jenis: str, sekolah: Sekolah | None) -> Akun:
    """An account with one role."""
    akun = Akun.objects.create(username=username, nama=nama)
    Peran.objects.create(akun=akun, jenis=jenis, sekolah=sekolah, dari=date(2020, 1, 1))
    return akun


def sekolah_kecil(npsn: str = "69900101", pupils: int = 3, prefix: str = "") -> Contoh:
    """Build the school. `prefix` keeps a second school's user names apart."""
    with ledger.record("uji.sekolah", by=ledger.SYSTEM):
        provinsi, _ = Wilayah.objects.get_or_create(kode="030000", nama="Prov. Jawa Tengah", tingkat=1)
        kabkota, _ = Wilayah.objects.get_or_create(kode="031000", nama="Kab. Klaten", tingkat=2, induk=provinsi)
        kecamatan, _ = Wilayah.objects.get_or_create(kode="031001", nama="Kec. Bayat", tingkat=3, induk=kabkota)
        sekolah = Sekolah.objects.create(
            npsn=npsn,
            nama="SMP Tunas Harapan",
            bentuk="SMP",
            status="S",
            alamat_jalan="Jl. Melati No. 5",
            desa_kelurahan="Banyuripan",
            kabkota=kabkota,
            kecamatan=kecamatan,
        )
        tahun = TahunPelajaran.objects.create(sekolah=sekolah, mulai=2026)
        semester = Semester.objects.create(
            tahun=tahun, nomor=1, mulai=date(2026, 7, 13), selesai=date(2026, 12, 18), tanggal_rapor=date(2026, 12, 19)
        )
        semester_2 = Semester.objects.create(tahun=tahun, nomor=2, mulai=date(2027, 1, 4), selesai=date(2027, 6, 18))
        akun = {
            "operator": akun_baru(f"{prefix}operator", "Oki Operator", "operator", None),
            "admin": akun_baru(f"{prefix}admin", "Ani Admin", "operator_sekolah", sekolah),
            "kepala": akun_baru(f"{prefix}kepala", "Kus Kepala", "kepala_sekolah", sekolah),
            "guru": akun_baru(f"{prefix}guru", "Gani Guru", "guru", sekolah),
            "guru_lain": akun_baru(f"{prefix}guru-lain", "Lia Lain", "guru", sekolah),
            "wali": akun_baru(f"{prefix}wali", "Wati Wali", "guru", sekolah),
            "orang_tua": akun_baru(f"{prefix}orang-tua", "Oma Tua", "orang_tua", sekolah),
        }
        guru = Guru.objects.create(sekolah=sekolah, nama="Gani Guru, S.Pd.", akun=akun["guru"])
        guru_lain = Guru.objects.create(sekolah=sekolah, nama="Lia Lain, S.Pd.", akun=akun["guru_lain"])
        wali = Guru.objects.create(
            sekolah=sekolah, nama="Wati Wali, M.Pd.", nip="198001012005012001", akun=akun["wali"]
        )
        kelas = Kelas.objects.create(tahun=tahun, tingkat=7, nama="VII-A", wali_kelas=wali)
        lessons, subjects = [], []
        for order, (nama, teacher) in enumerate([("Matematika", guru), ("Bahasa Indonesia", guru_lain)], start=1):
            mapel = MataPelajaran.objects.create(sekolah=sekolah, nama=nama, urutan=order)
            lessons.append(Pembelajaran.objects.create(kelas=kelas, mapel=mapel, guru=teacher))
            subjects.append(MapelTingkat.objects.create(tahun=tahun, mapel=mapel, tingkat=7, kkm=65))
        sk = [
            StandarKompetensi.objects.create(mapel_tingkat=subjects[0], semester=1, nomor=n, uraian=f"Uraian SK {n}")
            for n in (1, 2, 3)
        ]
        uh = [
            Penilaian.objects.create(pembelajaran=lessons[0], semester=semester, jenis="uh", nomor=n, sk=sk[n - 1])
            for n in (1, 2, 3)
        ]
        uts = Penilaian.objects.create(pembelajaran=lessons[0], semester=semester, jenis="uts")
        uas = Penilaian.objects.create(pembelajaran=lessons[0], semester=semester, jenis="uas")
        anggota = []
        for number in range(pupils):
            peserta = PesertaDidik.objects.create(
                sekolah=sekolah, nama=f"{NAMES[number % len(NAMES)]} Uji {number + 1}", nis=f"{7000 + number}"
            )
            anggota.append(AnggotaKelas.objects.create(kelas=kelas, peserta=peserta))
        guardian = Wali.objects.create(sekolah=sekolah, nama="Oma Tua", akun=akun["orang_tua"])
        Perwalian.objects.create(peserta=anggota[0].peserta, wali=guardian)
    return Contoh(sekolah, tahun, semester, semester_2, kelas, lessons[0], lessons[1], sk, uh, uts, uas, anggota, akun)
