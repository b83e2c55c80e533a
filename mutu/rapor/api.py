"""The rapor over HTTP: the same services as the pages. The mark grid saves through here."""

from typing import Any

from django.http import Http404, HttpRequest, JsonResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_noop as _noop
from ninja import Router, Schema, Status
from ninja.security import django_auth
from pydantic import BaseModel, Field

from mutu.rapor.models import NilaiRapor
from mutu.rapor.services import marks
from mutu.rapor.services.marks import Cell
from mutu.regulation.explain import InputError
from mutu.satuan.access import akun_of, signed_in, visible_to
from mutu.satuan.models import Pembelajaran, Semester

router = Router(auth=django_auth, tags=["rapor"])
MOST_CELLS = 5_000
# Plain, as in the services of the save: each query built by Django costs this request 0.3 to 0.5 ms.
SEMESTER = """
SELECT s.* FROM satuan_semester s JOIN satuan_kelas k ON k.tahun_id = s.tahun_id WHERE k.id = %s AND s.nomor = %s
"""


class SelMasuk(BaseModel):
    """A cell as typed, with the version that the writer saw (0: no mark yet)."""

    penilaian: int
    anggota: int
    nilai: str = Field(max_length=40)
    versi: int = Field(ge=0)


class Simpan(BaseModel):
    """A request to save cells. The same `kunci` with the same cells has no second effect."""

    kunci: str = Field(min_length=8, max_length=80)
    sel: list[SelMasuk] = Field(max_length=MOST_CELLS)


class SelKeluar(Schema):
    """What became of a cell: `tersimpan`, `ditolak` (see `pesan`) or `bentrok` (see `server`)."""

    penilaian: int
    anggota: int
    status: str
    nilai: str
    versi: int
    pesan: str | None = None
    server: dict[str, Any] | None = None


class Hasil(Schema):
    """A pupil's rapor mark after the save; `nilai` is null while `kurang` names what is missing."""

    anggota: int
    nilai: int | None
    huruf: str
    status: str
    deskripsi: str
    kurang: list[str]
    kenapa: str


class Tersimpan(Schema):
    """The answer to a save."""

    sel: list[SelKeluar]
    hasil: list[Hasil]


class Galat(Schema):
    """Input that cannot be worked on: where, and how to mend it."""

    galat: list[dict[str, str]]


class Penjelasan(Schema):
    """A rapor mark with its steps."""

    nilai: int | None
    huruf: str
    kkm: int | None
    status: str
    deskripsi: str
    kurang: list[str]
    langkah: list[dict[str, Any]]
    aturan: str
    versi: int


@router.post(
    "/pembelajaran/{pembelajaran}/{semester}/nilai",
    response={200: Tersimpan, 422: Galat},
    url_name="simpan_nilai",
    summary=_noop("Simpan nilai"),
    description=_noop("Simpan sel nilai satu pembelajaran dan semester; hanya gurunya. Tiap sel berdiri sendiri."),
)
@signed_in
def save(request: HttpRequest, pembelajaran: int, semester: int, isi: Simpan) -> Any:
    """Save cells of one lesson and semester; only its teacher may. Each cell stands for itself."""
    # Bare rows: what the pages use fetches class, subject, school and places along, which a save need not wait for.
    lesson = get_object_or_404(visible_to(request.user, "isi", Pembelajaran), pk=pembelajaran)
    term = next(iter(Semester.objects.raw(SEMESTER, [lesson.kelas_id, semester])), None) if semester in (1, 2) else None
    if term is None:
        raise Http404
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


@router.get(
    "/nilai/{nilai_rapor}",
    response=Penjelasan,
    summary=_noop("Nilai rapor dan langkahnya"),
    description=_noop("Satu nilai rapor dan langkahnya, untuk orang sekolah yang boleh melihatnya."),
)
@signed_in
def explain(request: HttpRequest, nilai_rapor: int) -> Any:
    """One rapor mark with its steps, for those who work at the school and may see it."""
    row = visible_to(request.user, "lihat", NilaiRapor, field="versi").filter(pk=nilai_rapor).first()
    if row is None:
        raise Http404
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
