"""The head's pages: ranks, assessors, the rounds of a year, and who assesses whom."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import Count, QuerySet
from django.forms import BaseFormSet, formset_factory
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from mutu.kinerja import rules
from mutu.kinerja.forms import AppointmentForm, AssessorForm, AssignmentForm, RankForm, RoundForm, add_errors
from mutu.kinerja.models import PangkatGuru, Penilai, PenilaianKinerja, RencanaKinerja
from mutu.kinerja.services import rencana as plan
from mutu.regulation.explain import InputError
from mutu.satuan.access import akun_of, on_object, signed_in, visible_to
from mutu.satuan.models import Akun, Guru, Peran, TahunPelajaran

Status = PenilaianKinerja.Status
PARTS = ("rencana__tahun__sekolah", "guru", "penilai", "moderator")
PILL = {
    Status.DIRENCANAKAN: "netral",
    Status.DIUMUMKAN: "perhatian",
    Status.KEBERATAN: "perhatian",
    Status.FINAL: "baik",
}
ROWS_AT_MOST = 500
# The version of the row in which a teacher is still to be chosen.
NEW_ROW = "-1"


def tell_faults(request: HttpRequest, error: InputError) -> None:
    """Show each fault of a refused step as a message."""
    for one in error.galat:
        messages.error(request, one["pesan"])


def crumbs(*more: tuple[str, str]) -> list[tuple[str, str]]:
    """The way from the subject's first page to here."""
    return [(_("Kinerja"), reverse("kinerja")), *more]


def _year_crumb(tahun: TahunPelajaran) -> tuple[str, str]:
    return _("Rencana {tahun}").format(tahun=tahun.label), reverse("kinerja-tahun", args=[tahun.pk])


def shown(row: PenilaianKinerja) -> dict[str, Any]:
    """What a list says of one assessment."""
    return {
        "satu": row,
        "jenis": PILL.get(Status(row.status), "jalan"),
        "instrumen": instrument_name(row.instrumen, row.rencana),
    }


def instrument_name(kode: str, rencana: RencanaKinerja) -> str:
    """The name of an instrument; its code where no version holds any more."""
    try:
        return rules.instrumen_pada(kode, rencana.selesai).nama
    except InputError:
        return kode


@signed_in
def overview(request: HttpRequest) -> HttpResponse:
    """What this account has to do with assessments: as teacher, assessor, moderator, and as the head of a school."""

    def rows(action: str) -> QuerySet[PenilaianKinerja]:
        found = visible_to(request.user, action, PenilaianKinerja).select_related(*PARTS)
        return found.order_by("-rencana__mulai", "guru__nama")

    context = {
        "sendiri": [shown(one) for one in rows("tanggapi")],
        "dinilai": [shown(one) for one in rows("nilai")],
        "moderasi": [shown(one) for one in rows("moderasi").filter(status=Status.MODERASI)],
        "tahun_kepala": visible_to(request.user, "kinerja", TahunPelajaran).select_related("sekolah"),
        "tahun_pangkat": visible_to(request.user, "pangkat", TahunPelajaran).select_related("sekolah"),
    }
    return render(request, "kinerja/daftar.html", context)


@on_object("kinerja", TahunPelajaran, related=("sekolah",))
def year(request: HttpRequest, tahun: TahunPelajaran) -> HttpResponse:
    """The rounds of a year with their windows and how far each is; a form that adds or moves one."""
    form = RoundForm(request.POST or None, initial=_usual(tahun))
    if request.method == "POST" and form.is_valid():
        try:
            row, advice = plan.simpan_rencana(tahun=tahun, by=akun_of(request), **form.cleaned_data)
        except InputError as error:
            add_errors(form, error)
        else:
            for sentence in advice:
                messages.warning(request, sentence)
            messages.success(request, _("Rencana {jenis} tersimpan.").format(jenis=row.get_jenis_display().lower()))
            return redirect("kinerja-rencana", pk=row.pk)
    rounds = RencanaKinerja.objects.filter(tahun=tahun).select_related("tahun")
    counts: dict[int, dict[str, int]] = {}
    found = PenilaianKinerja.objects.filter(rencana__tahun=tahun).order_by()
    for pk, status, n in found.values_list("rencana", "status").annotate(n=Count("pk")):
        counts.setdefault(pk, {})[status] = n
    context = {
        "tahun": tahun,
        "form": form,
        "rows": [
            {
                "rencana": one,
                "saran": plan.saran_rencana(one),
                "hitungan": [
                    (label, PILL.get(Status(value), "jalan"), counts[one.pk][value])
                    for value, label in Status.choices
                    if value in counts.get(one.pk, {})
                ],
            }
            for one in rounds
        ],
        "jejak": crumbs((_("Rencana {tahun}").format(tahun=tahun.label), "")),
    }
    return render(request, "kinerja/tahun.html", context, status=422 if form.errors else 200)


