"""Promotion: the teachers' meeting, one pupil's reasons, the school's terms, examination marks, next year's classes."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from mutu.rapor import rules
from mutu.rapor.documents import notula
from mutu.rapor.forms import MeetingForm, PromotionTermsForm, SpecialDecisionForm, add_errors
from mutu.rapor.models import Kenaikan, NilaiUjian
from mutu.rapor.services import cards, kenaikan, susun, ujian
from mutu.rapor.services.marks import show_mark
from mutu.rapor.views.marking import semester_of
from mutu.regulation.explain import InputError
from mutu.satuan.access import akun_of, can, on_object, visible_to
from mutu.satuan.menunggu import Line, waiting_for
from mutu.satuan.models import Akun, AnggotaKelas, Kelas, MataPelajaran, Semester, TahunPelajaran

SEMESTER = kenaikan.SEMESTER
WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SHAPES = {
    Kenaikan.Keputusan.NAIK: "baik",
    Kenaikan.Keputusan.LULUS: "baik",
    Kenaikan.Keputusan.NAIK_BELUM_TUNTAS: "perhatian",
    Kenaikan.Keputusan.TINGGAL: "netral",
    Kenaikan.Keputusan.TIDAK_LULUS: "netral",
}


def _crumbs(*more: tuple[str, str]) -> list[tuple[str, str]]:
    return [(pgettext("banyak", "Rapor"), reverse("rapor")), *more]


def _year_crumb(tahun: TahunPelajaran) -> tuple[str, str]:
    return _("Kenaikan kelas {tahun}").format(tahun=tahun.label), reverse("rapor-kenaikan-tahun", args=[tahun.pk])


def _meeting_name(kelas: Kelas) -> str:
    return _("Rapat kelulusan") if rules.kelas_akhir(kelas.tingkat) else _("Rapat kenaikan kelas")


@on_object("kenaikan", TahunPelajaran, related=("sekolah",))
def year(request: HttpRequest, tahun: TahunPelajaran) -> HttpResponse:
    """The classes of a year: how many decisions are taken, and the way to terms, meeting and next year's classes."""
    Keputusan = Kenaikan.Keputusan
    seated = Q(anggota__keluar__isnull=True)
    counts = {
        name.value: Count("anggota", filter=seated & Q(anggota__kenaikan__keputusan=name), distinct=True)
        for name in Keputusan
    }
    classes = (
        Kelas.objects.filter(tahun=tahun)
        .select_related("wali_kelas")
        .annotate(
            jumlah=Count("anggota", filter=seated, distinct=True),
            ditetapkan=Count("anggota", filter=seated & Q(anggota__kenaikan__isnull=False), distinct=True),
            **{f"n_{name}": count for name, count in counts.items()},
        )
    )
    rows = [
        {
            "kelas": kelas,
            "akhir": rules.kelas_akhir(kelas.tingkat),
            "hitungan": [
                (name.label, SHAPES[name], n) for name in Keputusan if (n := getattr(kelas, f"n_{name.value}"))
            ],
        }
        for kelas in classes
    ]
    context = {
        "tahun": tahun,
        "rows": rows,
        "rapat": visible_to(request.user, "putuskan", Kelas).filter(tahun=tahun).exists(),
        "tata": can(request.user, "tata", tahun),
        "berikut": susun.next_year(tahun),
        "jejak": _crumbs((_("Kenaikan kelas {tahun}").format(tahun=tahun.label), "")),
    }
    return render(request, "rapor/kenaikan_tahun.html", context)


def _scope(request: HttpRequest, kelas: Kelas) -> tuple[list[Kelas], bool]:
    """The class, or with `?lingkup=tingkat` all classes of its grade that this person may read."""
    if request.GET.get("lingkup") != "tingkat":
        return [kelas], False
    seen = visible_to(request.user, "cetak", Kelas).filter(tahun_id=kelas.tahun_id, tingkat=kelas.tingkat)
    return list(seen), True


