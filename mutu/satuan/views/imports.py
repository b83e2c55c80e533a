"""Imports: upload, progress, preview with a reason per cell, approval, and the files to mend what was refused."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_POST

from mutu.imports.template import write_template
from mutu.satuan.access import has_role, on_object
from mutu.satuan.forms import DapodikForm, UploadForm
from mutu.satuan.models import Impor, Pekerjaan, Sekolah, TahunPelajaran
from mutu.satuan.services import dapodik, dapodik_service, imports, pupil_list
from mutu.satuan.sheets import SEKOLAH
from mutu.satuan.views.jobs import OPEN, progress_context
from mutu.satuan.views.shared import WORKBOOK, Crumbs, accepted, attachment, author, form_page

RECENT = 10


def _upload(
    request: HttpRequest,
    *,
    jenis: str,
    tahun: TahunPelajaran | None,
    jejak: Crumbs,
    sekolah: Sekolah | None = None,
    **more: Any,
) -> HttpResponse:
    sekolah = tahun.sekolah if tahun else sekolah
    form = UploadForm(request.POST or None, request.FILES or None)
    started: list[Impor] = []

    def start(data: dict[str, Any]) -> None:
        impor, _row = imports.start_import(
            jenis=jenis,
            chunks=data["berkas"].chunks(),
            nama_berkas=data["berkas"].name,
            sekolah=sekolah,
            tahun=tahun,
            by=author(request),
        )
        started.append(impor)

    if accepted(request, form, start):
        return redirect("impor", pk=started[0].pk)
    earlier = Impor.objects.filter(jenis=jenis, sekolah=sekolah)[:RECENT]
    return form_page(request, form, jejak=jejak, tombol=_("Periksa berkas"), riwayat=earlier, **more)


@has_role("operator")
def upload_schools(request: HttpRequest) -> HttpResponse:
    """Upload the ministry's list of schools."""
    jejak = [(pgettext("banyak", "Sekolah"), reverse("sekolah-cari")), (_("Impor daftar sekolah"), "")]
    return _upload(
        request,
        jenis=imports.SCHOOLS,
        tahun=None,
        jejak=jejak,
        judul=_("Impor daftar sekolah"),
        pengantar=_(
            "Unggah daftar sekolah kementerian. Mutu menunjukkan dulu apa yang akan baru, berubah, sama, dan ditolak; "
            "tidak ada yang tersimpan sebelum Anda setuju."
        ),
        templat=reverse("sekolah-templat"),
    )


@require_GET
@has_role("operator")
def school_template(request: HttpRequest) -> HttpResponse:
    """The workbook to fill in with schools."""
    return _workbook(write_template(SEKOLAH), "sekolah.xlsx")


@on_object("tata", TahunPelajaran, related=("sekolah",))
def upload_pupils(request: HttpRequest, tahun: TahunPelajaran) -> HttpResponse:
    """Upload a workbook of pupils into one school year."""
    jejak = [
        (tahun.sekolah.nama, reverse("sekolah", args=[tahun.sekolah.npsn])),
        (tahun.label, reverse("tahun", args=[tahun.pk])),
        (_("Peserta didik"), reverse("peserta-daftar", args=[tahun.pk])),
        (_("Impor"), ""),
    ]
    return _upload(
        request,
        jenis=imports.PUPILS,
        tahun=tahun,
        jejak=jejak,
        judul=_("Impor peserta didik"),
        pengantar=_(
            "Unduh templat, isi satu baris untuk satu peserta didik, lalu unggah. Tidak ada yang tersimpan sebelum "
            "Anda melihat pratinjau dan setuju."
        ),
        templat=reverse("peserta-templat", args=[tahun.pk]),
        belum_ada_kelas=not tahun.kelas.exists(),
        jalan_lain=[(reverse("peserta-dapodik", args=[tahun.pk]), _("Pakai berkas Daftar Peserta Didik dari Dapodik"))],
    )


