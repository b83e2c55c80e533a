"""What an assessment rests on and what came of it: notes, evidence, scores, the signed result, an objection."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from mutu.kinerja.models.rencana import PenilaianKinerja
from mutu.satuan.models import Akun

# The teacher reads notes and scores once the assessor has told the result; the services hold that (`dibahas` on).
PARTIES = {
    "kepala_sekolah": "penilaian__rencana__tahun__sekolah",
    "guru_dinilai": "penilaian__guru__akun",
    "penilai": "penilaian__penilai",
    "moderator": "penilaian__moderator",
}
WRITERS = {"penilai": "penilaian__penilai", "moderator": "penilaian__moderator"}


class Catatan(models.Model):
    """A note of one stage of one competency, as form 1B asks: documents, what was seen or said, what follows.

    Personal data: what an assessor saw of a teacher. Several observations may be noted, each with its day.
    """

    class Tahap(models.TextChoices):
        SEBELUM = "sebelum", _("Sebelum pengamatan")
        SELAMA = "selama", _("Selama pengamatan")
        SETELAH = "setelah", _("Setelah pengamatan")
        PEMANTAUAN = "pemantauan", _("Pemantauan")

    penilaian = models.ForeignKey(PenilaianKinerja, models.PROTECT, related_name="catatan")
    kompetensi = models.PositiveSmallIntegerField(_("kompetensi"))
    tahap = models.CharField(_("tahap"), max_length=10, choices=Tahap.choices)
    tanggal = models.DateField(_("tanggal"))
    dokumen = models.TextField(_("dokumen dan bahan yang diperiksa"), blank=True)
    isi = models.TextField(_("tanggapan penilai atau kegiatan yang diamati"))
    tindak_lanjut = models.TextField(_("tindak lanjut"), blank=True)
    moderasi = models.BooleanField(default=False)
    versi = models.PositiveIntegerField(default=1)
    oleh = models.ForeignKey(Akun, models.SET_NULL, null=True, related_name="+")
    pada = models.DateTimeField()

    akses = {"lihat": PARTIES, "ubah": WRITERS}
    jejak: dict[str, object] = {"pribadi": ("dokumen", "isi", "tindak_lanjut")}

    class Meta:
        ordering = ["kompetensi", "tanggal", "pk"]

    def __str__(self) -> str:
        return f"{self.kompetensi}/{self.tahap}"


class Bukti(models.Model):
    """A document, photo or described behaviour that scores rest on, linked to indicators. Personal data: may hold any.

    `berkas` lies in the data folder, read only by the parties; an intangible one has no file.
    """

    class Jenis(models.TextChoices):
        TERAMATI = "teramati", _("Teramati (dokumen, foto, produk)")
        TAK_TERAMATI = "tak_teramati", _("Tak teramati (sikap, iklim)")

    penilaian = models.ForeignKey(PenilaianKinerja, models.PROTECT, related_name="bukti")
    kompetensi = models.PositiveSmallIntegerField(_("kompetensi"))
    indikator = models.JSONField(default=list)
    jenis = models.CharField(_("jenis"), max_length=12, choices=Jenis.choices)
    keterangan = models.CharField(_("keterangan"), max_length=300)
    berkas = models.CharField(max_length=120, blank=True)
    nama_berkas = models.CharField(_("nama berkas"), max_length=160, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    oleh = models.ForeignKey(Akun, models.SET_NULL, null=True, related_name="+")
    pada = models.DateTimeField()

    akses = {"lihat": PARTIES, "ubah": WRITERS}
    jejak: dict[str, object] = {"pribadi": ("keterangan", "nama_berkas")}

    class Meta:
        ordering = ["kompetensi", "pk"]

    def __str__(self) -> str:
        return f"{self.kompetensi}"


class Skor(models.Model):
    """The score of one indicator (0, 1, 2) or criterion (1 to 4). Personal data: the score of a teacher.

    The moderator's scores stand beside the assessor's (`moderasi`), never over them.
    """

    penilaian = models.ForeignKey(PenilaianKinerja, models.PROTECT, related_name="skor")
    kompetensi = models.PositiveSmallIntegerField(_("kompetensi"))
    indikator = models.PositiveSmallIntegerField(_("indikator"))
    nilai = models.PositiveSmallIntegerField(_("skor"))
    moderasi = models.BooleanField(default=False)
    versi = models.PositiveIntegerField(default=1)
    oleh = models.ForeignKey(Akun, models.SET_NULL, null=True, related_name="+")
    pada = models.DateTimeField()

    akses = {"lihat": PARTIES, "ubah": WRITERS}
    jejak: dict[str, object] = {}

    class Meta:
        ordering = ["kompetensi", "indikator"]
        constraints = [
            models.UniqueConstraint(fields=["penilaian", "kompetensi", "indikator", "moderasi"], name="skor_sekali"),
            models.CheckConstraint(condition=Q(nilai__lte=4), name="skor_0_sampai_4"),
        ]

    def __str__(self) -> str:
        return f"{self.kompetensi}.{self.indikator}"


class HasilKinerja(models.Model):
    """The computed result: values by competency, total, scale 100, sebutan, credit, with steps and rule set.

    Personal data: a teacher's result. `isi` is the canonical text once it is final, `sidik` its SHA-256. The credit
    computed at school is an estimate.
    """

    penilaian = models.OneToOneField(PenilaianKinerja, models.PROTECT, related_name="hasil")
    nilai = models.JSONField(default=list)
    total = models.CharField(_("jumlah nilai"), max_length=20)
    nilai_100 = models.CharField(_("nilai skala 100"), max_length=20)
    sebutan = models.CharField(_("sebutan"), max_length=20)
    persen = models.PositiveSmallIntegerField(_("persentase angka kredit"))
    angka_kredit = models.CharField(_("perkiraan angka kredit"), max_length=20, blank=True)
    langkah = models.JSONField(default=list)
    peringatan = models.JSONField(default=list)
    aturan = models.CharField(max_length=40)
    refleksi = models.TextField(_("refleksi bersama"), blank=True)
    isi = models.TextField(blank=True)
    sidik = models.CharField(max_length=64, blank=True)
    versi = models.PositiveIntegerField(default=1)
    pada = models.DateTimeField()

    akses = {"lihat": PARTIES, "ubah": WRITERS}
    jejak: dict[str, object] = {"pribadi": ("refleksi", "isi"), "abaikan": ("langkah", "peringatan", "pada")}

    def __str__(self) -> str:
        return f"{self.penilaian_id}"


class TandaTangan(models.Model):
    """Who has signed a result on form 1C or 2C, and when. Personal data: that this person signed."""

    class Sebagai(models.TextChoices):
        GURU = "guru", _("Guru yang dinilai")
        PENILAI = "penilai", _("Penilai")
        KEPALA = "kepala", _("Kepala sekolah")

    hasil = models.ForeignKey(HasilKinerja, models.PROTECT, related_name="tanda_tangan")
    sebagai = models.CharField(_("sebagai"), max_length=8, choices=Sebagai.choices)
    akun = models.ForeignKey(Akun, models.PROTECT, related_name="+")
    pada = models.DateTimeField()
    jejak: dict[str, object] = {}

    class Meta:
        constraints = [models.UniqueConstraint(fields=["hasil", "sebagai"], name="tanda_tangan_sekali")]

    def __str__(self) -> str:
        return self.sebagai


class Keberatan(models.Model):
    """A teacher's objection, with a reason for each competency; once only. Personal data: the reasons.

    The moderator's value is final, and the mandate ends with the case.
    """

    penilaian = models.OneToOneField(PenilaianKinerja, models.PROTECT, related_name="keberatan")
    alasan = models.JSONField(default=dict)
    seluruhnya = models.BooleanField(_("seluruh kompetensi dinilai ulang"), default=False)
    putusan = models.TextField(_("putusan moderator"), blank=True)
    oleh = models.ForeignKey(Akun, models.SET_NULL, null=True, related_name="+")
    pada = models.DateTimeField()
    selesai = models.DateTimeField(null=True, blank=True)

    akses = {"lihat": PARTIES, "ubah": {"guru_dinilai": "penilaian__guru__akun"}}
    jejak: dict[str, object] = {"pribadi": ("alasan", "putusan")}

    def __str__(self) -> str:
        return f"{self.penilaian_id}"


class Dilihat(models.Model):
    """That somebody opened a teacher's assessment; the teacher sees this list. Personal data: who read, and when."""

    penilaian = models.ForeignKey(PenilaianKinerja, models.PROTECT, related_name="dilihat")
    akun = models.ForeignKey(Akun, models.CASCADE, related_name="+")
    apa = models.CharField(_("yang dibuka"), max_length=40)
    pada = models.DateTimeField()

    akses = {"lihat": {"guru_dinilai": "penilaian__guru__akun", "kepala_sekolah": "penilaian__rencana__tahun__sekolah"}}
    jejak: dict[str, object] = {}

    class Meta:
        ordering = ["-pada"]

    def __str__(self) -> str:
        return self.apa