@on_object("cetak", Kelas, related=("tahun__sekolah", "wali_kelas"))
def meeting(request: HttpRequest, kelas: Kelas) -> HttpResponse:
    """The teachers' meeting of a class or grade: everyone's count, borderline pupils first; the head decides."""
    semester = semester_of(kelas, SEMESTER)
    classes, grade = _scope(request, kelas)
    may_decide = can(request.user, "putuskan", kelas)
    form = MeetingForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        if not may_decide:
            raise Http404
        if form.is_valid() and _decide(request, form, classes, semester):
            return redirect(request.get_full_path())
    found = kenaikan.candidates(classes, semester)
    context = {
        "kelas": kelas,
        "semester": semester,
        "grade": grade,
        "akhir": rules.kelas_akhir(kelas.tingkat),
        "rows": [_row(one) for one in found],
        "rentan": sum(one.rentan for one in found),
        "ditetapkan": sum(one.tersimpan is not None for one in found),
        "berbeda": sum(one.berbeda for one in found),
        "tanpa_aturan": any(one.tanpa_aturan for one in found),
        "siap": sum(one.hasil is not None for one in found),
        "form": form,
        "may_decide": may_decide,
        "banyak": visible_to(request.user, "cetak", Kelas)
        .filter(tahun_id=kelas.tahun_id, tingkat=kelas.tingkat)
        .count()
        > 1,
        "jejak": _crumbs(
            *([_year_crumb(kelas.tahun)] if can(request.user, "kenaikan", kelas.tahun) else []),
            (_("Kelas {nama}").format(nama=kelas.nama), reverse("rapor-kelas", args=[kelas.pk, SEMESTER])),
            (_meeting_name(kelas), ""),
        ),
    }
    return render(request, "rapor/kenaikan.html", context, status=422 if form.errors else 200)


def _decide(request: HttpRequest, form: MeetingForm, classes: list[Kelas], semester: Semester) -> bool:
    stored, kept = 0, 0
    locked: list[tuple[str, str]] = []
    missing: list[tuple[str, list[str]]] = []
    try:
        for one in classes:
            done = kenaikan.decide(kelas=one, semester=semester, by=akun_of(request), **form.cleaned_data)
            stored, kept = stored + done.tersimpan, kept + done.tetap
            locked, missing = locked + done.terkunci, missing + done.kurang
    except InputError as error:
        add_errors(form, error)
        return False
    messages.success(request, _("{n} keputusan ditetapkan, {m} tetap.").format(n=stored, m=kept))
    if missing:
        messages.warning(
            request, _("{n} peserta didik belum dapat diputuskan; sebabnya di tabel.").format(n=len(missing))
        )
    for name, why in locked:
        messages.warning(request, f"{name}: {why}")
    return True


def _row(one: kenaikan.Candidate) -> dict[str, Any]:
    decision = one.hasil.keputusan if one.hasil else None
    return {
        "one": one,
        "label": Kenaikan.Keputusan(decision).label if decision else "",
        "shape": SHAPES.get(Kenaikan.Keputusan(decision), "netral") if decision else "perhatian",
        "gagal": [satu for satu in one.kriteria if satu.terpenuhi is False],
    }


@on_object("cetak", Kelas, related=("tahun",))
def minutes(request: HttpRequest, kelas: Kelas) -> HttpResponse:
    """The meeting's list as a workbook."""
    semester = semester_of(kelas, SEMESTER)
    classes, grade = _scope(request, kelas)
    content = notula.minutes(kenaikan.candidates(classes, semester), semester)
    name = f"tingkat-{kelas.tingkat}" if grade else kelas.nama
    response = HttpResponse(content, content_type=WORKBOOK)
    year_label = kelas.tahun.label.replace("/", "-")
    response["Content-Disposition"] = f'attachment; filename="rapat-kenaikan-{name}-{year_label}.xlsx"'
    response["Cache-Control"] = "private, no-store"
    return response


