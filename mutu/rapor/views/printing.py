"""The homeroom teacher's board, absences, preview and print; and the guardian's view of the same page."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from mutu.rapor import documents
from mutu.rapor.forms import PrintForm
from mutu.rapor.models import Ketidakhadiran, NilaiRapor
from mutu.rapor.services import cards, final, kehadiran, kesiapan
from mutu.rapor.views.induk import may_read_marks
from mutu.rapor.views.kesiapan import doors_of
from mutu.rapor.views.marking import children_of, released, semester_of
from mutu.regulation.explain import InputError
from mutu.reports.pdf import Paper, RenderError
from mutu.satuan import jobs
from mutu.satuan.access import akun_of, can, on_object, visible_to
from mutu.satuan.menunggu import Line, waiting_for
from mutu.satuan.models import Akun, AnggotaKelas, Kelas, Semester

SCHOOL = ("tahun__sekolah__kabkota", "tahun__sekolah__kecamatan", "wali_kelas")
MEMBER = ("peserta", *(f"kelas__{path}" for path in SCHOOL))


@on_object("lihat", Kelas, related=SCHOOL)
def board(request: HttpRequest, kelas: Kelas, nomor: int) -> HttpResponse:
    """Who is complete and who is not: pupil by subject, what is missing and whom it waits for."""
    semester = semester_of(kelas, nomor)
    state = kesiapan.class_board(kelas, semester)
    doors = doors_of(request, kelas, state.lessons)
    rows = [
        {
            "pupil": pupil,
            "marks": [(lesson, pupil.rows.get(lesson.pk)) for lesson in state.lessons],
            "kurang": [(gap, doors.url(gap, kelas.pk, nomor)) for gap in pupil.kurang],
            "saran": [(gap, doors.url(gap, kelas.pk, nomor)) for gap in pupil.saran],
        }
        for pupil in state.pupils
    ]
    context = {
        "kelas": kelas,
        "semester": semester,
        "state": state,
        "rows": rows,
        "ajuan": [(gap, doors.url(gap, kelas.pk, nomor)) for gap in state.belum_diajukan],
        "may_watch": doors.kelola or doors.sahkan,
        "form": PrintForm(),
        "may_print": can(request.user, "cetak", kelas),
        "may_mark_absence": doors.wali,
        "jejak": [(pgettext("banyak", "Rapor"), reverse("rapor")), (_("Kelas {nama}").format(nama=kelas.nama), "")],
    }
    return render(request, "rapor/papan.html", context)


@on_object("wali", Kelas, related=SCHOOL)
def absences(request: HttpRequest, kelas: Kelas, nomor: int) -> HttpResponse:
    """Enter the absences of a class. Empty is "not recorded", `0` or a dash is none."""
    semester = semester_of(kelas, nomor)
    members = list(AnggotaKelas.objects.filter(kelas=kelas, keluar__isnull=True).select_related("peserta"))
    stored = {row.anggota_id: row for row in Ketidakhadiran.objects.filter(semester=semester, anggota__kelas=kelas)}
    errors: list[tuple[str, str]] = []
    typed: dict[tuple[int, str], str] = {}
    if request.method == "POST":
        wanted = []
        for member in members:
            if (row := stored.get(member.pk)) and row.dari_harian and f"sakit-{member.pk}" not in request.POST:
                continue
            days: dict[str, int | None] = {}
            for name in cards.ABSENCE:
                text = request.POST.get(f"{name}-{member.pk}", "")
                typed[member.pk, name] = text
                try:
                    days[name] = cards.parse_days(text)
                except InputError as error:
                    errors.append((f"{name}-{member.pk}", f"{member.peserta.nama}: {error.galat[0]['pesan']}"))
            version = request.POST.get(f"versi-{member.pk}", "0")
            if not version.isdigit():
                raise Http404
            if len(days) == len(cards.ABSENCE):
                wanted.append(
                    cards.Absence(member.pk, days["sakit"], days["izin"], days["tanpa_keterangan"], int(version))
                )
        if not errors:
            conflicts = cards.save_absences(kelas=kelas, semester=semester, rows=wanted, by=akun_of(request))
            if not conflicts:
                messages.success(request, _("Ketidakhadiran tersimpan."))
                return redirect("rapor-kelas", pk=kelas.pk, nomor=nomor)
            errors = [(f"sakit-{one['jalur']}", one["pesan"]) for one in conflicts]
    wrong = dict(errors)
    days_of = kehadiran.absences_of(kelas, semester) if any(row.dari_harian for row in stored.values()) else {}
    rows = []
    for member in members:
        row = stored.get(member.pk)
        rows.append(
            {
                "anggota": member,
                "versi": row.versi if row else 0,
                "harian": bool(row and row.dari_harian),
                "hari": days_of.get(member.pk, []),
                "cells": [
                    {
                        "name": f"{name}-{member.pk}",
                        "label": f"{member.peserta.nama}, {label}",
                        "value": typed.get((member.pk, name), _days(row, name)),
                        "status": name,
                        "pesan": wrong.get(f"{name}-{member.pk}", ""),
                    }
                    for name, label in zip(cards.ABSENCE, absence_labels(), strict=True)
                ],
            }
        )
    context = {
        "kelas": kelas,
        "semester": semester,
        "rows": rows,
        "galat": errors,
        "jejak": [
            (pgettext("banyak", "Rapor"), reverse("rapor")),
            (_("Kelas {nama}").format(nama=kelas.nama), reverse("rapor-kelas", args=[kelas.pk, nomor])),
            (_("Ketidakhadiran"), ""),
        ],
    }
    return render(request, "rapor/ketidakhadiran.html", context, status=422 if errors else 200)


def absence_labels() -> list[str]:
    """The three categories as headings."""
    return [_("Sakit"), _("Izin"), _("Tanpa keterangan")]


def _days(row: Ketidakhadiran | None, name: str) -> str:
    value = getattr(row, name) if row else None
    return "" if value is None else str(value)


@on_object("cetak", Kelas, related=("tahun",))
def print_class(request: HttpRequest, kelas: Kelas, nomor: int) -> HttpResponse:
    """Queue the print of a class as a job. Asking twice while it runs leads to the same job."""
    if request.method != "POST":
        return redirect("rapor-kelas", pk=kelas.pk, nomor=nomor)
    semester = semester_of(kelas, nomor)
    form = PrintForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Pilihan cetak tidak dikenal; pilih lagi."))
        return redirect("rapor-kelas", pk=kelas.pk, nomor=nomor)
    wanted = {"kelas": kelas.pk, "semester": semester.pk, **form.cleaned_data}
    key = f"cetak:{request.user.pk}:{kelas.pk}:{semester.pk}:{':'.join(str(v) for v in form.cleaned_data.values())}"
    title = _("Cetak rapor {kelas} semester {n}").format(kelas=kelas.nama, n=nomor)
    row = jobs.submit("rapor.cetak_kelas", title=title, by=akun_of(request), data=wanted, key=key)
    return redirect("pekerjaan", pk=row.pk)


def _open_card(request: HttpRequest, member: AnggotaKelas, nomor: int) -> tuple[Semester, bool]:
    """The semester, and whether the visitor works at the school; a guardian waits for the day of handing over."""
    semester = semester_of(member.kelas, nomor)
    inside = visible_to(request.user, "lihat", Kelas).filter(pk=member.kelas_id).exists()
    if not inside and not released(semester):
        raise Http404
    return semester, inside


@on_object("cetak", AnggotaKelas, related=MEMBER)
def preview(request: HttpRequest, member: AnggotaKelas, nomor: int) -> HttpResponse:
    """The rapor on screen: the same data as the paper, each mark with its "kenapa?"."""
    semester, inside = _open_card(request, member, nomor)
    row = None if inside else final.untuk_wali(semester, member.pk)
    if row is None and not inside:
        return render(request, "rapor/belum.html", {"semester": semester, "anggota": member})
    try:
        # A guardian reads the final rapor alone, also while the school revises it.
        (data,) = [final.isi(row).kartu()] if row else documents.current_cards(member.kelas, semester, [member.pk])
    except final.Tercemar as error:
        messages.error(request, str(error))
        return redirect("rapor-final", pk=member.pk, nomor=nomor)
    reasons = {
        name: reverse("rapor-kenapa", args=[pk])
        for name, pk in NilaiRapor.objects.filter(semester=semester, anggota=member).values_list(
            "pembelajaran__mapel__nama", "pk"
        )
    }
    context = {
        "anggota": member,
        "semester": semester,
        "card": data,
        "lembar": documents.html(data, why=reasons),
        "inside": inside,
        "may_follow": not inside or may_read_marks(request, member.peserta),
        "jejak": [(pgettext("banyak", "Rapor"), reverse("rapor"))]
        + (
            [(_("Kelas {nama}").format(nama=member.kelas.nama), reverse("rapor-kelas", args=[member.kelas_id, nomor]))]
            if inside
            else []
        )
        + [(_("Pratinjau rapor"), "")],
    }
    return render(request, "rapor/pratinjau.html", context)


@on_object("cetak", AnggotaKelas, related=MEMBER)
def single_pdf(request: HttpRequest, member: AnggotaKelas, nomor: int) -> HttpResponse:
    """One pupil's rapor as PDF. `?kertas=f4` for F4, `?lampiran=1` with the steps behind each mark."""
    semester, inside = _open_card(request, member, nomor)
    paper: Paper = "f4" if request.GET.get("kertas") == "f4" else "a4"
    appendix = request.GET.get("lampiran") == "1"
    row = None if inside else final.untuk_wali(semester, member.pk)
    if row is None and not inside:
        raise Http404
    try:
        if row is not None:
            content, data = documents.print_final(row, appendix=appendix, paper=paper)
        else:
            content, data = documents.print_one(member, semester, appendix=appendix, paper=paper)
    except (RenderError, final.Tercemar) as error:
        messages.error(request, str(error))
        return redirect("rapor-final", pk=member.pk, nomor=nomor)
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{documents.file_name(data, "pdf")}"'
    return response


