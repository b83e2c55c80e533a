"""Places, schools, years, classes, subjects, people, accounts and roles: what all subjects stand on.

People and places in one paragraph. A `Sekolah` stands in a `Wilayah` (kecamatan, kab/kota, provinsi). It opens a
`TahunPelajaran` with two `Semester`; in it `Kelas` are formed of `PesertaDidik` (through `AnggotaKelas`), each led by
a `Guru` as wali kelas. A `Pembelajaran` is one `MataPelajaran` taught to one class by one teacher. A `Wali` is the
guardian of pupils (through `Perwalian`). An `Akun` signs in; it is tied to a teacher or a guardian, and holds `Peran`.

Each model says in its docstring which personal data it holds, and in `akses` who may do what (mutu/satuan/access.py).
"""

from __future__ import annotations

import uuid

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Length
from django.db.models.lookups import Exact
from django.utils.translation import gettext_lazy as _


class Wilayah(models.Model):
    """An administrative place with the ministry's code. Personal data: none.

    Provinces split and districts move, so a place holds from a date to a date; the open one is today's.
    """

    class Tingkat(models.IntegerChoices):
        PROVINSI = 1, _("Provinsi")
        KABKOTA = 2, _("Kabupaten/Kota")
        KECAMATAN = 3, _("Kecamatan")

    kode = models.CharField(_("kode kementerian"), max_length=6)
    kode_kemendagri = models.CharField(_("kode Kemendagri"), max_length=13, blank=True)
    nama = models.CharField(_("nama"), max_length=100)
    tingkat = models.PositiveSmallIntegerField(_("tingkat"), choices=Tingkat.choices)
    induk = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="bagian")
    berlaku_dari = models.DateField(_("berlaku dari"), null=True, blank=True)
    berlaku_sampai = models.DateField(_("berlaku sampai"), null=True, blank=True)

    akses = {"lihat": {"operator": ""}}

    class Meta:
        ordering = ["kode"]
        constraints = [
            models.UniqueConstraint(
                fields=["kode"], condition=Q(berlaku_sampai__isnull=True), name="wilayah_kode_berlaku"
            ),
            models.CheckConstraint(
                condition=Q(berlaku_sampai__isnull=True)
                | Q(berlaku_dari__isnull=True)
                | Q(berlaku_sampai__gte=F("berlaku_dari")),
                name="wilayah_masa_berlaku",
            ),
        ]

    def __str__(self) -> str:
        return self.nama


