"""What the API of the rapor takes and gives."""

from typing import Any

from ninja import Schema
from pydantic import BaseModel, ConfigDict, Field

MOST_CELLS = 5_000


class SelMasuk(BaseModel):
    """A cell as typed, with the version that the writer saw (0: no mark yet)."""

    model_config = ConfigDict(strict=True, extra="forbid")

    penilaian: int
    anggota: int
    nilai: str = Field(max_length=40)
    versi: int = Field(ge=0)


class Simpan(BaseModel):
    """A request to save cells. The same `kunci` with the same cells has no second effect."""

    model_config = ConfigDict(strict=True, extra="forbid")

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
    terkunci: bool = False


class Hasil(Schema):
    """A pupil's rapor mark after the save; `nilai` is null while `kurang` names what is missing.

    `lain_...` is the second mark of the subject, for curricula that have one.
    """

    anggota: int
    nilai: int | None
    huruf: str
    status: str
    deskripsi: str
    kurang: list[str]
    predikat: str
    lain_nilai: int | None
    lain_predikat: str
    lain_deskripsi: str
    kenapa: str


class Tersimpan(Schema):
    """The answer to a save."""

    sel: list[SelKeluar]
    hasil: list[Hasil]


class Galat(Schema):
    """Input that cannot be worked on: where, and how to mend it."""

    galat: list[dict[str, str]]


class Kolom(Schema):
    """A column of the grid: an assessment, and the number of its SK where it has one."""

    penilaian: int
    judul: str
    jenis: str
    sk: int | None


class Peserta(Schema):
    """A pupil of the class."""

    anggota: int
    nama: str
    nis: str


class Sel(Schema):
    """A mark as it is stored: `72,5`, or empty when it was taken back."""

    penilaian: int
    anggota: int
    nilai: str
    versi: int


class Lembar(Schema):
    """The marks of a lesson and semester. A cell that `sel` does not list has version 0: never a mark."""

    pembelajaran: int
    semester: int
    kolom: list[Kolom]
    peserta: list[Peserta]
    sel: list[Sel]
    hasil: list[Hasil]


class SatuNilai(Schema):
    """A mark, who wrote it and when, and in `terkunci` why it cannot be changed now."""

    penilaian: int
    anggota: int
    nilai: str
    versi: int
    oleh: str | None
    pada: str | None
    terkunci: str | None


class NilaiBaru(BaseModel):
    """A mark to write: 0 to 100 with at most two decimals, comma or point; empty takes it back."""

    model_config = ConfigDict(strict=True, extra="forbid", json_schema_extra={"example": {"nilai": "72,5"}})

    nilai: str = Field(max_length=40, json_schema_extra={"pattern": r"^([0-9]{1,2}([.,][0-9]{1,2})?|100)?$"})


class NilaiDitulis(Schema):
    """A mark that was written, and the pupil's rapor mark that follows from it."""

    penilaian: int
    anggota: int
    nilai: str
    versi: int
    hasil: Hasil | None


class NilaiLain(Schema):
    """The write met a newer version: what is there now, who wrote it and when."""

    galat: list[dict[str, str]]
    nilai: str
    versi: int
    oleh: str | None
    pada: str | None


class Deskripsi(Schema):
    """The description on the rapor: `teks` is the teacher's own, `bawaan` the computed one that stands without it."""

    teks: str
    bawaan: str
    versi: int


class DeskripsiBaru(BaseModel):
    """The teacher's own words; empty brings the computed sentence back."""

    model_config = ConfigDict(strict=True, extra="forbid", json_schema_extra={"example": {"teks": "Rajin berlatih."}})

    teks: str = Field(max_length=1000)


class DeskripsiDitulis(Schema):
    """The description that was written, and advice on its length."""

    teks: str
    versi: int
    saran: list[str]


class DeskripsiLain(Schema):
    """The write met a newer version: what is there now."""

    galat: list[dict[str, str]]
    teks: str
    bawaan: str
    versi: int


class MapelRapor(Schema):
    """A row of the rapor. A missing mark is null, never 0."""

    model_config = ConfigDict(extra="allow")

    nama: str
    kkm: int | None
    nilai: int | None
    huruf: str | None
    deskripsi: str | None


class IsiRapor(Schema):
    """What stands on a pupil's rapor; the same data as the paper. `draf`: not final yet."""

    model_config = ConfigDict(extra="allow")

    anggota: int
    kelas: str
    semester: int
    tahun_pelajaran: str
    draf: bool
    peserta: dict[str, Any]
    sekolah: dict[str, Any]
    mapel: list[MapelRapor]


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
