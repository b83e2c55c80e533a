"""What people type on the pages of `satuan`. A form checks shape; the service behind it decides."""

from __future__ import annotations

from typing import Any, TypeVar

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.utils.translation import gettext_lazy as _

from mutu.satuan.models import (
    Guru,
    Kelas,
    MataPelajaran,
    Peran,
    PesertaDidik,
    Sekolah,
    TahunPelajaran,
    Wilayah,
)
from mutu.satuan.services.years import Half, parse_year, usual_halves

F = TypeVar("F", bound=forms.BaseForm)


def attach(form: forms.BaseForm, error: ValidationError) -> None:
    """Put a service's refusal beside the fields it blames; what has no field stands above the form."""
    if not hasattr(error, "error_dict"):
        form.add_error(None, error)
        return
    for name, found in error.error_dict.items():
        form.add_error(name if name in form.fields else None, list(found) if name != NON_FIELD_ERRORS else found)


def day(label: Any, **options: Any) -> forms.DateField:
    """A date field with the browser's own calendar, which wants ISO."""
    return forms.DateField(label=label, widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}), **options)


class SchoolSearch(forms.Form):
    """Filters of the school search; all optional, all in the address."""

    q = forms.CharField(label=_("Nama atau NPSN"), required=False, max_length=80)
    provinsi = forms.ModelChoiceField(
        Wilayah.objects.none(), label=_("Provinsi"), required=False, to_field_name="kode", empty_label=_("Semua")
    )
    kabkota = forms.ModelChoiceField(
        Wilayah.objects.none(), label=_("Kabupaten/kota"), required=False, to_field_name="kode", empty_label=_("Semua")
    )

    def __init__(self, data: Any) -> None:
        super().__init__(data)
        places = Wilayah.objects.filter(berlaku_sampai__isnull=True).order_by("nama")
        self.fields["provinsi"].queryset = places.filter(tingkat=Wilayah.Tingkat.PROVINSI)  # type: ignore[attr-defined]
        # The districts of the chosen province alone: all 514 would make the page heavy and the list unusable.
        self.fields["kabkota"].queryset = places.filter(  # type: ignore[attr-defined]
            tingkat=Wilayah.Tingkat.KABKOTA, induk__kode=data.get("provinsi", "") or None
        )


class UploadForm(forms.Form):
    """A file to import."""

    berkas = forms.FileField(
        label=_("Berkas"),
        help_text=_("Buku kerja .xlsx atau .ods, atau teks .csv atau .csv.gz; paling besar 10 MB."),
        widget=forms.FileInput(attrs={"accept": ".xlsx,.xlsm,.ods,.csv,.gz"}),
    )


class DapodikForm(forms.Form):
    """Where Dapodik answers, and the token made in it. The token is used once and never kept."""

    alamat = forms.CharField(
        label=_("Alamat Dapodik"),
        max_length=120,
        initial="http://localhost:5774",
        help_text=_("Komputer ini atau komputer di jaringan sekolah, misalnya http://192.168.1.10:5774."),
    )
    token = forms.CharField(
        label=_("Token layanan web"),
        max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text=_("Dari Dapodik: Pengaturan, Web Service. Mutu memakainya sekali ini dan tidak menyimpannya."),
    )


class SchoolForm(forms.ModelForm):
    """How the school names itself on its papers."""

    class Meta:
        model = Sekolah
        fields = ("nama", "alamat_jalan", "desa_kelurahan")

    def _post_clean(self) -> None:
        """Nothing is written into the row here: the service judges and stores."""


class YearForm(forms.Form):
    """A new school year; its semesters start with the usual dates."""

    tahun = forms.CharField(label=_("Tahun pelajaran"), help_text=_("Dua tahun berurutan, misalnya 2007/2008."))

    def clean_tahun(self) -> int:
        try:
            return parse_year(self.cleaned_data["tahun"])
        except ValidationError as error:
            raise ValidationError(error.messages) from None


class SemesterForm(forms.Form):
    """The dates of both semesters of a year."""

    mulai_1 = day(_("Semester 1 mulai"))
    selesai_1 = day(_("Semester 1 selesai"))
    tanggal_rapor_1 = day(_("Pembagian rapor semester 1"), required=False)
    mulai_2 = day(_("Semester 2 mulai"))
    selesai_2 = day(_("Semester 2 selesai"))
    tanggal_rapor_2 = day(_("Pembagian rapor semester 2"), required=False)

    @staticmethod
    def initial_of(tahun: TahunPelajaran) -> dict[str, Any]:
        """The dates as stored, or the usual ones."""
        stored = {row.nomor: row for row in tahun.semester.all()}
        first, second = usual_halves(tahun.mulai)
        found: dict[str, Any] = {}
        for nomor, usual in ((1, first), (2, second)):
            row: Any = stored.get(nomor, usual)
            found |= {f"{name}_{nomor}": getattr(row, name) for name in ("mulai", "selesai", "tanggal_rapor")}
        return found

    def halves(self) -> tuple[Half, Half]:
        """The dates as the service takes them."""
        first, second = (
            Half(*(self.cleaned_data[f"{name}_{nomor}"] for name in ("mulai", "selesai", "tanggal_rapor")))
            for nomor in (1, 2)
        )
        return first, second


