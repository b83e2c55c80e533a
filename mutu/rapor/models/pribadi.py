"""What stands on the rapor beside the marks: attendance, activities, character, achievements, the homeroom's note."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from mutu.satuan.models import Akun, AnggotaKelas, Guru, Kelas, Sekolah, Semester


class Ketidakhadiran(models.Model):
    """Days of absence of one pupil in one semester. Empty means not recorded, which differs from zero (R31).

    Personal data: that a child was ill so many days.
    """

    anggota = models.ForeignKey(AnggotaKelas, models.PROTECT, related_name="ketidakhadiran")
    semester = models.ForeignKey(Semester, models.PROTECT, related_name="ketidakhadiran")
    sakit = models.PositiveSmallIntegerField(_("sakit"), null=True, blank=True)
    izin = models.PositiveSmallIntegerField(_("izin"), null=True, blank=True)
    tanpa_keterangan = models.PositiveSmallIntegerField(_("tanpa keterangan"), null=True, blank=True)
    dari_harian = models.BooleanField(_("dijumlahkan dari kehadiran harian"), default=False)
    versi = models.PositiveIntegerField(default=1)

    akses = {
        "lihat": {
            "kepala_sekolah": "anggota__kelas__tahun__sekolah",
            "wali_kelas": "anggota__kelas__wali_kelas__akun",
            "orang_tua": "anggota__peserta__perwalian__wali__akun",
        },
        "ubah": {"wali_kelas": "anggota__kelas__wali_kelas__akun"},
    }
    jejak: dict[str, object] = {}

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["anggota", "semester"], name="ketidakhadiran_sekali"),
            models.CheckConstraint(
                condition=(Q(sakit__isnull=True) | Q(sakit__lte=200))
                & (Q(izin__isnull=True) | Q(izin__lte=200))
                & (Q(tanpa_keterangan__isnull=True) | Q(tanpa_keterangan__lte=200)),
                name="ketidakhadiran_wajar",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.anggota_id}"


class HariKehadiran(models.Model):
    """That attendance of a class was taken on a day; whoever has no `KehadiranHarian` was present.

    Personal data: none.
    """

    kelas = models.ForeignKey(Kelas, models.PROTECT, related_name="hari_kehadiran")
    semester = models.ForeignKey(Semester, models.PROTECT, related_name="hari_kehadiran")
    tanggal = models.DateField(_("tanggal"))
    versi = models.PositiveIntegerField(default=1)

    akses = {
        "lihat": {"kepala_sekolah": "kelas__tahun__sekolah", "wali_kelas": "kelas__wali_kelas__akun"},
        "ubah": {"wali_kelas": "kelas__wali_kelas__akun"},
    }
    jejak: dict[str, object] = {}

    class Meta:
        ordering = ["tanggal"]
        constraints = [models.UniqueConstraint(fields=["kelas", "tanggal"], name="hari_kehadiran_sekali")]

    def __str__(self) -> str:
        return f"{self.kelas_id} {self.tanggal}"


class KehadiranHarian(models.Model):
    """One pupil's absence on one day. Personal data: that a child was ill or away that day."""

    class Status(models.TextChoices):
        SAKIT = "sakit", _("Sakit")
        IZIN = "izin", _("Izin")
        TANPA_KETERANGAN = "tanpa_keterangan", _("Tanpa keterangan")

    hari = models.ForeignKey(HariKehadiran, models.CASCADE, related_name="absen")
    anggota = models.ForeignKey(AnggotaKelas, models.PROTECT, related_name="kehadiran_harian")
    status = models.CharField(_("status"), max_length=16, choices=Status.choices)

    akses = {
        "lihat": {
            "kepala_sekolah": "anggota__kelas__tahun__sekolah",
            "wali_kelas": "anggota__kelas__wali_kelas__akun",
            "orang_tua": "anggota__peserta__perwalian__wali__akun",
        },
        "ubah": {"wali_kelas": "anggota__kelas__wali_kelas__akun"},
    }
    jejak: dict[str, object] = {}

    class Meta:
        constraints = [models.UniqueConstraint(fields=["hari", "anggota"], name="kehadiran_harian_sekali")]

    def __str__(self) -> str:
        return f"{self.anggota_id}"