def _usual(tahun: TahunPelajaran) -> dict[str, Any]:
    """The advised window of the round that the year still lacks."""
    there = set(RencanaKinerja.objects.filter(tahun=tahun).values_list("jenis", flat=True))
    jenis = next((one for one in RencanaKinerja.Jenis.values if one not in there), "")
    awal, akhir = plan.batas_tahun(tahun)
    window = rules.jendela(jenis, awal, akhir, rules.aturan_pada(akhir)) if jenis else None
    return {"jenis": jenis, "mulai": window[0], "selesai": window[1]} if window else {"jenis": jenis}


@on_object("pangkat", TahunPelajaran, related=("sekolah",))
def ranks(request: HttpRequest, tahun: TahunPelajaran) -> HttpResponse:
    """Every teacher's rank today, and a form that keeps a new one."""
    gurus = Guru.objects.filter(sekolah=tahun.sekolah)
    form = RankForm(request.POST or None, gurus=gurus)
    if request.method == "POST" and form.is_valid():
        try:
            row = plan.catat_pangkat(by=akun_of(request), **form.cleaned_data)
        except InputError as error:
            add_errors(form, error)
        else:
            messages.success(
                request,
                _("{nama}: {golongan} sejak {tmt}.").format(
                    nama=row.guru.nama, golongan=row.golongan, tmt=plan.show_day(row.tmt)
                ),
            )
            return redirect("kinerja-pangkat", pk=tahun.pk)
    held: dict[int, list[PangkatGuru]] = {}
    for row in PangkatGuru.objects.filter(guru__in=gurus).order_by("-tmt"):
        held.setdefault(row.guru_id, []).append(row)
    context = {
        "tahun": tahun,
        "form": form,
        "rows": [{"guru": one, "pangkat": held.get(one.pk, [])} for one in gurus],
        "jejak": crumbs((_("Pangkat guru"), "")),
    }
    return render(request, "kinerja/pangkat.html", context, status=422 if form.errors else 200)


@on_object("kinerja", TahunPelajaran, related=("sekolah",))
def assessors(request: HttpRequest, tahun: TahunPelajaran) -> HttpResponse:
    """The school's assessors, what each still lacks, and a form that appoints one."""
    sekolah, today = tahun.sekolah, timezone.localdate()
    teachers = Peran.objects.filter(sekolah=sekolah, jenis=Peran.Jenis.GURU).exclude(sampai__lt=today)
    accounts = Akun.objects.filter(pk__in=teachers.values("akun"), is_active=True).order_by("nama")
    form = AssessorForm(request.POST or None, accounts=accounts, initial={"dari": today})
    if request.method == "POST" and form.is_valid() and _appoint(request, form, tahun):
        return redirect("kinerja-penilai", pk=tahun.pk)
    rows = Penilai.objects.filter(sekolah=sekolah).select_related("akun")
    context = {
        "tahun": tahun,
        "form": form,
        "rows": [{"penilai": one, "kurang": plan.kurang_penilai(one)} for one in rows],
        "kepala": Akun.objects.filter(pk__in=plan.kepala_dari(sekolah)),
        "jejak": crumbs(_year_crumb(tahun), (_("Penilai"), "")),
    }
    return render(request, "kinerja/penilai.html", context, status=422 if form.errors else 200)


