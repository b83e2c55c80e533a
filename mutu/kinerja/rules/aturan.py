"""The rule set of a day, in each of the two regimes: PK GURU, and the conversion of predicates from 2023."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import lru_cache
from typing import Any, Literal, get_args

from mutu.regulation import params
from mutu.regulation.exact import CARA, Cara, number, rounded
from mutu.regulation.explain import InputError

PAKET = "mutu.kinerja"

# The regimes, and the tracks of params on which they stand; every other track is an instrument.
Rezim = Literal["pkguru", "konversi"]
JALUR: dict[Rezim, str] = {"pkguru": "", "konversi": "konversi"}

Celah = Literal["batas-bawah", "batas-atas", "bulat", "tolak"]
CELAH: tuple[Celah, ...] = get_args(Celah)
PersenNol = Literal["satu", "nol", "tolak"]
PERSEN_NOL: tuple[PersenNol, ...] = get_args(PersenNol)


@dataclass(frozen=True, slots=True)
class AturanKinerja:
    """The rule set that holds on one day. `nilai` holds the values by parameter name, see `params/*.yaml`."""

    id: str
    judul: str
    dari: date
    sampai: date | None
    berlaku: str
    sumber: str
    nilai: Mapping[str, params.Isi]

    def isi(self, nama: str) -> Any:
        return self.nilai[nama].nilai

    def asal(self, nama: str) -> str:
        """The source of a parameter; marked when we interpret it and when it is not verified."""
        return self.nilai[nama].asal

    @property
    def skala_kompetensi(self) -> tuple[int, int]:
        """Lowest and highest value of a competency or criterion."""
        isi = self.isi("skala_kompetensi")
        return isi["terendah"], isi["tertinggi"]

    def as_dict(self) -> dict[str, str]:
        """As it stands in a result: id, validity, source."""
        return {"id": self.id, "berlaku": self.berlaku, "sumber": self.sumber}

    def __hash__(self) -> int:
        return hash((self.id, self.dari))


@lru_cache(maxsize=512)
def aturan_pada(tanggal: date, rezim: Rezim = "pkguru") -> AturanKinerja:
    """The rule set of a regime on a day. Raises InputError at `tanggal`, naming the covered ranges."""
    try:
        return _aturan(params.of_package(PAKET).on(tanggal, JALUR[rezim]), tanggal)
    except params.DateNotCovered as error:
        raise InputError.at("tanggal", str(error)) from None


@lru_cache(maxsize=512)
def aturan_dengan_id(id: str, tanggal: date | None = None, rezim: Rezim = "pkguru") -> AturanKinerja:
    """The rule set of that id, with its newest values or those of a day.

    Raises InputError at `aturan` for an id that is unknown or of another regime, and at `tanggal` for a day on which
    it does not hold.
    """
    milik = [satu for satu in params.of_package(PAKET) if satu.jalur == JALUR[rezim]]
    peraturan = next((satu for satu in milik if satu.id == id), None)
    if peraturan is None:
        ada = ", ".join(satu.id for satu in milik)
        raise InputError.at("aturan", f"Aturan “{id[:60]}” tidak dikenal di sini. Yang ada: {ada}.")
    try:
        return _aturan(peraturan, peraturan.latest_day() if tanggal is None else tanggal)
    except params.DateNotCovered as error:
        raise InputError.at("tanggal", str(error)) from None


def aturan_terbaru(rezim: Rezim = "pkguru") -> AturanKinerja:
    """The newest rule set of a regime: for what an input form offers before it knows the date."""
    return aturan_dengan_id(
        [satu.id for satu in params.of_package(PAKET) if satu.jalur == JALUR[rezim]][-1], rezim=rezim
    )


def rezim_pada(tanggal: date) -> Rezim:
    """The regime by which the credit of that day's assessment counts: the one that began last.

    Both can be computed on any day they cover; this is the one that decides. Raises InputError at `tanggal` when
    neither holds.
    """
    berlaku = []
    for rezim, jalur in JALUR.items():
        berlaku += [
            (satu.dari, rezim) for satu in params.of_package(PAKET) if satu.jalur == jalur and satu.holds(tanggal)
        ]
    if not berlaku:
        aturan_pada(tanggal)
    return max(berlaku)[1]


def sidik_aturan(id: str) -> str:
    """SHA-256 (hex) of the params file of a rule set or an instrument. Raises InputError at `aturan`."""
    try:
        return params.digest(PAKET, id)
    except params.DateNotCovered as error:
        raise InputError.at("aturan", str(error)) from None


def _aturan(peraturan: params.Peraturan, tanggal: date) -> AturanKinerja:
    return AturanKinerja(
        id=peraturan.id,
        judul=peraturan.judul,
        dari=peraturan.dari,
        sampai=peraturan.sampai,
        berlaku=peraturan.berlaku,
        sumber=peraturan.sumber if peraturan.diverifikasi else f"{peraturan.sumber} ({params.BELUM})",
        nilai=peraturan.on(tanggal),
    )


def angka(isi: object) -> Fraction:
    """A number of params as an exact fraction."""
    return number(isi)


def tampil(nilai: Fraction, aturan: AturanKinerja, cara: Cara | None = None) -> str:
    """A credit as printed: “13,13”. Everything before stays exact.

    `cara` overrides the rule set's rounding, to compare with a publication that cuts off (`bawah`). Raises InputError
    at `pembulatan` for an unknown name. Source: Lampiran 1D.
    """
    isi = aturan.isi("pembulatan_tampil")
    pilihan, tempat = cara or isi["cara"], isi["tempat"]
    if pilihan not in CARA or pilihan == "tidak":
        ada = ", ".join(satu for satu in CARA if satu != "tidak")
        raise InputError.at("pembulatan", f"Cara pembulatan “{pilihan}” tidak dikenal; pilih {ada}.")
    satuan = int(rounded(nilai * 10**tempat, pilihan))
    tanda, angka_bulat = ("-" if satuan < 0 else ""), f"{abs(satuan):0{tempat + 1}d}"
    return f"{tanda}{angka_bulat[:-tempat]},{angka_bulat[-tempat:]}"


def pilihan_celah(celah: str | None, aturan: AturanKinerja) -> Celah:
    """The gap policy asked for, or the rule set's. Raises InputError at `celah` for an unknown name."""
    pilihan = celah or aturan.isi("celah")
    for satu in CELAH:
        if satu == pilihan:
            return satu
    raise InputError.at("celah", f"Kebijakan celah “{str(pilihan)[:40]}” tidak dikenal; pilih {', '.join(CELAH)}.")


def pilihan_nol(nol: str | None, aturan: AturanKinerja) -> PersenNol:
    """The policy for X = 0% asked for, or the rule set's. Raises InputError at `nol` for an unknown name."""
    pilihan = nol or aturan.isi("persen_nol")
    for satu in PERSEN_NOL:
        if satu == pilihan:
            return satu
    raise InputError.at("nol", f"Kebijakan “{str(pilihan)[:40]}” tidak dikenal; pilih {', '.join(PERSEN_NOL)}.")


def tampil_pada(nilai: object, tanggal: date, cara: Cara | None = None) -> str:
    """`tampil` of a figure as people write it, by the rule set of a day."""
    return tampil(angka(nilai), aturan_pada(tanggal), cara)