@on_object("kenaikan", AnggotaKelas, related=("peserta", "kelas__tahun__sekolah", "kelas__wali_kelas"))
def reasons(request: HttpRequest, anggota: AnggotaKelas) -> HttpResponse:
    """One pupil: every reason of the decision, and the head's special decision with its minutes."""
    kelas = anggota.kelas
    semester = semester_of(kelas, SEMESTER)
    one = next((one for one in kenaikan.candidates([kelas], semester) if one.anggota.pk == anggota.pk), None)
    if one is None:
        raise Http404
    may_decide = can(request.user, "putuskan", anggota)
    stored = one.tersimpan
    choices = [(name, Kenaikan.Keputusan(name).label) for name in kenaikan.choices_of(one)]
    special = stored if stored and stored.alasan_khusus else None
    form = SpecialDecisionForm(
        request.POST if request.method == "POST" and "cabut" not in request.POST else None,
        pilihan=choices,
        initial={
            "keputusan": special.keputusan if special else choices[0][0] if len(choices) == 1 else None,
            "alasan": special.alasan_khusus if special else "",
            "rapat_tanggal": special.rapat_tanggal if special else None,
            "rapat_nomor": special.rapat_nomor if special else "",
            "versi": stored.versi if stored else 0,
        },
    )
    if request.method == "POST":
        if not may_decide:
            raise Http404
        if _decide_one(request, form, anggota, semester):
            return redirect("rapor-kenaikan-satu", pk=anggota.pk)
    context = {
        "anggota": anggota,
        "semester": semester,
        "row": _row(one),
        "one": one,
        "steps": [step.as_dict() for step in one.hasil.langkah] if one.hasil else [],
        "aturan": rules.aturan_untuk(kelas.kurikulum, semester.selesai).as_dict(),
        "stored": stored,
        "special": special,
        "form": form,
        "may_decide": may_decide and not one.terkunci,
        "jejak": _crumbs(
            (_("Kelas {nama}").format(nama=kelas.nama), reverse("rapor-kelas", args=[kelas.pk, SEMESTER])),
            (_meeting_name(kelas), reverse("rapor-kenaikan", args=[kelas.pk])),
            (anggota.peserta.nama, ""),
        ),
    }
    return render(request, "rapor/kenaikan_satu.html", context, status=422 if form.errors else 200)


def _decide_one(request: HttpRequest, form: SpecialDecisionForm, anggota: AnggotaKelas, semester: Semester) -> bool:
    by = akun_of(request)
    if "cabut" in request.POST:
        version = request.POST.get("versi", "")
        if not version.isdigit():
            raise Http404
        try:
            kenaikan.withdraw_special(anggota=anggota, semester=semester, versi=int(version), by=by)
        except InputError as error:
            messages.error(request, " ".join(one["pesan"] for one in error.galat))
        else:
            messages.success(request, _("Keputusan khusus dicabut; aturan kembali menentukan."))
        return True
    if not form.is_valid():
        return False
    try:
        kenaikan.decide_specially(anggota=anggota, semester=semester, by=by, **form.cleaned_data)
    except InputError as error:
        add_errors(form, error)
        return False
    messages.success(request, _("Keputusan dengan notula disimpan."))
    return True


@on_object("kenaikan", TahunPelajaran, related=("sekolah",))
def terms(request: HttpRequest, tahun: TahunPelajaran) -> HttpResponse:
    """The school's stricter limit, ground of mastery and own criteria for one year."""
    semester = cards.open_semester(tahun_id=tahun.pk)
    second = Semester.objects.filter(tahun=tahun, nomor=SEMESTER).first()
    if semester is None or second is None:
        raise Http404
    aturan = rules.aturan_pada(second.selesai)
    stored = kenaikan.terms_of(tahun)
    form = PromotionTermsForm(
        request.POST if request.method == "POST" else None,
        batas=rules.periksa_batas(None, aturan),
        aspek=rules.aspek_sikap(aturan),
        huruf=rules.nilai_pengembangan(aturan),
        initial={
            "batas": stored.batas,
            "dasar": stored.dasar or aturan.isi("dasar_tuntas")["bawaan"],
            "versi": stored.versi,
            **stored.kriteria,
        },
    )
    if request.method == "POST" and form.is_valid():
        try:
            kenaikan.set_promotion_terms(
                tahun=tahun,
                batas=form.cleaned_data["batas"],
                dasar=form.cleaned_data["dasar"],
                kriteria=form.criteria,
                versi=form.cleaned_data["versi"],
                by=akun_of(request),
            )
        except InputError as error:
            add_errors(form, error)
        else:
            messages.success(request, _("Ketentuan kenaikan kelas disimpan."))
            return redirect("rapor-kenaikan-tahun", pk=tahun.pk)
    context = {
        "tahun": tahun,
        "form": form,
        "aturan": aturan.as_dict(),
        "jejak": _crumbs(_year_crumb(tahun), (_("Ketentuan kenaikan kelas"), "")),
    }
    return render(request, "rapor/kenaikan_ketentuan.html", context, status=422 if form.errors else 200)


