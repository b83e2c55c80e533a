"""Finding a school, and a school's own page."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import connection
from django.db.models import Q, QuerySet
from django.db.models.functions import Collate
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from mutu.satuan.access import can, has_role, on_object, roles_of, visible_to
from mutu.satuan.forms import SchoolForm, SchoolSearch
from mutu.satuan.models import Sekolah, Wilayah
from mutu.satuan.services import people
from mutu.satuan.views.shared import accepted, author, form_page

ROWS_PER_PAGE = 25
MOST_ROWS = 1_000
"""Beyond so many the page asks for a narrower search."""


def _plain_name() -> Collate:
    """The name compared byte by byte: a language's own order makes PostgreSQL several times slower over the whole
    list, and the names are ASCII. SQLite compares so anyway."""
    return Collate("nama", "C" if connection.vendor == "postgresql" else "BINARY")


def _matching(rows: QuerySet[Sekolah], form: SchoolSearch) -> QuerySet[Sekolah]:
    query = str(form.cleaned_data["q"]).strip()
    if query.isascii() and query.isdigit():
        rows = rows.filter(npsn=query) if len(query) == 8 else rows.filter(npsn__startswith=query)
    else:
        for word in query.split():
            rows = rows.filter(Q(("nama_polos__icontains", word)))
    if form.cleaned_data["kabkota"]:
        return rows.filter(kabkota=form.cleaned_data["kabkota"])
    if form.cleaned_data["provinsi"]:
        districts = Wilayah.objects.filter(induk=form.cleaned_data["provinsi"]).values_list("pk", flat=True)
        return rows.filter(kabkota_id__in=list(districts))
    return rows


@has_role("operator", "operator_sekolah", "kepala_sekolah", "guru")
def search(request: HttpRequest) -> HttpResponse:
    """Find a school by name or NPSN, province and kab/kota; people of a school find their own."""
    form = SchoolSearch(request.GET)
    visible = visible_to(request.user, "lihat", Sekolah)
    asked = any(request.GET.get(name, "").strip() for name in ("q", "provinsi", "kabkota"))
    narrow = not roles_of(request.user).is_operator
    context = {
        "form": form,
        "asked": asked or narrow,
        "operator": not narrow,
        "jejak": [(pgettext("banyak", "Sekolah"), "")],
    }
    if form.is_valid() and (asked or narrow):
        rows = visible.annotate(nama_polos=_plain_name())
        # The keys of all pages at once, in one walk over the list; then the page's rows with their places, because a
        # join would be made for every matching school before the page is cut out.
        found = list(
            _matching(rows, form).order_by(_plain_name(), "npsn").values_list("pk", flat=True)[: MOST_ROWS + 1]
        )
        page = Paginator(found[:MOST_ROWS], ROWS_PER_PAGE).get_page(request.GET.get("halaman"))
        schools = Sekolah.objects.select_related("kabkota__induk", "kecamatan").in_bulk(list(page.object_list))
        context |= {
            "page": page,
            "rows": [schools[key] for key in page.object_list],
            "more": len(found) > MOST_ROWS,
        }
    elif not asked:
        context["empty"] = not visible.exists()
    return render(request, "satuan/sekolah_cari.html", context)


@on_object("lihat", Sekolah, key="npsn", field="npsn", related=("kabkota__induk", "kecamatan"))
def school(request: HttpRequest, sekolah: Sekolah) -> HttpResponse:
    """A school's facts, its years, and the doors to set it up."""
    context = {
        "sekolah": sekolah,
        "tahun": sekolah.tahun_pelajaran.prefetch_related("semester", "kelas"),
        "kelola": can(request.user, "kelola", sekolah),
        "tata": can(request.user, "tata", sekolah),
        "jejak": [(pgettext("banyak", "Sekolah"), reverse("sekolah-cari")), (sekolah.nama, "")],
    }
    return render(request, "satuan/sekolah.html", context)


@on_object("kelola", Sekolah, key="npsn", field="npsn")
def edit(request: HttpRequest, sekolah: Sekolah) -> HttpResponse:
    """Change the school's name and address."""
    form = SchoolForm(request.POST or None, instance=sekolah)
    if accepted(request, form, lambda data: people.edit_school(sekolah=sekolah, by=author(request), **data)):
        messages.success(request, _("Data sekolah tersimpan."))
        return redirect("sekolah", npsn=sekolah.npsn)
    jejak = [(sekolah.nama, reverse("sekolah", args=[sekolah.npsn])), (_("Ubah data sekolah"), "")]
    return form_page(request, form, judul=_("Ubah data sekolah"), jejak=jejak, tombol=_("Simpan"))
