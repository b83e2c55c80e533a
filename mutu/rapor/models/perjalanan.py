"""The way of a rapor: states, final snapshots and their proof, promotion, examination, transfer, acknowledgement."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from mutu.satuan.access import Only
from mutu.satuan.models import (
    Akun,
    AnggotaKelas,
    Kelas,
    MataPelajaran,
    Pembelajaran,
    PesertaDidik,
    Sekolah,
    Semester,
    TahunPelajaran,
)


class AjuanNilai(models.Model):
    """That a teacher has handed the marks of a lesson and semester to the homeroom teacher. Personal data: none.

    No row means not handed over yet.
    """

    class Status(models.TextChoices):
        DIAJUKAN = "diajukan", _("Diajukan")
        DIKEMBALIKAN = "dikembalikan", _("Dikembalikan")

    pembelajaran = models.ForeignKey(Pembelajaran, models.PROTECT, related_name="ajuan")
    semester = models.ForeignKey(Semester, models.PROTECT, related_name="ajuan")
    status = models.CharField(_("status"), max_length=12, choices=Status.choices)
    alasan = models.CharField(_("alasan pengembalian"), max_length=300, blank=True)
    versi = models.PositiveIntegerField(default=1)
    oleh = models.ForeignKey(Akun, models.SET_NULL, null=True, related_name="+")
    pada = models.DateTimeField()

    akses = {
        "lihat": {
            "kepala_sekolah": "pembelajaran__kelas__tahun__sekolah",
            "wali_kelas": "pembelajaran__kelas__wali_kelas__akun",
            "guru_mapel": "pembelajaran__guru__akun",
        },
    }
    jejak: dict[str, object] = {"pribadi": ("alasan",)}

    class Meta:
        constraints = [models.UniqueConstraint(fields=["pembelajaran", "semester"], name="ajuan_nilai_sekali")]

    def __str__(self) -> str:
        return f"{self.pembelajaran_id}"


class Rapor(models.Model):
    """The state of one pupil's rapor of one semester (R51); no row means draft. Personal data: the link alone.

    `revisi` counts how often a final rapor was opened again.
    """

    class Status(models.TextChoices):
        DRAF = "draf", _("Draf")
        DIAJUKAN = "diajukan", _("Diajukan guru")
        DIPERIKSA = "diperiksa", _("Diperiksa wali kelas")
        FINAL = "final", _("Final")
        REVISI = "revisi", _("Revisi")

    anggota = models.ForeignKey(AnggotaKelas, models.PROTECT, related_name="rapor")
    semester = models.ForeignKey(Semester, models.PROTECT, related_name="rapor")
    status = models.CharField(_("status"), max_length=10, choices=Status.choices, default=Status.DRAF)
    revisi = models.PositiveSmallIntegerField(_("revisi ke-"), default=0)
    versi = models.PositiveIntegerField(default=1)
    oleh = models.ForeignKey(Akun, models.SET_NULL, null=True, related_name="+")
    pada = models.DateTimeField()

    akses = {
        "lihat": {
            "kepala_sekolah": "anggota__kelas__tahun__sekolah",
            "wali_kelas": "anggota__kelas__wali_kelas__akun",
            "orang_tua": Only("anggota__peserta__perwalian__wali__akun", frozenset({"status", "revisi"})),
        },
        "periksa": {"wali_kelas": "anggota__kelas__wali_kelas__akun"},
        "sahkan": {"kepala_sekolah": "anggota__kelas__tahun__sekolah"},
    }
    jejak: dict[str, object] = {}

    class Meta:
        constraints = [models.UniqueConstraint(fields=["anggota", "semester"], name="rapor_sekali")]

    def __str__(self) -> str:
        return f"{self.anggota_id}/{self.semester_id}"


class RaporFinal(models.Model):
    """A final rapor as it was printed: the canonical text, its SHA-256 and its Ed25519 signature. Never changed.

    Personal data: the whole rapor of one pupil; kept as the school's archive. `id` stands in the QR code: the
    school's NPSN and random letters. `status` alone may change, when a revision replaces it or the head withdraws it.
    """

    class Status(models.TextChoices):
        BERLAKU = "berlaku", _("Berlaku")
        DIGANTI = "diganti", _("Diganti revisi")
        DITARIK = "ditarik", _("Ditarik")

    id = models.CharField(primary_key=True, max_length=40)
    rapor = models.ForeignKey(Rapor, models.PROTECT, related_name="final")
    revisi = models.PositiveSmallIntegerField(_("revisi ke-"))
    isi = models.TextField()
    sidik = models.CharField(max_length=64)
    tanda_tangan = models.CharField(max_length=128)
    kunci = models.CharField(max_length=64)
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.BERLAKU)
    alasan = models.CharField(_("alasan ditarik atau diganti"), max_length=300, blank=True)
    oleh = models.ForeignKey(Akun, models.SET_NULL, null=True, related_name="+")
    pada = models.DateTimeField()

    akses = {
        "lihat": {
            "kepala_sekolah": "rapor__anggota__kelas__tahun__sekolah",
            "wali_kelas": "rapor__anggota__kelas__wali_kelas__akun",
            "orang_tua": "rapor__anggota__peserta__perwalian__wali__akun",
        },
        "sahkan": {"kepala_sekolah": "rapor__anggota__kelas__tahun__sekolah"},
    }
    jejak: dict[str, object] = {"pribadi": ("isi", "alasan")}

    class Meta:
        ordering = ["-revisi"]
        constraints = [models.UniqueConstraint(fields=["rapor", "revisi"], name="rapor_final_sekali")]

    def __str__(self) -> str:
        return self.id


class BeritaAcara(models.Model):
    """Why a final rapor was opened again, as the head signs it (R51). Personal data: the reason."""

    rapor = models.ForeignKey(Rapor, models.PROTECT, related_name="berita_acara")
    final = models.ForeignKey(RaporFinal, models.PROTECT, related_name="berita_acara")
    nomor = models.PositiveSmallIntegerField(_("revisi ke-"))
    alasan = models.CharField(_("alasan"), max_length=500)
    oleh = models.ForeignKey(Akun, models.SET_NULL, null=True, related_name="+")
    pada = models.DateTimeField()

    akses = {
        "lihat": {
            "kepala_sekolah": "rapor__anggota__kelas__tahun__sekolah",
            "wali_kelas": "rapor__anggota__kelas__wali_kelas__akun",
        },
    }
    jejak: dict[str, object] = {"pribadi": ("alasan",)}

    class Meta:
        ordering = ["nomor"]
        constraints = [
            models.UniqueConstraint(fields=["rapor", "nomor"], name="berita_acara_sekali"),
            models.CheckConstraint(condition=~Q(alasan=""), name="berita_acara_beralasan"),
        ]

    def __str__(self) -> str:
        return f"{self.rapor_id}/{self.nomor}"


class SudahDibaca(models.Model):
    """That a guardian has read a final rapor. Personal data: that this person read it, and when."""

    final = models.ForeignKey(RaporFinal, models.PROTECT, related_name="dibaca")
    akun = models.ForeignKey(Akun, models.CASCADE, related_name="+")
    pada = models.DateTimeField()

    akses = {
        "lihat": {
            "kepala_sekolah": "final__rapor__anggota__kelas__tahun__sekolah",
            "wali_kelas": "final__rapor__anggota__kelas__wali_kelas__akun",
            "diri": "akun",
        },
    }
    jejak: dict[str, object] = {}

    class Meta:
        constraints = [models.UniqueConstraint(fields=["final", "akun"], name="sudah_dibaca_sekali")]

    def __str__(self) -> str:
        return f"{self.final_id}"


class KetentuanKenaikan(models.Model):
    """How a school decides promotion in one year (R36..R42). Personal data: none.

    `kriteria` holds what the school adds, by name of the criterion (R40); no row means the rule set's own limit alone.
    """

    class Dasar(models.TextChoices):
        SEMESTER_2 = "semester_2", _("Nilai semester 2")
        SEMUA_SK = "semua_sk", _("Semua SK setahun")
        CAMPUR_RATA = "campur_rata", _("Rata-rata bila hanya satu semester tuntas")

    tahun = models.OneToOneField(TahunPelajaran, models.PROTECT, related_name="ketentuan_kenaikan")
    batas = models.PositiveSmallIntegerField(_("batas mapel belum tuntas"), null=True, blank=True)
    dasar = models.CharField(_("dasar tuntas setahun"), max_length=12, choices=Dasar.choices, default=Dasar.SEMESTER_2)
    kriteria = models.JSONField(_("kriteria tambahan"), default=dict)
    versi = models.PositiveIntegerField(default=1)

    akses = {
        "lihat": {
            "operator_sekolah": "tahun__sekolah",
            "kepala_sekolah": "tahun__sekolah",
            "guru": "tahun__sekolah",
        },
        "kelola": {"operator_sekolah": "tahun__sekolah", "kepala_sekolah": "tahun__sekolah"},
    }
    jejak: dict[str, object] = {}

    def __str__(self) -> str:
        return f"{self.tahun_id}"


class Kenaikan(models.Model):
    """The decision at the end of semester 2: promoted, kept back, graduated or not (R33..R43).

    Personal data: the decision and its grounds. `langkah` and `kriteria` keep how it came about; `alasan_khusus` is the
    strong ground that the teachers' meeting recorded (R38).
    """

    class Keputusan(models.TextChoices):
        NAIK = "naik", _("Naik")
        NAIK_BELUM_TUNTAS = "naik_belum_tuntas", _("Naik dengan mapel belum tuntas")
        TINGGAL = "tinggal", _("Tinggal")
        LULUS = "lulus", _("Lulus")
        TIDAK_LULUS = "tidak_lulus", _("Tidak lulus")

    anggota = models.OneToOneField(AnggotaKelas, models.PROTECT, related_name="kenaikan")
    keputusan = models.CharField(_("keputusan"), max_length=18, choices=Keputusan.choices)
    kalimat = models.CharField(_("kalimat di rapor"), max_length=120)
    belum_tuntas = models.PositiveSmallIntegerField(_("mapel belum tuntas"))
    kriteria = models.JSONField(default=list)
    langkah = models.JSONField(default=list)
    aturan = models.CharField(max_length=40)
    alasan_khusus = models.CharField(_("alasan khusus"), max_length=500, blank=True)
    rapat_tanggal = models.DateField(_("tanggal rapat dewan guru"), null=True, blank=True)
    rapat_nomor = models.CharField(_("nomor notula"), max_length=60, blank=True)
    versi = models.PositiveIntegerField(default=1)
    oleh = models.ForeignKey(Akun, models.SET_NULL, null=True, related_name="+")
    pada = models.DateTimeField()

    akses = {
        "lihat": {
            "kepala_sekolah": "anggota__kelas__tahun__sekolah",
            "wali_kelas": "anggota__kelas__wali_kelas__akun",
        },
        "ubah": {"kepala_sekolah": "anggota__kelas__tahun__sekolah"},
    }
    jejak: dict[str, object] = {"pribadi": ("alasan_khusus",), "abaikan": ("langkah", "pada")}

    def __str__(self) -> str:
        return f"{self.anggota_id}"


class NilaiUjian(models.Model):
    """A pupil's national and school examination marks in one subject, 0..10 (class IX, R43). Personal data: marks."""

    anggota = models.ForeignKey(AnggotaKelas, models.PROTECT, related_name="nilai_ujian")
    mapel = models.ForeignKey(MataPelajaran, models.PROTECT, related_name="nilai_ujian")
    un = models.DecimalField(_("ujian nasional"), max_digits=4, decimal_places=2, null=True, blank=True)
    us = models.DecimalField(_("ujian sekolah"), max_digits=4, decimal_places=2, null=True, blank=True)
    versi = models.PositiveIntegerField(default=1)

    akses = {
        "lihat": {
            "kepala_sekolah": "anggota__kelas__tahun__sekolah",
            "wali_kelas": "anggota__kelas__wali_kelas__akun",
        },
        "ubah": {"kepala_sekolah": "anggota__kelas__tahun__sekolah", "wali_kelas": "anggota__kelas__wali_kelas__akun"},
    }
    jejak: dict[str, object] = {}

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["anggota", "mapel"], name="nilai_ujian_sekali"),
            models.CheckConstraint(
                condition=(Q(un__isnull=True) | Q(un__gte=0, un__lte=10))
                & (Q(us__isnull=True) | Q(us__gte=0, us__lte=10)),
                name="nilai_ujian_0_sampai_10",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.anggota_id}/{self.mapel_id}"