# Class IX: examination marks


@on_object("cetak", Kelas, related=("tahun__sekolah", "wali_kelas"))
def exams(request: HttpRequest, kelas: Kelas) -> HttpResponse:
    """National and school examination marks of the last class, 0..10. `?mapel=` chooses the subjects examined."""
    if not rules.kelas_akhir(kelas.tingkat):
        raise Http404
    semester = semester_of(kelas, SEMESTER)
    taught = list(MataPelajaran.objects.filter(pembelajaran__kelas=kelas).distinct())
    members = list(AnggotaKelas.objects.filter(kelas=kelas, keluar__isnull=True).select_related("peserta"))
    stored = {(row.anggota_id, row.mapel_id): row for row in NilaiUjian.objects.filter(anggota__in=members)}
    asked = set(request.GET.getlist("mapel")) or {str(subject) for _member, subject in stored}
    subjects = [subject for subject in taught if str(subject.pk) in asked]
    errors: list[tuple[str, str]] = []
    typed: dict[str, str] = {}
    if request.method == "POST":
        rows = _exam_rows(request, members, subjects, typed, errors)
        if not errors:
            refused = ujian.save_exam_marks(kelas=kelas, semester=semester, rows=rows, by=akun_of(request))
            if not refused:
                messages.success(request, _("Nilai ujian tersimpan."))
                return redirect(request.get_full_path())
            errors = [(f"un-{one['jalur']}", one["pesan"]) for one in refused]
    wrong = dict(errors)
    rows_shown = []
    for member in members:
        cells = []
        for subject in subjects:
            row = stored.get((member.pk, subject.pk))
            for kind, label in (("un", "UN"), ("us", "US")):
                name = f"{kind}-{member.pk}-{subject.pk}"
                cells.append(
                    {
                        "name": name,
                        "versi": f"versi-{member.pk}-{subject.pk}" if kind == "un" else "",
                        "versi_isi": row.versi if row else 0,
                        "label": f"{member.peserta.nama}, {subject.nama}, {label}",
                        "value": typed.get(name, show_mark(getattr(row, kind)) if row else ""),
                        "pesan": wrong.get(name, ""),
                    }
                )
        rows_shown.append({"anggota": member, "cells": cells})
    aturan = rules.aturan_untuk(kelas.kurikulum, semester.selesai)
    context = {
        "kelas": kelas,
        "taught": [(subject, str(subject.pk) in asked) for subject in taught],
        "subjects": subjects,
        "rows": rows_shown,
        "galat": errors,
        "berlaku": rules.aturan_kelulusan(aturan) is not None,
        "sumber": aturan.asal("kelulusan"),
        "jejak": _crumbs(
            (_("Kelas {nama}").format(nama=kelas.nama), reverse("rapor-kelas", args=[kelas.pk, SEMESTER])),
            (_meeting_name(kelas), reverse("rapor-kenaikan", args=[kelas.pk])),
            (_("Nilai ujian"), ""),
        ),
    }
    return render(request, "rapor/ujian.html", context, status=422 if errors else 200)


def _exam_rows(
    request: HttpRequest,
    members: list[AnggotaKelas],
    subjects: list[MataPelajaran],
    typed: dict[str, str],
    errors: list[tuple[str, str]],
) -> list[ujian.ExamMark]:
    rows = []
    for member in members:
        for subject in subjects:
            marks = []
            for kind in ("un", "us"):
                name = f"{kind}-{member.pk}-{subject.pk}"
                typed[name] = request.POST.get(name, "")
                try:
                    marks.append(ujian.parse_exam(typed[name]))
                except InputError as error:
                    errors.append((name, f"{member.peserta.nama}, {subject.nama}: {error.galat[0]['pesan']}"))
            version = request.POST.get(f"versi-{member.pk}-{subject.pk}", "0")
            if not version.isdigit():
                raise Http404
            if len(marks) == 2:
                rows.append(ujian.ExamMark(member.pk, subject.pk, marks[0], marks[1], int(version)))
    return rows


