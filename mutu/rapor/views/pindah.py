"""Transfers: who left and who came in a year, the forms, and the pages that the head signs."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from mutu.rapor.documents.pindah import print_transfer, transfer_file_name
from mutu.rapor.forms import EnterForm, LeaveForm, TransferForm, add_errors
from mutu.rapor.models import Mutasi, Rapor
from mutu.rapor.services import pindah
from mutu.regulation.explain import InputError
from mutu.reports.pdf import Paper, RenderError
from mutu.satuan.access import akun_of, on_object
from mutu.satuan.models import AnggotaKelas, Kelas, TahunPelajaran

PAGE = ("sekolah__kabkota", "sekolah__kecamatan", "peserta", "kelas__tahun")


def _crumbs(tahun: TahunPelajaran, *more: tuple[str, str]) -> list[tuple[str, str]]:
    return [
        (pgettext("banyak", "Rapor"), reverse("rapor")),
        (_("Pindah {tahun}").format(tahun=tahun.label), reverse("rapor-pindah", args=[tahun.pk])),
        *more,
    ]


@on_object("kenaikan", TahunPelajaran, related=("sekolah",))
def transfers(request: HttpRequest, tahun: TahunPelajaran) -> HttpResponse:
    """The transfers of a year, and the way to note another. `?anggota=` leads to the form of that pupil."""
    members = AnggotaKelas.objects.filter(kelas__tahun=tahun, keluar__isnull=True)
    if request.GET.get("anggota", "").isdigit():
        wanted = members.filter(pk=int(request.GET["anggota"])).first()
        if wanted is None:
            raise Http404
        return redirect("rapor-pindah-keluar", pk=wanted.pk)
    seated = members.select_related("peserta", "kelas").order_by("kelas__tingkat", "kelas__nama", "peserta__nama")
    context = {
        "tahun": tahun,
        "rows": Mutasi.objects.filter(kelas__tahun=tahun).select_related("peserta", "kelas"),
        "seated": seated,
        "classes": Kelas.objects.filter(tahun=tahun).exists(),
        "jejak": [*_crumbs(tahun)[:1], (_("Pindah {tahun}").format(tahun=tahun.label), "")],
    }
    return render(request, "rapor/pindah.html", context)


@on_object("pindah", AnggotaKelas, related=("peserta", "kelas__tahun__sekolah"))
def leave(request: HttpRequest, anggota: AnggotaKelas) -> HttpResponse:
    """A pupil leaves: the day, the reason, who signs. What was final stays as it is."""
    tahun = anggota.kelas.tahun
    nama, nip = pindah.head_of(tahun.sekolah)
    form = LeaveForm(
        request.POST if request.method == "POST" else None,
        initial={"kepala_nama": nama, "kepala_nip": nip, "wali_nama": pindah.guardian_of(anggota.peserta)},
    )
    if request.method == "POST" and form.is_valid():
        data = {name: value for name, value in form.cleaned_data.items() if name != "versi"}
        try:
            row = pindah.leave(anggota=anggota, by=akun_of(request), **data)
        except InputError as error:
            add_errors(form, error)
        else:
            messages.success(request, _("Kepindahan dicatat. Cetak halamannya untuk ditandatangani."))
            return redirect("rapor-mutasi", pk=row.pk)
    finals = Rapor.objects.filter(anggota=anggota, status=Rapor.Status.FINAL).select_related("semester")
    context = {
        "anggota": anggota,
        "form": form,
        "sudah": anggota.keluar,
        "final": finals,
        "jejak": _crumbs(tahun, (_("Pindah keluar"), "")),
    }
    return render(request, "rapor/pindah_keluar.html", context, status=422 if form.errors else 200)


@on_object("kenaikan", TahunPelajaran, related=("sekolah",))
def enter(request: HttpRequest, tahun: TahunPelajaran) -> HttpResponse:
    """A pupil comes from another school and sits in a class from that day."""
    nama, nip = pindah.head_of(tahun.sekolah)
    form = EnterForm(
        request.POST if request.method == "POST" else None,
        kelas=Kelas.objects.filter(tahun=tahun),
        initial={"kepala_nama": nama, "kepala_nip": nip},
    )
    if request.method == "POST" and form.is_valid():
        words = ("alasan", "sekolah_lain", "kepala_nama", "kepala_nip", "wali_nama", "tanggal", "kelas")
        try:
            row = pindah.enter(
                pupil=form.pupil, by=akun_of(request), **{name: form.cleaned_data[name] for name in words}
            )
        except InputError as error:
            add_errors(form, error)
        else:
            messages.success(request, _("Peserta didik diterima. Cetak halamannya untuk ditandatangani."))
            return redirect("rapor-mutasi", pk=row.pk)
    context = {"tahun": tahun, "form": form, "jejak": _crumbs(tahun, (_("Pindah masuk"), ""))}
    return render(request, "rapor/pindah_masuk.html", context, status=422 if form.errors else 200)


@on_object("kelola", Mutasi, related=PAGE)
def transfer(request: HttpRequest, mutasi: Mutasi) -> HttpResponse:
    """One transfer: correct its words, print it, or take back a leaving noted by mistake."""
    tahun = mutasi.kelas.tahun
    names = ("alasan", "sekolah_lain", "kepala_nama", "kepala_nip", "wali_nama", "versi")
    coming = mutasi.arah == Mutasi.Arah.MASUK
    back = request.method == "POST" and "batal" in request.POST
    form = TransferForm(
        request.POST if request.method == "POST" and not back else None,
        masuk=coming,
        initial={name: getattr(mutasi, name) for name in names},
    )
    if back:
        try:
            pindah.take_back(mutasi=mutasi, by=akun_of(request))
        except InputError as error:
            messages.error(request, " ".join(one["pesan"] for one in error.galat))
            return redirect("rapor-mutasi", pk=mutasi.pk)
        messages.success(request, _("Kepindahan dibatalkan; peserta didik kembali di kelasnya."))
        return redirect("rapor-pindah", pk=tahun.pk)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data | {"versi": form.cleaned_data["versi"] or 0}
        try:
            pindah.correct(mutasi=mutasi, by=akun_of(request), **data)
        except InputError as error:
            add_errors(form, error)
        else:
            messages.success(request, _("Halaman pindah disimpan."))
            return redirect("rapor-mutasi", pk=mutasi.pk)
    context = {
        "mutasi": mutasi,
        "masuk": coming,
        "form": form,
        "jejak": _crumbs(tahun, (mutasi.peserta.nama, "")),
    }
    return render(request, "rapor/mutasi.html", context, status=422 if form.errors else 200)


@on_object("lihat", Mutasi, related=PAGE)
def transfer_pdf(request: HttpRequest, mutasi: Mutasi) -> HttpResponse:
    """The page as PDF. `?kertas=f4` for F4."""
    paper: Paper = "f4" if request.GET.get("kertas") == "f4" else "a4"
    try:
        content = print_transfer(mutasi, paper=paper)
    except RenderError as error:
        messages.error(request, str(error))
        return redirect("rapor-mutasi", pk=mutasi.pk)
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{transfer_file_name(mutasi)}"'
    response["Cache-Control"] = "private, no-store"
    return response
