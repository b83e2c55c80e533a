"""Daily attendance: one screen for a class and day, and the month as a table."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.db.models import Max
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from mutu.rapor.models import HariKehadiran, KehadiranHarian
from mutu.rapor.services import kehadiran
from mutu.rapor.views.marking import semester_of
from mutu.rapor.views.pribadi import CLASS, crumbs, heading, present, version
from mutu.regulation.explain import InputError
from mutu.satuan.access import akun_of, can, on_object, visible_to
from mutu.satuan.menunggu import Line, waiting_for
from mutu.satuan.models import Akun, AnggotaKelas, Kelas, Semester

LETTER = {"sakit": "S", "izin": "I", "tanpa_keterangan": "A"}


def _date(text: str) -> date | None:
    try:
        return parse_date(text)
    except ValueError:
        return None


def _usual_day(semester: Semester) -> date:
    """Today, held inside the semester."""
    return min(max(timezone.localdate(), semester.mulai), semester.selesai)


@on_object("wali", Kelas, related=CLASS)
def day(request: HttpRequest, kelas: Kelas, nomor: int) -> HttpResponse:
    """Attendance of a class on one day (`?tanggal=`): everyone is present until marked otherwise."""
    semester = semester_of(kelas, nomor)
    asked = request.POST.get("tanggal") or request.GET.get("tanggal")
    tanggal = _date(asked) if asked else _usual_day(semester)
    errors: list[tuple[str, str]] = []
    if tanggal is None:
        errors = [("tanggal", _("Tanggal ini tidak dikenal; pilih tanggal."))]
    else:
        try:
            kehadiran.check_day(semester, tanggal)
        except InputError as error:
            errors = [("tanggal", error.galat[0]["pesan"])]
    allowed = not errors
    typed: dict[int, str] | None = None
    if request.method == "POST" and tanggal is not None and allowed:
        if "hapus" in request.POST:
            return _remove(request, kelas, semester, tanggal)
        pupils = kehadiran.pupils_on(kelas, tanggal)
        chosen = {member.pk: request.POST.get(f"hadir-{member.pk}", "") for member in pupils}
        typed = {pk: status for pk, status in chosen.items() if status}
        try:
            kehadiran.take_attendance(
                kelas=kelas,
                semester=semester,
                tanggal=tanggal,
                absen=typed,
                versi=version(request, "versi"),
                ganti=request.POST.get("ganti") == "1",
                by=akun_of(request),
            )
        except InputError as error:
            errors = [(_control(one["jalur"]), one["pesan"]) for one in error.galat]
        else:
            messages.success(request, _("Kehadiran tersimpan; {n} tidak hadir.").format(n=len(typed)))
            month = reverse("rapor-kehadiran", args=[kelas.pk, nomor])
            return redirect(f"{month}?bulan={tanggal:%Y-%m}")
    context = _day_context(kelas, semester, tanggal if allowed else None, typed) | {
        "kelas": kelas,
        "semester": semester,
        "atas": heading(kelas, semester),
        "diminta": tanggal,
        "boleh": allowed,
        "galat": errors,
        "jejak": _crumbs(kelas, semester, _("Catat satu hari")),
    }
    status = 422 if errors and request.method == "POST" else 200
    return render(request, "rapor/kehadiran_hari.html", context, status=status)


def _control(jalur: str) -> str:
    return f"hadir-{jalur}-" if jalur.isdigit() else jalur


def _crumbs(kelas: Kelas, semester: Semester, title: str) -> list[tuple[str, str]]:
    way = crumbs(kelas, semester, title)
    month = (_("Kehadiran harian"), reverse("rapor-kehadiran", args=[kelas.pk, semester.nomor]))
    return [*way[:-1], month, way[-1]]


def _day_context(
    kelas: Kelas, semester: Semester, tanggal: date | None, typed: dict[int, str] | None
) -> dict[str, Any]:
    if tanggal is None:
        return {"rows": [], "hari": None, "diisi_tangan": 0}
    stored = HariKehadiran.objects.filter(kelas=kelas, tanggal=tanggal).prefetch_related("absen").first()
    absent = {row.anggota_id: row.status for row in stored.absen.all()} if stored else {}
    chosen = absent if typed is None else typed
    options = [("", _("Hadir")), *KehadiranHarian.Status.choices]
    rows = [
        {
            "anggota": member,
            "pilihan": [
                {"nilai": value, "label": label, "dipilih": chosen.get(member.pk, "") == value}
                for value, label in options
            ],
        }
        for member in kehadiran.pupils_on(kelas, tanggal)
    ]
    return {"rows": rows, "hari": stored, "diisi_tangan": kehadiran.typed_by_hand(kelas, semester)}


def _remove(request: HttpRequest, kelas: Kelas, semester: Semester, tanggal: date) -> HttpResponse:
    month = f"{reverse('rapor-kehadiran', args=[kelas.pk, semester.nomor])}?bulan={tanggal:%Y-%m}"
    stored = HariKehadiran.objects.filter(kelas=kelas, tanggal=tanggal).select_related("kelas").first()
    if stored is None:
        return redirect(month)
    try:
        kehadiran.remove_day(hari=stored, versi=version(request, "versi"), by=akun_of(request))
    except InputError as error:
        messages.error(request, " ".join(one["pesan"] for one in error.galat))
    else:
        messages.success(request, _("Catatan hari itu dihapus; jumlah hari dihitung ulang."))
    return redirect(month)


@on_object("cetak", Kelas, related=CLASS)
def month(request: HttpRequest, kelas: Kelas, nomor: int) -> HttpResponse:
    """A month (`?bulan=2026-11`) as pupil by day, with the totals of the semester."""
    semester = semester_of(kelas, nomor)
    first = _date(f"{request.GET.get('bulan', '')}-01") or _usual_day(semester).replace(day=1)
    first = min(max(first, semester.mulai.replace(day=1)), semester.selesai.replace(day=1))
    days = [first.replace(day=n) for n in range(1, monthrange(first.year, first.month)[1] + 1)]
    recorded = {row.tanggal: row for row in HariKehadiran.objects.filter(kelas=kelas, semester=semester)}
    absences = kehadiran.absences_of(kelas, semester)
    taken = sorted(tanggal for tanggal in recorded if tanggal in days)
    rows = []
    for member in present(kelas):
        own = {row.hari.tanggal: row.status for row in absences.get(member.pk, [])}
        total = [sum(status == name for status in own.values()) for name in LETTER]
        rows.append(
            {
                "anggota": member,
                "cells": [_cell(member, own, tanggal) for tanggal in taken],
                "jumlah": total,
            }
        )
    before, after = first - timedelta(days=1), days[-1] + timedelta(days=1)
    context = {
        "kelas": kelas,
        "semester": semester,
        "atas": heading(kelas, semester),
        "bulan": first,
        "hari": taken,
        "jumlah_hari": len(recorded),
        "rows": rows,
        "sebelum": before if before >= semester.mulai else None,
        "sesudah": after if after <= semester.selesai else None,
        "biasa": _usual_day(semester),
        "boleh_catat": can(request.user, "wali", kelas),
        "jejak": crumbs(kelas, semester, _("Kehadiran harian")),
    }
    return render(request, "rapor/kehadiran.html", context)


def _cell(member: AnggotaKelas, own: dict[date, str], tanggal: date) -> dict[str, Any]:
    if member.masuk and tanggal < member.masuk:
        return {"huruf": "", "label": _("belum masuk kelas ini"), "absen": False}
    status = own.get(tanggal, "")
    label = KehadiranHarian.Status(status).label if status else _("Hadir")
    return {"huruf": LETTER.get(status, "·"), "label": label, "absen": bool(status)}


@waiting_for("guru")
def today_not_taken(akun: Akun) -> list[Line]:
    """The homeroom teacher's class, where attendance is kept daily and today has none yet."""
    today = timezone.localdate()
    if today.weekday() == kehadiran.SUNDAY:
        return []
    kept = (
        visible_to(akun, "ubah", HariKehadiran)
        .filter(semester__mulai__lte=today, semester__selesai__gte=today)
        .order_by("kelas__nama")
        .values_list("kelas", "kelas__nama", "semester__nomor")
        .annotate(latest=Max("tanggal"))
    )
    return [
        Line(
            _("Kehadiran hari ini kelas {nama}").format(nama=nama),
            reverse("rapor-kehadiran-hari", args=[kelas, nomor]),
            detail=_("belum dicatat"),
        )
        for kelas, nama, nomor, latest in kept
        if latest < today
    ]