# Classes of the next year


@on_object("tata", TahunPelajaran, related=("sekolah",))
def arrange(request: HttpRequest, tahun: TahunPelajaran) -> HttpResponse:
    """Choose a class of the next year for each pupil, look at the preview, then do it all at once."""
    following = susun.next_year(tahun)
    moves = susun.plan(tahun)
    waiting = [move for move in moves if not move.sebab and not move.selesai]
    chosen: dict[int, int] = {move.anggota.pk: move.usul for move in waiting if move.usul}
    errors: list[tuple[str, str]] = []
    preview: list[dict[str, Any]] = []
    if request.method == "POST":
        chosen = _chosen(request)
        try:
            if not chosen:
                raise InputError.at("", _("Belum ada yang dipilih; pilih kelas untuk sedikitnya satu peserta didik."))
            if "terapkan" in request.POST:
                done = susun.arrange(
                    tahun=tahun, chosen=chosen, sidik=request.POST.get("sidik", ""), by=akun_of(request)
                )
                messages.success(request, _("{n} peserta didik disusun ke kelas tahun berikut.").format(n=done))
                return redirect("rapor-susun", pk=tahun.pk)
            counts = susun.check(moves, chosen)
        except InputError as error:
            errors = [(f"k-{one['jalur']}" if one["jalur"] else "", one["pesan"]) for one in error.galat]
        else:
            preview = _preview(moves, chosen, counts)
    context = {
        "tahun": tahun,
        "berikut": following,
        "rows": [(move, chosen.get(move.anggota.pk)) for move in waiting],
        "tertahan": [move for move in moves if move.sebab],
        "selesai": sum(move.selesai for move in moves),
        "preview": preview,
        "chosen": chosen,
        "sidik": susun.fingerprint(moves, chosen) if preview else "",
        "galat": errors,
        "jejak": _crumbs(_year_crumb(tahun), (_("Susun kelas tahun berikut"), "")),
    }
    return render(request, "rapor/susun.html", context, status=422 if errors else 200)


def _chosen(request: HttpRequest) -> dict[int, int]:
    chosen = {}
    for name, value in request.POST.items():
        kind, _dash, seat = name.partition("-")
        if kind == "k" and value:
            if not (seat.isdigit() and str(value).isdigit()):
                raise Http404
            chosen[int(seat)] = int(str(value))
    return chosen


def _preview(moves: list[susun.Move], chosen: dict[int, int], counts: Any) -> list[dict[str, Any]]:
    names = {kelas.pk: kelas for move in moves for kelas in move.pilihan}
    return [
        {
            "kelas": names[pk],
            "jumlah": counts[pk],
            "peserta": [move for move in moves if chosen.get(move.anggota.pk) == pk],
        }
        for pk in sorted(counts, key=lambda pk: (names[pk].tingkat, names[pk].nama))
    ]


@waiting_for("kepala_sekolah")
def undecided(akun: Akun) -> list[Line]:
    """Pupils without a decision while semester 2 runs: the head decides after the teachers' meeting."""
    semester = cards.running_semester(akun, "kepala_sekolah")
    if semester is None or semester.nomor != SEMESTER:
        return []
    left = AnggotaKelas.objects.filter(
        kelas__tahun_id=semester.tahun_id, keluar__isnull=True, kenaikan__isnull=True
    ).count()
    if not left:
        return []
    return [
        Line(
            _("Rapat kenaikan kelas {tahun}").format(tahun=semester.tahun.label),
            reverse("rapor-kenaikan-tahun", args=[semester.tahun_id]),
            count=left,
            due=semester.tanggal_rapor,
            detail=_("{n} peserta didik belum mempunyai keputusan").format(n=left),
        )
    ]
