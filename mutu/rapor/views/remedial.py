"""Remedial of one lesson: who is under the KKM, each attempt, and why a mark goes in without one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from mutu.rapor.forms import RemedialForm, WithoutRemedialForm, add_errors
from mutu.rapor.models import Penilaian, PercobaanRemedial
from mutu.rapor.services import remedial
from mutu.rapor.services.marks import show_mark
from mutu.rapor.views.marking import semester_of
from mutu.regulation.explain import InputError
from mutu.satuan.access import akun_of, on_object
from mutu.satuan.models import AnggotaKelas, Pembelajaran, Semester

LESSON = ("kelas__tahun__sekolah", "mapel")


@on_object("isi", Pembelajaran, related=LESSON)
def page(request: HttpRequest, lesson: Pembelajaran, nomor: int) -> HttpResponse:
    """The list of pupils, and the form that keeps an attempt or a reason."""
    semester = semester_of(lesson.kelas, nomor)
    columns = remedial.choices(lesson, semester)
    found = remedial.pupils(lesson, semester)
    choices = [(one.hasil.anggota_id, one.hasil.anggota.peserta.nama) for one in found]
    excusing = "tanpa" in request.POST
    form = RemedialForm(
        request.POST if request.method == "POST" and not excusing else None, pupils=choices, columns=columns
    )
    without = WithoutRemedialForm(request.POST if excusing else None, pupils=choices, prefix="tanpa")
    if request.method == "POST" and (without if excusing else form).is_valid():
        try:
            messages.success(
                request,
                _excuse(request, lesson, semester, without.cleaned_data)
                if excusing
                else _attempt(request, lesson, semester, form.cleaned_data, columns),
            )
            return redirect("rapor-remedial", pk=lesson.pk, nomor=nomor)
        except InputError as error:
            add_errors(without if excusing else form, error)
    context = {
        "lesson": lesson,
        "semester": semester,
        "rows": [
            {
                "pupil": one,
                "nilai": one.hasil.nilai,
                "kkm": one.hasil.kkm,
                "percobaan": [
                    {
                        "satu": attempt,
                        "nilai": show_mark(attempt.nilai),
                        "apa": attempt.penilaian.judul if attempt.penilaian else _("nilai rapor"),
                    }
                    for attempt in one.percobaan
                ],
            }
            for one in found
        ],
        "owing": sum(one.berutang for one in found),
        "form": form,
        "without": without,
        "jejak": [
            (pgettext("banyak", "Rapor"), reverse("rapor")),
            (str(lesson), reverse("rapor-kisi", args=[lesson.pk, nomor])),
            (_("Remedial"), ""),
        ],
    }
    return render(request, "rapor/remedial.html", context, status=422 if form.errors or without.errors else 200)


def _attempt(
    request: HttpRequest, lesson: Pembelajaran, semester: Semester, wanted: dict[str, Any], columns: Sequence[Penilaian]
) -> str:
    """Keep an attempt; returns what to tell the teacher."""
    _row, advice = remedial.add_attempt(
        pembelajaran=lesson,
        semester=semester,
        anggota=AnggotaKelas.objects.get(pk=wanted["anggota"]),
        penilaian=next((one for one in columns if str(one.pk) == wanted["penilaian"]), None),
        tanggal=wanted["tanggal"],
        nilai=wanted["nilai"],
        by=akun_of(request),
    )
    return " ".join([_("Percobaan remedial tersimpan."), *advice])


def _excuse(request: HttpRequest, lesson: Pembelajaran, semester: Semester, wanted: dict[str, Any]) -> str:
    """Keep or take back the reason; returns what to tell the teacher."""
    remedial.excuse(
        pembelajaran=lesson,
        semester=semester,
        anggota=AnggotaKelas.objects.get(pk=wanted["anggota"]),
        alasan=wanted["alasan"],
        by=akun_of(request),
    )
    return _("Alasan tersimpan.") if wanted["alasan"].strip() else _("Alasan ditarik kembali.")


@on_object("ubah", PercobaanRemedial, related=("pembelajaran__kelas__tahun", "semester", "anggota__peserta"))
def cancel(request: HttpRequest, attempt: PercobaanRemedial) -> HttpResponse:
    """Cancel an attempt that was entered by mistake; it stays to be read."""
    if request.method != "POST":
        raise Http404
    try:
        remedial.cancel_attempt(percobaan=attempt, alasan=request.POST.get("alasan", ""), by=akun_of(request))
        messages.success(request, _("Percobaan dibatalkan; catatannya tetap terbaca."))
    except InputError as error:
        messages.error(request, " ".join(one["pesan"] for one in error.galat))
    return redirect("rapor-remedial", pk=attempt.pembelajaran_id, nomor=attempt.semester.nomor)