def _appoint(request: HttpRequest, form: AssessorForm, tahun: TahunPelajaran) -> bool:
    typed = dict(form.cleaned_data)
    username = typed.pop("pengawas").strip()
    typed.pop("versi")
    if username:
        typed["akun"] = Akun.objects.filter(username=username, is_active=True).first()
        if typed["akun"] is None:
            form.add_error("pengawas", _("Tidak ada akun aktif dengan nama pengguna ini; mintalah kepada operator."))
            return False
    try:
        row = plan.simpan_penilai(sekolah=tahun.sekolah, pengawas=bool(username), by=akun_of(request), **typed)
    except InputError as error:
        add_errors(form, error)
        return False
    messages.success(request, _("{nama} tercatat sebagai penilai.").format(nama=row.akun))
    return True


@on_object("kelola", Penilai, related=("akun", "sekolah"))
def assessor(request: HttpRequest, row: Penilai) -> HttpResponse:
    """Change an appointment: SK, training, the last day."""
    names = ("sk_nomor", "sk_tanggal", "pelatihan", "dari", "sampai", "versi")
    form = AppointmentForm(request.POST or None, initial={name: getattr(row, name) for name in names})
    tahun = TahunPelajaran.objects.filter(sekolah=row.sekolah).first()
    back = reverse("kinerja-penilai", args=[tahun.pk]) if tahun else reverse("kinerja")
    if request.method == "POST" and form.is_valid():
        try:
            plan.simpan_penilai(
                penilai=row,
                sekolah=row.sekolah,
                akun=row.akun,
                pengawas=row.pengawas,
                by=akun_of(request),
                **form.cleaned_data,
            )
        except InputError as error:
            add_errors(form, error)
        else:
            messages.success(request, _("Penugasan tersimpan."))
            return redirect(back)
    context = {"row": row, "form": form, "jejak": crumbs((_("Penilai"), back), (str(row.akun), ""))}
    return render(request, "kinerja/penilai_ubah.html", context, status=422 if form.errors else 200)


# Who assesses whom


@on_object("kelola", RencanaKinerja, related=("tahun__sekolah",))
def assignments(request: HttpRequest, rencana: RencanaKinerja) -> HttpResponse:
    """One screen: every teacher with assessor, instrument and load; then the announcement of all that is planned."""
    if request.POST.get("aksi") == "umumkan":
        return _announce(request, rencana)
    existing = list(rencana.penilaian.select_related(*PARTS))
    rows = _formset(request, rencana, existing)
    if request.method == "POST" and rows.is_valid() and _store(request, rencana, rows):
        return redirect("kinerja-rencana", pk=rencana.pk)
    gurus = {one.pk: one.nama for one in Guru.objects.filter(sekolah=rencana.tahun.sekolah)}
    named = [(form, gurus.get(_guru_of(form) or 0)) for form in rows]
    context = {
        "rencana": rencana,
        "rows": rows,
        "baris": [{"form": form, "nama": nama} for form, nama in named],
        "galat": [fault for form, nama in named for fault in _faults(form, nama)],
        "terkunci": [shown(one) for one in existing if one.status != Status.DIRENCANAKAN],
        "usulan": [one for one in existing if one.status == Status.DIRENCANAKAN and one.jadwal_mulai],
        "belum": sum(one.status == Status.DIRENCANAKAN and one.jadwal_mulai is None for one in existing),
        "saran": plan.saran_rencana(rencana),
        "jejak": crumbs(_year_crumb(rencana.tahun), (rencana.get_jenis_display(), "")),
    }
    wrong = rows.is_bound and any(rows.errors)
    return render(request, "kinerja/rencana.html", context, status=422 if wrong else 200)


def _announce(request: HttpRequest, rencana: RencanaKinerja) -> HttpResponse:
    try:
        told = plan.umumkan_semua(rencana=rencana, by=akun_of(request))
    except InputError as error:
        tell_faults(request, error)
    else:
        messages.success(
            request,
            ngettext("{n} guru diberi tahu.", "{n} guru diberi tahu.", told).format(n=told),
        )
    return redirect("kinerja-rencana", pk=rencana.pk)