@waiting_for("guru")
def unfinished_cards(akun: Akun) -> list[Line]:
    """The homeroom teacher's class: how many rapor are not complete yet."""
    semester = cards.running_semester(akun, "guru")
    if semester is None:
        return []
    own = visible_to(akun, "wali", Kelas).filter(tahun_id=semester.tahun_id)
    return [
        Line(
            _("Rapor kelas {nama}").format(nama=one.kelas.nama),
            reverse("rapor-kelas", args=[one.kelas.pk, semester.nomor]),
            count=one.jumlah - one.lengkap,
            due=semester.tanggal_rapor,
            detail=_("{n} dari {total} rapor belum lengkap").format(n=one.jumlah - one.lengkap, total=one.jumlah),
        )
        for one in kesiapan.school_board(semester, own)
        if one.lengkap < one.jumlah
    ]


@waiting_for("orang_tua")
def open_cards(akun: Akun) -> list[Line]:
    """The rapor of one's children that the school has handed over."""
    return [
        Line(
            _("Rapor {nama}, kelas {kelas}").format(nama=one["anggota"].peserta.nama, kelas=one["anggota"].kelas.nama),
            reverse("rapor-pratinjau", args=[one["anggota"].pk, one["semester"].nomor]),
            detail=_("Tahun pelajaran {tahun}, semester {n}").format(
                tahun=one["anggota"].kelas.tahun.label, n=one["semester"].nomor
            ),
        )
        for one in children_of(akun)
        if one["open"]
    ]
