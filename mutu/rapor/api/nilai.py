"""Marks over HTTP: a lesson's grid, and one mark with its version."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as _noop
from ninja import Status

from mutu.rapor.api.schemas import Galat, Lembar, NilaiBaru, NilaiDitulis, NilaiLain, SatuNilai, Simpan, Tersimpan
from mutu.rapor.api.shared import (
    REFUSALS,
    WRITE_REFUSALS,
    ForAccount,
    IdempotencyKey,
    IfMatch,
    IfNoneMatch,
    conditional,
    digest,
    etag,
    for_account,
    router,
    seen_version,
    unchanged,
)
from mutu.rapor.models import Penilaian
from mutu.rapor.services import marks, reading
from mutu.rapor.services.marks import Cell
from mutu.regulation.explain import InputError
from mutu.satuan.access import akun_of, signed_in, visible_to
from mutu.satuan.models import AnggotaKelas, Pembelajaran, Semester

# Plain, as in the services of the save: each query built by Django costs this request 0.3 to 0.5 ms.
SEMESTER = """
SELECT s.* FROM satuan_semester s JOIN satuan_kelas k ON k.tahun_id = s.tahun_id WHERE k.id = %s AND s.nomor = %s
"""


def lesson_of(request: HttpRequest, action: str, pembelajaran: int, semester: int) -> tuple[Pembelajaran, Semester]:
    """The lesson on which the account may do `action`, and its semester. Raises Http404.

    Bare rows: what the pages use fetches class, subject, school and places along, which a save need not wait for.
    """
    lesson = get_object_or_404(visible_to(request.user, action, Pembelajaran), pk=pembelajaran)
    term = next(iter(Semester.objects.raw(SEMESTER, [lesson.kelas_id, semester])), None) if semester in (1, 2) else None
    if term is None:
        raise Http404
    return lesson, term


@router.get(
    "/pembelajaran/{pembelajaran}/{semester}/nilai",
    response={200: Lembar, 304: None} | REFUSALS,
    summary=_noop("Baca nilai satu pembelajaran"),
    description=_noop(
        "Kolom, peserta didik, semua nilai dengan versinya, dan hasilnya. `If-None-Match` menghemat jawaban yang sama."
    ),
    openapi_extra=conditional(_noop("Berubah bila ada isi yang berubah")),
)
@signed_in
def sheet(
    request: HttpRequest,
    response: HttpResponse,
    pembelajaran: int,
    semester: int,
    if_none_match: IfNoneMatch,
    akun: ForAccount,
) -> Any:
    """The marks of a lesson and semester with their versions, for whoever may see the lesson."""
    for_account(request, akun)
    lesson, term = lesson_of(request, "lihat", pembelajaran, semester)
    content = reading.lesson_sheet(lesson, term)
    response["ETag"] = digest(content)
    return Status(304, None) if unchanged(response["ETag"], if_none_match) else content


@router.post(
    "/pembelajaran/{pembelajaran}/{semester}/nilai",
    response={200: Tersimpan} | WRITE_REFUSALS,
    url_name="simpan_nilai",
    summary=_noop("Simpan nilai"),
    description=_noop("Simpan sel nilai satu pembelajaran dan semester; hanya gurunya. Tiap sel berdiri sendiri."),
)
@signed_in
def save(request: HttpRequest, pembelajaran: int, semester: int, isi: Simpan, akun: ForAccount) -> Any:
    """Save cells of one lesson and semester; only its teacher may. Each cell stands for itself."""
    for_account(request, akun)
    lesson, term = lesson_of(request, "isi", pembelajaran, semester)
    try:
        result = marks.save_marks(
            pembelajaran=lesson,
            semester=term,
            cells=[Cell(sel.penilaian, sel.anggota, sel.nilai, sel.versi) for sel in isi.sel],
            key=isi.kunci,
            by=akun_of(request),
        )
    except InputError as error:
        return Status(422, {"galat": error.galat})
    # Made of our own dataclasses, whose shape a test holds against `Tersimpan`: not validated again for each request.
    return JsonResponse(result.as_dict())


def mark_of(request: HttpRequest, action: str, penilaian: int, anggota: int) -> tuple[Penilaian, AnggotaKelas]:
    """The assessment on which the account may do `action`, and a pupil of its class. Raises Http404."""
    columns = visible_to(request.user, action, Penilaian).select_related("pembelajaran", "semester")
    column = get_object_or_404(columns, pk=penilaian)
    members = AnggotaKelas.objects.filter(kelas_id=column.pembelajaran.kelas_id, keluar__isnull=True)
    return column, get_object_or_404(members, pk=anggota)


@router.get(
    "/penilaian/{penilaian}/nilai/{anggota}",
    response={200: SatuNilai, 304: None} | REFUSALS,
    summary=_noop("Baca satu nilai"),
    description=_noop("Satu nilai dengan versi, penulis, dan waktunya. Versi 0: belum pernah ada nilai."),
    openapi_extra=conditional(_noop("Versi nilai ini; sebutkan dalam If-Match untuk mengubahnya")),
)
@signed_in
def read_mark(
    request: HttpRequest, response: HttpResponse, penilaian: int, anggota: int, if_none_match: IfNoneMatch
) -> Any:
    """One mark with its version, for whoever may see the marks of the lesson."""
    column, member = mark_of(request, "lihat", penilaian, anggota)
    content = reading.one_mark(column, member.pk)
    response["ETag"] = etag(content["versi"])
    return Status(304, None) if unchanged(response["ETag"], if_none_match) else content


@router.put(
    "/penilaian/{penilaian}/nilai/{anggota}",
    response={200: NilaiDitulis, 412: NilaiLain, 423: Galat, 428: Galat} | WRITE_REFUSALS,
    summary=_noop("Tulis satu nilai"),
    description=_noop(
        "Hanya guru pembelajaran itu. `If-Match` menyebut versi yang dilihat: tanpa itu 428; bila sudah ada yang lebih "
        "baru 412 beserta nilai, versi, penulis, dan waktunya, kecuali nilainya memang sama. Nilai yang terkunci oleh "
        "keadaan rapor: 423 dengan alasannya."
    ),
    openapi_extra=conditional(_noop("Versi nilai ini sesudahnya"), written=True),
)
@signed_in
def write_mark(
    request: HttpRequest,
    response: HttpResponse,
    penilaian: int,
    anggota: int,
    isi: NilaiBaru,
    if_match: IfMatch,
    kunci: IdempotencyKey,
) -> Any:
    """Write one mark against the version that the writer saw; only the lesson's teacher may."""
    column, member = mark_of(request, "kelola", penilaian, anggota)
    version = seen_version(if_match)
    if version:
        # A version of something that has never been: nothing would be overwritten, and yet the writer is mistaken.
        current = reading.one_mark(column, member.pk)
        if current["versi"] == 0:
            return _stale(response, current)
    try:
        result = marks.save_marks(
            pembelajaran=column.pembelajaran,
            semester=column.semester,
            cells=[Cell(column.pk, member.pk, isi.nilai, version)],
            key=kunci,
            by=akun_of(request),
        )
    except InputError as error:
        return Status(422, {"galat": error.galat})
    (cell,) = result.sel
    if cell.status == marks.CONFLICT:
        return _stale(response, cell.server or {})
    if cell.status == marks.REFUSED:
        return Status(423 if cell.terkunci else 422, {"galat": [{"jalur": "nilai", "pesan": cell.pesan}]})
    response["ETag"] = etag(cell.versi)
    return {
        "penilaian": cell.penilaian,
        "anggota": cell.anggota,
        "nilai": cell.nilai,
        "versi": cell.versi,
        "hasil": result.hasil[0] if result.hasil else None,
    }


def _stale(response: HttpResponse, current: dict[str, Any]) -> Any:
    """412 with what is there now."""
    response["ETag"] = etag(current["versi"])
    message = _("Nilai ini sudah lain dari versi yang Anda lihat; pilih nilai yang berlaku, lalu tulis lagi.")
    shown = {name: current[name] for name in ("nilai", "versi", "oleh", "pada")}
    return Status(412, {"galat": [{"jalur": "If-Match", "pesan": message}], **shown})
