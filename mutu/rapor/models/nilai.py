"""Marks and the terms by which they are computed. Each mark carries a version, each result its steps and rule set.

The path of a number: `Penilaian` is a column of the mark grid (UH 1, UTS, ...), `Nilai` is one cell of it, and
`NilaiRapor` is the stored result of the rule for one pupil and subject, renewed in the same transaction as the cell.
"""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from mutu.rapor.rules import AturanRapor
from mutu.satuan.access import Only
from mutu.satuan.models import Akun, AnggotaKelas, MataPelajaran, Pembelajaran, Semester, TahunPelajaran

ZERO_TO_HUNDRED = [MinValueValidator(0), MaxValueValidator(100)]


# What a guardian sees of a rapor mark: the figure and why, without authors, versions and history.
FOR_GUARDIANS = frozenset(
    {
        "nilai",
        "huruf",
        "predikat",
        "ranah_lain",
        "kkm",
        "status",
        "deskripsi",
        "kurang",
        "langkah",
        "peringatan",
        "aturan",
    }
)


class Ketentuan(models.Model):
    """How one school computes marks in one semester: weights, rounding, missing marks (guideline 2007, Bab II.B.2).

    Personal data: none. A school without a row computes by the rule set's own defaults. `predikat` is its way to cut
    the scale into letters, for curricula that print them; empty for the rule set's own.
    """

    class Cara(models.TextChoices):
        RASIO = "rasio", _("Rasio, misalnya 2 : 1 : 1")
        PERSEN = "persen", _("Persen, misalnya 60 : 20 : 20")
        RATA = "rata", _("Semua penilaian berbobot sama")

    class Kosong(models.TextChoices):
        TOLAK = "tolak", _("Nilai kosong menahan rapor")
        NORMALISASI = "normalisasi", _("Bobot dibagi atas nilai yang ada")

    class Pembulatan(models.TextChoices):
        BAWAH = "bawah", _("ke bawah")
        TENGAH = "tengah", _("setengah ke atas")
        GENAP = "genap", _("setengah ke genap")
        TIDAK = "tidak", _("tidak dibulatkan")

    class Remedial(models.TextChoices):
        TERTINGGI = "tertinggi", _("Nilai tertinggi yang diperoleh")
        BATAS_KKM = "batas_kkm", _("Paling tinggi sama dengan KKM")

    semester = models.OneToOneField(Semester, models.PROTECT, related_name="ketentuan")
    aturan = models.CharField(_("himpunan aturan"), max_length=40, default="ktsp-2007")
    cara = models.CharField(_("cara pembobotan"), max_length=6, choices=Cara.choices, default=Cara.RASIO)
    bobot_uh = models.DecimalField(_("bobot UH"), max_digits=6, decimal_places=2, default=2)
    bobot_uts = models.DecimalField(_("bobot UTS"), max_digits=6, decimal_places=2, default=1)
    bobot_uas = models.DecimalField(_("bobot UAS/UKK"), max_digits=6, decimal_places=2, default=1)
    bulat_rata_uh = models.CharField(_("pembulatan rata-rata UH"), max_length=6, choices=Pembulatan.choices, blank=True)
    bulat_akhir = models.CharField(_("pembulatan akhir"), max_length=6, choices=Pembulatan.choices, blank=True)
    kosong = models.CharField(_("nilai kosong"), max_length=12, choices=Kosong.choices, default=Kosong.TOLAK)
    remedial = models.CharField(
        _("nilai remedial"), max_length=10, choices=Remedial.choices, default=Remedial.TERTINGGI
    )
    predikat = models.CharField(_("cara predikat"), max_length=12, blank=True)
    peringkat = models.BooleanField(_("peringkat ditampilkan di leger"), default=False)
    versi = models.PositiveIntegerField(default=1)

    akses = {
        "lihat": {
            "operator_sekolah": "semester__tahun__sekolah",
            "kepala_sekolah": "semester__tahun__sekolah",
            "guru": "semester__tahun__sekolah",
        },
        "kelola": {"operator_sekolah": "semester__tahun__sekolah"},
    }
    jejak: dict[str, object] = {}

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(bobot_uh__gte=0, bobot_uts__gte=0, bobot_uas__gte=0),
                name="ketentuan_bobot_positif",
            ),
            models.CheckConstraint(
                condition=~Q(cara="persen") | Q(bobot_uh=100 - F("bobot_uts") - F("bobot_uas")),
                name="ketentuan_persen_100",
            ),
            models.CheckConstraint(condition=~Q(bulat_akhir="tidak"), name="ketentuan_akhir_bulat"),
        ]

    def __str__(self) -> str:
        return f"{self.semester}"


