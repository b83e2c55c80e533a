"""The plan of a school's assessments, and one's own work in it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from mutu.kinerja.models import PenilaianKinerja
from mutu.satuan.access import signed_in, visible_to

PARTS = ("rencana__tahun", "guru", "penilai", "moderator")


@signed_in
def overview(request: HttpRequest) -> HttpResponse:
    """What this account has to do with assessments: as the teacher, as the assessor, as the moderator."""

    def rows(action: str) -> list[PenilaianKinerja]:
        found = visible_to(request.user, action, PenilaianKinerja).select_related(*PARTS)
        return list(found.order_by("-rencana__mulai", "guru__nama"))

    context = {
        "sendiri": rows("tanggapi"),
        "dinilai": rows("nilai"),
        "moderasi": [one for one in rows("moderasi") if one.status == PenilaianKinerja.Status.MODERASI],
    }
    return render(request, "kinerja/daftar.html", context)