class Mutasi(models.Model):
    """A transfer out of or into the school, as the pages at the back of the rapor say (R44, R45).

    Personal data: that, when and why a child left. The names of head and guardian are kept as they signed.
    """

    class Arah(models.TextChoices):
        KELUAR = "keluar", pgettext_lazy("arah", "Keluar")
        MASUK = "masuk", pgettext_lazy("arah", "Masuk")

    sekolah = models.ForeignKey(Sekolah, models.PROTECT, related_name="mutasi")
    peserta = models.ForeignKey(PesertaDidik, models.PROTECT, related_name="mutasi")
    arah = models.CharField(_("arah"), max_length=6, choices=Arah.choices)
    tanggal = models.DateField(_("tanggal"))
    kelas = models.ForeignKey(Kelas, models.PROTECT, related_name="mutasi")
    alasan = models.CharField(_("alasan"), max_length=300, blank=True)
    sekolah_lain = models.CharField(_("sekolah asal atau tujuan"), max_length=160, blank=True)
    kepala_nama = models.CharField(_("nama kepala sekolah"), max_length=120, blank=True)
    kepala_nip = models.CharField(_("NIP kepala sekolah"), max_length=18, blank=True)
    wali_nama = models.CharField(_("nama orang tua/wali"), max_length=120, blank=True)
    versi = models.PositiveIntegerField(default=1)

    akses = {
        "lihat": {"operator_sekolah": "sekolah", "kepala_sekolah": "sekolah"},
        "kelola": {"operator_sekolah": "sekolah", "kepala_sekolah": "sekolah"},
    }
    jejak: dict[str, object] = {"pribadi": ("alasan", "sekolah_lain", "kepala_nama", "kepala_nip", "wali_nama")}

    class Meta:
        ordering = ["tanggal", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["peserta", "arah", "tanggal"], name="mutasi_sekali"),
            models.CheckConstraint(condition=~Q(arah="keluar") | ~Q(alasan=""), name="mutasi_keluar_beralasan"),
        ]

    def __str__(self) -> str:
        return f"{self.arah}/{self.peserta_id}"


class Pengingat(models.Model):
    """That the head reminded everybody who owes something for the rapor of a semester. Personal data: the message.

    Whom it concerns is not stored: it follows from what is missing on the day it is read.
    """

    semester = models.ForeignKey(Semester, models.PROTECT, related_name="pengingat")
    pesan = models.CharField(_("pesan"), max_length=300, blank=True)
    oleh = models.ForeignKey(Akun, models.SET_NULL, null=True, related_name="+")
    pada = models.DateTimeField()

    akses = {
        "lihat": {
            "operator_sekolah": "semester__tahun__sekolah",
            "kepala_sekolah": "semester__tahun__sekolah",
            "guru": "semester__tahun__sekolah",
        },
    }
    jejak: dict[str, object] = {"pribadi": ("pesan",)}

    def __str__(self) -> str:
        return f"{self.semester_id}"
