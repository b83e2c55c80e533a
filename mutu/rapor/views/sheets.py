"""A whole class on one page, as the paper shows it: to read through before printing, or to print from the browser."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from mutu.rapor import documents
from mutu.rapor.views.marking import semester_of
from mutu.satuan import jobs
from mutu.satuan.access import akun_of, on_object
from mutu.satuan.models import Kelas, Semester


@on_object("cetak", Kelas, related=("tahun__sekolah__kabkota", "tahun__sekolah__kecamatan", "wali_kelas"))
def class_sheet(request: HttpRequest, kelas: Kelas, nomor: int) -> HttpResponse:
    """Every card of the class after one another, each on a new sheet when printed."""
    semester = semester_of(kelas, nomor)
    cards = documents.current_cards(kelas, semester)
    context = {
        "kelas": kelas,
        "semester": semester,
        "banyak": len(cards),
        "draf": sum(card["draf"] for card in cards),
        "lembar": documents.html_of(cards),
        "jejak": [
            (pgettext("banyak", "Rapor"), reverse("rapor")),
            (_("Kelas {nama}").format(nama=kelas.nama), reverse("rapor-kelas", args=[kelas.pk, nomor])),
            (_("Lembar sekelas"), ""),
        ],
    }
    return render(request, "rapor/lembar.html", context)


@on_object("cetak", Semester, related=("tahun",))
def print_year(request: HttpRequest, semester: Semester) -> HttpResponse:
    """Queue the print of every class of the year. Asking twice while it runs leads to the same job."""
    if request.method != "POST":
        return redirect("rapor")
    paper = "f4" if request.POST.get("kertas") == "f4" else "a4"
    title = _("Cetak rapor semua kelas {tahun} semester {n}").format(tahun=semester.tahun.label, n=semester.nomor)
    row = jobs.submit(
        "rapor.cetak_tahun",
        title=title,
        by=akun_of(request),
        data={"semester": semester.pk, "kertas": paper},
        key=f"cetak-tahun:{request.user.pk}:{semester.pk}:{paper}",
    )
    return redirect("pekerjaan", pk=row.pk)
