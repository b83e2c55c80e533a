"""What the school decides before marking: weights, KKM and SK."""

from __future__ import annotations

from fractions import Fraction

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from mutu.rapor.forms import KkmForm, SkForm, TermsForm, add_errors
from mutu.rapor.models import Ketentuan, MapelTingkat, StandarKompetensi
from mutu.rapor.services import terms
from mutu.rapor.services.results import weights_of
from mutu.regulation.exact import plain
from mutu.regulation.explain import InputError
from mutu.satuan.access import akun_of, on_object
from mutu.satuan.models import Kelas, MataPelajaran, Semester, TahunPelajaran

FIELDS = {
    "bobot": "bobot_uh",
    "bobot.uh": "bobot_uh",
    "bobot.uts": "bobot_uts",
    "bobot.uas": "bobot_uas",
    "bobot.cara": "cara",
    "pembulatan.rata_uh": "bulat_rata_uh",
    "pembulatan.akhir": "bulat_akhir",
}


@on_object("kelola", Semester, related=("tahun__sekolah",))
def terms_page(request: HttpRequest, semester: Semester) -> HttpResponse:
    """Weights, rounding, missing marks and the day of handing over, for one semester."""
    aturan = terms.rules_of(semester)
    stored = Ketentuan.objects.filter(semester=semester).first()
    default = aturan.bobot_bawaan
    initial = {
        "cara": stored.cara if stored else default.cara,
        "bobot_uh": plain(Fraction(stored.bobot_uh) if stored else default.uh or Fraction(0)),
        "bobot_uts": plain(Fraction(stored.bobot_uts) if stored else default.uts or Fraction(0)),
        "bobot_uas": plain(Fraction(stored.bobot_uas) if stored else default.uas or Fraction(0)),
        "kosong": stored.kosong if stored else Ketentuan.Kosong.TOLAK,
        "remedial": stored.remedial if stored else aturan.isi("remedial"),
        "predikat": stored.predikat if stored else "",
        "peringkat": stored.peringkat if stored else False,
        "bulat_rata_uh": stored.bulat_rata_uh if stored else "",
        "bulat_akhir": stored.bulat_akhir if stored else "",
        "tanggal_rapor": semester.tanggal_rapor,
    }
    form = TermsForm(request.POST or None, initial=initial, predikat=terms.letter_choices(semester))
    if request.method == "POST" and form.is_valid():
        values = dict(form.cleaned_data)
        handed_over = values.pop("tanggal_rapor")
        try:
            _row, advice = terms.set_terms(semester=semester, by=akun_of(request), tanggal_rapor=handed_over, **values)
        except InputError as error:
            add_errors(form, error, FIELDS)
        else:
            messages.success(request, _("Ketentuan penilaian disimpan; nilai yang sudah ada dihitung ulang."))
            for sentence in advice:
                messages.warning(request, sentence)
            return redirect("rapor-ketentuan", pk=semester.pk)
    context = {
        "semester": semester,
        "form": form,
        "aturan": aturan.as_dict(),
        "bobot": weights_of(stored, aturan),
        "perubahan": terms.term_changes(semester),
        "jejak": [(pgettext("banyak", "Rapor"), reverse("rapor")), (_("Ketentuan penilaian"), "")],
    }
    return render(request, "rapor/ketentuan.html", context, status=422 if form.errors else 200)


@on_object("kelola", TahunPelajaran, related=("sekolah",))
def kkm_list(request: HttpRequest, tahun: TahunPelajaran) -> HttpResponse:
    """Subject by grade: which KKM, and how many SK per semester."""
    grades = sorted(set(Kelas.objects.filter(tahun=tahun).values_list("tingkat", flat=True)))
    stored = {
        (row.mapel_id, row.tingkat): row for row in MapelTingkat.objects.filter(tahun=tahun).prefetch_related("sk")
    }
    rows = [
        {
            "mapel": mapel,
            "cells": [{"tingkat": grade, "row": stored.get((mapel.pk, grade))} for grade in grades],
        }
        for mapel in MataPelajaran.objects.filter(sekolah_id=tahun.sekolah_id)
    ]
    context = {
        "tahun": tahun,
        "grades": grades,
        "rows": rows,
        "jejak": [(pgettext("banyak", "Rapor"), reverse("rapor")), (_("KKM dan SK"), "")],
    }
    return render(request, "rapor/kkm.html", context)


