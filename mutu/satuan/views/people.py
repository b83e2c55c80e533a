"""Pupils with their class and guardians, and the accounts of the people of a school."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import F, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_POST

from mutu.satuan.access import on_object, visible_to
from mutu.satuan.forms import GuardianForm, PupilForm, SeatForm, StaffAccountForm, UsernameForm
from mutu.satuan.models import Akun, AnggotaKelas, Guru, Kelas, Peran, PesertaDidik, Sekolah, TahunPelajaran, Wali
from mutu.satuan.services import accounts, people
from mutu.satuan.views.setup import year_crumbs
from mutu.satuan.views.shared import Crumbs, accepted, author, form_page, show_password

ROWS_PER_PAGE = 50


@on_object("tata", TahunPelajaran, related=("sekolah",))
def pupils(request: HttpRequest, tahun: TahunPelajaran) -> HttpResponse:
    """The school's pupils with their class in one year, by name or NIS and by class."""
    query, chosen = request.GET.get("q", "").strip(), request.GET.get("kelas", "")
    seats = AnggotaKelas.objects.filter(kelas__tahun=tahun, keluar__isnull=True)
    rows = PesertaDidik.objects.filter(sekolah=tahun.sekolah)
    if query:
        rows = rows.filter(Q(nama__icontains=query) | Q(nis__startswith=query) | Q(nisn=query))
    if chosen == "tanpa":
        rows = rows.exclude(pk__in=seats.values("peserta"))
    elif chosen.isascii() and chosen.isdigit():
        rows = rows.filter(pk__in=seats.filter(kelas=int(chosen)).values("peserta"))
    page = Paginator(rows.order_by("nama", "nis"), ROWS_PER_PAGE).get_page(request.GET.get("halaman"))
    shown = list(page.object_list)
    held = dict(seats.filter(peserta__in=shown).values_list("peserta_id", "kelas__nama"))
    context = {
        "tahun": tahun,
        "page": page,
        "rows": [(pupil, held.get(pupil.pk, "")) for pupil in shown],
        "kelas": tahun.kelas.all(),
        "q": query,
        "dipilih": chosen,
        "jejak": year_crumbs(tahun, (_("Peserta didik"), "")),
    }
    return render(request, "satuan/peserta_daftar.html", context)


def _list_of(tahun: TahunPelajaran) -> tuple[str, str]:
    return _("Peserta didik"), reverse("peserta-daftar", args=[tahun.pk])


@on_object("tata", TahunPelajaran, related=("sekolah",))
def pupil_new(request: HttpRequest, tahun: TahunPelajaran) -> HttpResponse:
    """Add one pupil."""
    form = PupilForm(request.POST or None)
    made: list[PesertaDidik] = []

    def create(data: dict[str, Any]) -> None:
        made.append(people.create_pupil(sekolah=tahun.sekolah, by=author(request), **data))

    if accepted(request, form, create):
        messages.success(request, _("Peserta didik ditambahkan. Pilih kelasnya."))
        return redirect("peserta", pk=made[0].pk)
    jejak = year_crumbs(tahun, _list_of(tahun), (_("Baru"), ""))
    return form_page(request, form, judul=_("Peserta didik baru"), jejak=jejak, tombol=_("Tambah"))


def _pupil_crumbs(peserta: PesertaDidik, *more: tuple[str, str]) -> Crumbs:
    crumbs = [(peserta.sekolah.nama, reverse("sekolah", args=[peserta.sekolah.npsn]))]
    tahun = peserta.sekolah.tahun_pelajaran.first()
    if tahun is not None:
        crumbs.append(_list_of(tahun))
    return [*crumbs, *more]