class Sekolah(models.Model):
    """A school of the ministry's list, known by its NPSN (8 digits). Personal data: none."""

    class Status(models.TextChoices):
        NEGERI = "N", _("Negeri")
        SWASTA = "S", _("Swasta")

    npsn = models.CharField("NPSN", max_length=8, unique=True)
    nama = models.CharField(_("nama sekolah"), max_length=160)
    bentuk = models.CharField(_("bentuk"), max_length=8)
    status = models.CharField(_("status"), max_length=1, choices=Status.choices)
    alamat_jalan = models.CharField(_("alamat jalan"), max_length=160, blank=True)
    desa_kelurahan = models.CharField(_("desa/kelurahan"), max_length=80, blank=True)
    kabkota = models.ForeignKey(Wilayah, models.PROTECT, related_name="sekolah_kabkota")
    # No index: nobody searches by kecamatan alone, and the national list is written a tenth faster without.
    kecamatan = models.ForeignKey(Wilayah, models.PROTECT, related_name="sekolah_kecamatan", db_index=False)
    lintang = models.FloatField(_("lintang"), null=True, blank=True)
    bujur = models.FloatField(_("bujur"), null=True, blank=True)

    akses = {
        "lihat": {"operator": "", "operator_sekolah": "", "kepala_sekolah": "", "guru": ""},
        "kelola": {"operator": "", "operator_sekolah": ""},
        "tata": {"operator_sekolah": ""},
    }
    jejak: dict[str, object] = {"tambah": False}

    class Meta:
        ordering = ["nama", "npsn"]
        constraints = [
            models.CheckConstraint(condition=Exact(Length("npsn"), 8), name="sekolah_npsn_8_angka"),
            models.CheckConstraint(
                condition=Q(lintang__isnull=True, bujur__isnull=True) | Q(lintang__isnull=False, bujur__isnull=False),
                name="sekolah_koordinat_sepasang",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.nama} ({self.npsn})"


class TahunPelajaran(models.Model):
    """A school year of one school, such as 2007/2008 (`mulai` = 2007). Personal data: none."""

    sekolah = models.ForeignKey(Sekolah, models.PROTECT, related_name="tahun_pelajaran")
    mulai = models.PositiveSmallIntegerField(_("tahun mulai"))

    akses = {
        "lihat": {
            "operator": "",
            "operator_sekolah": "sekolah",
            "kepala_sekolah": "sekolah",
            "guru": "sekolah",
        },
        "kelola": {"operator": "", "operator_sekolah": "sekolah"},
        "tata": {"operator_sekolah": "sekolah"},
        "kenaikan": {"operator_sekolah": "sekolah", "kepala_sekolah": "sekolah"},
        "pangkat": {"operator_sekolah": "sekolah", "kepala_sekolah": "sekolah"},
        "kinerja": {"kepala_sekolah": "sekolah"},
    }
    jejak: dict[str, object] = {}

    class Meta:
        ordering = ["-mulai"]
        constraints = [
            models.UniqueConstraint(fields=["sekolah", "mulai"], name="tahun_pelajaran_sekali"),
            models.CheckConstraint(condition=Q(mulai__gte=1990, mulai__lte=2100), name="tahun_pelajaran_wajar"),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """The year as the rapor prints it: `2007/2008`."""
        return f"{self.mulai}/{self.mulai + 1}"


class Semester(models.Model):
    """One of the two halves of a school year, with the day its rapor is handed over. Personal data: none."""

    tahun = models.ForeignKey(TahunPelajaran, models.PROTECT, related_name="semester")
    nomor = models.PositiveSmallIntegerField(_("semester"), choices=[(1, "1"), (2, "2")])
    mulai = models.DateField(_("tanggal mulai"))
    selesai = models.DateField(_("tanggal selesai"))
    tanggal_rapor = models.DateField(_("tanggal pembagian rapor"), null=True, blank=True)

    akses = {
        "lihat": {
            "operator": "",
            "operator_sekolah": "tahun__sekolah",
            "kepala_sekolah": "tahun__sekolah",
            "guru": "tahun__sekolah",
        },
        "kelola": {"operator": "", "operator_sekolah": "tahun__sekolah"},
        "pantau": {"operator_sekolah": "tahun__sekolah", "kepala_sekolah": "tahun__sekolah"},
        "ingatkan": {"kepala_sekolah": "tahun__sekolah"},
        "cetak": {"kepala_sekolah": "tahun__sekolah"},
    }
    jejak: dict[str, object] = {}

    class Meta:
        ordering = ["tahun", "nomor"]
        constraints = [
            models.UniqueConstraint(fields=["tahun", "nomor"], name="semester_sekali"),
            models.CheckConstraint(condition=Q(nomor__in=[1, 2]), name="semester_1_atau_2"),
            models.CheckConstraint(condition=Q(selesai__gt=F("mulai")), name="semester_urut"),
        ]

    def __str__(self) -> str:
        return f"{self.tahun} semester {self.nomor}"


class Akun(AbstractUser):
    """Someone who signs in. Personal data: name, e-mail; kept while the person works with the school."""

    nama = models.CharField(_("nama"), max_length=120)

    akses = {
        "lihat": {"operator": "", "diri": ""},
        "kelola": {"operator": "", "operator_sekolah": "peran__sekolah"},
    }
    jejak: dict[str, object] = {
        "pribadi": ("username", "first_name", "last_name", "email", "nama"),
        # Signing in stamps these two; a changed password gets its own line (mutu/satuan/accounts.py).
        "abaikan": ("password", "last_login"),
    }

    def __str__(self) -> str:
        return self.nama or self.username


class Peran(models.Model):
    """A role of an account, in one school or (operator) in the whole installation, from a day to a day.

    Personal data: none beyond the link to the account.
    """

    class Jenis(models.TextChoices):
        OPERATOR = "operator", _("Operator")
        OPERATOR_SEKOLAH = "operator_sekolah", _("Operator sekolah")
        KEPALA_SEKOLAH = "kepala_sekolah", _("Kepala sekolah")
        GURU = "guru", _("Guru")
        ORANG_TUA = "orang_tua", _("Orang tua/wali")

    akun = models.ForeignKey(Akun, models.CASCADE, related_name="peran")
    jenis = models.CharField(_("peran"), max_length=20, choices=Jenis.choices)
    sekolah = models.ForeignKey(Sekolah, models.CASCADE, null=True, blank=True, related_name="peran")
    dari = models.DateField(_("dari"))
    sampai = models.DateField(_("sampai"), null=True, blank=True)
    jejak: dict[str, object] = {}

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["akun", "jenis", "sekolah"], name="peran_sekali"),
            models.CheckConstraint(
                condition=Q(jenis="operator", sekolah__isnull=True) | (~Q(jenis="operator") & Q(sekolah__isnull=False)),
                name="peran_lingkup",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_jenis_display()}"


class Guru(models.Model):
    """A teacher. Personal data: name, NIP and NUPTK where the person has one; kept as long as rapor name them."""

    sekolah = models.ForeignKey(Sekolah, models.PROTECT, related_name="guru")
    nama = models.CharField(_("nama lengkap"), max_length=120)
    nip = models.CharField("NIP", max_length=18, blank=True)
    nuptk = models.CharField("NUPTK", max_length=16, blank=True)
    akun = models.OneToOneField(Akun, models.SET_NULL, null=True, blank=True, related_name="guru")

    akses = {
        "lihat": {
            "operator": "",
            "operator_sekolah": "sekolah",
            "kepala_sekolah": "sekolah",
            "diri": "akun",
        },
        "kelola": {"operator": "", "operator_sekolah": "sekolah"},
    }
    jejak: dict[str, object] = {"pribadi": ("nama", "nip", "nuptk")}

    class Meta:
        ordering = ["nama"]
        verbose_name = _("guru")
        constraints = [
            models.UniqueConstraint(fields=["sekolah", "nip"], condition=~Q(nip=""), name="guru_nip_sekali"),
            models.UniqueConstraint(fields=["sekolah", "nuptk"], condition=~Q(nuptk=""), name="guru_nuptk_sekali"),
        ]

    def __str__(self) -> str:
        return self.nama


class PesertaDidik(models.Model):
    """A pupil. Personal data of a child: name, NIS, NISN, sex, place and date of birth; kept for the buku induk.

    There is no NIK, no religion, no income: nothing here needs them.
    """

    class JenisKelamin(models.TextChoices):
        LAKI_LAKI = "L", _("Laki-laki")
        PEREMPUAN = "P", _("Perempuan")

    sekolah = models.ForeignKey(Sekolah, models.PROTECT, related_name="peserta_didik")
    nama = models.CharField(_("nama lengkap"), max_length=120)
    nis = models.CharField(_("nomor induk (NIS)"), max_length=20)
    nisn = models.CharField("NISN", max_length=10, blank=True)
    jenis_kelamin = models.CharField(_("jenis kelamin"), max_length=1, choices=JenisKelamin.choices, blank=True)
    tempat_lahir = models.CharField(_("tempat lahir"), max_length=80, blank=True)
    tanggal_lahir = models.DateField(_("tanggal lahir"), null=True, blank=True)

    akses = {
        "lihat": {
            "operator_sekolah": "sekolah",
            "kepala_sekolah": "sekolah",
            "wali_kelas": "keanggotaan__kelas__wali_kelas__akun",
            "guru_mapel": "keanggotaan__kelas__pembelajaran__guru__akun",
            "orang_tua": "perwalian__wali__akun",
        },
        "kelola": {"operator_sekolah": "sekolah"},
        # Of homeroom teachers only the one of the present class, which the page itself asks (views/induk.py).
        "transkrip": {
            "kepala_sekolah": "sekolah",
            "wali_kelas": "keanggotaan__kelas__wali_kelas__akun",
            "orang_tua": "perwalian__wali__akun",
        },
        "induk": {
            "operator_sekolah": "sekolah",
            "kepala_sekolah": "sekolah",
            "wali_kelas": "keanggotaan__kelas__wali_kelas__akun",
        },
    }
    jejak: dict[str, object] = {"pribadi": ("nama", "nis", "nisn", "tempat_lahir", "tanggal_lahir", "jenis_kelamin")}

    class Meta:
        ordering = ["nama", "nis"]
        verbose_name = _("peserta didik")
        constraints = [
            models.UniqueConstraint(fields=["sekolah", "nis"], name="peserta_nis_sekali"),
            models.UniqueConstraint(fields=["sekolah", "nisn"], condition=~Q(nisn=""), name="peserta_nisn_sekali"),
        ]

    def __str__(self) -> str:
        return self.nama


class Wali(models.Model):
    """A guardian of pupils. Personal data: name; kept while a pupil in care is at the school."""

    sekolah = models.ForeignKey(Sekolah, models.PROTECT, related_name="wali")
    nama = models.CharField(_("nama lengkap"), max_length=120)
    akun = models.OneToOneField(Akun, models.SET_NULL, null=True, blank=True, related_name="wali")

    akses = {
        "lihat": {"operator_sekolah": "sekolah", "diri": "akun"},
        "kelola": {"operator_sekolah": "sekolah"},
    }
    jejak: dict[str, object] = {"pribadi": ("nama",)}

    class Meta:
        ordering = ["nama"]
        verbose_name = _("orang tua/wali")

    def __str__(self) -> str:
        return self.nama


class Perwalian(models.Model):
    """That a guardian cares for a pupil. Personal data: the family tie."""

    peserta = models.ForeignKey(PesertaDidik, models.CASCADE, related_name="perwalian")
    wali = models.ForeignKey(Wali, models.CASCADE, related_name="perwalian")
    hubungan = models.CharField(_("hubungan"), max_length=20, default="orang tua")
    utama = models.BooleanField(_("menandatangani rapor"), default=True)
    jejak: dict[str, object] = {"pribadi": ("hubungan",)}

    class Meta:
        constraints = [models.UniqueConstraint(fields=["peserta", "wali"], name="perwalian_sekali")]

    def __str__(self) -> str:
        return f"{self.hubungan}"


class Kelas(models.Model):
    """A class (rombongan belajar) of one year, such as VII-A. Personal data: none beyond the homeroom teacher.

    Curricula ran side by side in one school and year, so each class says which one it follows.
    """

    class Kurikulum(models.TextChoices):
        KTSP = "ktsp", "KTSP"
        K13 = "k13", _("Kurikulum 2013")
        MERDEKA = "merdeka", _("Kurikulum Merdeka")

    tahun = models.ForeignKey(TahunPelajaran, models.PROTECT, related_name="kelas")
    tingkat = models.PositiveSmallIntegerField(_("tingkat"))
    nama = models.CharField(_("nama kelas"), max_length=20)
    kurikulum = models.CharField(_("kurikulum"), max_length=10, choices=Kurikulum.choices, default=Kurikulum.KTSP)
    wali_kelas = models.ForeignKey(Guru, models.SET_NULL, null=True, blank=True, related_name="kelas_wali")

    akses = {
        "lihat": {
            "operator_sekolah": "tahun__sekolah",
            "kepala_sekolah": "tahun__sekolah",
            "wali_kelas": "wali_kelas__akun",
        },
        "kelola": {"operator_sekolah": "tahun__sekolah"},
        "wali": {"wali_kelas": "wali_kelas__akun"},
        "amati": {"guru_mapel": "pembelajaran__guru__akun", "wali_kelas": "wali_kelas__akun"},
        "cetak": {"kepala_sekolah": "tahun__sekolah", "wali_kelas": "wali_kelas__akun"},
        "putuskan": {"kepala_sekolah": "tahun__sekolah"},
    }
    jejak: dict[str, object] = {}

    class Meta:
        ordering = ["tingkat", "nama"]
        verbose_name = _("kelas")
        constraints = [
            models.UniqueConstraint(fields=["tahun", "nama"], name="kelas_nama_sekali"),
            models.CheckConstraint(condition=Q(tingkat__gte=1, tingkat__lte=12), name="kelas_tingkat_wajar"),
        ]

    def __str__(self) -> str:
        return self.nama


class AnggotaKelas(models.Model):
    """That a pupil sits in a class. Personal data: the link, and whether the year is repeated.

    `mengulang` points to last year's seat of a pupil who was kept back: what was mastered then still counts.
    """

    kelas = models.ForeignKey(Kelas, models.PROTECT, related_name="anggota")
    peserta = models.ForeignKey(PesertaDidik, models.PROTECT, related_name="keanggotaan")
    masuk = models.DateField(_("tanggal masuk"), null=True, blank=True)
    keluar = models.DateField(_("tanggal keluar"), null=True, blank=True)
    mengulang = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="ulangan")

    akses = {
        "lihat": {
            "operator_sekolah": "kelas__tahun__sekolah",
            "kepala_sekolah": "kelas__tahun__sekolah",
            "wali_kelas": "kelas__wali_kelas__akun",
            "orang_tua": "peserta__perwalian__wali__akun",
        },
        "kenaikan": {"kepala_sekolah": "kelas__tahun__sekolah", "wali_kelas": "kelas__wali_kelas__akun"},
        "putuskan": {"kepala_sekolah": "kelas__tahun__sekolah"},
        "pindah": {"operator_sekolah": "kelas__tahun__sekolah", "kepala_sekolah": "kelas__tahun__sekolah"},
        "cetak": {
            "kepala_sekolah": "kelas__tahun__sekolah",
            "wali_kelas": "kelas__wali_kelas__akun",
            "orang_tua": "peserta__perwalian__wali__akun",
        },
    }
    jejak: dict[str, object] = {}

    class Meta:
        ordering = ["peserta__nama", "peserta__nis"]
        constraints = [models.UniqueConstraint(fields=["kelas", "peserta"], name="anggota_kelas_sekali")]

    def __str__(self) -> str:
        return f"{self.peserta_id}"


