"""Files of e-Rapor: its mark templates into one lesson's columns, its leger beside a class's results."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from mutu.rapor import sheets
from mutu.rapor.forms import EraporLedgerForm, EraporMarksForm
from mutu.rapor.views.marking import semester_of
from mutu.satuan.access import akun_of, on_object
from mutu.satuan.forms import UploadForm
from mutu.satuan.models import Impor, Kelas, Pembelajaran
from mutu.satuan.services import imports

RECENT = 5


def _page(
    request: HttpRequest, form: UploadForm, *, jenis: str, kelas: Kelas, rujukan: dict[str, int], **context: Any
) -> HttpResponse:
    """The upload page; a good upload leads to its preview."""
    if request.method == "POST" and form.is_valid():
        try:
            impor, _row = imports.start_import(
                jenis=jenis,
                chunks=form.cleaned_data["berkas"].chunks(),
                nama_berkas=form.cleaned_data["berkas"].name,
                sekolah=kelas.tahun.sekolah,
                tahun=kelas.tahun,
                rujukan=rujukan
                | {name: int(value or 0) for name, value in form.cleaned_data.items() if name != "berkas"},
                by=akun_of(request),
            )
        except ValidationError as error:
            form.add_error(None, error)
        else:
            return redirect("impor", pk=impor.pk)
    earlier = Impor.objects.filter(
        jenis=jenis, akun=akun_of(request), **{f"rujukan__{k}": v for k, v in rujukan.items()}
    )
    context |= {"form": form, "earlier": earlier[:RECENT]}
    return render(request, "rapor/erapor.html", context, status=422 if form.errors else 200)


@on_object("isi", Pembelajaran, related=("kelas__tahun__sekolah", "mapel", "guru"))
def marks(request: HttpRequest, lesson: Pembelajaran, nomor: int) -> HttpResponse:
    """Upload one of e-Rapor's mark templates for a lesson; the columns are chosen here."""
    semester = semester_of(lesson.kelas, nomor)
    columns = sheets.assessments(lesson, semester)
    form = EraporMarksForm(
        request.POST or None, request.FILES or None, columns=[(one.pk, one.judul) for one in columns]
    )
    form.fields["kolom"].initial = sheets.erapor.default_target(columns)
    return _page(
        request,
        form,
        jenis=sheets.erapor.KIND,
        kelas=lesson.kelas,
        rujukan={"pembelajaran": lesson.pk, "semester": semester.pk},
        atas=str(lesson),
        judul_halaman=_("Nilai dari e-Rapor"),
        pengantar=_(
            "Unggah templat nilai e-Rapor yang sudah terisi: nilai akhir, sumatif akhir semester, sumatif lingkup "
            "materi, atau PTS. Nilai rapor tetap dihitung Mutu; nilai dari berkas masuk ke kolom yang Anda pilih."
        ),
        kolom_kosong="" if columns else reverse("rapor-kolom", args=[lesson.pk, nomor]),
        jejak=[
            (pgettext("banyak", "Rapor"), reverse("rapor")),
            (str(lesson), reverse("rapor-kisi", args=[lesson.pk, nomor])),
            (_("Buku kerja"), reverse("rapor-buku-kerja", args=[lesson.pk, nomor])),
            (_("Dari e-Rapor"), ""),
        ],
    )


@on_object("wali", Kelas, related=("tahun__sekolah", "wali_kelas"))
def ledger(request: HttpRequest, kelas: Kelas, nomor: int) -> HttpResponse:
    """Upload e-Rapor's leger of a class: compared with the results here, absences taken when asked."""
    semester = semester_of(kelas, nomor)
    return _page(
        request,
        EraporLedgerForm(request.POST or None, request.FILES or None),
        jenis=sheets.leger.KIND,
        kelas=kelas,
        rujukan={"kelas": kelas.pk, "semester": semester.pk},
        atas=kelas.nama,
        judul_halaman=_("Bandingkan dengan leger e-Rapor"),
        pengantar=_(
            "Unggah leger e-Rapor kelas ini. Setiap nilai yang berbeda dari hasil di Mutu ditunjukkan; tidak ada nilai "
            "yang diubah karenanya."
        ),
        jejak=[
            (pgettext("banyak", "Rapor"), reverse("rapor")),
            (_("Kelas {nama}").format(nama=kelas.nama), reverse("rapor-kelas", args=[kelas.pk, nomor])),
            (_("Leger e-Rapor"), ""),
        ],
    )
