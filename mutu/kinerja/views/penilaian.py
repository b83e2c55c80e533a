"""One assessment: who, with what, when; the announcement and the agreed window; who has looked at the result."""

from __future__ import annotations

from collections.abc import Iterator

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from mutu.kinerja import rules
from mutu.kinerja.forms import WindowForm, add_errors
from mutu.kinerja.models import Dilihat, PenilaianKinerja, RencanaKinerja
from mutu.kinerja.services import rencana as plan
from mutu.kinerja.services.akses import aturan_dari, boleh_hasil
from mutu.kinerja.services.alur import ACTIONS
from mutu.kinerja.views.rencana import PARTS, PILL, crumbs, instrument_name, tell_faults
from mutu.regulation.explain import InputError
from mutu.satuan.access import akun_of, can, on_object, visible_to
from mutu.satuan.menunggu import Line, waiting_for
from mutu.satuan.models import Akun, Guru, TahunPelajaran

Status = PenilaianKinerja.Status


@on_object("lihat", PenilaianKinerja, related=PARTS)
def page(request: HttpRequest, row: PenilaianKinerja) -> HttpResponse:
    """The page of one assessment for each of its parties, with the steps that are theirs to take now."""
    akun = akun_of(request)
    steps = {
        nama
        for nama, one in rules.alur(aturan_dari(row)).items()
        if row.status in one.dari and any(can(akun, ACTIONS[relation], row) for relation in one.oleh)
    }
    initial = {"mulai": row.jadwal_mulai or row.rencana.mulai, "selesai": row.jadwal_selesai or row.rencana.selesai}
    form = WindowForm(request.POST or None, initial=initial)
    if request.method == "POST" and _act(request, row, form, akun):
        return redirect("kinerja-penilaian", pk=row.pk)
    own = row.guru.akun_id == akun.pk
    context = {
        "satu": row,
        "jenis": PILL.get(Status(row.status), "jalan"),
        "instrumen": instrument_name(row.instrumen, row.rencana),
        "langkah": steps,
        "form": form,
        "sendiri": own,
        "usulan": row.status == Status.DIRENCANAKAN and row.jadwal_mulai is not None,
        "boleh_hasil": boleh_hasil(row, akun),
        "menilai": akun.pk == row.penilai_id or (akun.pk == row.moderator_id and row.status == Status.MODERASI),
        "pangkat_baru": plan.pangkat_berubah(row),
        "dilihat": (
            Dilihat.objects.filter(pk__in=visible_to(akun, "lihat", Dilihat).filter(penilaian=row)).select_related(
                "akun"
            )
        ),
        "jejak": crumbs((row.guru.nama, "")),
    }
    return render(request, "kinerja/penilaian.html", context, status=422 if form.errors else 200)


def _act(request: HttpRequest, row: PenilaianKinerja, form: WindowForm, akun: Akun) -> bool:
    """Take the step that was asked for; False when the form has to be shown again."""
    act = request.POST.get("aksi")
    try:
        if act == "sepakati":
            plan.sepakati(penilaian=row, by=akun)
            messages.success(request, _("Jadwal disepakati."))
        elif act == "mulai":
            plan.mulai_pengamatan(penilaian=row, by=akun)
            messages.success(request, _("Pengamatan dimulai."))
        elif act in ("umumkan", "usulkan"):
            if not form.is_valid():
                return False
            service = plan.umumkan if act == "umumkan" else plan.usulkan_jadwal
            service(penilaian=row, by=akun, **form.cleaned_data)
            told = _("Guru diberi tahu jadwalnya.") if act == "umumkan" else _("Usulan jadwal terkirim kepada penilai.")
            messages.success(request, told)
        else:
            raise Http404
    except InputError as error:
        if any(one["jalur"] in form.fields for one in error.galat):
            form.is_valid()
            add_errors(form, error)
            return False
        tell_faults(request, error)
    return True


# What waits