class MataPelajaran(models.Model):
    """A subject in the school's structure; compulsory and chosen muatan lokal both stand here. Personal data: none.

    `bidang` names the two subjects whose teachers set akhlak and kepribadian.
    """

    class Bidang(models.TextChoices):
        AGAMA = "agama", _("Pendidikan agama (menetapkan akhlak)")
        PKN = "pkn", _("Kewarganegaraan (menetapkan kepribadian)")

    class Kelompok(models.TextChoices):
        MAPEL = "mapel", _("Mata pelajaran")
        MULOK_WAJIB = "mulok_wajib", _("Muatan lokal wajib")
        MULOK_PILIHAN = "mulok_pilihan", _("Muatan lokal pilihan")

    sekolah = models.ForeignKey(Sekolah, models.PROTECT, related_name="mapel")
    nama = models.CharField(_("nama mata pelajaran"), max_length=80)
    kelompok = models.CharField(_("kelompok"), max_length=14, choices=Kelompok.choices, default=Kelompok.MAPEL)
    bidang = models.CharField(_("bidang"), max_length=8, choices=Bidang.choices, blank=True)
    urutan = models.PositiveSmallIntegerField(_("urutan di rapor"), default=1)

    akses = {
        "lihat": {
            "operator": "",
            "operator_sekolah": "sekolah",
            "kepala_sekolah": "sekolah",
            "guru": "sekolah",
        },
        "kelola": {"operator_sekolah": "sekolah"},
    }
    jejak: dict[str, object] = {}

    class Meta:
        ordering = ["urutan", "nama"]
        verbose_name = _("mata pelajaran")
        constraints = [models.UniqueConstraint(fields=["sekolah", "nama"], name="mapel_nama_sekali")]

    def __str__(self) -> str:
        return self.nama


