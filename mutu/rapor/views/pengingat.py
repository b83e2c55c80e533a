"""The head's reminder: put up once, seen by whoever still owes something on the day it is read."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from mutu.rapor.services import kesiapan
from mutu.rapor.views.kesiapan import empty_activities, owed_remedial, running
from mutu.rapor.views.marking import unfinished_lessons
from mutu.rapor.views.printing import unfinished_cards
from mutu.rapor.views.sikap import unset_character
from mutu.regulation.explain import InputError
from mutu.satuan.access import akun_of, on_object
from mutu.satuan.menunggu import Line, waiting_for
from mutu.satuan.models import Akun, Semester

OWED = (unfinished_lessons, owed_remedial, unset_character, unfinished_cards, empty_activities)


@on_object("ingatkan", Semester, related=("tahun",))
def remind(request: HttpRequest, semester: Semester) -> HttpResponse:
    """Put the head's reminder on the home page of everybody who owes something."""
    if request.method == "POST":
        try:
            kesiapan.remind(semester=semester, pesan=request.POST.get("pesan", ""), by=akun_of(request))
        except InputError as error:
            messages.error(request, error.galat[0]["pesan"])
        else:
            messages.success(request, _("Pengingat terpasang di beranda setiap orang yang masih mempunyai tugas."))
    return redirect("rapor-kesiapan", pk=semester.pk)


@waiting_for("guru")
def reminder(akun: Akun) -> list[Line]:
    """The head's newest reminder, for whoever still owes something; it leads to the first thing owed."""
    semester = running(akun, "guru")
    found = kesiapan.last_reminder(semester) if semester else None
    if semester is None or found is None:
        return []
    first = next((line for provider in OWED for line in provider(akun)), None)
    if first is None:
        return []
    sender = str(found.oleh) if found.oleh else _("kepala sekolah")
    day = date_format(timezone.localtime(found.pada), "j F Y")
    return [
        Line(
            _("Pengingat dari {nama}, {tanggal}").format(nama=sender, tanggal=day),
            first.url,
            due=semester.tanggal_rapor,
            detail=found.pesan or _("Selesaikan tugas rapor Anda di bawah ini."),
        )
    ]