@on_object("kelola", TahunPelajaran, related=("sekolah",))
def kkm_page(request: HttpRequest, tahun: TahunPelajaran, mapel: int, tingkat: int) -> HttpResponse:
    """The KKM of one subject and grade."""
    subject = get_object_or_404(MataPelajaran, pk=mapel, sekolah_id=tahun.sekolah_id)
    if not 1 <= tingkat <= 12:
        raise Http404
    stored = MapelTingkat.objects.filter(tahun=tahun, mapel=subject, tingkat=tingkat).first()
    initial = (
        {"kkm": stored.kkm, "rapat_tanggal": stored.rapat_tanggal, "rapat_nomor": stored.rapat_nomor} if stored else {}
    )
    form = KkmForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            terms.set_kkm(tahun=tahun, mapel=subject, tingkat=tingkat, by=akun_of(request), **form.cleaned_data)
        except InputError as error:
            add_errors(form, error)
        else:
            messages.success(request, _("KKM disimpan; nilai yang sudah ada dihitung ulang."))
            return redirect("rapor-kkm", pk=tahun.pk)
    context = {
        "tahun": tahun,
        "mapel": subject,
        "tingkat": tingkat,
        "form": form,
        "jejak": [
            (pgettext("banyak", "Rapor"), reverse("rapor")),
            (_("KKM dan SK"), reverse("rapor-kkm", args=[tahun.pk])),
            (subject.nama, ""),
        ],
    }
    return render(request, "rapor/kkm_ubah.html", context, status=422 if form.errors else 200)


@on_object("kelola", MapelTingkat, related=("tahun__sekolah", "mapel"))
def sk_list(request: HttpRequest, subject: MapelTingkat) -> HttpResponse:
    """The SK of a subject and grade, by semester, and a form for one more."""
    semester = 2 if request.GET.get("semester") == "2" else 1
    existing = list(StandarKompetensi.objects.filter(mapel_tingkat=subject))
    following = max((sk.nomor for sk in existing if sk.semester == semester), default=0) + 1
    form = SkForm(request.POST or None, initial={"nomor": following})
    if request.method == "POST" and form.is_valid():
        try:
            terms.save_sk(mapel_tingkat=subject, semester=semester, by=akun_of(request), **form.cleaned_data)
        except InputError as error:
            add_errors(form, error)
        else:
            messages.success(request, _("SK disimpan."))
            return redirect(f"{reverse('rapor-sk', args=[subject.pk])}?semester={semester}")
    context = {
        "subject": subject,
        "semester": semester,
        "existing": [sk for sk in existing if sk.semester == semester],
        "form": form,
        "jejak": [
            (pgettext("banyak", "Rapor"), reverse("rapor")),
            (_("KKM dan SK"), reverse("rapor-kkm", args=[subject.tahun_id])),
            (subject.mapel.nama, ""),
        ],
    }
    return render(request, "rapor/sk.html", context, status=422 if form.errors else 200)


@on_object("kelola", StandarKompetensi, related=("mapel_tingkat__tahun", "mapel_tingkat__mapel"))
def sk_page(request: HttpRequest, sk: StandarKompetensi) -> HttpResponse:
    """Change or remove one SK."""
    subject = sk.mapel_tingkat
    back = f"{reverse('rapor-sk', args=[subject.pk])}?semester={sk.semester}"
    form = SkForm(request.POST or None, initial={"nomor": sk.nomor, "uraian": sk.uraian})
    if request.method == "POST":
        try:
            if "hapus" in request.POST:
                terms.remove_sk(sk=sk, by=akun_of(request))
                messages.success(request, _("SK dihapus."))
                return redirect(back)
            if form.is_valid():
                terms.save_sk(
                    mapel_tingkat=subject, semester=sk.semester, sk=sk, by=akun_of(request), **form.cleaned_data
                )
                messages.success(request, _("SK disimpan."))
                return redirect(back)
        except InputError as error:
            form.is_valid()
            add_errors(form, error)
    context = {
        "sk": sk,
        "form": form,
        "jejak": [(pgettext("banyak", "Rapor"), reverse("rapor")), (subject.mapel.nama, back), (f"SK {sk.nomor}", "")],
    }
    return render(request, "rapor/sk_ubah.html", context, status=422 if form.errors else 200)