@on_object("kelola", PesertaDidik, related=("sekolah",))
def pupil(request: HttpRequest, peserta: PesertaDidik) -> HttpResponse:
    """One pupil: facts, the class of each year, guardians and their accounts."""
    seats = {
        seat.kelas.tahun_id: seat
        for seat in peserta.keanggotaan.filter(keluar__isnull=True).select_related("kelas__tahun")
    }
    context = {
        "peserta": peserta,
        "tahun": [
            (tahun, SeatForm(tahun=tahun, initial={"kelas": seats[tahun.pk].kelas_id if tahun.pk in seats else None}))
            for tahun in peserta.sekolah.tahun_pelajaran.all()
        ],
        "perwalian": peserta.perwalian.select_related("wali__akun").order_by("-utama", "pk"),
        "form_wali": GuardianForm(initial={"utama": not peserta.perwalian.exists(), "hubungan": "orang tua"}),
        "jejak": _pupil_crumbs(peserta, (peserta.nama, "")),
    }
    return render(request, "satuan/peserta.html", context)


@on_object("kelola", PesertaDidik, related=("sekolah",))
def pupil_edit(request: HttpRequest, peserta: PesertaDidik) -> HttpResponse:
    """Change what the school knows of a pupil."""
    names = ("nama", "nis", "nisn", "jenis_kelamin", "tempat_lahir", "tanggal_lahir")
    nama = peserta.nama
    form = PupilForm(request.POST or None, initial={name: getattr(peserta, name) for name in names})
    if accepted(request, form, lambda data: people.edit_pupil(peserta=peserta, by=author(request), **data)):
        messages.success(request, _("Data peserta didik tersimpan."))
        return redirect("peserta", pk=peserta.pk)
    jejak = _pupil_crumbs(peserta, (nama, reverse("peserta", args=[peserta.pk])), (_("Ubah"), ""))
    return form_page(request, form, judul=_("Ubah data peserta didik"), jejak=jejak, tombol=_("Simpan"))


@require_POST
@on_object("kelola", PesertaDidik, related=("sekolah",))
def seat(request: HttpRequest, peserta: PesertaDidik, tahun: int) -> HttpResponse:
    """Let a pupil sit in another class of a year, or in none."""
    of = TahunPelajaran.objects.filter(pk=tahun, sekolah=peserta.sekolah).first()
    if of is None:
        raise Http404
    form = SeatForm(request.POST, tahun=of)

    def place(data: dict[str, Any]) -> None:
        kelas: Kelas | None = data["kelas"]
        now = people.current_membership(peserta, of)
        if kelas is not None:
            people.place_pupil(peserta=peserta, kelas=kelas, by=author(request))
        elif now is not None:
            people.remove_from_class(anggota=now, by=author(request))

    if accepted(request, form, place):
        messages.success(request, _("Kelas peserta didik tersimpan."))
    else:
        messages.error(request, _("Kelas itu tidak ada pada tahun pelajaran ini. Pilih dari daftar."))
    return redirect("peserta", pk=peserta.pk)


@on_object("kelola", PesertaDidik, related=("sekolah",))
def guardian_new(request: HttpRequest, peserta: PesertaDidik) -> HttpResponse:
    """Note someone who cares for a pupil."""
    form = GuardianForm(request.POST or None)
    if accepted(request, form, lambda data: people.add_guardian(peserta=peserta, by=author(request), **data)):
        messages.success(request, _("Orang tua/wali tersimpan."))
        return redirect("peserta", pk=peserta.pk)
    jejak = _pupil_crumbs(peserta, (peserta.nama, reverse("peserta", args=[peserta.pk])), (_("Orang tua/wali"), ""))
    return form_page(request, form, judul=_("Orang tua/wali baru"), jejak=jejak, tombol=_("Tambah"))


@require_POST
@on_object("kelola", PesertaDidik)
def guardian_remove(request: HttpRequest, peserta: PesertaDidik, perwalian: int) -> HttpResponse:
    """Somebody no longer cares for this pupil."""
    tie = peserta.perwalian.filter(pk=perwalian).first()
    if tie is None:
        raise Http404
    people.remove_guardian(perwalian=tie, by=author(request))
    messages.success(request, _("Orang tua/wali dilepas dari peserta didik ini."))
    return redirect("peserta", pk=peserta.pk)


