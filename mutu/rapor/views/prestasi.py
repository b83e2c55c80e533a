"""Achievements, special notes, and the homeroom teacher's note, as the homeroom teacher enters them."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from mutu.rapor import rules
from mutu.rapor.forms import AchievementForm, add_errors
from mutu.rapor.models import CatatanWali, Prestasi
from mutu.rapor.services import prestasi as service
from mutu.rapor.services.keadaan import kunci_pribadi
from mutu.rapor.services.prestasi import Note
from mutu.rapor.services.pribadi import Outcome
from mutu.rapor.views.marking import semester_of
from mutu.rapor.views.pribadi import CLASS, crumbs, faults, heading, keeps_stored, present, seen, version
from mutu.regulation.explain import InputError
from mutu.satuan.access import akun_of, on_object
from mutu.satuan.models import AnggotaKelas, Kelas


def _pupils(kelas: Kelas) -> Any:
    return AnggotaKelas.objects.filter(kelas=kelas, keluar__isnull=True).select_related("peserta")


def _values(form: AchievementForm) -> dict[str, Any]:
    data = dict(form.cleaned_data)
    return data | {"anggota": data["anggota"].pk, "versi": data["versi"] or 0}


@on_object("wali", Kelas, related=CLASS)
def achievements(request: HttpRequest, kelas: Kelas, nomor: int) -> HttpResponse:
    """The achievements of a class in a semester, and a form for one more."""
    semester = semester_of(kelas, nomor)
    form = AchievementForm(
        request.POST or None, anggota=_pupils(kelas), initial={"anggota": request.GET.get("anggota")}
    )
    if request.method == "POST" and form.is_valid():
        try:
            service.save_achievement(kelas=kelas, semester=semester, by=akun_of(request), **_values(form))
        except InputError as error:
            add_errors(form, error)
        else:
            messages.success(request, _("Prestasi tersimpan."))
            return redirect("rapor-prestasi", pk=kelas.pk, nomor=nomor)
    aturan = rules.aturan_untuk(kelas.kurikulum, semester.selesai)
    rows = Prestasi.objects.filter(semester=semester, anggota__kelas=kelas).select_related("anggota__peserta")
    context = {
        "kelas": kelas,
        "semester": semester,
        "atas": heading(kelas, semester),
        "rows": rows.order_by("anggota__peserta__nama", "jenis", "tanggal"),
        "ada_anggota": bool(present(kelas)),
        "catatan": rules.ada_catatan_wali(aturan),
        "form": form,
        "jejak": crumbs(kelas, semester, _("Prestasi dan catatan khusus")),
    }
    return render(request, "rapor/prestasi.html", context, status=422 if form.errors else 200)


@on_object("ubah", Prestasi, related=("anggota__kelas__tahun__sekolah", "anggota__peserta", "semester__tahun"))
def achievement(request: HttpRequest, row: Prestasi) -> HttpResponse:
    """Change one achievement, or take it back."""
    kelas, semester = row.anggota.kelas, row.semester
    initial = {name: getattr(row, name) for name in ("jenis", "nama", "peringkat", "tanggal", "versi")}
    removing = request.method == "POST" and "hapus" in request.POST
    form = AchievementForm(
        None if removing else request.POST or None,
        anggota=_pupils(kelas),
        initial=initial | {"anggota": row.anggota_id},
    )
    if removing:
        try:
            service.delete_achievement(prestasi=row, versi=version(request, "versi"), by=akun_of(request))
        except InputError as error:
            messages.error(request, error.galat[0]["pesan"])
            return redirect("rapor-prestasi-ubah", pk=row.pk)
        messages.success(request, _("Prestasi dihapus."))
        return redirect("rapor-prestasi", pk=kelas.pk, nomor=semester.nomor)
    if request.method == "POST" and form.is_valid():
        try:
            service.save_achievement(prestasi=row, kelas=kelas, semester=semester, by=akun_of(request), **_values(form))
        except InputError as error:
            add_errors(form, error)
        else:
            messages.success(request, _("Prestasi tersimpan."))
            return redirect("rapor-prestasi", pk=kelas.pk, nomor=semester.nomor)
    back = reverse("rapor-prestasi", args=[kelas.pk, semester.nomor])
    way = crumbs(kelas, semester, _("Ubah"))
    context = {
        "row": row,
        "form": form,
        "atas": heading(kelas, semester),
        "jejak": [*way[:-1], (_("Prestasi dan catatan khusus"), back), way[-1]],
    }
    return render(request, "rapor/prestasi_ubah.html", context, status=422 if form.errors else 200)


@on_object("wali", Kelas, related=CLASS)
def notes(request: HttpRequest, kelas: Kelas, nomor: int) -> HttpResponse:
    """The homeroom teacher's note to each pupil, where the rule set of the class prints one."""
    semester = semester_of(kelas, nomor)
    printed = rules.ada_catatan_wali(rules.aturan_untuk(kelas.kurikulum, semester.selesai))
    members = present(kelas)
    typed: dict[int, Note] = {}
    outcome = Outcome()
    if request.method == "POST" and printed:
        for member in members:
            if f"isi-{member.pk}" in request.POST and not keeps_stored(request, str(member.pk)):
                text = request.POST[f"isi-{member.pk}"]
                typed[member.pk] = Note(member.pk, text, seen(request, str(member.pk)))
        outcome = service.save_notes(kelas=kelas, semester=semester, rows=list(typed.values()), by=akun_of(request))
        if not outcome.tolakan:
            messages.success(request, _("{n} baris tersimpan.").format(n=outcome.tersimpan))
            return redirect("rapor-catatan", pk=kelas.pk, nomor=nomor)
    refused = {one.anggota: one for one in outcome.tolakan}
    locked = kunci_pribadi(semester, [member.pk for member in members])
    stored = {row.anggota_id: row for row in CatatanWali.objects.filter(semester=semester, anggota__kelas=kelas)}
    rows = []
    for member in members:
        row, fault = stored.get(member.pk), refused.get(member.pk)
        rows.append(
            {
                "anggota": member,
                "versi": typed[member.pk].versi if fault else (row.versi if row else 0),
                "versi_kini": row.versi if row else 0,
                "isi": typed[member.pk].isi if fault else (row.isi if row else ""),
                "tolakan": fault,
                "terkunci": locked.get(member.pk, ""),
            }
        )
    context = {
        "kelas": kelas,
        "atas": heading(kelas, semester),
        "dicetak": printed,
        "rows": rows,
        "tersimpan": outcome.tersimpan,
        "galat": faults(outcome, members, "isi"),
        "jejak": crumbs(kelas, semester, _("Catatan wali kelas")),
    }
    return render(request, "rapor/catatan.html", context, status=422 if outcome.tolakan else 200)
