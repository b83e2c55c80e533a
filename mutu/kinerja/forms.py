"""Forms at the edge: they read what was typed; the services decide whether it makes sense."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from mutu.kinerja import rules
from mutu.kinerja.models import Bukti, Catatan, RencanaKinerja
from mutu.regulation.explain import InputError
from mutu.satuan.forms import day
from mutu.satuan.models import Akun, Guru


def add_errors(form: forms.Form, error: InputError) -> None:
    """Put the faults that a service found next to their fields; what has no field goes to the top."""
    for one in error.galat:
        form.add_error(one["jalur"] if one["jalur"] in form.fields else None, one["pesan"])


def _offer(form: forms.Form, name: str, choices: list[tuple[Any, Any]]) -> None:
    cast(forms.ChoiceField, form.fields[name]).choices = choices


class RankForm(forms.Form):
    """A teacher's rank from a day on."""

    guru = forms.ModelChoiceField(label=_("Guru"), queryset=Guru.objects.none(), empty_label=_("pilih guru"))
    golongan = forms.ChoiceField(label=_("Golongan"))
    tmt = day(_("Terhitung mulai tanggal (TMT)"))

    def __init__(self, *args: Any, gurus: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(forms.ModelChoiceField, self.fields["guru"]).queryset = gurus
        ranks = rules.daftar_golongan(rules.aturan_terbaru())
        _offer(self, "golongan", [(one.kode, f"{one.kode} ({one.jabatan})") for one in ranks.values()])
        self.fields["golongan"].initial = "III/a"


class RoundForm(forms.Form):
    """A round of the year and its window."""

    jenis = forms.ChoiceField(label=_("Jenis"), choices=RencanaKinerja.Jenis.choices)
    mulai = day(_("Mulai"))
    selesai = day(_("Selesai"))


class AppointmentForm(forms.Form):
    """What the school keeps of an assessor's appointment."""

    sk_nomor = forms.CharField(label=_("Nomor SK"), max_length=80, required=False)
    sk_tanggal = day(_("Tanggal SK"), required=False)
    pelatihan = day(
        _("Tanggal pelatihan penilai"),
        required=False,
        help_text=_("Tanpa SK dan pelatihan, seorang penilai belum dapat diberi guru."),
    )
    dari = day(_("Bertugas dari"))
    sampai = day(_("Sampai"), required=False)
    versi = forms.IntegerField(widget=forms.HiddenInput, required=False)


class AssessorForm(AppointmentForm):
    """A new assessor: a teacher of the school, or a supervisor by the name of the account."""

    akun = forms.ModelChoiceField(
        label=_("Guru yang ditugaskan"), queryset=Akun.objects.none(), required=False, empty_label=_("pilih guru")
    )
    pengawas = forms.CharField(
        label=_("Atau nama pengguna pengawas sekolah"),
        max_length=150,
        required=False,
        help_text=_("Pengawas menilai kepala sekolah; akunnya dibuat operator instalasi."),
    )
    field_order = ("akun", "pengawas")

    def __init__(self, *args: Any, accounts: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(forms.ModelChoiceField, self.fields["akun"]).queryset = accounts

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        if bool(found.get("akun")) == bool((found.get("pengawas") or "").strip()) and "akun" not in self.errors:
            self.add_error("akun", _("Pilih seorang guru, atau tulis nama pengguna pengawas; salah satu saja."))
        return found


class AssignmentForm(forms.Form):
    """One row of the screen: by whom, with which instrument, and the weekly load."""

    pk = forms.IntegerField(widget=forms.HiddenInput, required=False)
    versi = forms.IntegerField(widget=forms.HiddenInput, required=False)
    guru = forms.ChoiceField(label=_("Guru"), required=False)
    penilai = forms.ChoiceField(label=_("Penilai"), required=False)
    instrumen = forms.ChoiceField(label=_("Instrumen"))
    bidang = forms.ChoiceField(label=_("Bidang tugas"), required=False)
    jam = forms.IntegerField(
        label=_("Beban"), required=False, widget=forms.NumberInput(attrs={"inputmode": "numeric", "min": 1})
    )

    def __init__(
        self, *args: Any, gurus: list[tuple[Any, str]], assessors: list[tuple[Any, str]], tools: Any, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        _offer(self, "guru", [("", _("tugas lain: pilih guru")), *gurus])
        _offer(self, "penilai", [("", _("belum")), *assessors])
        _offer(self, "instrumen", [(one.kode, one.nama) for one in tools])
        _offer(self, "bidang", [("", "–"), *((name, name) for one in tools for name in one.bidang)])


class WindowForm(forms.Form):
    """From when to when the observation may take place."""

    mulai = day(_("Jadwal mulai"))
    selesai = day(_("Jadwal selesai"))


class NoteForm(forms.Form):
    """A note of one stage of an observation."""

    tahap = forms.ChoiceField(label=_("Tahap"), choices=Catatan.Tahap.choices)
    tanggal = day(_("Tanggal"))
    isi = forms.CharField(
        label=_("Tanggapan atau yang diamati"), widget=forms.Textarea(attrs={"rows": 5, "maxlength": 4000})
    )
    dokumen = forms.CharField(
        label=_("Dokumen dan bahan yang diperiksa"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, "maxlength": 4000}),
    )
    tindak_lanjut = forms.CharField(
        label=_("Tindak lanjut"), required=False, widget=forms.Textarea(attrs={"rows": 2, "maxlength": 4000})
    )


class EvidenceForm(forms.Form):
    """A photo, a document or a described behaviour, linked to indicators."""

    jenis = forms.ChoiceField(label=_("Jenis bukti"), choices=Bukti.Jenis.choices)
    keterangan = forms.CharField(label=_("Apa yang ditunjukkan"), max_length=300)
    indikator = forms.MultipleChoiceField(
        label=_("Untuk indikator"), required=False, widget=forms.CheckboxSelectMultiple
    )
    berkas = forms.FileField(
        label=_("Foto atau berkas"),
        required=False,
        help_text=_("JPEG, PNG, PDF, .docx, .xlsx, atau .odt, paling besar 10 MB."),
    )

    def __init__(self, *args: Any, banyak: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer(self, "indikator", [(str(urutan), str(urutan)) for urutan in range(1, banyak + 1)])
