"""Akhlak and kepribadian of a class: the owner sets the category, every teacher of the class adds what was seen."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from mutu.rapor import rules
from mutu.rapor.forms import ObservationForm, add_errors
from mutu.rapor.models import Pengamatan, Sikap
from mutu.rapor.services import cards, sikap
from mutu.rapor.services.keadaan import kunci_pribadi
from mutu.rapor.services.pribadi import Outcome
from mutu.rapor.services.sikap import Judgement
from mutu.rapor.views.marking import semester_of
from mutu.rapor.views.pribadi import CLASS, crumbs, faults, heading, keeps_stored, present, seen
from mutu.regulation.explain import InputError
from mutu.satuan.access import akun_of, can, on_object, visible_to
from mutu.satuan.menunggu import Line, waiting_for
from mutu.satuan.models import Akun, AnggotaKelas, Kelas, Pembelajaran, Semester


@on_object("amati", Kelas, related=CLASS)
def character(request: HttpRequest, kelas: Kelas, nomor: int) -> HttpResponse:
    """The pupils of a class with their categories and observations; who may set which aspect is asked here."""
    semester = semester_of(kelas, nomor)
    akun = akun_of(request)
    aturan = rules.aturan_untuk(kelas.kurikulum, semester.selesai)
    aspects = rules.aspek_sikap(aturan)
    own = sikap.owned_by(akun, kelas, aturan)
    members = present(kelas)
    typed: dict[tuple[int, str], Judgement] = {}
    outcome = Outcome()
    act = request.POST.get("aksi", "") if request.method == "POST" else ""
    form = ObservationForm(
        request.POST if act == "amati" else None,
        anggota=AnggotaKelas.objects.filter(pk__in=[member.pk for member in members]).select_related("peserta"),
        aspek=aspects,
        initial={"tanggal": timezone.localdate(), "anggota": request.GET.get("anggota")},
    )
    if act == "kategori":
        typed = _typed(request, members, own, set(aspects) - own)
        outcome = sikap.save_judgements(kelas=kelas, semester=semester, rows=list(typed.values()), by=akun)
        if not outcome.tolakan:
            messages.success(request, _("{n} isian tersimpan.").format(n=outcome.tersimpan))
            return redirect("rapor-sikap", pk=kelas.pk, nomor=nomor)
    elif act == "amati" and form.is_valid():
        data = form.cleaned_data
        try:
            sikap.add_observation(kelas=kelas, semester=semester, by=akun, **(data | {"anggota": data["anggota"].pk}))
        except InputError as error:
            add_errors(form, error)
        else:
            messages.success(request, _("Pengamatan tersimpan."))
            return redirect("rapor-sikap", pk=kelas.pk, nomor=nomor)
    elif act == "hapus":
        return _remove(request, kelas, semester)
    elif request.method == "POST" and act != "amati":
        raise Http404
    owners = sikap.owners(kelas, aturan)
    sees = own | (set(aspects) if can(akun, "cetak", kelas) else set())
    context = {
        "kelas": kelas,
        "semester": semester,
        "atas": heading(kelas, semester),
        "aspek": [
            {"nama": nama, "isi": isi, "milik": nama in own, "pemilik": owners[nama]} for nama, isi in aspects.items()
        ],
        "dilihat": [(nama, isi) for nama, isi in aspects.items() if nama in sees],
        "milik": own,
        "rows": _rows(kelas, semester, members, [nama for nama in aspects if nama in sees], own, typed, outcome),
        "form": form,
        "galat": faults(outcome, members),
        "tersimpan": outcome.tersimpan,
        "jejak": crumbs(kelas, semester, _("Sikap"), board=can(akun, "lihat", kelas)),
    }
    return render(request, "rapor/sikap.html", context, status=422 if outcome.tolakan or form.errors else 200)


def _typed(
    request: HttpRequest, members: list[AnggotaKelas], own: set[str], others: set[str]
) -> dict[tuple[int, str], Judgement]:
    """What was chosen on the page; whoever sends an aspect that somebody else sets finds nothing here."""
    if any(name.partition("-")[0] in others for name in request.POST):
        raise Http404
    known = {f"{aspek}-{member.pk}": (member.pk, aspek) for member in members for aspek in own}
    return {
        place: Judgement(*place, request.POST[name], seen(request, name))
        for name, place in known.items()
        if name in request.POST and not keeps_stored(request, name)
    }


def _rows(
    kelas: Kelas,
    semester: Semester,
    members: list[AnggotaKelas],
    shown: list[str],
    own: set[str],
    typed: dict[tuple[int, str], Judgement],
    outcome: Outcome,
) -> list[dict[str, Any]]:
    aspects = rules.aspek_sikap(rules.aturan_untuk(kelas.kurikulum, semester.selesai))
    refused = {(one.anggota, one.bagian): one for one in outcome.tolakan}
    locked = kunci_pribadi(semester, [member.pk for member in members])
    stored = {(row.anggota_id, row.aspek): row for row in Sikap.objects.filter(semester=semester, anggota__kelas=kelas)}
    seen: dict[int, list[Pengamatan]] = {}
    for one in Pengamatan.objects.filter(semester=semester, anggota__kelas=kelas).select_related("oleh"):
        seen.setdefault(one.anggota_id, []).append(one)
    rows = []
    for member in members:
        cells = []
        for aspek in shown:
            row = stored.get((member.pk, aspek))
            value = (row.kategori or row.uraian) if row else ""
            fault = refused.get((member.pk, aspek))
            cells.append(
                {
                    "nama": f"{aspek}-{member.pk}",
                    "isi": typed[member.pk, aspek].isi if fault else value,
                    "versi": typed[member.pk, aspek].versi if fault else (row.versi if row else 0),
                    "versi_kini": row.versi if row else 0,
                    "label": f"{member.peserta.nama}, {aspects[aspek].judul}",
                    "kategori": aspects[aspek].kategori,
                    "ubah": aspek in own and member.pk not in locked,
                    "tolakan": fault,
                }
            )
        rows.append(
            {
                "anggota": member,
                "cells": cells,
                "pengamatan": [
                    {"isi": one, "judul": aspects[one.aspek].judul if one.aspek in aspects else one.aspek}
                    for one in seen.get(member.pk, [])
                ],
                "terkunci": locked.get(member.pk, ""),
            }
        )
    return rows


def _remove(request: HttpRequest, kelas: Kelas, semester: Semester) -> HttpResponse:
    own = visible_to(request.user, "ubah", Pengamatan).filter(anggota__kelas=kelas, semester=semester)
    number = request.POST.get("pengamatan", "")
    if not number.isdigit():
        raise Http404
    sikap.remove_observation(pengamatan=get_object_or_404(own, pk=number), by=akun_of(request))
    messages.success(request, _("Pengamatan dihapus."))
    return redirect("rapor-sikap", pk=kelas.pk, nomor=semester.nomor)


@waiting_for("guru")
def unset_character(akun: Akun) -> list[Line]:
    """The classes in which this teacher sets akhlak or kepribadian, and how many pupils still have none."""
    # Most teachers set nothing: they are told apart by one query.
    lessons = list(visible_to(akun, "isi", Pembelajaran).exclude(mapel__bidang="").select_related("kelas", "mapel"))
    semester = cards.running_semester(akun, "guru") if lessons else None
    if semester is None:
        return []
    owed: dict[tuple[int, str], tuple[Kelas, rules.AspekSikap]] = {}
    for lesson in (one for one in lessons if one.kelas.tahun_id == semester.tahun_id):
        aturan = rules.aturan_untuk(lesson.kelas.kurikulum, semester.selesai)
        for aspek, isi in rules.aspek_sikap(aturan).items():
            if isi.bidang == lesson.mapel.bidang:
                owed[lesson.kelas_id, aspek] = (lesson.kelas, isi)
    classes = {kelas for kelas, _aspek in owed}
    judged = Sikap.objects.filter(
        semester=semester, anggota__kelas__in=classes, anggota__keluar__isnull=True
    ).order_by()
    counts = judged.values_list("anggota__kelas", "aspek").annotate(n=Count("pk"))
    done = {(kelas, aspek): n for kelas, aspek, n in counts}
    seated = AnggotaKelas.objects.filter(kelas__in=classes, keluar__isnull=True).order_by()
    pupils = dict(seated.values_list("kelas").annotate(n=Count("pk")))
    return [
        Line(
            _("{aspek} kelas {nama}").format(aspek=isi.judul, nama=kelas.nama),
            reverse("rapor-sikap", args=[kelas.pk, semester.nomor]),
            count=left,
            due=semester.tanggal_rapor,
            detail=_("{n} peserta didik belum berkategori").format(n=left),
        )
        for (pk, aspek), (kelas, isi) in owed.items()
        if (left := pupils.get(pk, 0) - done.get((pk, aspek), 0))
    ]