class MapelTingkat(models.Model):
    """The KKM of a subject in one grade and year, with the teachers' meeting that set it. Personal data: none."""

    tahun = models.ForeignKey(TahunPelajaran, models.PROTECT, related_name="mapel_tingkat")
    mapel = models.ForeignKey(MataPelajaran, models.PROTECT, related_name="mapel_tingkat")
    tingkat = models.PositiveSmallIntegerField(_("tingkat"))
    kkm = models.PositiveSmallIntegerField("KKM", validators=ZERO_TO_HUNDRED)
    rapat_tanggal = models.DateField(_("tanggal rapat dewan pendidik"), null=True, blank=True)
    rapat_nomor = models.CharField(_("nomor berita acara rapat"), max_length=60, blank=True)
    versi = models.PositiveIntegerField(default=1)

    akses = {
        "lihat": {
            "operator_sekolah": "tahun__sekolah",
            "kepala_sekolah": "tahun__sekolah",
            "guru": "tahun__sekolah",
        },
        "kelola": {"operator_sekolah": "tahun__sekolah"},
    }
    jejak: dict[str, object] = {}

    class Meta:
        ordering = ["tingkat", "mapel__urutan", "mapel__nama"]
        constraints = [
            models.UniqueConstraint(fields=["tahun", "mapel", "tingkat"], name="mapel_tingkat_sekali"),
            models.CheckConstraint(condition=Q(kkm__gte=0, kkm__lte=100), name="kkm_0_sampai_100"),
        ]

    def __str__(self) -> str:
        return f"{self.mapel} {self.tingkat}"


class StandarKompetensi(models.Model):
    """A standar kompetensi (SK) of a subject, grade and semester. Personal data: none."""

    mapel_tingkat = models.ForeignKey(MapelTingkat, models.PROTECT, related_name="sk")
    semester = models.PositiveSmallIntegerField(_("semester"), choices=[(1, "1"), (2, "2")])
    nomor = models.PositiveSmallIntegerField(_("nomor SK"))
    uraian = models.CharField(_("uraian"), max_length=300)

    akses = {
        "lihat": {
            "operator_sekolah": "mapel_tingkat__tahun__sekolah",
            "kepala_sekolah": "mapel_tingkat__tahun__sekolah",
            "guru": "mapel_tingkat__tahun__sekolah",
        },
        "kelola": {"operator_sekolah": "mapel_tingkat__tahun__sekolah"},
    }
    jejak: dict[str, object] = {}

    class Meta:
        ordering = ["semester", "nomor"]
        constraints = [
            models.UniqueConstraint(fields=["mapel_tingkat", "semester", "nomor"], name="sk_nomor_sekali"),
            models.CheckConstraint(condition=Q(nomor__gte=1), name="sk_nomor_positif"),
            models.CheckConstraint(condition=Q(semester__in=[1, 2]), name="sk_semester_1_atau_2"),
        ]

    def __str__(self) -> str:
        return f"SK {self.nomor}"


class Penilaian(models.Model):
    """One column of the mark grid: a daily test of one SK, or a mid- or end-of-semester test. Personal data: none.

    `sk` is empty for a UTS or UAS that covers several SK: it counts for the rapor mark but for no single SK.
    """

    class Jenis(models.TextChoices):
        UH = "uh", "UH"
        UTS = "uts", "UTS"
        UAS = "uas", "UAS"

    class Ranah(models.TextChoices):
        """Curricula with two marks a subject say which one a column counts for; the others leave it empty."""

        PENGETAHUAN = "pengetahuan", _("Pengetahuan")
        KETERAMPILAN = "keterampilan", _("Keterampilan")

    pembelajaran = models.ForeignKey(Pembelajaran, models.PROTECT, related_name="penilaian")
    semester = models.ForeignKey(Semester, models.PROTECT, related_name="penilaian")
    jenis = models.CharField(_("jenis"), max_length=3, choices=Jenis.choices)
    ranah = models.CharField(_("ranah"), max_length=12, choices=Ranah.choices, blank=True)
    nomor = models.PositiveSmallIntegerField(_("nomor"), default=1)
    sk = models.ForeignKey(StandarKompetensi, models.PROTECT, null=True, blank=True, related_name="penilaian")
    keterangan = models.CharField(_("KD atau bahan"), max_length=200, blank=True)
    tanggal = models.DateField(_("tanggal"), null=True, blank=True)

    akses = {
        "lihat": {
            "kepala_sekolah": "pembelajaran__kelas__tahun__sekolah",
            "wali_kelas": "pembelajaran__kelas__wali_kelas__akun",
            "guru_mapel": "pembelajaran__guru__akun",
        },
        "kelola": {"guru_mapel": "pembelajaran__guru__akun"},
    }
    jejak: dict[str, object] = {}

    class Meta:
        ordering = ["ranah", "jenis", "nomor"]
        constraints = [
            models.UniqueConstraint(
                fields=["pembelajaran", "semester", "ranah", "jenis", "nomor"], name="penilaian_sekali"
            ),
            models.CheckConstraint(condition=Q(jenis__in=["uh", "uts", "uas"]), name="penilaian_jenis"),
            models.CheckConstraint(condition=~Q(jenis="uh") | Q(sk__isnull=False), name="penilaian_uh_punya_sk"),
        ]

    aturan: AturanRapor | None = None
    """The class's rule set, set by whoever reads columns to show them; without it a heading uses the words of 2007."""

    def __str__(self) -> str:
        return self.judul

    @property
    def judul(self) -> str:
        """The column's heading: `UH 1`, `UTS`; the end test of semester 2 is called UKK; `Keterampilan 1`."""
        if self.ranah == self.Ranah.KETERAMPILAN:
            return f"{self.get_ranah_display()} {self.nomor}"
        if self.aturan is not None:
            nama = self.aturan.istilah(self.jenis, self.semester.nomor)["singkat"]
        else:
            nama = "UKK" if self.jenis == self.Jenis.UAS and self.semester.nomor == 2 else self.get_jenis_display()
        return f"{nama} {self.nomor}" if self.jenis == self.Jenis.UH or self.nomor > 1 else nama