def _faults(form: AssignmentForm, nama: str | None) -> list[tuple[str, str]]:
    """The faults of a row for the summary above the table: the control to go to, and the sentence with the teacher."""
    found = []
    for name, sentences in form.errors.items() if form.is_bound else ():
        # The teacher of a row is no control unless one is chosen there.
        at = form["penilai" if nama and name == "guru" else name] if name in form.fields else form["penilai"]
        found += [
            (at.id_for_label, text if not nama or nama in text else f"{nama}: {text}") for text in map(str, sentences)
        ]
    return found


def _guru_of(form: AssignmentForm) -> int | None:
    """The teacher a row stands for; None for the row in which one is chosen."""
    if form["pk"].value() in (None, "") and str(form["versi"].value()) == NEW_ROW:
        return None
    value = str(form["guru"].value() or "")
    return int(value) if value.isdigit() else None


def _formset(request: HttpRequest, rencana: RencanaKinerja, existing: list[PenilaianKinerja]) -> BaseFormSet:
    """Planned rows, then teachers without one, then an empty row for an additional task."""
    sekolah = rencana.tahun.sekolah
    gurus = list(Guru.objects.filter(sekolah=sekolah))
    people = {row.akun_id: row.akun for row in Penilai.objects.filter(sekolah=sekolah).select_related("akun")}
    people |= {one.pk: one for one in Akun.objects.filter(pk__in=plan.kepala_dari(sekolah))}
    people |= {one.penilai_id: one.penilai for one in existing}
    choices = sorted(((pk, str(one)) for pk, one in people.items()), key=lambda pair: pair[1])
    tools = []
    for kode in rules.kode_instrumen():
        try:
            tools.append(rules.instrumen_pada(kode, rencana.selesai))
        except InputError:
            continue
    names = ("pk", "versi", "penilai", "instrumen", "bidang", "jam", "guru")
    initial = [
        {name: getattr(one, f"{name}_id" if name in ("penilai", "guru") else name) for name in names}
        for one in existing
        if one.status == Status.DIRENCANAKAN
    ]
    there = {one.guru_id for one in existing}
    initial += [{"guru": one.pk, "instrumen": tools[0].kode} for one in gurus if one.pk not in there]
    initial.append({"versi": NEW_ROW})
    made = formset_factory(AssignmentForm, extra=0, max_num=ROWS_AT_MOST)
    return made(
        request.POST if request.method == "POST" else None,
        initial=initial,
        prefix="baris",
        form_kwargs={"gurus": [(one.pk, one.nama) for one in gurus], "assessors": choices, "tools": tools},
    )


def _store(request: HttpRequest, rencana: RencanaKinerja, rows: BaseFormSet) -> bool:
    """Hand the rows to the service; its refusals come back to the cells."""
    sent: list[plan.Baris] = []
    forms: list[AssignmentForm] = []
    for form in rows:
        typed = form.cleaned_data
        if not typed.get("guru") or not (typed.get("penilai") or typed.get("pk")):
            continue
        forms.append(form)
        sent.append(
            plan.Baris(
                guru=int(typed["guru"]),
                penilai=int(typed["penilai"]) if typed["penilai"] else None,
                instrumen=typed["instrumen"],
                bidang=typed["bidang"],
                jam=typed["jam"],
                pk=typed["pk"],
                versi=typed["versi"] or 0,
            )
        )
    try:
        done = plan.simpan_penugasan(rencana=rencana, baris=sent, by=akun_of(request))
    except InputError as error:
        for one in error.galat:
            place, _dot, field = one["jalur"].partition("].")
            form = forms[int(place.removeprefix("baris["))]
            form.add_error(field if field in form.fields else None, one["pesan"])
        return False
    messages.success(
        request,
        _("Tersimpan: {baru} baru, {diubah} diubah, {dihapus} dihapus.").format(
            baru=done.baru, diubah=done.diubah, dihapus=done.dihapus
        ),
    )
    return True