def _lines(akun: Akun, action: str, sentences: dict[str, str]) -> Iterator[Line]:
    rows = visible_to(akun, action, PenilaianKinerja).filter(status__in=sentences).select_related(*PARTS)
    for row in rows:
        jenis = row.rencana.get_jenis_display().lower()
        begins = row.status in (Status.DIUMUMKAN, Status.DISEPAKATI)
        yield Line(
            sentences[row.status].format(jenis=jenis, nama=row.guru.nama),
            reverse("kinerja-penilaian", args=[row.pk]),
            due=(row.jadwal_mulai if begins else row.jadwal_selesai) or row.rencana.selesai,
        )


@waiting_for("guru")
def for_the_teacher(akun: Akun) -> Iterator[Line]:
    """A proposed window to agree, and a result that waits for a signature."""
    return _lines(
        akun,
        "tanggapi",
        {
            Status.DIUMUMKAN: _("Sepakati jadwal penilaian {jenis} Anda"),
            Status.DIBAHAS: _("Hasil penilaian {jenis} Anda menunggu tanda tangan atau keberatan"),
        },
    )


@waiting_for("penilai")
def for_the_assessor(akun: Akun) -> Iterator[Line]:
    """What an assessor does next, with the day by which; and an objection that a moderator decides."""
    yield from _lines(
        akun,
        "nilai",
        {
            Status.DIRENCANAKAN: _("Umumkan jadwal penilaian {jenis} kepada {nama}"),
            Status.DISEPAKATI: _("Mulai penilaian {jenis} {nama}"),
            Status.BERJALAN: _("Lengkapi catatan dan skor penilaian {jenis} {nama}"),
            Status.DINILAI: _("Sampaikan dan bahas hasil penilaian {jenis} dengan {nama}"),
        },
    )
    yield from _lines(akun, "moderasi", {Status.MODERASI: _("Nilai ulang sebagai moderator: {nama}, {jenis}")})


@waiting_for("kepala_sekolah")
def for_the_head(akun: Akun) -> Iterator[Line]:
    """Rounds that are not planned, teachers without an assessor, plans not announced, objections without moderator."""
    today = timezone.localdate()
    for tahun in visible_to(akun, "kinerja", TahunPelajaran).select_related("sekolah"):
        awal, akhir = plan.batas_tahun(tahun)
        if awal <= today <= akhir:
            yield from _school_lines(tahun)
    rows = visible_to(akun, "atur", PenilaianKinerja).filter(status=Status.KEBERATAN).exclude(guru__akun=akun)
    for row in rows.select_related(*PARTS):
        yield Line(
            _("Tunjuk moderator atas keberatan {nama}").format(nama=row.guru.nama),
            reverse("kinerja-penilaian", args=[row.pk]),
            due=row.rencana.selesai,
        )


def _school_lines(tahun: TahunPelajaran) -> Iterator[Line]:
    today = timezone.localdate()
    rounds = list(RencanaKinerja.objects.filter(tahun=tahun))
    if not rounds:
        yield Line(
            _("Buat rencana penilaian kinerja {tahun}").format(tahun=tahun.label),
            reverse("kinerja-tahun", args=[tahun.pk]),
        )
    teachers = Guru.objects.filter(sekolah=tahun.sekolah, akun__isnull=False)
    for rencana in rounds:
        if rencana.selesai < today:
            continue
        url, jenis = reverse("kinerja-rencana", args=[rencana.pk]), rencana.get_jenis_display().lower()
        rows = rencana.penilaian.order_by()
        if missing := teachers.exclude(pk__in=rows.values("guru")).count():
            text = ngettext(
                "guru belum mempunyai penilai untuk penilaian {jenis}",
                "guru belum mempunyai penilai untuk penilaian {jenis}",
                missing,
            )
            yield Line(text.format(jenis=jenis), url, count=missing, due=rencana.mulai)
        if untold := rows.filter(status=Status.DIRENCANAKAN).count():
            text = ngettext(
                "penilaian {jenis} belum diumumkan kepada gurunya",
                "penilaian {jenis} belum diumumkan kepada gurunya",
                untold,
            )
            yield Line(text.format(jenis=jenis), url, count=untold, due=rencana.mulai)
