"""Home by role, one-tap sign-in of the demo, and the two health addresses."""

from typing import cast

from django.conf import settings
from django.contrib.auth import login
from django.db import connection
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_POST

from mutu.satuan.access import public, signed_in
from mutu.satuan.menunggu import waiting
from mutu.satuan.models import Akun


@signed_in
def home(request: HttpRequest) -> HttpResponse:
    """What waits for me: counted lines by role, each a link to the exact place."""
    return render(request, "web/beranda.html", {"menunggu": waiting(cast(Akun, request.user))})


@public
@require_POST
@sensitive_variables()
def demo_sign_in(request: HttpRequest) -> HttpResponse:
    """Sign in as one of the made-up people. Exists in demo mode alone, for accounts named `demo-...` alone."""
    username = request.POST.get("username", "")
    if not settings.DEMO or not username.startswith("demo-"):
        raise Http404
    akun = Akun.objects.filter(username=username, is_active=True).first()
    if akun is None:
        raise Http404
    login(request, akun, backend="django.contrib.auth.backends.ModelBackend")
    return redirect("beranda")


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