class KegiatanPengembangan(models.Model):
    """An activity of pengembangan diri (later curricula: ekstrakurikuler) and who leads it. Personal data: none.

    `urutan` is the school's own order of importance; it settles which of equal grades is printed (R25).
    """

    sekolah = models.ForeignKey(Sekolah, models.PROTECT, related_name="kegiatan_pengembangan")
    nama = models.CharField(_("nama kegiatan"), max_length=80)
    urutan = models.PositiveSmallIntegerField(_("urutan"), default=1)
    pembina = models.ForeignKey(Guru, models.SET_NULL, null=True, blank=True, related_name="kegiatan_pengembangan")

    akses = {
        "lihat": {"operator_sekolah": "sekolah", "kepala_sekolah": "sekolah", "guru": "sekolah"},
        "kelola": {"operator_sekolah": "sekolah"},
        "isi": {"guru_mapel": "pembina__akun"},
    }
    jejak: dict[str, object] = {}

    class Meta:
        ordering = ["urutan", "nama"]
        constraints = [models.UniqueConstraint(fields=["sekolah", "nama"], name="kegiatan_nama_sekali")]

    def __str__(self) -> str:
        return self.nama


class NilaiPengembangan(models.Model):
    """A pupil's letter A..E in one activity, with words that encourage (R25..R27). Personal data: the letter."""

    kegiatan = models.ForeignKey(KegiatanPengembangan, models.PROTECT, related_name="nilai")
    semester = models.ForeignKey(Semester, models.PROTECT, related_name="nilai_pengembangan")
    anggota = models.ForeignKey(AnggotaKelas, models.PROTECT, related_name="nilai_pengembangan")
    nilai = models.CharField(_("nilai"), max_length=2)
    keterangan = models.CharField(_("keterangan"), max_length=300, blank=True)
    versi = models.PositiveIntegerField(default=1)
    oleh = models.ForeignKey(Akun, models.SET_NULL, null=True, related_name="+")
    pada = models.DateTimeField()

    akses = {
        "lihat": {
            "kepala_sekolah": "anggota__kelas__tahun__sekolah",
            "wali_kelas": "anggota__kelas__wali_kelas__akun",
            "guru_mapel": "kegiatan__pembina__akun",
            "orang_tua": "anggota__peserta__perwalian__wali__akun",
        },
        "ubah": {"guru_mapel": "kegiatan__pembina__akun"},
    }
    jejak: dict[str, object] = {"pribadi": ("keterangan",)}

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kegiatan", "semester", "anggota"], name="nilai_pengembangan_sekali")
        ]

    def __str__(self) -> str:
        return f"{self.kegiatan_id}/{self.anggota_id}"


class Sikap(models.Model):
    """A pupil's category in one aspect of character, such as akhlak or kepribadian (R28, R29).

    Personal data: the judgement. Only the teacher who owns the aspect sets it: `MataPelajaran.bidang` says which.
    `kategori` is one of the rule set's words; later curricula put their description into `uraian`.
    """

    semester = models.ForeignKey(Semester, models.PROTECT, related_name="sikap")
    anggota = models.ForeignKey(AnggotaKelas, models.PROTECT, related_name="sikap")
    aspek = models.CharField(_("aspek"), max_length=20)
    kategori = models.CharField(_("kategori"), max_length=20, blank=True)
    uraian = models.CharField(_("uraian"), max_length=500, blank=True)
    versi = models.PositiveIntegerField(default=1)
    oleh = models.ForeignKey(Akun, models.SET_NULL, null=True, related_name="+")
    pada = models.DateTimeField()

    akses = {
        "lihat": {
            "kepala_sekolah": "anggota__kelas__tahun__sekolah",
            "wali_kelas": "anggota__kelas__wali_kelas__akun",
            "orang_tua": "anggota__peserta__perwalian__wali__akun",
        },
    }
    jejak: dict[str, object] = {"pribadi": ("uraian",)}

    class Meta:
        constraints = [models.UniqueConstraint(fields=["semester", "anggota", "aspek"], name="sikap_sekali")]

    def __str__(self) -> str:
        return f"{self.aspek}/{self.anggota_id}"


