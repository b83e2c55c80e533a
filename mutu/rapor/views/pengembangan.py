"""Activities of pengembangan diri: the school's list, and the letters that the one who leads an activity gives."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from mutu.rapor import rules
from mutu.rapor.forms import ActivityForm, add_errors
from mutu.rapor.models import KegiatanPengembangan, NilaiPengembangan
from mutu.rapor.services import pengembangan
from mutu.rapor.services.keadaan import kunci_pribadi
from mutu.rapor.services.pengembangan import Letter
from mutu.rapor.services.pribadi import Outcome
from mutu.rapor.views.marking import semester_of
from mutu.rapor.views.pribadi import faults, heading, keeps_stored, present, seen
from mutu.regulation.explain import InputError
from mutu.satuan.access import akun_of, on_object
from mutu.satuan.models import Kelas, Sekolah, Semester


@on_object("tata", Sekolah, key="npsn", field="npsn")
def activities(request: HttpRequest, sekolah: Sekolah) -> HttpResponse:
    """The school's activities in their order, and a form for one more."""
    form = ActivityForm(request.POST or None, sekolah=sekolah)
    if request.method == "POST" and form.is_valid():
        try:
            pengembangan.save_activity(
                kegiatan=KegiatanPengembangan(sekolah=sekolah), by=akun_of(request), **form.cleaned_data
            )
        except InputError as error:
            add_errors(form, error)
        else:
            messages.success(request, _("Kegiatan {nama} ditambahkan.").format(nama=form.cleaned_data["nama"]))
            return redirect("rapor-kegiatan", npsn=sekolah.npsn)
    context = {
        "sekolah": sekolah,
        "form": form,
        "kegiatan": KegiatanPengembangan.objects.filter(sekolah=sekolah).select_related("pembina"),
        "jejak": [(sekolah.nama, reverse("sekolah", args=[sekolah.npsn])), (_("Kegiatan pengembangan diri"), "")],
    }
    return render(request, "rapor/kegiatan.html", context, status=422 if form.errors else 200)


@on_object("kelola", KegiatanPengembangan, related=("sekolah", "pembina"))
def activity_edit(request: HttpRequest, kegiatan: KegiatanPengembangan) -> HttpResponse:
    """Change an activity, or take it back while nobody has a letter in it."""
    sekolah, nama = kegiatan.sekolah, kegiatan.nama
    initial = {"nama": nama, "urutan": kegiatan.urutan, "pembina": kegiatan.pembina_id}
    removing = request.method == "POST" and "hapus" in request.POST
    form = ActivityForm(None if removing else request.POST or None, initial=initial, sekolah=sekolah)
    if removing:
        try:
            pengembangan.delete_activity(kegiatan=kegiatan, by=akun_of(request))
        except InputError as error:
            messages.error(request, error.galat[0]["pesan"])
            return redirect("rapor-kegiatan-ubah", pk=kegiatan.pk)
        messages.success(request, _("Kegiatan {nama} dihapus.").format(nama=nama))
        return redirect("rapor-kegiatan", npsn=sekolah.npsn)
    if request.method == "POST" and form.is_valid():
        try:
            pengembangan.save_activity(kegiatan=kegiatan, by=akun_of(request), **form.cleaned_data)
        except InputError as error:
            add_errors(form, error)
        else:
            messages.success(request, _("Kegiatan tersimpan."))
            return redirect("rapor-kegiatan", npsn=sekolah.npsn)
    context = {
        "nama": nama,
        "form": form,
        "jejak": [
            (sekolah.nama, reverse("sekolah", args=[sekolah.npsn])),
            (_("Kegiatan pengembangan diri"), reverse("rapor-kegiatan", args=[sekolah.npsn])),
            (nama, ""),
        ],
    }
    return render(request, "rapor/kegiatan_ubah.html", context, status=422 if form.errors else 200)


@on_object("isi", KegiatanPengembangan, related=("sekolah",))
def led_classes(request: HttpRequest, kegiatan: KegiatanPengembangan) -> HttpResponse:
    """The classes and semesters of an activity, newest first, and how many pupils have a letter."""
    done = {
        (row["anggota__kelas"], row["semester"]): row["n"]
        for row in NilaiPengembangan.objects.filter(kegiatan=kegiatan)
        .values("anggota__kelas", "semester")
        .annotate(n=Count("pk"))
    }
    classes = (
        Kelas.objects.filter(tahun__sekolah_id=kegiatan.sekolah_id)
        .select_related("tahun")
        .prefetch_related("tahun__semester")
        .order_by("-tahun__mulai", "tingkat", "nama")
    )
    rows = [
        {"kelas": kelas, "semester": semester, "n": done.get((kelas.pk, semester.pk), 0)}
        for kelas in classes
        for semester in sorted(kelas.tahun.semester.all(), key=lambda one: one.nomor)
    ]
    context = {
        "kegiatan": kegiatan,
        "rows": rows,
        "jejak": [(pgettext("banyak", "Rapor"), reverse("rapor")), (kegiatan.nama, "")],
    }
    return render(request, "rapor/pembina.html", context)