class Nilai(models.Model):
    """One mark of one pupil, 0..100 with at most two decimals; empty when it was taken back. Personal data: the mark.

    `versi` grows with every change; a write names the version it saw. `nilai` stays what it was when a remedial
    follows; `remedial` repeats the highest of its attempts (`PercobaanRemedial`), so that the rapor mark needs no
    second look-up.
    """

    penilaian = models.ForeignKey(Penilaian, models.PROTECT, related_name="nilai")
    anggota = models.ForeignKey(AnggotaKelas, models.PROTECT, related_name="nilai")
    nilai = models.DecimalField(_("nilai"), max_digits=5, decimal_places=2, null=True)
    remedial = models.DecimalField(_("nilai remedial tertinggi"), max_digits=5, decimal_places=2, null=True)
    versi = models.PositiveIntegerField(default=1)
    oleh = models.ForeignKey(Akun, models.SET_NULL, null=True, related_name="+")
    pada = models.DateTimeField()

    akses = {
        "lihat": {
            "kepala_sekolah": "anggota__kelas__tahun__sekolah",
            "wali_kelas": "anggota__kelas__wali_kelas__akun",
            "guru_mapel": "penilaian__pembelajaran__guru__akun",
        },
        "ubah": {"guru_mapel": "penilaian__pembelajaran__guru__akun"},
    }
    jejak: dict[str, object] = {}

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["penilaian", "anggota"], name="nilai_sekali"),
            models.CheckConstraint(condition=Q(nilai__gte=0, nilai__lte=100), name="nilai_0_sampai_100"),
            models.CheckConstraint(condition=Q(remedial__gte=0, remedial__lte=100), name="nilai_remedial_0_sampai_100"),
        ]

    def __str__(self) -> str:
        return f"{self.penilaian_id}/{self.anggota_id}"


class NilaiRapor(models.Model):
    """The computed mark of one pupil in one subject and semester, with words, description, steps and rule set.

    Personal data: the mark. `nilai` is empty while something is missing, and `kurang` names what. `remedial` is the
    highest attempt at the subject as a whole. `predikat` and `ranah_lain` are for curricula that print them: the
    letter, and the second mark of the subject (its `nilai`, `huruf`, `predikat`, `deskripsi`).
    """

    pembelajaran = models.ForeignKey(Pembelajaran, models.PROTECT, related_name="nilai_rapor")
    semester = models.ForeignKey(Semester, models.PROTECT, related_name="nilai_rapor")
    anggota = models.ForeignKey(AnggotaKelas, models.PROTECT, related_name="nilai_rapor")
    nilai = models.PositiveSmallIntegerField(_("nilai"), null=True)
    huruf = models.CharField(_("huruf"), max_length=80, blank=True)
    remedial = models.DecimalField(_("nilai remedial tertinggi"), max_digits=5, decimal_places=2, null=True)
    predikat = models.CharField(_("predikat"), max_length=2, blank=True)
    ranah_lain = models.JSONField(default=dict)
    kkm = models.PositiveSmallIntegerField("KKM", null=True)
    status = models.CharField(_("status"), max_length=20, blank=True)
    deskripsi = models.TextField(_("deskripsi"), blank=True)
    deskripsi_manual = models.TextField(_("deskripsi tulisan guru"), blank=True)
    kurang = models.JSONField(default=list)
    langkah = models.JSONField(default=list)
    peringatan = models.JSONField(default=list)
    aturan = models.CharField(max_length=40)
    versi = models.PositiveIntegerField(default=1)
    pada = models.DateTimeField()

    akses = {
        "lihat": {
            "kepala_sekolah": "anggota__kelas__tahun__sekolah",
            "wali_kelas": "anggota__kelas__wali_kelas__akun",
            "guru_mapel": "pembelajaran__guru__akun",
            "orang_tua": Only("anggota__peserta__perwalian__wali__akun", FOR_GUARDIANS),
        },
        "ubah": {"guru_mapel": "pembelajaran__guru__akun"},
    }
    jejak: dict[str, object] = {
        "pribadi": ("deskripsi_manual",),
        # Derived from the other columns by the rule set: the ledger keeps the inputs and the result.
        "abaikan": ("langkah", "peringatan", "kurang", "huruf", "deskripsi", "ranah_lain", "pada"),
    }

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["pembelajaran", "semester", "anggota"], name="nilai_rapor_sekali"),
            models.CheckConstraint(condition=Q(nilai__gte=0, nilai__lte=100), name="nilai_rapor_0_sampai_100"),
        ]

    def __str__(self) -> str:
        return f"{self.pembelajaran_id}/{self.anggota_id}"

    @property
    def lengkap(self) -> bool:
        """Whether nothing is missing for the printed row."""
        return self.nilai is not None and not self.kurang

    @property
    def deskripsi_cetak(self) -> str:
        """What the rapor prints: the teacher's own text where there is one."""
        return self.deskripsi_manual or self.deskripsi