class Pembelajaran(models.Model):
    """One subject taught to one class by one teacher. Personal data: none beyond the link to the teacher."""

    kelas = models.ForeignKey(Kelas, models.PROTECT, related_name="pembelajaran")
    mapel = models.ForeignKey(MataPelajaran, models.PROTECT, related_name="pembelajaran")
    guru = models.ForeignKey(Guru, models.SET_NULL, null=True, blank=True, related_name="pembelajaran")

    akses = {
        "lihat": {
            "operator_sekolah": "kelas__tahun__sekolah",
            "kepala_sekolah": "kelas__tahun__sekolah",
            "wali_kelas": "kelas__wali_kelas__akun",
            "guru_mapel": "guru__akun",
        },
        "kelola": {"operator_sekolah": "kelas__tahun__sekolah"},
        "isi": {"guru_mapel": "guru__akun"},
    }
    jejak: dict[str, object] = {}

    class Meta:
        ordering = ["mapel__urutan", "mapel__nama"]
        verbose_name = _("pembelajaran")
        constraints = [models.UniqueConstraint(fields=["kelas", "mapel"], name="pembelajaran_sekali")]

    def __str__(self) -> str:
        return f"{self.mapel} {self.kelas}"


class Impor(models.Model):
    """One import: the file, what the preview counted, and whether it was committed. Personal data: none itself;

    the uploaded file may hold some and is deleted after the commit or after seven days.
    """

    class Status(models.TextChoices):
        DIPERIKSA = "diperiksa", _("Sedang diperiksa")
        PRATINJAU = "pratinjau", _("Menunggu persetujuan")
        DITERAPKAN = "diterapkan", _("Sudah diterapkan")
        DITOLAK = "ditolak", _("Tidak dapat dibaca")
        BATAL = "batal", _("Dibatalkan")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    jenis = models.CharField(_("jenis"), max_length=20)
    sekolah = models.ForeignKey(Sekolah, models.PROTECT, null=True, blank=True, related_name="impor")
    tahun = models.ForeignKey(TahunPelajaran, models.PROTECT, null=True, blank=True)
    rujukan = models.JSONField(default=dict)
    akun = models.ForeignKey(Akun, models.SET_NULL, null=True, blank=True)
    nama_berkas = models.CharField(_("nama berkas"), max_length=200)
    sha256 = models.CharField(max_length=64)
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.DIPERIKSA)
    sidik_rencana = models.CharField(max_length=64, blank=True)
    hasil = models.JSONField(default=dict)
    dibuat = models.DateTimeField(auto_now_add=True)
    diterapkan = models.DateTimeField(null=True, blank=True)

    akses = {
        "lihat": {"operator_sekolah": "sekolah", "diri": "akun"},
        "kelola": {"operator_sekolah": "sekolah", "diri": "akun"},
    }

    class Meta:
        ordering = ["-dibuat"]

    def __str__(self) -> str:
        return f"{self.jenis} {self.nama_berkas}"


