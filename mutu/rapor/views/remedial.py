"""Remedial of one lesson: who is under the KKM, each attempt, and why a mark goes in without one."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from mutu.rapor.forms import RemedialForm, add_errors
from mutu.rapor.models import PercobaanRemedial
from mutu.rapor.services import remedial
from mutu.rapor.services.marks import show_mark
from mutu.rapor.views.marking import semester_of
from mutu.regulation.explain import InputError
from mutu.satuan.access import akun_of, on_object
from mutu.satuan.models import AnggotaKelas, Pembelajaran

LESSON = ("kelas__tahun__sekolah", "mapel")


@on_object("isi", Pembelajaran, related=LESSON)
def page(request: HttpRequest, lesson: Pembelajaran, nomor: int) -> HttpResponse:
    """The list of pupils, and the form that keeps an attempt or a reason."""
    semester = semester_of(lesson.kelas, nomor)
    columns = remedial.choices(lesson, semester)
    found = remedial.pupils(lesson, semester)
    form = RemedialForm(request.POST or None, pupils=found, columns=columns)
    if request.method == "POST" and form.is_valid():
        wanted = form.cleaned_data
        member = AnggotaKelas.objects.get(pk=wanted["anggota"])
        by = akun_of(request)
        try:
            if wanted["tanpa"]:
                remedial.excuse(pembelajaran=lesson, semester=semester, anggota=member, alasan=wanted["alasan"], by=by)
                messages.success(
                    request, _("Alasan tersimpan.") if wanted["alasan"].strip() else _("Alasan ditarik kembali.")
                )
            else:
                column = next((one for one in columns if str(one.pk) == wanted["penilaian"]), None)
                _row, advice = remedial.add_attempt(
                    pembelajaran=lesson,
                    semester=semester,
                    anggota=member,
                    penilaian=column,
                    tanggal=wanted["tanggal"],
                    nilai=wanted["nilai"],
                    by=by,
                )
                messages.success(request, " ".join([_("Percobaan remedial tersimpan."), *advice]))
            return redirect("rapor-remedial", pk=lesson.pk, nomor=nomor)
        except InputError as error:
            add_errors(form, error)
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
        "jejak": [
            (pgettext("banyak", "Rapor"), reverse("rapor")),
            (str(lesson), reverse("rapor-kisi", args=[lesson.pk, nomor])),
            (_("Remedial"), ""),
        ],
    }
    return render(request, "rapor/remedial.html", context, status=422 if form.errors else 200)


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