class Pengamatan(models.Model):
    """What a teacher saw of a pupil's character, for the teacher who sets the category (R29).

    Personal data: an observation about a child; seen by the school's teachers of that class, never by others.
    """

    semester = models.ForeignKey(Semester, models.PROTECT, related_name="pengamatan")
    anggota = models.ForeignKey(AnggotaKelas, models.PROTECT, related_name="pengamatan")
    aspek = models.CharField(_("aspek"), max_length=20)
    isi = models.CharField(_("pengamatan"), max_length=500)
    tanggal = models.DateField(_("tanggal"))
    oleh = models.ForeignKey(Akun, models.SET_NULL, null=True, related_name="+")
    pada = models.DateTimeField()

    akses = {
        "lihat": {
            "kepala_sekolah": "anggota__kelas__tahun__sekolah",
            "wali_kelas": "anggota__kelas__wali_kelas__akun",
            "guru_mapel": "anggota__kelas__pembelajaran__guru__akun",
        },
        "ubah": {"diri": "oleh"},
    }
    jejak: dict[str, object] = {"pribadi": ("isi",)}

    class Meta:
        ordering = ["-tanggal", "-pk"]

    def __str__(self) -> str:
        return f"{self.aspek}/{self.anggota_id}"


class Prestasi(models.Model):
    """An achievement of the semester (R47), or an activity outside lessons and pengembangan diri (R48).

    Personal data: what a child achieved.
    """

    class Jenis(models.TextChoices):
        KURIKULER = "kurikuler", _("Kurikuler")
        PENGEMBANGAN_DIRI = "pengembangan_diri", _("Pengembangan diri")
        KHUSUS = "khusus", _("Catatan khusus")

    semester = models.ForeignKey(Semester, models.PROTECT, related_name="prestasi")
    anggota = models.ForeignKey(AnggotaKelas, models.PROTECT, related_name="prestasi")
    jenis = models.CharField(_("jenis"), max_length=18, choices=Jenis.choices)
    nama = models.CharField(_("nama lomba atau kegiatan"), max_length=160)
    peringkat = models.CharField(_("peringkat"), max_length=60, blank=True)
    tanggal = models.DateField(_("tanggal"))
    versi = models.PositiveIntegerField(default=1)

    akses = {
        "lihat": {
            "kepala_sekolah": "anggota__kelas__tahun__sekolah",
            "wali_kelas": "anggota__kelas__wali_kelas__akun",
            "orang_tua": "anggota__peserta__perwalian__wali__akun",
        },
        "ubah": {"wali_kelas": "anggota__kelas__wali_kelas__akun"},
    }
    jejak: dict[str, object] = {"pribadi": ("nama", "peringkat")}

    class Meta:
        ordering = ["jenis", "tanggal", "pk"]

    def __str__(self) -> str:
        return f"{self.anggota_id}"


class CatatanWali(models.Model):
    """The homeroom teacher's note to one pupil, for rule sets that print it. Personal data: the note."""

    semester = models.ForeignKey(Semester, models.PROTECT, related_name="catatan_wali")
    anggota = models.ForeignKey(AnggotaKelas, models.PROTECT, related_name="catatan_wali")
    isi = models.CharField(_("catatan"), max_length=500)
    versi = models.PositiveIntegerField(default=1)

    akses = {
        "lihat": {
            "kepala_sekolah": "anggota__kelas__tahun__sekolah",
            "wali_kelas": "anggota__kelas__wali_kelas__akun",
            "orang_tua": "anggota__peserta__perwalian__wali__akun",
        },
        "ubah": {"wali_kelas": "anggota__kelas__wali_kelas__akun"},
    }
    jejak: dict[str, object] = {"pribadi": ("isi",)}

    class Meta:
        constraints = [models.UniqueConstraint(fields=["semester", "anggota"], name="catatan_wali_sekali")]

    def __str__(self) -> str:
        return f"{self.anggota_id}"