def _account_page(request: HttpRequest, person: Guru | Wali, make: Any, *, judul: str, kembali: str) -> HttpResponse:
    form = UsernameForm(request.POST or None)
    made: list[tuple[Akun, str]] = []
    jejak = [(person.sekolah.nama, reverse("sekolah", args=[person.sekolah.npsn])), (judul, "")]
    if accepted(request, form, lambda data: made.append(make(username=data["username"]))):
        akun, password = made[0]
        return show_password(request, akun, password, jejak=jejak, kembali=kembali)
    return form_page(request, form, judul=judul, jejak=jejak, tombol=_("Buat akun"), pengantar=person.nama)


@on_object("kelola", Guru, related=("sekolah",))
def teacher_account(request: HttpRequest, guru: Guru) -> HttpResponse:
    """Make an account for a teacher."""

    def make(username: str) -> tuple[Akun, str]:
        return accounts.create_teacher_account(guru=guru, username=username, by=author(request))

    kembali = reverse("guru-daftar", args=[guru.sekolah.npsn])
    return _account_page(request, guru, make, judul=_("Akun guru"), kembali=kembali)


@on_object("kelola", Wali, related=("sekolah",))
def guardian_account(request: HttpRequest, wali: Wali) -> HttpResponse:
    """Make an account for a guardian."""

    def make(username: str) -> tuple[Akun, str]:
        return accounts.create_guardian_account(wali=wali, username=username, by=author(request))

    tie = wali.perwalian.order_by("pk").first()
    kembali = reverse("peserta", args=[tie.peserta_id]) if tie else reverse("sekolah", args=[wali.sekolah.npsn])
    return _account_page(request, wali, make, judul=_("Akun orang tua/wali"), kembali=kembali)


@on_object("kelola", Sekolah, key="npsn", field="npsn")
def school_accounts(request: HttpRequest, sekolah: Sekolah) -> HttpResponse:
    """Who signs in for this school, and a form for one more keeper or head."""
    form = StaffAccountForm(request.POST or None)
    made: list[tuple[Akun, str]] = []
    jejak = [(sekolah.nama, reverse("sekolah", args=[sekolah.npsn])), (pgettext("banyak", "Akun"), "")]

    def create(data: dict[str, Any]) -> None:
        made.append(accounts.create_staff_account(sekolah=sekolah, by=author(request), **data))

    if accepted(request, form, create):
        return show_password(request, *made[0], jejak=jejak, kembali=reverse("akun-sekolah", args=[sekolah.npsn]))
    roles = Peran.objects.filter(sekolah=sekolah).select_related("akun")
    page = Paginator(
        roles.order_by(F("sampai").desc(nulls_first=True), "jenis", "akun__nama", "pk"), ROWS_PER_PAGE
    ).get_page(request.GET.get("halaman"))
    return form_page(
        request,
        form,
        judul=pgettext("banyak", "Akun"),
        jejak=jejak,
        tombol=_("Buat akun"),
        template_name="satuan/akun.html",
        sekolah=sekolah,
        page=page,
    )


@require_POST
@on_object("kelola", Sekolah, key="npsn", field="npsn")
def account_change(request: HttpRequest, sekolah: Sekolah, pk: int) -> HttpResponse:
    """Reset a password, stop or allow signing in, or end a role: what the button `aksi` says."""
    peran = Peran.objects.select_related("akun", "sekolah").filter(pk=pk, sekolah=sekolah).first()
    if peran is None or not visible_to(request.user, "kelola", Akun).filter(pk=peran.akun_id).exists():
        raise Http404
    by, akun, action = author(request), peran.akun, request.POST.get("aksi", "")
    kembali = reverse("akun-sekolah", args=[sekolah.npsn])
    try:
        if action == "sandi":
            password = accounts.reset_password(akun=akun, by=by)
            jejak = [
                (sekolah.nama, reverse("sekolah", args=[sekolah.npsn])),
                (pgettext("banyak", "Akun"), kembali),
                (_("Sandi"), ""),
            ]
            return show_password(request, akun, password, jejak=jejak, kembali=kembali)
        if action in ("aktif", "nonaktif"):
            accounts.set_active(akun=akun, active=action == "aktif", by=by)
        elif action == "akhiri":
            accounts.end_role(peran=peran, by=by)
        else:
            raise Http404
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, _("Perubahan akun tersimpan."))
    return redirect(kembali)