@on_object("tata", TahunPelajaran, related=("sekolah",))
def upload_dapodik_pupils(request: HttpRequest, tahun: TahunPelajaran) -> HttpResponse:
    """Upload Dapodik's own list of pupils into one school year."""
    return _upload(
        request,
        jenis=dapodik.PUPILS,
        tahun=tahun,
        jejak=[
            (tahun.sekolah.nama, reverse("sekolah", args=[tahun.sekolah.npsn])),
            (tahun.label, reverse("tahun", args=[tahun.pk])),
            (_("Peserta didik"), reverse("peserta-daftar", args=[tahun.pk])),
            (_("Dari Dapodik"), ""),
        ],
        judul=_("Daftar Peserta Didik dari Dapodik"),
        pengantar=_(
            "Unggah berkas unduhan Dapodik apa adanya; tidak perlu dibuka atau disimpan ulang di Excel. Kolom yang "
            "tidak diperlukan rapor tidak dibaca. Tidak ada yang tersimpan sebelum Anda melihat pratinjau dan setuju."
        ),
        belum_ada_kelas=not tahun.kelas.exists(),
        jalan_lain=[(reverse("peserta-impor", args=[tahun.pk]), _("Pakai templat Mutu"))],
    )


@on_object("tata", Sekolah, key="npsn", field="npsn")
def upload_teachers(request: HttpRequest, sekolah: Sekolah) -> HttpResponse:
    """Upload Dapodik's own list of teachers."""
    return _upload(
        request,
        jenis=dapodik.TEACHERS,
        tahun=None,
        sekolah=sekolah,
        jejak=[
            (sekolah.nama, reverse("sekolah", args=[sekolah.npsn])),
            (pgettext("banyak", "Guru"), reverse("guru-daftar", args=[sekolah.npsn])),
            (_("Dari Dapodik"), ""),
        ],
        judul=_("Daftar guru dari Dapodik"),
        pengantar=_(
            "Unggah berkas unduhan Dapodik apa adanya. Yang dibaca hanya nama, NUPTK, NIP, jenis PTK, dan tugas "
            "tambahan. Tidak ada yang tersimpan sebelum Anda melihat pratinjau dan setuju."
        ),
    )


@require_GET
@on_object("tata", TahunPelajaran, related=("sekolah",))
def template(request: HttpRequest, tahun: TahunPelajaran) -> HttpResponse:
    """The workbook to fill in, with the pupils known already."""
    return _workbook(pupil_list.pupil_template(tahun), f"peserta-didik-{tahun.mulai}-{tahun.mulai + 1}.xlsx")


@sensitive_post_parameters("token")
@on_object("tata", TahunPelajaran, related=("sekolah",))
def fetch_dapodik(request: HttpRequest, tahun: TahunPelajaran) -> HttpResponse:
    """Ask Dapodik on the school's network for a year's teachers, classes, pupils and lessons."""
    form = DapodikForm(request.POST or None)
    started: list[Impor] = []

    def start(data: dict[str, Any]) -> None:
        found = dapodik_service.fetch(address=data["alamat"], token=data["token"], tahun=tahun)
        impor, _row = imports.start_import(
            jenis=dapodik.SERVICE,
            chunks=[found.as_csv()],
            nama_berkas=f"dapodik-{tahun.sekolah.npsn}-{tahun.mulai}.csv",
            sekolah=tahun.sekolah,
            tahun=tahun,
            by=author(request),
        )
        for note in found.notes:
            messages.info(request, note)
        started.append(impor)

    if accepted(request, form, start):
        return redirect("impor", pk=started[0].pk)
    return form_page(
        request,
        form,
        jejak=[
            (tahun.sekolah.nama, reverse("sekolah", args=[tahun.sekolah.npsn])),
            (tahun.label, reverse("tahun", args=[tahun.pk])),
            (_("Ambil dari Dapodik"), ""),
        ],
        judul=_("Ambil dari Dapodik"),
        pengantar=_(
            "Mutu menanyai Dapodik yang sedang berjalan: guru, kelas dan wali kelasnya, kurikulum, peserta didik, dan "
            "mata pelajaran. Perbedaannya ditunjukkan dulu; tidak ada yang tersimpan sebelum Anda setuju."
        ),
        tombol=_("Tanyai Dapodik"),
        riwayat=Impor.objects.filter(jenis=dapodik.SERVICE, tahun=tahun)[:RECENT],
        jalan_lain=[(reverse("peserta-dapodik", args=[tahun.pk]), _("Pakai berkas Daftar Peserta Didik dari Dapodik"))],
    )


