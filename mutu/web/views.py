"""Home by role, and the two health addresses."""

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from mutu.satuan.access import public, signed_in


@signed_in
def home(request: HttpRequest) -> HttpResponse:
    """What waits for me: counted lines, each a link to the exact place."""
    return render(request, "web/beranda.html", {})


@public
def livez(request: HttpRequest) -> HttpResponse:
    """The process answers."""
    return HttpResponse("ok", content_type="text/plain")


@public
def readyz(request: HttpRequest) -> HttpResponse:
    """The database answers."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return HttpResponse("ok", content_type="text/plain")