class ClassForm(forms.Form):
    """A class of a year."""

    nama = forms.CharField(label=_("Nama kelas"), max_length=20, help_text=_("Misalnya VII-A."))
    tingkat = forms.IntegerField(label=_("Tingkat"), min_value=1, max_value=12, help_text=_("1 sampai 12."))
    kurikulum = forms.ChoiceField(
        label=_("Kurikulum"),
        required=False,
        choices=Kelas.Kurikulum.choices,
        help_text=_("Menentukan cara menilai dan bentuk rapor. Tidak dapat diganti setelah ada kolom nilai."),
    )
    wali_kelas = forms.ModelChoiceField(
        Guru.objects.none(), label=_("Wali kelas"), required=False, empty_label=_("Belum ditentukan")
    )

    def __init__(self, *args: Any, sekolah: Sekolah, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["wali_kelas"].queryset = Guru.objects.filter(sekolah=sekolah)  # type: ignore[attr-defined]


class SubjectForm(forms.Form):
    """A subject of the school."""

    nama = forms.CharField(label=_("Nama mata pelajaran"), max_length=80)
    kelompok = forms.ChoiceField(label=_("Kelompok"), choices=MataPelajaran.Kelompok.choices)
    bidang = forms.ChoiceField(
        label=_("Penetap sikap"),
        required=False,
        choices=[("", _("Tidak menetapkan")), *MataPelajaran.Bidang.choices],
        help_text=_("Guru mata pelajaran ini menetapkan akhlak atau kepribadian di rapor."),
    )
    urutan = forms.IntegerField(
        label=_("Urutan di rapor"), min_value=1, max_value=200, required=False, help_text=_("Kosong: paling akhir.")
    )


class LessonsForm(forms.Form):
    """Which subjects a class has, and who teaches each."""

    ABSENT, UNKNOWN = "", "0"

    def __init__(self, *args: Any, kelas: Kelas, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        sekolah = kelas.tahun.sekolah
        self.subjects = list(MataPelajaran.objects.filter(sekolah=sekolah))
        self.teachers = {str(guru.pk): guru for guru in Guru.objects.filter(sekolah=sekolah)}
        self.lessons = {row.mapel_id: row for row in kelas.pembelajaran.all()}
        choices = [
            (self.ABSENT, _("Tidak diajarkan di kelas ini")),
            (self.UNKNOWN, _("Diajarkan, guru belum ditentukan")),
            *((key, guru.nama) for key, guru in self.teachers.items()),
        ]
        for mapel in self.subjects:
            row = self.lessons.get(mapel.pk)
            self.fields[f"mapel_{mapel.pk}"] = forms.ChoiceField(
                label=mapel.nama,
                choices=choices,
                required=False,
                initial=self.ABSENT if row is None else str(row.guru_id or self.UNKNOWN),
            )

    def chosen(self) -> list[tuple[MataPelajaran, bool, Guru | None]]:
        """For each subject whether the class has it, and its teacher."""
        found = []
        for mapel in self.subjects:
            value = self.cleaned_data[f"mapel_{mapel.pk}"]
            found.append((mapel, value != self.ABSENT, self.teachers.get(value)))
        return found


class TeacherForm(forms.Form):
    """A teacher."""

    nama = forms.CharField(label=_("Nama lengkap dengan gelar"), max_length=120)
    nip = forms.CharField(label="NIP", max_length=30, required=False, help_text=_("18 angka, bila ada."))
    nuptk = forms.CharField(label="NUPTK", max_length=30, required=False, help_text=_("16 angka, bila ada."))


class PupilForm(forms.Form):
    """A pupil."""

    nama = forms.CharField(label=_("Nama lengkap"), max_length=120)
    nis = forms.CharField(label=_("Nomor induk (NIS)"), max_length=20)
    nisn = forms.CharField(label="NISN", max_length=20, required=False, help_text=_("10 angka, bila ada."))
    jenis_kelamin = forms.ChoiceField(
        label=_("Jenis kelamin"), required=False, choices=[("", _("Belum diisi")), *PesertaDidik.JenisKelamin.choices]
    )
    tempat_lahir = forms.CharField(label=_("Tempat lahir"), max_length=80, required=False)
    tanggal_lahir = day(_("Tanggal lahir"), required=False)


class SeatForm(forms.Form):
    """The class a pupil sits in."""

    kelas = forms.ModelChoiceField(Kelas.objects.none(), label=_("Kelas"), empty_label=_("Tanpa kelas"), required=False)

    def __init__(self, *args: Any, tahun: TahunPelajaran, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kelas"].queryset = Kelas.objects.filter(tahun=tahun)  # type: ignore[attr-defined]


class GuardianForm(forms.Form):
    """Someone who cares for a pupil."""

    nama = forms.CharField(label=_("Nama orang tua/wali"), max_length=120)
    hubungan = forms.CharField(
        label=_("Hubungan"), max_length=20, initial="orang tua", help_text=_("Misalnya ayah, ibu, atau wali.")
    )
    utama = forms.BooleanField(label=_("Menandatangani rapor"), required=False, initial=True)


class UsernameForm(forms.Form):
    """The name someone will sign in with."""

    username = forms.CharField(
        label=_("Nama pengguna"),
        max_length=150,
        help_text=_("Huruf kecil, angka, titik, atau tanda hubung; dipakai untuk masuk."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
    )


class StaffAccountForm(UsernameForm):
    """An account of somebody who keeps or heads the school."""

    nama = forms.CharField(label=_("Nama"), max_length=120)
    jenis = forms.ChoiceField(
        label=_("Peran"),
        choices=[
            (Peran.Jenis.OPERATOR_SEKOLAH.value, Peran.Jenis.OPERATOR_SEKOLAH.label),
            (Peran.Jenis.KEPALA_SEKOLAH.value, Peran.Jenis.KEPALA_SEKOLAH.label),
        ],
    )
    field_order = ("nama", "username", "jenis")
