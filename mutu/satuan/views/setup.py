"""Setting a school up: years with their semesters, classes, subjects, teachers, and who teaches what."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_POST

from mutu.regulation.exact import FIRST_MONTH_SEMESTER_1
from mutu.satuan.access import can, on_object
from mutu.satuan.forms import ClassForm, LessonsForm, SemesterForm, SubjectForm, TeacherForm, YearForm
from mutu.satuan.models import Guru, Kelas, MataPelajaran, Sekolah, TahunPelajaran
from mutu.satuan.services import people, years
from mutu.satuan.views.shared import Crumbs, accepted, author, form_page


def _school(sekolah: Sekolah) -> tuple[str, str]:
    return sekolah.nama, reverse("sekolah", args=[sekolah.npsn])


def year_crumbs(tahun: TahunPelajaran, *more: tuple[str, str]) -> Crumbs:
    """The way to a page of a school year."""
    return [_school(tahun.sekolah), (tahun.label, reverse("tahun", args=[tahun.pk])), *more]


def _class_crumbs(kelas: Kelas, *more: tuple[str, str]) -> Crumbs:
    return year_crumbs(kelas.tahun, (kelas.nama, reverse("kelas", args=[kelas.pk])), *more)


def _year_of(day: date) -> str:
    first = day.year if day.month >= FIRST_MONTH_SEMESTER_1 else day.year - 1
    return f"{first}/{first + 1}"


@on_object("kelola", Sekolah, key="npsn", field="npsn")
def year_new(request: HttpRequest, sekolah: Sekolah) -> HttpResponse:
    """Open a school year."""
    form = YearForm(request.POST or None, initial={"tahun": _year_of(timezone.localdate())})
    made: list[TahunPelajaran] = []

    def create(data: dict[str, Any]) -> None:
        try:
            made.append(years.create_school_year(sekolah=sekolah, mulai=data["tahun"], by=author(request)))
        except ValidationError as error:
            raise ValidationError({"tahun": error.messages}) from None

    if accepted(request, form, create):
        messages.success(request, _("Tahun pelajaran dibuat. Periksa tanggal semesternya."))
        return redirect("tahun-semester", pk=made[0].pk)
    jejak = [_school(sekolah), (_("Tahun pelajaran baru"), "")]
    return form_page(request, form, judul=_("Tahun pelajaran baru"), jejak=jejak, tombol=_("Buat"))


@on_object("kelola", TahunPelajaran, related=("sekolah",))
def semesters(request: HttpRequest, tahun: TahunPelajaran) -> HttpResponse:
    """The dates of a year's semesters."""
    form = SemesterForm(request.POST or None, initial=SemesterForm.initial_of(tahun))

    def store(data: dict[str, Any]) -> None:
        years.edit_semesters(tahun=tahun, halves=form.halves(), by=author(request))

    if accepted(request, form, store):
        messages.success(request, _("Tanggal semester tersimpan."))
        return redirect("tahun", pk=tahun.pk)
    jejak = year_crumbs(tahun, (_("Tanggal semester"), ""))
    return form_page(request, form, judul=_("Tanggal semester"), jejak=jejak, tombol=_("Simpan"))


@on_object("lihat", TahunPelajaran, related=("sekolah",))
def year(request: HttpRequest, tahun: TahunPelajaran) -> HttpResponse:
    """A school year: what is set up and what is still missing."""
    tata = can(request.user, "tata", tahun)
    context = {
        "tahun": tahun,
        "semester": tahun.semester.all(),
        "kelas": tahun.kelas.select_related("wali_kelas").annotate(
            jumlah_anggota=Count("anggota", filter=Q(anggota__keluar__isnull=True), distinct=True),
            jumlah_mapel=Count("pembelajaran", distinct=True),
        ),
        "mapel": tahun.sekolah.mapel.count(),
        "guru": tahun.sekolah.guru.count(),
        "kelola": can(request.user, "kelola", tahun),
        "tata": tata,
        "jejak": [_school(tahun.sekolah), (tahun.label, "")],
    }
    return render(request, "satuan/tahun.html", context)