@on_object("isi", KegiatanPengembangan, related=("sekolah",))
def letters(request: HttpRequest, kegiatan: KegiatanPengembangan, kelas: int, nomor: int) -> HttpResponse:
    """One screen for a class: letter and words of every pupil who took part; an empty row means did not."""
    chosen = get_object_or_404(
        Kelas.objects.select_related("tahun__sekolah"), pk=kelas, tahun__sekolah_id=kegiatan.sekolah_id
    )
    semester = semester_of(chosen, nomor)
    aturan = rules.aturan_untuk(chosen.kurikulum, semester.selesai)
    members = present(chosen)
    typed: dict[int, Letter] = {}
    outcome = Outcome()
    if request.method == "POST":
        for member in members:
            if f"nilai-{member.pk}" in request.POST and not keeps_stored(request, str(member.pk)):
                typed[member.pk] = Letter(
                    member.pk,
                    request.POST[f"nilai-{member.pk}"],
                    request.POST.get(f"keterangan-{member.pk}", ""),
                    seen(request, str(member.pk)),
                )
        outcome = pengembangan.save_letters(
            kegiatan=kegiatan, kelas=chosen, semester=semester, rows=list(typed.values()), by=akun_of(request)
        )
        if not outcome.tolakan:
            messages.success(request, _("{n} baris tersimpan.").format(n=outcome.tersimpan))
            return redirect("rapor-pengembangan", pk=kegiatan.pk, kelas=chosen.pk, nomor=nomor)
    rows, words = _letter_rows(kegiatan, semester, members, typed, outcome, aturan)
    title = f"{kegiatan.nama}, {chosen.nama}"
    context = {
        "kegiatan": kegiatan,
        "judul": title,
        "atas": heading(chosen, semester),
        "nilai": rules.nilai_pengembangan(aturan),
        "dicetak": aturan.isi("pengembangan_diri")["dicetak"] if rules.nilai_pengembangan(aturan) else None,
        "rows": rows,
        "contoh": words,
        "tersimpan": outcome.tersimpan,
        "galat": faults(outcome, members, "nilai"),
        "jejak": [
            (pgettext("banyak", "Rapor"), reverse("rapor")),
            (kegiatan.nama, reverse("rapor-pembina", args=[kegiatan.pk])),
            (_("Kelas {nama}").format(nama=chosen.nama), ""),
        ],
    }
    return render(request, "rapor/pengembangan.html", context, status=422 if outcome.tolakan else 200)


def _letter_rows(
    kegiatan: KegiatanPengembangan,
    semester: Semester,
    members: list[Any],
    typed: dict[int, Letter],
    outcome: Outcome,
    aturan: rules.AturanRapor,
) -> tuple[list[dict[str, Any]], list[str]]:
    """The rows of the page, each as typed or as stored, with advice; and the words used so far, to choose from."""
    if not rules.nilai_pengembangan(aturan):
        raise Http404
    refused = {one.anggota: one for one in outcome.tolakan}
    locked = kunci_pribadi(semester, [member.pk for member in members])
    stored = {row.anggota_id: row for row in NilaiPengembangan.objects.filter(kegiatan=kegiatan, semester=semester)}
    rows = []
    for member in members:
        row, fault = stored.get(member.pk), refused.get(member.pk)
        nilai, keterangan = (row.nilai, row.keterangan) if row else ("", "")
        if fault:
            nilai, keterangan = typed[member.pk].nilai, typed[member.pk].keterangan
        known = nilai if nilai in rules.nilai_pengembangan(aturan) else ""
        rows.append(
            {
                "anggota": member,
                "versi": typed[member.pk].versi if fault else (row.versi if row else 0),
                "versi_kini": row.versi if row else 0,
                "nilai": nilai,
                "keterangan": keterangan,
                "tolakan": fault,
                "terkunci": locked.get(member.pk, ""),
                "saran": rules.periksa_keterangan(keterangan, known, aturan),
            }
        )
    return rows, sorted({row.keterangan for row in stored.values() if row.keterangan})