def _workbook(content: bytes, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=WORKBOOK)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "private, no-store"
    return response


ImportView = Callable[..., HttpResponse]


def _still_allowed(view: ImportView) -> ImportView:
    """Whoever uploaded a file sees it only as long as the role is held that allowed the upload."""

    @functools.wraps(view)
    def guarded(request: HttpRequest, impor: Impor, **kwargs: Any) -> HttpResponse:
        if not imports.may_handle(author(request), impor):
            raise Http404
        return view(request, impor, **kwargs)

    return guarded


@require_GET
@on_object("lihat", Impor, related=("sekolah", "tahun"))
@_still_allowed
def page(request: HttpRequest, impor: Impor) -> HttpResponse:
    """One import: its progress, then its preview, then its result."""
    row = Pekerjaan.objects.filter(masukan__impor=str(impor.pk)).order_by("-dibuat").first()
    context: dict[str, Any] = {
        "impor": impor,
        "pratinjau": imports.preview_of(impor),
        "hitungan": _counts(impor),
        "berjalan": row is not None and row.status in OPEN,
        "kembali": imports.kind_of(impor).home(impor),
        "jejak": [(_("Impor"), imports.kind_of(impor).home(impor)), (impor.nama_berkas, "")],
    }
    if row is not None and row.akun_id == author(request).pk:
        context |= progress_context(row, reload=True)
    return render(request, "satuan/impor.html", context)


def _counts(impor: Impor) -> list[tuple[str, str]]:
    labels = {
        "baru": _("Baru"),
        "berubah": _("Berubah"),
        "sama": _("Sama"),
        "ditolak": _("Ditolak"),
        "peringatan": _("Peringatan"),
    }
    return [
        (label, f"{impor.hasil[name]:,}".replace(",", ".")) for name, label in labels.items() if name in impor.hasil
    ]


@require_POST
@on_object("kelola", Impor)
@_still_allowed
def confirm(request: HttpRequest, impor: Impor) -> HttpResponse:
    """Write what the preview showed."""
    try:
        imports.confirm_import(impor=impor, by=author(request))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return redirect("impor", pk=impor.pk)


@require_POST
@on_object("kelola", Impor)
@_still_allowed
def discard(request: HttpRequest, impor: Impor) -> HttpResponse:
    """Give the import up."""
    imports.discard_import(impor=impor, by=author(request))
    messages.success(request, _("Impor dibatalkan; berkasnya dihapus dan tidak ada yang berubah."))
    return redirect(imports.kind_of(impor).home(impor))


@require_GET
@on_object("lihat", Impor)
@_still_allowed
def refused_rows(request: HttpRequest, impor: Impor) -> HttpResponse:
    """The refused rows and warnings as CSV."""
    return attachment(imports.folder_of(impor) / imports.REFUSED_CSV, "ditolak.csv", "text/csv; charset=utf-8")


@require_GET
@on_object("lihat", Impor)
@_still_allowed
def error_workbook(request: HttpRequest, impor: Impor) -> HttpResponse:
    """The refused rows as a workbook with the bad cells marked."""
    return attachment(imports.folder_of(impor) / imports.REFUSED_XLSX, "perbaikan.xlsx", WORKBOOK)
