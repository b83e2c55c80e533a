"""Who is assessed by whom, with which instrument and when: ranks, assessors, the year's plan, one assessment."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from mutu.satuan.models import Akun, Guru, Sekolah, TahunPelajaran


class PangkatGuru(models.Model):
    """A teacher's rank from a day on; a later row ends the one before. Personal data: the rank of a person.

    `golongan` is written as the credit table does, such as `III/a`.
    """

    guru = models.ForeignKey(Guru, models.CASCADE, related_name="pangkat")
    golongan = models.CharField(_("golongan"), max_length=5)
    tmt = models.DateField(_("terhitung mulai tanggal"))

    akses = {
        "lihat": {
            "operator_sekolah": "guru__sekolah",
            "kepala_sekolah": "guru__sekolah",
            "guru_dinilai": "guru__akun",
        },
        "kelola": {"operator_sekolah": "guru__sekolah", "kepala_sekolah": "guru__sekolah"},
    }
    jejak: dict[str, object] = {}

    class Meta:
        ordering = ["-tmt"]
        constraints = [models.UniqueConstraint(fields=["guru", "tmt"], name="pangkat_sekali_sehari")]

    def __str__(self) -> str:
        return self.golongan


class Penilai(models.Model):
    """Who may assess at a school, by which letter of appointment and training. Personal data: the appointment.

    The head assesses without one; an appointed assessor needs SK and training; the head is assessed by a supervisor,
    who has an account and works elsewhere.
    """

    sekolah = models.ForeignKey(Sekolah, models.PROTECT, related_name="penilai_kinerja")
    akun = models.ForeignKey(Akun, models.PROTECT, related_name="tugas_penilai")
    sk_nomor = models.CharField(_("nomor SK"), max_length=80, blank=True)
    sk_tanggal = models.DateField(_("tanggal SK"), null=True, blank=True)
    pelatihan = models.DateField(_("tanggal pelatihan penilai"), null=True, blank=True)
    pengawas = models.BooleanField(_("pengawas sekolah"), default=False)
    dari = models.DateField(_("dari"))
    sampai = models.DateField(_("sampai"), null=True, blank=True)
    versi = models.PositiveIntegerField(default=1)

    akses = {
        "lihat": {"operator_sekolah": "sekolah", "kepala_sekolah": "sekolah", "diri": "akun"},
        "kelola": {"kepala_sekolah": "sekolah"},
    }
    jejak: dict[str, object] = {}

    class Meta:
        ordering = ["akun__nama"]
        constraints = [
            models.UniqueConstraint(fields=["sekolah", "akun", "dari"], name="penilai_sekali"),
            models.CheckConstraint(condition=Q(sampai__isnull=True) | Q(sampai__gte=F("dari")), name="penilai_masa"),
        ]

    def __str__(self) -> str:
        return f"{self.akun}"


class RencanaKinerja(models.Model):
    """The plan of one round of assessment: formatif, sumatif or kemajuan, with its window. Personal data: none."""

    class Jenis(models.TextChoices):
        FORMATIF = "formatif", _("Formatif")
        SUMATIF = "sumatif", _("Sumatif")
        KEMAJUAN = "kemajuan", _("Kemajuan")

    tahun = models.ForeignKey(TahunPelajaran, models.PROTECT, related_name="rencana_kinerja")
    jenis = models.CharField(_("jenis"), max_length=8, choices=Jenis.choices)
    mulai = models.DateField(_("mulai"))
    selesai = models.DateField(_("selesai"))
    versi = models.PositiveIntegerField(default=1)

    akses = {
        "lihat": {"kepala_sekolah": "tahun__sekolah", "guru": "tahun__sekolah"},
        "kelola": {"kepala_sekolah": "tahun__sekolah"},
    }
    jejak: dict[str, object] = {}

    class Meta:
        ordering = ["mulai"]
        constraints = [
            models.UniqueConstraint(fields=["tahun", "jenis"], name="rencana_kinerja_sekali"),
            models.CheckConstraint(condition=Q(selesai__gte=F("mulai")), name="rencana_kinerja_urut"),
        ]

    def __str__(self) -> str:
        return f"{self.get_jenis_display()} {self.tahun}"


class PenilaianKinerja(models.Model):
    """One teacher assessed by one assessor with one instrument in one round.

    Personal data: how a teacher works; seen by the teacher, the assessor, the moderator and the head alone.
    `status` follows the table `alur_kinerja` of the rule set. `jam` is the weekly load (pupils for guru BK).
    """

    class Status(models.TextChoices):
        DIRENCANAKAN = "direncanakan", _("Direncanakan")
        DIUMUMKAN = "diumumkan", _("Diumumkan kepada guru")
        DISEPAKATI = "disepakati", _("Jadwal disepakati")
        BERJALAN = "berjalan", _("Pengamatan berjalan")
        DINILAI = "dinilai", _("Sudah dinilai")
        DIBAHAS = "dibahas", _("Dibahas dengan guru")
        KEBERATAN = "keberatan", _("Guru berkeberatan")
        MODERASI = "moderasi", _("Dinilai ulang moderator")
        FINAL = "final", _("Final")

    rencana = models.ForeignKey(RencanaKinerja, models.PROTECT, related_name="penilaian")
    guru = models.ForeignKey(Guru, models.PROTECT, related_name="penilaian_kinerja")
    penilai = models.ForeignKey(Akun, models.PROTECT, related_name="penilaian_kinerja")
    moderator = models.ForeignKey(Akun, models.PROTECT, null=True, blank=True, related_name="moderasi_kinerja")
    instrumen = models.CharField(_("instrumen"), max_length=40)
    bidang = models.CharField(_("bidang tugas"), max_length=40, blank=True)
    golongan = models.CharField(_("golongan"), max_length=5, blank=True)
    jam = models.PositiveSmallIntegerField(_("jam mengajar atau jumlah konseli"), null=True, blank=True)
    jadwal_mulai = models.DateField(_("jadwal mulai"), null=True, blank=True)
    jadwal_selesai = models.DateField(_("jadwal selesai"), null=True, blank=True)
    status = models.CharField(_("status"), max_length=12, choices=Status.choices, default=Status.DIRENCANAKAN)
    versi = models.PositiveIntegerField(default=1)
    pada = models.DateTimeField()

    akses = {
        "lihat": {
            "kepala_sekolah": "rencana__tahun__sekolah",
            "guru_dinilai": "guru__akun",
            "penilai": "penilai",
            "moderator": "moderator",
        },
        "atur": {"kepala_sekolah": "rencana__tahun__sekolah"},
        "nilai": {"penilai": "penilai"},
        "moderasi": {"moderator": "moderator"},
        "tanggapi": {"guru_dinilai": "guru__akun"},
    }
    jejak: dict[str, object] = {}

    class Meta:
        ordering = ["guru__nama"]
        constraints = [
            models.UniqueConstraint(fields=["rencana", "guru", "instrumen"], name="penilaian_kinerja_sekali"),
            models.CheckConstraint(
                condition=Q(jadwal_mulai__isnull=True)
                | Q(jadwal_selesai__isnull=True)
                | Q(jadwal_selesai__gte=F("jadwal_mulai")),
                name="penilaian_kinerja_jadwal",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.guru_id}/{self.instrumen}"
