"""One pupil over the years: transcript and buku induk, on screen and on paper."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from mutu.rapor.documents import induk as paper
from mutu.rapor.documents.leger import UNDER
from mutu.rapor.services import induk
from mutu.rapor.services.final import Tercemar
from mutu.reports.pdf import RenderError
from mutu.satuan.access import akun_of, on_object, roles_of, visible_to
from mutu.satuan.models import PesertaDidik


def may_read_marks(request: HttpRequest, peserta: PesertaDidik) -> bool:
    """Whether the visitor reads the pupil's marks as the school does: the head, or the present homeroom teacher."""
    head = peserta.sekolah_id in roles_of(request.user).schools.get("kepala_sekolah", ())
    return head or ("guru" in roles_of(request.user) and induk.present_homeroom(peserta, akun_of(request)))


def _transcript(request: HttpRequest, peserta: PesertaDidik) -> tuple[induk.Transcript, bool]:
    """The transcript as this visitor may read it, and whether from inside the school. A guardian reads finals alone.

    A homeroom teacher of an earlier year finds nothing here, as if the pupil did not exist.
    """
    inside = may_read_marks(request, peserta)
    guardian = "orang_tua" in roles_of(request.user) and peserta.perwalian.filter(wali__akun=akun_of(request)).exists()
    if not inside and not guardian:
        raise Http404
    return induk.transcript(peserta, finals_only=not inside), inside


def _tampered(request: HttpRequest, error: Exception) -> HttpResponse:
    messages.error(request, str(error))
    return redirect("rapor")


def _marks(found: induk.Transcript) -> dict[str, Any]:
    return {
        "transkrip": found,
        "kolom": induk.columns(found.terms),
        "baris": found.baris(),
        "rata": paper.column_means(found),
        "dua_nilai": any(len(term.ranah) > 1 for term in found.terms),
        "tanda": UNDER,
    }


@on_object("transkrip", PesertaDidik, related=("sekolah",))
def transcript(request: HttpRequest, peserta: PesertaDidik) -> HttpResponse:
    """The marks of all semesters of a pupil, over different curricula."""
    try:
        found, inside = _transcript(request, peserta)
    except Tercemar as error:
        return _tampered(request, error)
    context = _marks(found) | {
        "peserta": peserta,
        "inside": inside,
        "jejak": [(pgettext("banyak", "Rapor"), reverse("rapor")), (_("Transkrip nilai"), "")],
    }
    return render(request, "rapor/transkrip.html", context)


@on_object("transkrip", PesertaDidik, related=("sekolah",))
def transcript_pdf(request: HttpRequest, peserta: PesertaDidik) -> HttpResponse:
    """The transcript as PDF, with the day it was made."""
    try:
        found, _inside_school = _transcript(request, peserta)
        content = paper.print_induk(marks=found, register=None, timestamp=timezone.now())
    except (Tercemar, RenderError) as error:
        return _tampered(request, error)
    return _pdf(content, f"transkrip-{peserta.pk}.pdf")


def _may_register(request: HttpRequest, peserta: PesertaDidik) -> bool:
    """Whether the visitor also reads the marks; 404 for a homeroom teacher of an earlier year."""
    inside = may_read_marks(request, peserta)
    keeper = peserta.sekolah_id in roles_of(request.user).schools.get("operator_sekolah", ())
    if not inside and not keeper:
        raise Http404
    return inside


@on_object("induk", PesertaDidik, related=("sekolah",))
def register(request: HttpRequest, peserta: PesertaDidik) -> HttpResponse:
    """The pupil's page of the buku induk: identity, classes, decisions, transfers, achievements."""
    inside = _may_register(request, peserta)
    found = induk.buku_induk(peserta)
    context = {
        "peserta": peserta,
        "buku": found,
        "kelas": [(seat, induk.decision_of(seat)) for seat in found.kelas],
        "inside": inside,
        "kelola": visible_to(request.user, "kelola", PesertaDidik).filter(pk=peserta.pk).exists(),
        "jejak": [(pgettext("banyak", "Rapor"), reverse("rapor")), (_("Buku induk"), "")],
    }
    return render(request, "rapor/induk.html", context)


@on_object("induk", PesertaDidik, related=("sekolah",))
def register_pdf(request: HttpRequest, peserta: PesertaDidik) -> HttpResponse:
    """The page of the buku induk as PDF; with the marks for whoever may read them."""
    inside = _may_register(request, peserta)
    try:
        marks = induk.transcript(peserta) if inside else None
        content = paper.print_induk(marks=marks, register=induk.buku_induk(peserta), timestamp=timezone.now())
    except (Tercemar, RenderError) as error:
        return _tampered(request, error)
    return _pdf(content, f"buku-induk-{peserta.pk}.pdf")


def _pdf(content: bytes, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{name}"'
    return response
