"""Marks by workbook: download the class's own sheet, fill it in anywhere, upload, look at the preview, confirm."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from mutu.rapor import sheets
from mutu.rapor.views.marking import semester_of
from mutu.satuan.access import akun_of, on_object
from mutu.satuan.forms import UploadForm
from mutu.satuan.models import Impor, Pembelajaran
from mutu.satuan.services import imports

WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
RELATED = ("kelas__tahun__sekolah", "mapel", "guru")
RECENT = 5


@on_object("isi", Pembelajaran, related=RELATED)
def download(request: HttpRequest, lesson: Pembelajaran, nomor: int) -> HttpResponse:
    """The sheet of one lesson, with its pupils and the marks known already."""
    semester = semester_of(lesson.kelas, nomor)
    response = HttpResponse(sheets.workbook(lesson, semester), content_type=WORKBOOK)
    response["Content-Disposition"] = f'attachment; filename="nilai-{lesson.pk}-semester-{nomor}.xlsx"'
    response["Cache-Control"] = "private, no-store"
    return response


@on_object("isi", Pembelajaran, related=RELATED)
def upload(request: HttpRequest, lesson: Pembelajaran, nomor: int) -> HttpResponse:
    """Upload a filled sheet; what it would change is shown before anything is saved."""
    semester = semester_of(lesson.kelas, nomor)
    akun = akun_of(request)
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            impor, _row = imports.start_import(
                jenis=sheets.KIND,
                chunks=form.cleaned_data["berkas"].chunks(),
                nama_berkas=form.cleaned_data["berkas"].name,
                sekolah=lesson.kelas.tahun.sekolah,
                tahun=lesson.kelas.tahun,
                rujukan={"pembelajaran": lesson.pk, "semester": semester.pk},
                by=akun,
            )
        except ValidationError as error:
            form.add_error(None, error)
        else:
            return redirect("impor", pk=impor.pk)
    context = {
        "lesson": lesson,
        "semester": semester,
        "form": form,
        "has_columns": bool(sheets.assessments(lesson, semester)),
        "earlier": Impor.objects.filter(jenis=sheets.KIND, akun=akun, rujukan__pembelajaran=lesson.pk)[:RECENT],
        "jejak": [
            (pgettext("banyak", "Rapor"), reverse("rapor")),
            (str(lesson), reverse("rapor-kisi", args=[lesson.pk, nomor])),
            (_("Buku kerja"), ""),
        ],
    }
    return render(request, "rapor/buku_kerja.html", context, status=422 if form.errors else 200)
