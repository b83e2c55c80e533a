"""Long work: how far it is, stopping it, and fetching what it made. Only the account that asked for it sees it."""

from __future__ import annotations

import mimetypes

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from mutu.satuan.access import on_object
from mutu.satuan.jobs import cancel, result_path
from mutu.satuan.models import Pekerjaan
from mutu.satuan.views.shared import attachment, author

OPEN = (Pekerjaan.Status.ANTRE, Pekerjaan.Status.JALAN)


def progress_context(pekerjaan: Pekerjaan, *, reload: bool = False) -> dict[str, object]:
    """What `web/bagian/kemajuan.html` needs; with `reload` the page loads anew once the work is done."""
    address = reverse("pekerjaan-kemajuan", args=[pekerjaan.pk])
    return {
        "pekerjaan": pekerjaan,
        "url_kemajuan": f"{address}?muat=1" if reload else address,
        "url_batal": reverse("pekerjaan-batal", args=[pekerjaan.pk]),
        "url_hasil": reverse("pekerjaan-hasil", args=[pekerjaan.pk]),
    }


@require_GET
@on_object("lihat", Pekerjaan)
def job(request: HttpRequest, pekerjaan: Pekerjaan) -> HttpResponse:
    """One job's page."""
    context = {"jejak": [(pekerjaan.judul, "")]}
    return render(request, "satuan/pekerjaan.html", context | progress_context(pekerjaan))


@require_GET
@on_object("lihat", Pekerjaan)
def progress(request: HttpRequest, pekerjaan: Pekerjaan) -> HttpResponse:
    """The progress bar alone, for htmx; a browser that comes here by itself gets the whole page."""
    if not request.headers.get("HX-Request"):
        return redirect("pekerjaan", pk=pekerjaan.pk)
    reload = "muat" in request.GET
    response = render(request, "web/bagian/kemajuan.html", progress_context(pekerjaan, reload=reload))
    if reload and pekerjaan.status not in OPEN:
        response["HX-Refresh"] = "true"
    return response


@require_POST
@on_object("kelola", Pekerjaan)
def stop(request: HttpRequest, pekerjaan: Pekerjaan) -> HttpResponse:
    """Ask a job to stop."""
    cancel(pekerjaan, by=author(request))
    return redirect("pekerjaan", pk=pekerjaan.pk)


@require_GET
@on_object("lihat", Pekerjaan)
def result(request: HttpRequest, pekerjaan: Pekerjaan) -> HttpResponse:
    """The file a finished job left."""
    path = result_path(pekerjaan)
    if path is None:
        raise Http404
    name = pekerjaan.nama_unduhan
    return attachment(path, name, mimetypes.guess_type(name)[0] or "application/octet-stream")