@on_object("tata", TahunPelajaran, related=("sekolah",))
def class_new(request: HttpRequest, tahun: TahunPelajaran) -> HttpResponse:
    """Form a class."""
    form = ClassForm(request.POST or None, sekolah=tahun.sekolah)
    if accepted(request, form, lambda data: years.create_class(tahun=tahun, by=author(request), **data)):
        messages.success(request, _("Kelas %(nama)s dibuat.") % {"nama": form.cleaned_data["nama"]})
        return redirect("tahun", pk=tahun.pk)
    jejak = year_crumbs(tahun, (_("Kelas baru"), ""))
    return form_page(request, form, judul=_("Kelas baru"), jejak=jejak, tombol=_("Buat"))


@on_object("kelola", Kelas, related=("tahun__sekolah", "wali_kelas"))
def class_page(request: HttpRequest, kelas: Kelas) -> HttpResponse:
    """A class: its pupils and its lessons."""
    context = {
        "kelas": kelas,
        "anggota": kelas.anggota.filter(keluar__isnull=True).select_related("peserta"),
        "pembelajaran": kelas.pembelajaran.select_related("mapel", "guru"),
        "jejak": year_crumbs(kelas.tahun, (kelas.nama, "")),
    }
    return render(request, "satuan/kelas.html", context)


@on_object("kelola", Kelas, related=("tahun__sekolah",))
def class_edit(request: HttpRequest, kelas: Kelas) -> HttpResponse:
    """Change a class's name, grade, curriculum or homeroom teacher."""
    initial = {
        "nama": kelas.nama,
        "tingkat": kelas.tingkat,
        "kurikulum": kelas.kurikulum,
        "wali_kelas": kelas.wali_kelas_id,
    }
    nama = kelas.nama
    form = ClassForm(request.POST or None, initial=initial, sekolah=kelas.tahun.sekolah)
    if accepted(request, form, lambda data: years.edit_class(kelas=kelas, by=author(request), **data)):
        messages.success(request, _("Kelas tersimpan."))
        return redirect("kelas", pk=kelas.pk)
    jejak = year_crumbs(kelas.tahun, (nama, reverse("kelas", args=[kelas.pk])), (_("Ubah"), ""))
    hapus = reverse("kelas-hapus", args=[kelas.pk])
    return form_page(request, form, judul=_("Ubah kelas"), jejak=jejak, tombol=_("Simpan"), hapus=hapus)


@require_POST
@on_object("kelola", Kelas)
def class_delete(request: HttpRequest, kelas: Kelas) -> HttpResponse:
    """Take back a class that is still empty."""
    tahun_id = kelas.tahun_id
    try:
        years.delete_class(kelas=kelas, by=author(request))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return redirect("kelas", pk=kelas.pk)
    messages.success(request, _("Kelas dihapus."))
    return redirect("tahun", pk=tahun_id)


@on_object("kelola", Kelas, related=("tahun__sekolah",))
def lessons(request: HttpRequest, kelas: Kelas) -> HttpResponse:
    """Which subjects a class has, and who teaches each."""
    form = LessonsForm(request.POST or None, kelas=kelas)

    def store(data: dict[str, Any]) -> None:
        years.set_lessons(kelas=kelas, chosen=form.chosen(), by=author(request))

    if accepted(request, form, store):
        messages.success(request, _("Mata pelajaran dan guru kelas ini tersimpan."))
        return redirect("kelas", pk=kelas.pk)
    jejak = _class_crumbs(kelas, (_("Mata pelajaran dan guru"), ""))
    kosong = None if form.fields else reverse("mapel-daftar", args=[kelas.tahun.sekolah.npsn])
    return form_page(
        request, form, judul=_("Mata pelajaran dan guru"), jejak=jejak, tombol=_("Simpan"), tanpa_mapel=kosong
    )