class Pekerjaan(models.Model):
    """A long piece of work and how far it is (mutu/satuan/jobs.py). Personal data: none; results lie in files."""

    class Status(models.TextChoices):
        ANTRE = "antre", _("Menunggu giliran")
        JALAN = "jalan", _("Sedang dikerjakan")
        SELESAI = "selesai", _("Selesai")
        GAGAL = "gagal", _("Gagal")
        BATAL = "batal", _("Dibatalkan")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    jenis = models.CharField(max_length=40)
    judul = models.CharField(max_length=160)
    akun = models.ForeignKey(Akun, models.SET_NULL, null=True, blank=True, related_name="pekerjaan")
    masukan = models.JSONField(default=dict)
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.ANTRE)
    selesai_bagian = models.PositiveIntegerField(default=0)
    jumlah_bagian = models.PositiveIntegerField(default=0)
    pesan = models.CharField(max_length=500, blank=True)
    hasil = models.JSONField(default=dict)
    berkas = models.CharField(max_length=200, blank=True)
    nama_unduhan = models.CharField(max_length=200, blank=True)
    kunci = models.CharField(max_length=80, null=True, blank=True, unique=True)
    percobaan = models.PositiveSmallIntegerField(default=0)
    pelaksana = models.CharField(max_length=64, blank=True)
    sewa_sampai = models.DateTimeField(null=True, blank=True)
    minta_batal = models.BooleanField(default=False)
    dibuat = models.DateTimeField(auto_now_add=True)
    mulai = models.DateTimeField(null=True, blank=True)
    selesai = models.DateTimeField(null=True, blank=True)

    akses = {"lihat": {"diri": "akun"}, "kelola": {"diri": "akun"}}

    class Meta:
        ordering = ["-dibuat"]
        indexes = [models.Index(fields=["status", "dibuat"], name="pekerjaan_antrean")]

    def __str__(self) -> str:
        return self.judul

    @property
    def persen(self) -> int:
        """How far the work is, 0..100."""
        if self.status == self.Status.SELESAI:
            return 100
        return 100 * self.selesai_bagian // self.jumlah_bagian if self.jumlah_bagian else 0


