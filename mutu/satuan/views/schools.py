"""Finding a school, and a school's own page."""

from __future__ import annotations

from functools import cached_property

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from mutu.satuan.access import can, has_role, on_object, roles_of, visible_to
from mutu.satuan.forms import SchoolForm, SchoolSearch
from mutu.satuan.models import Sekolah, Wilayah
from mutu.satuan.services import people
from mutu.satuan.views.shared import accepted, author, form_page

ROWS_PER_PAGE = 25
MOST_ROWS = 1_000
"""Counting beyond this costs more than it tells; the page asks for a narrower search instead."""


class ShortPaginator(Paginator):
    """Counts at most `MOST_ROWS` schools; `more` says that there are further ones."""

    def __init__(self, rows: QuerySet[Sekolah]) -> None:
        super().__init__(rows, ROWS_PER_PAGE)
        self.rows = rows

    @cached_property
    def _counted(self) -> int:
        return self.rows[: MOST_ROWS + 1].count()

    @cached_property
    def count(self) -> int:
        return min(self._counted, MOST_ROWS)

    @property
    def more(self) -> bool:
        """Whether there are rows that no page shows."""
        return self._counted > MOST_ROWS

    def keys(self, number: int) -> QuerySet[Sekolah, int]:
        """The keys of the schools on one page."""
        first = (number - 1) * ROWS_PER_PAGE
        return self.rows.values_list("pk", flat=True)[first : first + ROWS_PER_PAGE]


def _matching(rows: QuerySet[Sekolah], form: SchoolSearch) -> QuerySet[Sekolah]:
    query = str(form.cleaned_data["q"]).strip()
    if query.isascii() and query.isdigit():
        rows = rows.filter(npsn=query) if len(query) == 8 else rows.filter(npsn__startswith=query)
    else:
        for word in query.split():
            rows = rows.filter(nama__icontains=word)
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
    context = {"form": form, "asked": asked or narrow, "operator": not narrow, "jejak": [(_("Sekolah"), "")]}
    if form.is_valid() and (asked or narrow):
        paginator = ShortPaginator(_matching(visible, form).order_by("nama", "npsn"))
        page = paginator.get_page(request.GET.get("halaman"))
        # Two steps, because a join would be made for every matching school before the page is cut out.
        keys = list(paginator.keys(page.number))
        found = Sekolah.objects.select_related("kabkota__induk", "kecamatan").in_bulk(keys)
        context |= {"page": page, "paginator": paginator, "rows": [found[key] for key in keys]}
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
        "jejak": [(_("Sekolah"), reverse("sekolah-cari")), (sekolah.nama, "")],
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