class PercobaanRemedial(models.Model):
    """One attempt after teaching again: at one assessment, or at the subject as a whole where `penilaian` is empty.

    Personal data: the mark. The first mark stays in `Nilai` or is the computed one; attempts are added, never changed,
    and one entered by mistake is cancelled with a reason. Source: Petunjuk Pengelolaan Rapor SMP 2007, Bab II.B.2.
    """

    pembelajaran = models.ForeignKey(Pembelajaran, models.PROTECT, related_name="remedial")
    semester = models.ForeignKey(Semester, models.PROTECT, related_name="remedial")
    anggota = models.ForeignKey(AnggotaKelas, models.PROTECT, related_name="remedial")
    penilaian = models.ForeignKey(Penilaian, models.PROTECT, null=True, blank=True, related_name="remedial")
    tanggal = models.DateField(_("tanggal"))
    nilai = models.DecimalField(_("nilai"), max_digits=5, decimal_places=2)
    penilai = models.ForeignKey(Akun, models.SET_NULL, null=True, related_name="+")
    pada = models.DateTimeField()
    batal = models.CharField(_("alasan pembatalan"), max_length=200, blank=True)

    akses = {
        "lihat": {
            "kepala_sekolah": "anggota__kelas__tahun__sekolah",
            "wali_kelas": "anggota__kelas__wali_kelas__akun",
            "guru_mapel": "pembelajaran__guru__akun",
        },
        "ubah": {"guru_mapel": "pembelajaran__guru__akun"},
    }
    jejak: dict[str, object] = {"pribadi": ("batal",)}

    class Meta:
        ordering = ["tanggal", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(nilai__gte=0, nilai__lte=100), name="remedial_0_sampai_100"),
        ]

    def __str__(self) -> str:
        return f"{self.anggota_id}/{self.pembelajaran_id}"


class TanpaRemedial(models.Model):
    """That a mark below the KKM goes into the rapor without remedial, and why (R16). Personal data: the reason."""

    pembelajaran = models.ForeignKey(Pembelajaran, models.PROTECT, related_name="tanpa_remedial")
    semester = models.ForeignKey(Semester, models.PROTECT, related_name="tanpa_remedial")
    anggota = models.ForeignKey(AnggotaKelas, models.PROTECT, related_name="tanpa_remedial")
    alasan = models.CharField(_("alasan"), max_length=300)
    oleh = models.ForeignKey(Akun, models.SET_NULL, null=True, related_name="+")
    pada = models.DateTimeField()

    akses = {
        "lihat": {
            "kepala_sekolah": "anggota__kelas__tahun__sekolah",
            "wali_kelas": "anggota__kelas__wali_kelas__akun",
            "guru_mapel": "pembelajaran__guru__akun",
        },
        "ubah": {"guru_mapel": "pembelajaran__guru__akun"},
    }
    jejak: dict[str, object] = {"pribadi": ("alasan",)}

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["pembelajaran", "semester", "anggota"], name="tanpa_remedial_sekali"),
            models.CheckConstraint(condition=~Q(alasan=""), name="tanpa_remedial_beralasan"),
        ]

    def __str__(self) -> str:
        return f"{self.anggota_id}/{self.pembelajaran_id}"