class KunciIdempoten(models.Model):
    """The answer already given to a request key, so that a retry has no second effect.

    Personal data: marks by number, without names; forgotten after seven days.
    """

    akun = models.ForeignKey(Akun, models.CASCADE)
    kunci = models.CharField(max_length=80)
    sidik = models.CharField(max_length=64)
    jawaban = models.JSONField()
    dibuat = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["akun", "kunci"], name="kunci_idempoten_sekali")]

    def __str__(self) -> str:
        return self.kunci


class EntriLedger(models.Model):
    """One line of the ledger (mutu/satuan/ledger.py): written by triggers, never changed, never deleted.

    Personal data: none in plain text. Columns that hold personal text appear by name only, in `sesudah["_berubah"]`.
    """

    waktu = models.DateTimeField()
    kerja = models.CharField(max_length=36)
    perbuatan = models.CharField(max_length=60)
    pelaku = models.CharField(max_length=40)
    tabel = models.CharField(max_length=60)
    baris = models.CharField(max_length=40)
    aksi = models.CharField(max_length=6)
    sebelum = models.JSONField(null=True)
    sesudah = models.JSONField(null=True)

    class Meta:
        indexes = [models.Index(fields=["tabel", "baris"], name="ledger_baris")]

    def __str__(self) -> str:
        return f"{self.perbuatan} {self.tabel}"


class SegelLedger(models.Model):
    """The chain hash of one ledger line: SHA-256 over the hash before it and the line. Personal data: none."""

    entri = models.BigIntegerField(primary_key=True)
    sidik = models.CharField(max_length=64)

    def __str__(self) -> str:
        return self.sidik
