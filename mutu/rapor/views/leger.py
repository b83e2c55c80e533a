"""The ledger of a class on screen, as workbook and on paper; and everything of a class in one archive."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from mutu.rapor import documents
from mutu.rapor.documents import leger
from mutu.rapor.services.final import Tercemar
from mutu.rapor.views.marking import semester_of
from mutu.reports.pdf import RenderError
from mutu.satuan import jobs
from mutu.satuan.access import akun_of, on_object
from mutu.satuan.models import Kelas, Semester

SCHOOL = ("tahun__sekolah__kabkota", "tahun__sekolah__kecamatan", "wali_kelas")
WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _made(
    request: HttpRequest, kelas: Kelas, nomor: int, answer: Callable[[leger.Ledger, Semester], HttpResponse]
) -> HttpResponse:
    """The answer made of the ledger, or the way back to the board with the reason why there is none."""
    semester = semester_of(kelas, nomor)
    try:
        return answer(leger.ledger_of(kelas, semester), semester)
    except (RenderError, Tercemar) as error:
        messages.error(request, str(error))
        return redirect("rapor-kelas", pk=kelas.pk, nomor=nomor)


def _file(content: bytes, name: str, kind: str, disposition: str) -> HttpResponse:
    response = HttpResponse(content, content_type=kind)
    response["Content-Disposition"] = f'{disposition}; filename="{name}"'
    return response


@on_object("cetak", Kelas, related=SCHOOL)
def screen(request: HttpRequest, kelas: Kelas, nomor: int) -> HttpResponse:
    """All marks of a class side by side."""

    def page(ledger: leger.Ledger, semester: Semester) -> HttpResponse:
        context: dict[str, Any] = {
            "kelas": kelas,
            "semester": semester,
            "leger": ledger,
            "kolom": [(one, leger.shown_limits(one) or "–", leger.shown(one.rata) or "–") for one in ledger.kolom],
            "baris": [(row, leger.shown(row.rata) or "–") for row in ledger.baris],
            "tanda": leger.UNDER,
            "jejak": [
                (pgettext("banyak", "Rapor"), reverse("rapor")),
                (_("Kelas {nama}").format(nama=kelas.nama), reverse("rapor-kelas", args=[kelas.pk, nomor])),
                (_("Leger"), ""),
            ],
        }
        return render(request, "rapor/leger.html", context)

    return _made(request, kelas, nomor, page)


@on_object("cetak", Kelas, related=SCHOOL)
def workbook(request: HttpRequest, kelas: Kelas, nomor: int) -> HttpResponse:
    """The ledger as xlsx."""

    def book(ledger: leger.Ledger, semester: Semester) -> HttpResponse:
        target = BytesIO()
        leger.write_workbook(target, ledger, timestamp=documents.timestamp_of(semester))
        return _file(target.getvalue(), leger.ledger_name(ledger, "xlsx"), WORKBOOK, "attachment")

    return _made(request, kelas, nomor, book)


@on_object("cetak", Kelas, related=SCHOOL)
def paper(request: HttpRequest, kelas: Kelas, nomor: int) -> HttpResponse:
    """The ledger as PDF on wide paper, `?kertas=f4` for F4."""

    def printed(ledger: leger.Ledger, semester: Semester) -> HttpResponse:
        size = "f4" if request.GET.get("kertas") == "f4" else "a4"
        content = leger.print_ledger(ledger, timestamp=documents.timestamp_of(semester), paper=size)  # type: ignore[arg-type]
        return _file(content, leger.ledger_name(ledger, "pdf"), "application/pdf", "inline")

    return _made(request, kelas, nomor, printed)


@on_object("cetak", Kelas, related=("tahun",))
def everything(request: HttpRequest, kelas: Kelas, nomor: int) -> HttpResponse:
    """Queue the archive of a class: its rapor together and apart, and the ledger. Asked twice it is the same job."""
    if request.method != "POST":
        return redirect("rapor-kelas", pk=kelas.pk, nomor=nomor)
    semester = semester_of(kelas, nomor)
    size = "f4" if request.POST.get("kertas") == "f4" else "a4"
    row = jobs.submit(
        "rapor.cetak_semua",
        title=_("Semua berkas rapor {kelas} semester {n}").format(kelas=kelas.nama, n=nomor),
        by=akun_of(request),
        data={"kelas": kelas.pk, "semester": semester.pk, "kertas": size},
        key=f"semua:{request.user.pk}:{kelas.pk}:{semester.pk}:{size}",
    )
    return redirect("pekerjaan", pk=row.pk)
