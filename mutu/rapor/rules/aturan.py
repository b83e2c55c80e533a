"""The rule set of a day, what a school decides within it (weights, rounding, KKM), and the scale figures keep to."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import lru_cache
from typing import Any, Literal, get_args

from mutu.regulation import params
from mutu.regulation.exact import CARA, Cara, text
from mutu.regulation.explain import InputError

PAKET = "mutu.rapor"
KURIKULUM_UTAMA = "ktsp"

CaraBobot = Literal["rasio", "persen", "rata"]
Kosong = Literal["tolak", "normalisasi"]
Status = Literal["bawah", "sama", "atas"]


@dataclass(frozen=True, slots=True)
class Bobot:
    """How a school weighs UH, UTS and UAS: a ratio, percentages that total 100, or every assessment alike (`rata`).

    Raises InputError at `bobot` or `bobot.uh` and so on: a weight missing or below 0, all of them 0, percentages
    that do not total 100, or a weight given under `rata`. Source: Bab II.B.2 (weights are the school's).
    """

    cara: CaraBobot
    uh: Fraction | None = None
    uts: Fraction | None = None
    uas: Fraction | None = None

    def __post_init__(self) -> None:
        if self.cara not in get_args(CaraBobot):
            raise InputError.at("bobot.cara", f"Cara bobot ini tidak dikenal; pilih {', '.join(get_args(CaraBobot))}.")
        nilai = {nama: getattr(self, nama) for nama in ("uh", "uts", "uas")}
        if self.cara == "rata":
            galat = [
                {"jalur": f"bobot.{nama}", "pesan": "Pada cara rata setiap ulangan berbobot sama; hapus bobot ini."}
                for nama, satu in nilai.items()
                if satu is not None
            ]
            if galat:
                raise InputError(galat)
            return
        galat = []
        for nama, satu in nilai.items():
            if satu is None:
                galat.append({"jalur": f"bobot.{nama}", "pesan": "Bobot ini wajib ada; isi 0 bila tidak dipakai."})
            elif satu < 0:
                galat.append(
                    {"jalur": f"bobot.{nama}", "pesan": f"Bobot {text(satu)} kurang dari 0; isi 0 atau lebih."}
                )
            else:
                object.__setattr__(self, nama, Fraction(satu))
        if galat:
            raise InputError(galat)
        if not self.jumlah:
            raise InputError.at("bobot", "Semua bobot 0; isi sedikitnya satu bobot lebih dari 0.")
        penuh = _persen_penuh()
        if self.cara == "persen" and self.jumlah != penuh:
            raise InputError.at(
                "bobot", f"Jumlah bobot persen {text(self.jumlah)}, seharusnya {penuh}; ubah salah satunya."
            )

    @property
    def per_jenis(self) -> dict[str, Fraction]:
        """The weights by kind; under `rata` each assessment weighs 1."""
        return {nama: Fraction(1) if (satu := getattr(self, nama)) is None else satu for nama in ("uh", "uts", "uas")}

    @property
    def jumlah(self) -> Fraction:
        return sum(self.per_jenis.values(), Fraction(0))


@dataclass(frozen=True, slots=True)
class Pembulatan:
    """Named rounding of the UH mean (`rata_uh`) and of the mark itself (`akhir`); see `exact.rounded`.

    Raises InputError at `pembulatan.rata_uh` or `pembulatan.akhir` for an unknown name.
    """

    rata_uh: Cara
    akhir: Cara

    def __post_init__(self) -> None:
        for nama in ("rata_uh", "akhir"):
            if getattr(self, nama) not in CARA:
                raise InputError.at(f"pembulatan.{nama}", f"Cara ini tidak dikenal; pilih {', '.join(CARA)}.")


@dataclass(frozen=True, slots=True)
class AturanRapor:
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
        """The source of a parameter; marked when we interpret, when it is not verified, and when it is taken over."""
        return self.nilai[nama].asal

    @property
    def skala(self) -> tuple[int, int]:
        return self.isi("skala_min"), self.isi("skala_maks")

    @property
    def sebutan(self) -> str:
        """The unit of the description: SK, KD or TP."""
        return str(self.isi("deskripsi")["sebutan"])

    @property
    def sebutan_kkm(self) -> str:
        """What the mastery limit is called: KKM or KKTP."""
        return str(self.isi("bentuk_rapor")["sebutan_kkm"])

    @property
    def pembulatan(self) -> Pembulatan:
        return Pembulatan(self.isi("pembulatan_rata_uh"), self.isi("pembulatan_akhir"))

    @property
    def bobot_bawaan(self) -> Bobot:
        isi = self.isi("bobot_bawaan")
        return Bobot(isi["cara"], *(Fraction(isi[nama]) for nama in ("uh", "uts", "uas")))

    def istilah(self, jenis: str, semester: int | None = None) -> dict[str, str]:
        """Short and long name of a kind of assessment; the closing one is called UKK in semester 2."""
        if jenis == "uas" and semester is not None:
            jenis = self.isi("ulangan_akhir")[semester]
        return self.isi("istilah")[jenis]

    def as_dict(self) -> dict[str, str]:
        """As it stands in a result: id, validity, source."""
        return {"id": self.id, "berlaku": self.berlaku, "sumber": self.sumber}

    def __hash__(self) -> int:
        return hash((self.id, self.dari))


@lru_cache(maxsize=512)
def aturan_pada(tanggal: date) -> AturanRapor:
    """The rule set that holds on a day. Raises InputError at `tanggal`, naming the covered ranges."""
    try:
        return _aturan(params.of_package(PAKET).on(tanggal), tanggal)
    except params.DateNotCovered as error:
        raise InputError.at("tanggal", str(error)) from None


@lru_cache(maxsize=512)
def aturan_untuk(kurikulum: str, tanggal: date) -> AturanRapor:
    """The rule set by which a class of that curriculum is assessed on a day.

    Curricula held side by side, so the day alone does not decide. Raises InputError at `tanggal`, naming the covered
    ranges of the curriculum.
    """
    jalur = "" if kurikulum == KURIKULUM_UTAMA else kurikulum
    try:
        return _aturan(params.of_package(PAKET).on(tanggal, jalur), tanggal)
    except params.DateNotCovered as error:
        raise InputError.at("tanggal", str(error)) from None


@lru_cache(maxsize=512)
def aturan_dengan_id(id: str, tanggal: date | None = None) -> AturanRapor:
    """The rule set of that id, with its newest values or those of a day.

    Raises InputError at `aturan` for an unknown id and at `tanggal` for a day on which it does not hold.
    """
    try:
        peraturan = params.of_package(PAKET).with_id(id)
    except params.DateNotCovered as error:
        raise InputError.at("aturan", str(error)) from None
    try:
        return _aturan(peraturan, peraturan.latest_day() if tanggal is None else tanggal)
    except params.DateNotCovered as error:
        raise InputError.at("tanggal", str(error)) from None


def aturan_terbaru() -> AturanRapor:
    """The newest rule set, for what is printed the same under every one of them."""
    return aturan_dengan_id(next(satu.id for satu in reversed(params.of_package(PAKET).peraturan) if not satu.jalur))


def batas_skala() -> tuple[int, int]:
    """The widest scale over all rule sets: what an input form may offer before it knows the date."""
    semua = [aturan_dengan_id(satu.id).skala for satu in params.of_package(PAKET)]
    return min(bawah for bawah, _ in semua), max(atas for _, atas in semua)


def _aturan(peraturan: params.Peraturan, tanggal: date) -> AturanRapor:
    return AturanRapor(
        id=peraturan.id,
        judul=peraturan.judul,
        dari=peraturan.dari,
        sampai=peraturan.sampai,
        berlaku=peraturan.berlaku,
        sumber=peraturan.sumber if peraturan.diverifikasi else f"{peraturan.sumber} ({params.BELUM})",
        nilai=peraturan.on(tanggal),
    )


@lru_cache(maxsize=1)
def _persen_penuh() -> int:
    return int(aturan_terbaru().isi("persen_jumlah"))


# Bab I.B.5: kriteria ketuntasan minimal


def galat_kkm(kkm: int | None, aturan: AturanRapor, jalur: str = "kkm") -> list[dict[str, str]]:
    """The fault of a KKM off the scale, as a list for InputError; empty when there is none (or no KKM)."""
    bawah, atas = aturan.skala
    if kkm is None or bawah <= kkm <= atas:
        return []
    pesan = f"{aturan.sebutan_kkm} {kkm} di luar {bawah} sampai {atas}; isi {bawah} sampai {atas}."
    return [{"jalur": jalur, "pesan": pesan}]


def saran_kkm(kkm: int, aturan: AturanRapor, batas_un: Fraction | None = None) -> tuple[str, ...]:
    """Advice on a subject's KKM (0..100): not below the year's national pass limit on the same scale.

    `batas_un` is what the school enters; without it the rule set's own figure counts, if it has one. Advice only,
    nothing is refused. Raises InputError at `kkm` off the scale. Source: Bab I.B.5.
    """
    if galat := galat_kkm(kkm, aturan):
        raise InputError(galat)
    isi = aturan.isi("kkm_saran_minimal")
    batas = batas_un if batas_un is not None else (None if isi is None else Fraction(isi))
    if batas is None or kkm >= batas:
        return ()
    sumber = aturan.asal("kkm_ditetapkan")
    return (
        f"KKM {kkm} di bawah batas kelulusan ujian nasional {text(batas)}; disarankan tidak lebih rendah ({sumber}).",
    )


# The scale, and above or below the KKM


def deret(nilai: Any) -> list[Fraction | None]:
    return list(nilai) if isinstance(nilai, (list, tuple)) else [nilai]


def periksa_skala(masukan: Mapping[str, Any], kkm: int | None, aturan: AturanRapor) -> None:
    bawah, atas = aturan.skala
    galat = []
    for jenis, isi in masukan.items():
        for urutan, nilai in enumerate(deret(isi)):
            if nilai is not None and not bawah <= nilai <= atas:
                jalur = f"{jenis}[{urutan}]" if isinstance(isi, (list, tuple)) else jenis
                galat.append({"jalur": jalur, "pesan": pesan_skala(nilai, bawah, atas)})
    galat.extend(galat_kkm(kkm, aturan))
    if galat:
        raise InputError(galat)


def pesan_skala(nilai: Fraction | int, bawah: int, atas: int) -> str:
    return f"Nilai {text(nilai)} di luar {bawah} sampai {atas}; periksa dan ketik ulang."


def banding(nilai: Fraction | int, kkm: int, aturan: AturanRapor) -> tuple[str, str]:
    """Status word and comparison sign of a rounded mark beside its KKM."""
    jenis = status_kkm(nilai, kkm)
    return aturan.isi("status")[jenis], {"bawah": "<", "sama": "=", "atas": ">"}[jenis]


def status_kkm(nilai: Fraction | int, kkm: int) -> Status:
    if nilai < kkm:
        return "bawah"
    return "sama" if nilai == kkm else "atas"
