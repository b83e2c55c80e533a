"""The instruments as data: who is assessed, by which competencies and indicators, checked for counts as they are read.

Each instrument is a track of `params/` with its own dated versions. The names of competencies are official, the
wording of indicators is ours; an office may put its own in (`dengan_kata`).
Source: Pedoman Pelaksanaan PK Guru (Buku 2, 2010), Lampiran 1 to 3.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache
from typing import Any, Literal

from mutu.kinerja.rules.aturan import JALUR, PAKET
from mutu.regulation import params
from mutu.regulation.explain import InputError

Jenis = Literal["indikator", "kriteria"]
CARA_SINGKAT = {"pengamatan": "P", "pemantauan": "M"}
_PEMISAH = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Komponen:
    """One competency (or component) of an instrument.

    `banyak` is the number of its indicators; `butir` their wording, empty while it is not loaded. `cara` is how it is
    assessed, None while unknown. `bidang` holds the wording by field of duty where that decides the indicators (the
    fifth component of a deputy head); `banyak` is then 0 until a field is chosen.
    """

    nomor: int
    nama: str
    ranah: str
    cara: tuple[str, ...] | None
    banyak: int
    butir: tuple[str, ...]
    sumber: str
    bidang: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def cara_tulis(self) -> str:
        """How it is assessed, as printed: P, M, P&M, or a word that says it is unknown."""
        if self.cara is None:
            return params.BELUM
        return "&".join(CARA_SINGKAT[satu] for satu in self.cara)

    @property
    def jumlah_boleh(self) -> tuple[int, ...]:
        """The numbers of indicators this component may have: one, or one per field of duty."""
        if self.bidang:
            return tuple(sorted({len(butir) for butir in self.bidang.values()}, reverse=True))
        return (self.banyak,)


@dataclass(frozen=True, slots=True)
class Instrumen:
    """One version of an instrument. `pasti` is False where the number of indicators itself is not verified."""

    kode: str
    id: str
    nama: str
    jenis: Jenis
    komponen: tuple[Komponen, ...]
    pasti: bool
    catatan: tuple[str, ...]
    sumber: str
    dari: date
    sampai: date | None
    kata: Literal["kami", "kantor"] = "kami"

    @property
    def bidang(self) -> tuple[str, ...]:
        """The fields of duty to choose from; empty for most."""
        return tuple(nama for satu in self.komponen for nama in satu.bidang)

    @property
    def banyak_butir(self) -> int:
        return sum(satu.banyak for satu in self.komponen)

    def per_ranah(self) -> dict[str, tuple[int, int]]:
        """Number of competencies and of indicators by domain."""
        hasil: dict[str, tuple[int, int]] = {}
        for satu in self.komponen:
            kompetensi, butir = hasil.get(satu.ranah, (0, 0))
            hasil[satu.ranah] = (kompetensi + 1, butir + satu.banyak)
        return hasil

    def nomor(self, nomor: int, jalur: str = "nomor") -> Komponen:
        """The competency of that number. Raises InputError at `jalur`."""
        for satu in self.komponen:
            if satu.nomor == nomor:
                return satu
        raise InputError.at(jalur, f"{self.nama} mempunyai kompetensi 1 sampai {len(self.komponen)}, bukan {nomor}.")

    def untuk_bidang(self, bidang: str | None, jalur: str = "bidang") -> "Instrumen":
        """The instrument with its field of duty chosen; the same instrument where none is needed or given.

        Raises InputError at `jalur` for an unknown field, or one given where the instrument has none.
        """
        if bidang is None:
            return self
        if bidang not in self.bidang:
            saran = f"pilih {', '.join(self.bidang)}" if self.bidang else "hapus isian ini"
            raise InputError.at(jalur, f"Bidang tugas “{bidang[:40]}” tidak ada pada {self.nama.lower()}; {saran}.")
        return replace(
            self,
            komponen=tuple(
                replace(satu, butir=satu.bidang[bidang], banyak=len(satu.bidang[bidang]), bidang={})
                if satu.bidang
                else satu
                for satu in self.komponen
            ),
        )


def kode_instrumen(jenis: Jenis | None = None) -> tuple[str, ...]:
    """The codes of all instruments, or of those scored by indicators or by criteria."""
    kode = sorted({satu.jalur for satu in params.of_package(PAKET)} - set(JALUR.values()))
    # Teachers come first: their instruments are the ones most people look for.
    urut = sorted(kode, key=lambda satu: (not satu.startswith("guru-"), satu != "guru-mapel", satu))
    return tuple(satu for satu in urut if jenis is None or _jenis(satu) == jenis)


@lru_cache(maxsize=256)
def instrumen_pada(kode: str, tanggal: date, bidang: str | None = None, jalur: str = "instrumen") -> Instrumen:
    """The version of an instrument that holds on a day.

    Raises InputError at `jalur` for an unknown code, at `bidang` for an unknown field of duty, and at `tanggal` when
    no version holds on the day (a retired instrument), naming the covered ranges.
    """
    if kode not in kode_instrumen():
        raise InputError.at(jalur, f"Instrumen “{kode[:60]}” tidak dikenal; pilih {', '.join(kode_instrumen())}.")
    try:
        peraturan = params.of_package(PAKET).on(tanggal, kode)
    except params.DateNotCovered as error:
        raise InputError.at("tanggal", str(error)) from None
    return baca(peraturan, tanggal).untuk_bidang(bidang)


def baca(peraturan: params.Peraturan, tanggal: date) -> Instrumen:
    """An instrument from its params file, with the values of a day.

    Raises ParamsError when counts differ from those the file states, when a number is skipped, or when two
    indicators say the same.
    """
    isi = peraturan.on(tanggal)
    bentuk, ukuran = isi["bentuk"].nilai, isi["ukuran"].nilai
    komponen = tuple(
        _komponen(nama, satu) for nama, satu in sorted(isi.items()) if nama.partition("_")[0] == "kompetensi"
    )
    instrumen = Instrumen(
        kode=peraturan.jalur,
        id=peraturan.id,
        nama=bentuk["nama"],
        jenis=bentuk["jenis"],
        komponen=komponen,
        pasti=ukuran["pasti"],
        catatan=tuple(isi["catatan"].nilai),
        sumber=isi["ukuran"].asal,
        dari=peraturan.dari,
        sampai=peraturan.sampai,
    )
    _periksa_ukuran(instrumen, ukuran)
    return instrumen


def kata_ganda(butir: Sequence[str]) -> list[tuple[int, int]]:
    """Pairs of positions whose wording is the same apart from case, spacing and punctuation; the first one first."""
    pertama: dict[str, int] = {}
    ganda = []
    for urutan, kata in enumerate(butir):
        kunci = _PEMISAH.sub(" ", kata.casefold()).strip()
        if kunci in pertama:
            ganda.append((pertama[kunci], urutan))
        pertama.setdefault(kunci, urutan)
    return ganda


def dengan_kata(instrumen: Instrumen, baris: Sequence[Mapping[str, Any]]) -> Instrumen:
    """The instrument with an office's own wording, from the rows of its workbook.

    Each row is `{"kompetensi": 1, "indikator": 2, "kata": "..."}`. A field of duty must have been chosen
    (`untuk_bidang`). Where the number of indicators is not verified, the office's own number stands. Raises InputError
    listing every fault at `baris[n].kompetensi`, `baris[n].indikator` or `baris[n].kata`, and at `baris` for what is
    missing: an unknown competency, a number beyond the instrument, one given twice, empty wording, the same wording
    twice, and indicators that no row gives.
    """
    if instrumen.bidang:
        raise InputError.at("bidang", f"Pilih bidang tugas lebih dahulu: {', '.join(instrumen.bidang)}.")
    galat: list[dict[str, str]] = []
    ada: dict[tuple[int, int], tuple[int, str]] = {}
    banyak = {satu.nomor: satu.banyak for satu in instrumen.komponen}
    for urutan, satu in enumerate(baris):
        kompetensi, indikator, kata = satu["kompetensi"], satu["indikator"], str(satu["kata"] or "").strip()
        if kompetensi not in banyak:
            pesan = f"Kompetensi {kompetensi} tidak ada; instrumen ini mempunyai 1 sampai {len(banyak)}."
            galat.append({"jalur": f"baris[{urutan}].kompetensi", "pesan": pesan})
        elif indikator < 1 or (instrumen.pasti and indikator > banyak[kompetensi]):
            pesan = f"Kompetensi {kompetensi} mempunyai indikator 1 sampai {banyak[kompetensi]}, bukan {indikator}."
            galat.append({"jalur": f"baris[{urutan}].indikator", "pesan": pesan})
        elif (kompetensi, indikator) in ada:
            sebelum = ada[kompetensi, indikator][0] + 1
            pesan = f"Indikator {kompetensi}.{indikator} sudah ada pada baris ke-{sebelum}; hapus salah satunya."
            galat.append({"jalur": f"baris[{urutan}].indikator", "pesan": pesan})
        elif not kata:
            galat.append({"jalur": f"baris[{urutan}].kata", "pesan": "Rumusan indikator kosong; isi kalimatnya."})
            ada[kompetensi, indikator] = (urutan, "")
        else:
            ada[kompetensi, indikator] = (urutan, kata)
    terisi = [(urutan, kata) for urutan, kata in ada.values() if kata]
    for dulu, kini in kata_ganda([kata for _, kata in terisi]):
        pesan = f"Rumusan ini sama dengan baris ke-{terisi[dulu][0] + 1}; periksa salinannya."
        galat.append({"jalur": f"baris[{terisi[kini][0]}].kata", "pesan": pesan})
    galat += _yang_hilang(instrumen, ada)
    if galat:
        raise InputError(galat)
    komponen = []
    for satu_komponen in instrumen.komponen:
        nomor = sorted(indikator for kompetensi, indikator in ada if kompetensi == satu_komponen.nomor)
        butir = tuple(ada[satu_komponen.nomor, satu_nomor][1] for satu_nomor in nomor)
        komponen.append(replace(satu_komponen, butir=butir, banyak=len(butir)))
    return replace(instrumen, komponen=tuple(komponen), kata="kantor")


def _yang_hilang(instrumen: Instrumen, ada: Mapping[tuple[int, int], object]) -> list[dict[str, str]]:
    hilang = []
    for satu in instrumen.komponen:
        nomor = [indikator for kompetensi, indikator in ada if kompetensi == satu.nomor]
        sampai = satu.banyak if instrumen.pasti else max(nomor, default=1)
        hilang += [f"{satu.nomor}.{urutan}" for urutan in range(1, sampai + 1) if urutan not in nomor]
    if not hilang:
        return []
    sebagian = ", ".join(hilang[:10]) + (f", dan {len(hilang) - 10} lagi" if len(hilang) > 10 else "")
    return [{"jalur": "baris", "pesan": f"Indikator {sebagian} tidak ada pada berkas; tambahkan barisnya."}]


@lru_cache(maxsize=32)
def _jenis(kode: str) -> Jenis:
    peraturan = [satu for satu in params.of_package(PAKET) if satu.jalur == kode][-1]
    jenis: Jenis = peraturan.on(peraturan.latest_day())["bentuk"].nilai["jenis"]
    return jenis


def _komponen(nama: str, isi: params.Isi) -> Komponen:
    nilai = isi.nilai
    bidang = {satu: tuple(pilihan["butir"]) for satu, pilihan in nilai.get("bidang", {}).items()}
    butir = tuple(nilai.get("butir", ()))
    return Komponen(
        nomor=int(nama.partition("_")[2]),
        nama=nilai["nama"],
        ranah=nilai.get("ranah", ""),
        cara=None if nilai["cara"] is None else tuple(nilai["cara"]),
        banyak=nilai.get("banyak", len(butir)),
        butir=butir,
        sumber=isi.asal,
        bidang=bidang,
    )


def _periksa_ukuran(instrumen: Instrumen, ukuran: Mapping[str, Any]) -> None:
    def harap(apa: str, tertulis: object, ada: object) -> None:
        if tertulis != ada:
            raise params.ParamsError(f"{instrumen.id}: {apa} stated {tertulis}, found {ada}")

    harap("competencies", ukuran["kompetensi"], len(instrumen.komponen))
    harap("numbers", list(range(1, len(instrumen.komponen) + 1)), [satu.nomor for satu in instrumen.komponen])
    if instrumen.bidang:
        lengkap = {satu: instrumen.untuk_bidang(satu) for satu in instrumen.bidang}
        harap("indicators", ukuran["butir"], {satu: isi.banyak_butir for satu, isi in lengkap.items()})
    else:
        lengkap = {"": instrumen}
        harap("indicators", ukuran["butir"], instrumen.banyak_butir)
    if "ranah" in ukuran:
        harap("domains", ukuran["ranah"], {ranah: list(isi) for ranah, isi in instrumen.per_ranah().items()})
    for satu in lengkap.values():
        butir = [kata for komponen in satu.komponen for kata in komponen.butir]
        if ganda := kata_ganda(butir):
            raise params.ParamsError(f"{instrumen.id}: the same indicator twice: {butir[ganda[0][0]]!r}")
    if kosong := Counter(satu.nomor for satu in instrumen.komponen if not satu.banyak and not satu.bidang):
        raise params.ParamsError(f"{instrumen.id}: no indicator in {sorted(kosong)}")
