"""What the pages of `satuan` share: running a service behind a form, and handing out files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from mutu.satuan.forms import attach
from mutu.satuan.models import Akun

Crumbs = list[tuple[str, str]]
WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def author(request: HttpRequest) -> Akun:
    """The account behind a request that a policy let through."""
    if not isinstance(request.user, Akun):
        raise Http404
    return request.user


def accepted(request: HttpRequest, form: forms.BaseForm, act: Callable[[dict[str, Any]], object]) -> bool:
    """Whether the form was sent, is well-formed and `act` (a service) took it; a refusal stands on the form."""
    if request.method != "POST" or not form.is_valid():
        return False
    try:
        act(form.cleaned_data)
    except ValidationError as error:
        attach(form, error)
        return False
    return True


def form_page(
    request: HttpRequest,
    form: forms.BaseForm,
    *,
    judul: str,
    jejak: Crumbs,
    tombol: str,
    template_name: str = "satuan/formulir.html",
    **more: Any,
) -> HttpResponse:
    """A page that holds one form; 422 when it came back with errors."""
    context = {"form": form, "judul": judul, "jejak": jejak, "tombol": tombol, **more}
    return render(request, template_name, context, status=422 if form.errors else 200)


def attachment(path: Path, name: str, content_type: str) -> HttpResponse:
    """A file to save, never to show in the page, and kept by no cache on the way. Raises Http404 where it is gone."""
    if not path.is_file():
        raise Http404
    response = FileResponse(path.open("rb"), as_attachment=True, filename=name, content_type=content_type)
    response["Cache-Control"] = "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    # A streamed answer is no HttpResponse to the type checker, though every policy treats it as one.
    return cast(HttpResponse, response)


def show_password(request: HttpRequest, akun: Akun, password: str, *, jejak: Crumbs, kembali: str) -> HttpResponse:
    """The only moment a first password can be read: it is stored as a hash, and no cache keeps this page."""
    context = {"akun": akun, "sandi": password, "jejak": jejak, "kembali": kembali}
    response = render(request, "satuan/sandi.html", context)
    response["Cache-Control"] = "no-store"
    return response
