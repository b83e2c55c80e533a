"""Forms at the edge: they read what was typed; the services decide whether it makes sense."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from mutu.rapor.models import Ketentuan, KetentuanKenaikan, Penilaian, Prestasi, StandarKompetensi
from mutu.rapor.rules import AspekSikap, AturanRapor, bentuk_rapor, jenis_ranah
from mutu.regulation.explain import InputError
from mutu.satuan.forms import UploadForm
from mutu.satuan.models import AnggotaKelas, Guru, Kelas, PesertaDidik, Sekolah


def add_errors(form: forms.Form, error: InputError, fields: dict[str, str] | None = None) -> None:
    """Put the faults that a service found next to their fields; what has no field goes to the top."""
    for one in error.galat:
        name = (fields or {}).get(one["jalur"], one["jalur"])
        form.add_error(name if name in form.fields else None, one["pesan"])


class TermsForm(forms.Form):
    """Weights, rounding and what a missing mark does, for one semester."""

    cara = forms.ChoiceField(label=_("Cara pembobotan"), choices=Ketentuan.Cara.choices, widget=forms.RadioSelect)
    bobot_uh = forms.DecimalField(
        label=_("Bobot ulangan harian (UH)"), required=False, min_value=0, max_digits=6, decimal_places=2, localize=True
    )
    bobot_uts = forms.DecimalField(
        label=_("Bobot ulangan tengah semester (UTS)"),
        required=False,
        min_value=0,
        max_digits=6,
        decimal_places=2,
        localize=True,
    )
    bobot_uas = forms.DecimalField(
        label=_("Bobot ulangan akhir semester atau kenaikan kelas (UAS/UKK)"),
        required=False,
        min_value=0,
        max_digits=6,
        decimal_places=2,
        localize=True,
        help_text=_("Untuk cara “semua sama”, ketiga bobot tidak dipakai."),
    )
    remedial = forms.ChoiceField(
        label=_("Nilai setelah remedial"), choices=Ketentuan.Remedial.choices, widget=forms.RadioSelect
    )
    kosong = forms.ChoiceField(
        label=_("Bila ada nilai yang kosong"), choices=Ketentuan.Kosong.choices, widget=forms.RadioSelect
    )
    bulat_rata_uh = forms.ChoiceField(
        label=_("Pembulatan rata-rata UH"),
        required=False,
        choices=[("", _("menurut himpunan aturan")), *Ketentuan.Pembulatan.choices],
    )
    bulat_akhir = forms.ChoiceField(
        label=_("Pembulatan nilai rapor"),
        required=False,
        choices=[("", _("menurut himpunan aturan")), *Ketentuan.Pembulatan.choices[:-1]],
    )
    predikat = forms.ChoiceField(
        label=_("Batas predikat"),
        required=False,
        help_text=_(
            "Untuk kurikulum yang mencetak predikat. Panduan yang beredar berbeda; pilih yang dipakai sekolah."
        ),
    )
    tanggal_rapor = forms.DateField(
        label=_("Tanggal pembagian rapor"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("Tercetak di atas tanda tangan. Orang tua dapat membuka rapor sejak tanggal ini."),
    )
    peringkat = forms.BooleanField(
        label=_("Tampilkan peringkat di leger"),
        required=False,
        help_text=_("Bawaan: tidak. Petunjuk tidak memuat peringkat, dan rapor tidak pernah mencetaknya."),
    )
    alasan = forms.CharField(
        label=_("Alasan perubahan"),
        required=False,
        max_length=300,
        help_text=_("Wajib bila sudah ada nilai: ketentuan ini disampaikan kepada peserta didik di awal semester."),
    )

    def __init__(self, *args: Any, predikat: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        own: list[tuple[str, Any]] = [("", _("menurut himpunan aturan"))]
        self.fields["predikat"].choices = [*own, *predikat.items()]  # type: ignore[attr-defined]
        if not predikat:
            del self.fields["predikat"]


class KkmForm(forms.Form):
    """The KKM of one subject and grade, with the meeting that set it."""

    kkm = forms.IntegerField(label="KKM", help_text=_("Bilangan bulat 0 sampai 100."))
    rapat_tanggal = forms.DateField(
        label=_("Tanggal rapat dewan pendidik"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    rapat_nomor = forms.CharField(label=_("Nomor berita acara"), required=False, max_length=60)
    alasan = forms.CharField(
        label=_("Alasan perubahan"),
        required=False,
        max_length=300,
        help_text=_("Wajib bila sudah ada nilai: ketentuan ini disampaikan kepada peserta didik di awal semester."),
    )


class SkForm(forms.Form):
    """One standar kompetensi."""

    nomor = forms.IntegerField(label=_("Nomor SK"), min_value=1, max_value=99)
    uraian = forms.CharField(label=_("Uraian"), max_length=300, widget=forms.Textarea(attrs={"rows": 2}))


class AssessmentForm(forms.Form):
    """A column of the mark grid."""

    ranah = forms.ChoiceField(label=_("Ranah"), required=False)
    jenis = forms.ChoiceField(label=_("Jenis"), choices=Penilaian.Jenis.choices)
    sk = forms.ModelChoiceField(
        label="SK",
        queryset=StandarKompetensi.objects.none(),
        required=False,
    )
    keterangan = forms.CharField(label=_("KD atau bahan"), max_length=200, required=False)
    tanggal = forms.DateField(
        label=_("Tanggal"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def __init__(
        self, *args: Any, sk: Any, aturan: AturanRapor, semester: int, fixed: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        unit, kinds = aturan.sebutan, jenis_ranah("", aturan)
        names = {kind: aturan.istilah(kind, semester)["singkat"] for kind in kinds}
        whole = ", ".join(names[kind] for kind in kinds if kind != Penilaian.Jenis.UH)
        self.fields["sk"].label = unit
        self.fields["sk"].empty_label = _("semua {unit} (hanya untuk {jenis})").format(unit=unit, jenis=whole)  # type: ignore[attr-defined]
        self.fields["sk"].queryset = sk  # type: ignore[attr-defined]
        self.fields["sk"].label_from_instance = lambda one: f"{unit} {one.nomor}: {one.uraian}"  # type: ignore[attr-defined]
        self.fields["jenis"].choices = list(names.items())  # type: ignore[attr-defined]
        titles = bentuk_rapor(aturan).ranah
        self.fields["ranah"].choices = list(titles.items())  # type: ignore[attr-defined]
        self.fields["ranah"].required = True
        if fixed or not titles:
            del self.fields["ranah"]
        if fixed:
            del self.fields["jenis"]


class DescriptionForm(forms.Form):
    """The teacher's own words for one pupil's progress."""

    teks = forms.CharField(
        label=_("Deskripsi tulisan guru"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Kosongkan untuk memakai kalimat yang disusun dari capaian SK."),
    )
    versi = forms.IntegerField(widget=forms.HiddenInput)


class ActivityForm(forms.Form):
    """An activity of pengembangan diri and who leads it."""

    nama = forms.CharField(label=_("Nama kegiatan"), max_length=80, help_text=_("Misalnya Pramuka."))
    pembina = forms.ModelChoiceField(
        Guru.objects.none(), label=_("Pembina"), required=False, empty_label=_("Belum ditentukan")
    )
    urutan = forms.IntegerField(
        label=_("Urutan sekolah"),
        min_value=1,
        max_value=200,
        required=False,
        help_text=_("Menentukan yang dicetak bila nilainya sama. Kosong: paling akhir."),
    )

    def __init__(self, *args: Any, sekolah: Sekolah, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["pembina"].queryset = Guru.objects.filter(sekolah=sekolah)  # type: ignore[attr-defined]


def _pupil_field() -> forms.ModelChoiceField:
    return forms.ModelChoiceField(
        AnggotaKelas.objects.none(), label=_("Peserta didik"), empty_label=_("Pilih peserta didik")
    )


def _offer_pupils(form: forms.Form, anggota: Any) -> None:
    form.fields["anggota"].queryset = anggota  # type: ignore[attr-defined]
    form.fields["anggota"].label_from_instance = lambda one: one.peserta.nama  # type: ignore[attr-defined]


class ObservationForm(forms.Form):
    """What a teacher saw of a pupil's character."""

    anggota = _pupil_field()
    aspek = forms.ChoiceField(label=_("Aspek"))
    isi = forms.CharField(label=_("Yang Anda amati"), max_length=500, widget=forms.Textarea(attrs={"rows": 2}))
    tanggal = forms.DateField(label=_("Tanggal"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))

    def __init__(self, *args: Any, anggota: Any, aspek: Mapping[str, AspekSikap], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer_pupils(self, anggota)
        self.fields["aspek"].choices = [(nama, isi.judul) for nama, isi in aspek.items()]  # type: ignore[attr-defined]


class AchievementForm(forms.Form):
    """An achievement, or a special note."""

    anggota = _pupil_field()
    jenis = forms.ChoiceField(
        label=_("Jenis"),
        choices=Prestasi.Jenis.choices,
        help_text=_("Catatan khusus: kegiatan di luar kurikuler dan pengembangan diri, misalnya duta seni."),
    )
    nama = forms.CharField(label=_("Nama lomba atau kegiatan"), max_length=160)
    peringkat = forms.CharField(label=_("Peringkat"), max_length=60, required=False)
    tanggal = forms.DateField(
        label=_("Tanggal pelaksanaan"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    versi = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, anggota: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer_pupils(self, anggota)


class PrintForm(forms.Form):
    """How a class is printed."""

    bentuk = forms.ChoiceField(
        label=_("Bentuk"),
        choices=[("pdf", _("satu PDF untuk seluruh kelas")), ("zip", _("ZIP, satu berkas untuk tiap peserta didik"))],
        initial="pdf",
    )
    kertas = forms.ChoiceField(label=_("Kertas"), choices=[("a4", "A4"), ("f4", "F4")], initial="a4")
    lampiran = forms.BooleanField(label=_("Sertakan lampiran “bagaimana nilai ini terjadi”"), required=False)


class RemedialForm(forms.Form):
    """An attempt after teaching again."""

    anggota = forms.TypedChoiceField(label=_("Peserta didik"), coerce=int)
    penilaian = forms.ChoiceField(label=_("Yang diulang"), required=False)
    tanggal = forms.DateField(
        label=_("Tanggal"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        initial=timezone.localdate,
    )
    nilai = forms.CharField(
        label=_("Nilai"),
        max_length=20,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off", "size": 6}),
    )

    def __init__(self, *args: Any, pupils: Any, columns: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["anggota"].choices = pupils  # type: ignore[attr-defined]
        self.fields["penilaian"].choices = [  # type: ignore[attr-defined]
            ("", _("nilai rapor seluruhnya")),
            *((str(column.pk), column.judul) for column in columns),
        ]


class WithoutRemedialForm(forms.Form):
    """Why a mark under the KKM goes into the rapor without remedial."""

    anggota = forms.TypedChoiceField(label=_("Peserta didik"), coerce=int)
    alasan = forms.CharField(
        label=_("Alasan"),
        required=False,
        max_length=300,
        help_text=_("Kosongkan untuk menarik kembali alasan yang sudah ditulis."),
    )

    def __init__(self, *args: Any, pupils: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["anggota"].choices = pupils  # type: ignore[attr-defined]


class MeetingForm(forms.Form):
    """The teachers' meeting whose minutes a decision follows."""

    rapat_tanggal = forms.DateField(
        label=_("Tanggal rapat dewan guru"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    rapat_nomor = forms.CharField(label=_("Nomor notula"), required=False, max_length=60)


class SpecialDecisionForm(MeetingForm):
    """What the head decides with minutes: a special ground, or the decision itself where no rule gives one."""

    keputusan = forms.ChoiceField(label=_("Keputusan"), widget=forms.RadioSelect)
    alasan = forms.CharField(
        label=_("Alasan"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_(
            "Misalnya gangguan kesehatan fisik, emosi, atau mental. Dibaca kepala sekolah dan wali kelas saja."
        ),
    )
    versi = forms.IntegerField(widget=forms.HiddenInput)

    field_order = ["keputusan", "alasan", "rapat_tanggal", "rapat_nomor", "versi"]

    def __init__(self, *args: Any, pilihan: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["keputusan"].choices = pilihan  # type: ignore[attr-defined]
        self.fields["rapat_tanggal"].required = self.fields["rapat_nomor"].required = True


class PromotionTermsForm(forms.Form):
    """How the school decides promotion in one year: limit, ground of mastery, and criteria of its own."""

    batas = forms.IntegerField(label=_("Batas mapel belum tuntas"), required=False, min_value=0)
    dasar = forms.ChoiceField(
        label=_("Tuntas setahun menurut"), choices=KetentuanKenaikan.Dasar.choices, widget=forms.RadioSelect
    )
    tanpa_keterangan = forms.IntegerField(
        label=_("Tanpa keterangan paling banyak (hari setahun)"), required=False, min_value=0
    )
    versi = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, batas: int, aspek: Any, huruf: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["batas"].help_text = _(
            "Lebih dari sekian mapel belum tuntas berarti tinggal. Aturan menetapkan {n}; sekolah boleh lebih ketat. "
            "Kosongkan untuk memakai batas aturan."
        ).format(n=batas)
        off = ("", _("tidak dipakai"))
        for name, one in aspek.items():
            if one.kategori:
                self.fields[name] = forms.ChoiceField(
                    label=_("{aspek} paling rendah").format(aspek=one.judul),
                    required=False,
                    choices=[off, *((word, word) for word in one.kategori)],
                )
        if huruf:
            self.fields["pengembangan_diri"] = forms.ChoiceField(
                label=_("Pengembangan diri paling rendah"),
                required=False,
                choices=[off, *((letter, f"{letter} ({word})") for letter, word in huruf.items())],
            )

    @property
    def criteria(self) -> dict[str, Any]:
        """The criteria that were filled in, as the service takes them."""
        own = {"batas", "dasar", "versi"}
        return {name: value for name, value in self.cleaned_data.items() if name not in own and value not in (None, "")}


class TransferForm(forms.Form):
    """The words of a transfer page and the names of those who sign it."""

    sekolah_lain = forms.CharField(label=_("Sekolah tujuan"), required=False, max_length=160)
    alasan = forms.CharField(
        label=_("Alasan pindah"), max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    kepala_nama = forms.CharField(label=_("Nama kepala sekolah"), required=False, max_length=120)
    kepala_nip = forms.CharField(
        label=_("NIP kepala sekolah"), required=False, max_length=30, help_text=_("18 angka; kosongkan bila tidak ada.")
    )
    wali_nama = forms.CharField(label=_("Nama orang tua/wali"), required=False, max_length=120)
    versi = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, masuk: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if masuk:
            self.fields["sekolah_lain"].label = _("Sekolah asal")
        else:
            self.fields["alasan"].required = True


class LeaveForm(TransferForm):
    """A pupil leaves: the day, and the page."""

    tanggal = forms.DateField(
        label=_("Tanggal keluar"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    field_order = ["tanggal"]


class EnterForm(TransferForm):
    """A pupil comes: the day, the class, the pupil's data, and the page."""

    tanggal = forms.DateField(
        label=_("Tanggal masuk"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    kelas = forms.ModelChoiceField(Kelas.objects.none(), label=_("Diterima di kelas"), empty_label=_("pilih kelas"))
    nama = forms.CharField(label=_("Nama lengkap peserta didik"), max_length=120)
    nis = forms.CharField(label=_("Nomor induk (NIS) di sekolah ini"), max_length=20)
    nisn = forms.CharField(label="NISN", required=False, max_length=10)
    jenis_kelamin = forms.ChoiceField(
        label=_("Jenis kelamin"), required=False, choices=[("", "–"), *PesertaDidik.JenisKelamin.choices]
    )
    tempat_lahir = forms.CharField(label=_("Tempat lahir"), required=False, max_length=80)
    tanggal_lahir = forms.DateField(
        label=_("Tanggal lahir"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    field_order = ["nama", "nis", "nisn", "jenis_kelamin", "tempat_lahir", "tanggal_lahir", "tanggal", "kelas"]

    def __init__(self, *args: Any, kelas: Any, **kwargs: Any) -> None:
        super().__init__(*args, masuk=True, **kwargs)
        self.fields["kelas"].queryset = kelas  # type: ignore[attr-defined]

    @property
    def pupil(self) -> dict[str, Any]:
        """The pupil's data as `people.edit_pupil` takes them."""
        names = ("nama", "nis", "nisn", "jenis_kelamin", "tempat_lahir", "tanggal_lahir")
        return {name: self.cleaned_data[name] for name in names}


class EraporMarksForm(UploadForm):
    """A mark template of e-Rapor, and which columns its marks go to."""

    kolom = forms.ChoiceField(
        label=_("Nilai akhir, nilai tes, atau nilai PTS masuk ke kolom"),
        required=False,
        help_text=_("Untuk sumatif lingkup materi tidak dipakai: TP 1 masuk ke UH 1, TP 2 ke UH 2, dan seterusnya."),
    )
    kolom_non_tes = forms.ChoiceField(label=_("Nilai non tes masuk ke kolom"), required=False)
    mapel_lain = forms.BooleanField(label=_("Nama mata pelajaran di e-Rapor memang lain"), required=False)

    def __init__(self, *args: Any, columns: Sequence[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("kolom", "kolom_non_tes"):
            self.fields[name].choices = [("", _("tidak diambil")), *columns]  # type: ignore[attr-defined]


class EraporLedgerForm(UploadForm):
    """A leger of e-Rapor, and whether its absences are taken over."""

    absen = forms.BooleanField(label=_("Ambil juga S, I, dan A sebagai ketidakhadiran"), required=False)