@on_object("tata", Sekolah, key="npsn", field="npsn")
def subjects(request: HttpRequest, sekolah: Sekolah) -> HttpResponse:
    """The school's subjects, and a form for one more."""
    form = SubjectForm(request.POST or None)
    if accepted(request, form, lambda data: years.create_subject(sekolah=sekolah, by=author(request), **data)):
        messages.success(request, _("Mata pelajaran %(nama)s ditambahkan.") % {"nama": form.cleaned_data["nama"]})
        return redirect("mapel-daftar", npsn=sekolah.npsn)
    jejak = [_school(sekolah), (pgettext("banyak", "Mata pelajaran"), "")]
    return form_page(
        request,
        form,
        judul=pgettext("banyak", "Mata pelajaran"),
        jejak=jejak,
        tombol=_("Tambah"),
        template_name="satuan/mapel.html",
        sekolah=sekolah,
        mapel=sekolah.mapel.all(),
    )


@on_object("kelola", MataPelajaran, related=("sekolah",))
def subject_edit(request: HttpRequest, mapel: MataPelajaran) -> HttpResponse:
    """Change a subject."""
    initial = {"nama": mapel.nama, "kelompok": mapel.kelompok, "bidang": mapel.bidang, "urutan": mapel.urutan}
    form = SubjectForm(request.POST or None, initial=initial)
    urutan = mapel.urutan

    def store(data: dict[str, Any]) -> None:
        years.edit_subject(mapel=mapel, by=author(request), **(data | {"urutan": data["urutan"] or urutan}))

    if accepted(request, form, store):
        messages.success(request, _("Mata pelajaran tersimpan."))
        return redirect("mapel-daftar", npsn=mapel.sekolah.npsn)
    daftar = (pgettext("banyak", "Mata pelajaran"), reverse("mapel-daftar", args=[mapel.sekolah.npsn]))
    jejak = [_school(mapel.sekolah), daftar, (_("Ubah"), "")]
    return form_page(request, form, judul=_("Ubah mata pelajaran"), jejak=jejak, tombol=_("Simpan"))


@on_object("kelola", Sekolah, key="npsn", field="npsn")
def teachers(request: HttpRequest, sekolah: Sekolah) -> HttpResponse:
    """The school's teachers, and a form for one more."""
    form = TeacherForm(request.POST or None)
    if accepted(request, form, lambda data: people.create_teacher(sekolah=sekolah, by=author(request), **data)):
        messages.success(request, _("%(nama)s ditambahkan.") % {"nama": form.cleaned_data["nama"]})
        return redirect("guru-daftar", npsn=sekolah.npsn)
    jejak = [_school(sekolah), (pgettext("banyak", "Guru"), "")]
    return form_page(
        request,
        form,
        judul=pgettext("banyak", "Guru"),
        jejak=jejak,
        tombol=_("Tambah"),
        template_name="satuan/guru.html",
        sekolah=sekolah,
        guru=sekolah.guru.select_related("akun"),
        impor_dapodik=reverse("guru-dapodik", args=[sekolah.npsn]) if can(request.user, "tata", sekolah) else "",
    )


@on_object("kelola", Guru, related=("sekolah",))
def teacher_edit(request: HttpRequest, guru: Guru) -> HttpResponse:
    """Change a teacher's name or numbers."""
    form = TeacherForm(request.POST or None, initial={"nama": guru.nama, "nip": guru.nip, "nuptk": guru.nuptk})
    if accepted(request, form, lambda data: people.edit_teacher(guru=guru, by=author(request), **data)):
        messages.success(request, _("Data guru tersimpan."))
        return redirect("guru-daftar", npsn=guru.sekolah.npsn)
    daftar = (pgettext("banyak", "Guru"), reverse("guru-daftar", args=[guru.sekolah.npsn]))
    jejak = [_school(guru.sekolah), daftar, (_("Ubah"), "")]
    return form_page(request, form, judul=_("Ubah data guru"), jejak=jejak, tombol=_("Simpan"))
