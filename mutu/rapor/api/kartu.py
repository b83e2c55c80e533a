"""The rapor over HTTP: a rapor mark with its steps, its description, and what stands on a pupil's rapor."""

from typing import Any

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_noop as _noop
from ninja import Status

from mutu.rapor import documents
from mutu.rapor.api.schemas import (
    Deskripsi,
    DeskripsiBaru,
    DeskripsiDitulis,
    DeskripsiLain,
    Galat,
    IsiRapor,
    Penjelasan,
)
from mutu.rapor.api.shared import (
    REFUSALS,
    WRITE_REFUSALS,
    IdempotencyKey,
    IfMatch,
    IfNoneMatch,
    conditional,
    digest,
    etag,
    router,
    seen_version,
    unchanged,
)
from mutu.rapor.models import NilaiRapor
from mutu.rapor.services import cards, keadaan, reading
from mutu.rapor.services.sekali import once
from mutu.regulation.explain import InputError
from mutu.satuan.access import akun_of, signed_in, visible_to
from mutu.satuan.models import AnggotaKelas, Kelas


@router.get(
    "/nilai/{nilai_rapor}",
    response={200: Penjelasan} | REFUSALS,
    summary=_noop("Nilai rapor dan langkahnya"),
    description=_noop("Satu nilai rapor dan langkahnya, untuk orang sekolah yang boleh melihatnya."),
    openapi_extra=conditional(_noop("Versi nilai rapor ini")),
)
@signed_in
def explain(request: HttpRequest, response: HttpResponse, nilai_rapor: int) -> Any:
    """One rapor mark with its steps, for those who work at the school and may see it."""
    row = get_object_or_404(visible_to(request.user, "lihat", NilaiRapor, field="versi"), pk=nilai_rapor)
    response["ETag"] = etag(row.versi)
    return {
        "nilai": row.nilai,
        "huruf": row.huruf,
        "kkm": row.kkm,
        "status": row.status,
        "deskripsi": row.deskripsi_cetak,
        "kurang": row.kurang,
        "langkah": row.langkah,
        "aturan": row.aturan,
        "versi": row.versi,
    }


def _description(row: NilaiRapor) -> dict[str, Any]:
    return {"teks": row.deskripsi_manual, "bawaan": row.deskripsi, "versi": row.versi}


@router.get(
    "/nilai/{nilai_rapor}/deskripsi",
    response={200: Deskripsi, 304: None} | REFUSALS,
    summary=_noop("Baca deskripsi"),
    description=_noop("Deskripsi satu nilai rapor: tulisan guru dan kalimat bawaannya, dengan versinya."),
    openapi_extra=conditional(_noop("Versi nilai rapor ini; sebutkan dalam If-Match untuk menulis deskripsi")),
)
@signed_in
def read_description(request: HttpRequest, response: HttpResponse, nilai_rapor: int, if_none_match: IfNoneMatch) -> Any:
    """The description of one rapor mark, for those who work at the school and may see it."""
    row = get_object_or_404(visible_to(request.user, "lihat", NilaiRapor, field="versi"), pk=nilai_rapor)
    response["ETag"] = etag(row.versi)
    return Status(304, None) if unchanged(response["ETag"], if_none_match) else _description(row)


class Locked(Exception):
    """The state of the rapor forbids the write; the text says why and who opens it."""


@router.put(
    "/nilai/{nilai_rapor}/deskripsi",
    response={200: DeskripsiDitulis, 412: DeskripsiLain, 423: Galat, 428: Galat} | WRITE_REFUSALS,
    summary=_noop("Tulis deskripsi"),
    description=_noop(
        "Kata guru sendiri menggantikan kalimat bawaan; teks kosong mengembalikannya. Versi, kunci permintaan, dan "
        "kunci keadaan rapor seperti pada menulis satu nilai."
    ),
    openapi_extra=conditional(_noop("Versi nilai rapor ini sesudahnya"), written=True),
)
@signed_in
def write_description(
    request: HttpRequest,
    response: HttpResponse,
    nilai_rapor: int,
    isi: DeskripsiBaru,
    if_match: IfMatch,
    kunci: IdempotencyKey,
) -> Any:
    """The teacher's own words against the version that the writer saw; only the lesson's teacher may."""
    by = akun_of(request)
    row = get_object_or_404(visible_to(by, "ubah", NilaiRapor), pk=nilai_rapor)
    version = seen_version(if_match)

    def write() -> dict[str, Any]:
        if locked := keadaan.kunci_pribadi(row.semester, [row.anggota_id]):
            raise Locked(locked[row.anggota_id])
        advice = cards.write_description(row=row, text=isi.teks, versi=version, by=by)
        after = NilaiRapor.objects.only("deskripsi_manual", "versi").get(pk=row.pk)
        return {"teks": after.deskripsi_manual, "versi": after.versi, "saran": list(advice)}

    content = ["deskripsi", row.pk, version, isi.teks]
    try:
        with transaction.atomic():
            NilaiRapor.objects.select_for_update().order_by().values_list("pk").get(pk=row.pk)
            answer = once(by=by, key=kunci, content=content, do=write)
    except Locked as error:
        return Status(423, {"galat": [{"jalur": "", "pesan": str(error)}]})
    except InputError as error:
        if error.galat[0]["jalur"] != "versi":
            return Status(422, {"galat": error.galat})
        row.refresh_from_db()
        response["ETag"] = etag(row.versi)
        return Status(412, {"galat": [{**error.galat[0], "jalur": "If-Match"}], **_description(row)})
    response["ETag"] = etag(answer["versi"])
    return answer


@router.get(
    "/anggota/{anggota}/{semester}/rapor",
    response={200: IsiRapor, 304: None} | REFUSALS,
    summary=_noop("Baca rapor satu peserta didik"),
    description=_noop(
        "Isi rapor sebagaimana tercetak. Orang tua melihatnya sejak tanggal pembagian, dan hanya yang bukan draf."
    ),
    openapi_extra=conditional(_noop("Berubah bila isi rapor berubah")),
)
@signed_in
def read_card(
    request: HttpRequest, response: HttpResponse, anggota: int, semester: int, if_none_match: IfNoneMatch
) -> Any:
    """What stands on the rapor of one pupil, for whoever may print it; guardians from the day of handing over."""
    places = ("kelas__tahun__sekolah__kabkota", "kelas__tahun__sekolah__kecamatan", "kelas__wali_kelas")
    member = get_object_or_404(visible_to(request.user, "cetak", AnggotaKelas).select_related(*places), pk=anggota)
    term = cards.semester_of(member.kelas, semester) if semester in (1, 2) else None
    if term is None:
        raise Http404
    inside = visible_to(request.user, "lihat", Kelas).filter(pk=member.kelas_id).exists()
    found = documents.cards(member.kelas, term, [member.pk])
    if not found or not (inside or (reading.released(term) and not found[0]["draf"])):
        raise Http404
    response["ETag"] = digest(found[0])
    return Status(304, None) if unchanged(response["ETag"], if_none_match) else found[0]
