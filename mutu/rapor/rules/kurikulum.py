"""What the curricula after 2007 add: letters beside the mark, descriptions by highest and lowest, two marks a subject.

The numbers and words stand in `params/k13-2016.yaml`, `merdeka-2022.yaml` and `merdeka-2025.yaml`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any

from mutu.rapor.rules.aturan import AturanRapor, aturan_dengan_id, banding, periksa_skala
from mutu.rapor.rules.kata import CapaianSK, deskripsi, huruf
from mutu.rapor.rules.nilai import HasilNilai
from mutu.regulation.exact import CARA_TEKS, Cara, plain, rounded, text
from mutu.regulation.explain import InputError, Langkah

# Bentuk rapor


@dataclass(frozen=True, slots=True)
class BentukRapor:
    """What stands on the printed rapor of a rule set, and in which order.

    `kolom` are the columns of one mark (`angka`, `huruf`, `predikat`). `ranah` maps the aspects that carry a mark of
    their own to their titles, in printed order; it is empty where a subject has one mark. `bagian` maps the sections
    to their titles, in printed order (`identitas`, `nilai`, `pengembangan`, `sikap`, `ketidakhadiran`, `prestasi`,
    `catatan`, `kenaikan`, `tanda_tangan`). `sebutan` is the unit of the description (SK, KD, TP), `sebutan_kkm` the
    name of the mastery limit, which has a column of its own only when `kkm_dicetak`. `fase` is the header's phase.
    """

    judul: str
    kolom: tuple[str, ...]
    ranah: Mapping[str, str]
    bagian: Mapping[str, str]
    judul_nilai: str
    judul_deskripsi: str
    sebutan: str
    sebutan_kkm: str
    kkm_dicetak: bool
    fase: str | None


@lru_cache(maxsize=64)
def bentuk_rapor(aturan: AturanRapor) -> BentukRapor:
    """The printed form of a rule set. Source: the rule set's `bentuk_rapor`, `ranah` and `deskripsi`."""
    isi = aturan.isi("bentuk_rapor")
    return BentukRapor(
        judul=isi["judul"],
        kolom=tuple(isi["kolom"]),
        ranah={nama: satu["judul"] for nama, satu in aturan.isi("ranah").items()},
        bagian=dict(isi["bagian"]),
        judul_nilai=isi["judul_nilai"],
        judul_deskripsi=isi["judul_deskripsi"],
        sebutan=aturan.isi("deskripsi")["sebutan"],
        sebutan_kkm=isi["sebutan_kkm"],
        kkm_dicetak=isi["kkm_dicetak"],
        fase=isi["fase"],
    )


# Predikat


@dataclass(frozen=True, slots=True)
class HasilPredikat:
    """The letter beside a mark, the word it stands for in a description, and the step that names its band."""

    huruf: str
    kata: str
    langkah: Langkah


def cara_predikat(aturan: AturanRapor) -> dict[str, str]:
    """The ways to cut the scale into letters that a school may choose from, with their titles; empty without letters.

    The rule set's own choice stands first.
    """
    isi = aturan.isi("predikat")
    if isi is None:
        return {}
    urut = sorted(isi["cara"], key=lambda nama: nama != isi["bawaan"])
    return {nama: isi["cara"][nama]["judul"] for nama in urut}


def predikat(nilai: int | Fraction, kkm: int, aturan: AturanRapor, cara: str = "") -> HasilPredikat | None:
    """The letter of a mark beside its KKM, both on the scale (0..100); None where the rule set prints no letter.

    `cara` is the school's choice among `cara_predikat`, empty for the rule set's own. Bands are cut at named lower
    limits, or by dividing the way from the KKM to the highest mark into equal parts; a mark on the border of two
    parts belongs to the lower one. Raises InputError at `predikat` for an unknown way, and off the scale.
    Source: the rule set's `predikat`.
    """
    isi = aturan.isi("predikat")
    if isi is None:
        return None
    periksa_skala({"nilai": Fraction(nilai)}, kkm, aturan)
    nama = cara or isi["bawaan"]
    if nama not in isi["cara"]:
        raise InputError.at("predikat", f"Cara predikat ini tidak dikenal; pilih {', '.join(isi['cara'])}.")
    pilihan = isi["cara"][nama]
    if "kkm" in pilihan and kkm not in pilihan["kkm"]:
        nama = pilihan["selain_itu"]
        pilihan = isi["cara"][nama]
    if "huruf" in pilihan:
        hasil, rumus = _rentang(Fraction(nilai), kkm, pilihan["huruf"], isi["bawah"], aturan)
    else:
        hasil, rumus = _batas(Fraction(nilai), pilihan.get("batas") or pilihan["kkm"][kkm], isi["bawah"])
    langkah = Langkah("Predikat", hasil, f"{rumus} ({pilihan['judul']})", aturan.asal("predikat"))
    return HasilPredikat(hasil, {**isi["kata"], **pilihan.get("kata", {})}[hasil], langkah)


def _rentang(nilai: Fraction, kkm: int, pilihan: Sequence[str], bawah: str, aturan: AturanRapor) -> tuple[str, str]:
    if nilai < kkm:
        return bawah, f"{text(nilai)} < {aturan.sebutan_kkm} {kkm}"
    panjang = Fraction(aturan.skala[1] - kkm, len(pilihan))
    dari_bawah = list(reversed(pilihan))
    ke = next((ke for ke in range(len(dari_bawah)) if nilai <= kkm + (ke + 1) * panjang), len(dari_bawah) - 1)
    mula, tanda = kkm + ke * panjang, "<" if ke else "≤"
    return dari_bawah[ke], f"{text(mula)} {tanda} {text(nilai)} ≤ {text(mula + panjang)}"


def _batas(nilai: Fraction, batas: Mapping[str, int], bawah: str) -> tuple[str, str]:
    for satu, mulai in batas.items():
        if nilai >= mulai:
            return satu, f"{text(nilai)} ≥ {mulai}"
    return bawah, f"{text(nilai)} < {min(batas.values())}"


# Dua nilai dalam satu mata pelajaran


def ranah_kolom(ranah: str, aturan: AturanRapor) -> str:
    """The aspect that a column of the mark grid counts for: its own, or the first where it names none of the rule set.

    Empty where a subject has one mark.
    """
    dikenal = aturan.isi("ranah")
    return ranah if ranah in dikenal else next(iter(dikenal), "")


def jenis_ranah(ranah: str, aturan: AturanRapor) -> tuple[str, ...]:
    """The kinds of assessment that an aspect has (`uh`, `uts`, `uas`); all of the rule set's where it has one mark."""
    dikenal = aturan.isi("ranah")
    return tuple(dikenal[ranah]["jenis"] if ranah in dikenal else aturan.isi("penghitungan"))


def nilai_optimum(
    kd: Mapping[int, Sequence[Fraction | None]],
    *,
    kkm: int | None,
    aturan: AturanRapor,
    akhir: Cara | None = None,
    nama: str = "keterampilan",
) -> HasilNilai:
    """A mark from the best of each KD: the mean of the highest assessments (0..100), rounded once.

    `kd` maps the KD's number to its assessments. A KD is missing only when none of them has a mark; then there is no
    mark and `kurang` names it. Raises InputError off the scale. Source: the rule set's `ranah`; interpretation.
    """
    periksa_skala({f"kd.{nomor}": list(isi) for nomor, isi in kd.items()}, kkm, aturan)
    sebutan, sumber = aturan.sebutan, aturan.asal("ranah")
    terbaik: list[Fraction] = []
    kurang: list[str] = []
    langkah: list[Langkah] = []
    for nomor, isi in sorted(kd.items()):
        ada = [satu for satu in isi if satu is not None]
        if not ada:
            kurang.append(f"{nama} {sebutan} {nomor}")
            continue
        terbaik.append(max(ada))
        if len(ada) > 1:
            rumus = f"tertinggi dari {', '.join(map(text, ada))}"
            langkah.append(Langkah(f"Nilai optimum {sebutan} {nomor}", plain(max(ada)), rumus, sumber))
    if kurang or not terbaik:
        return HasilNilai(None, None, None, None, None, (), (), tuple(kurang) or (nama,))
    eksak = sum(terbaik, Fraction(0)) / len(terbaik)
    rumus = f"({' + '.join(map(text, terbaik))}) : {len(terbaik)}"
    langkah.append(Langkah(f"Rata-rata {nama}", plain(eksak), rumus, sumber))
    cara = akhir or aturan.pembulatan.akhir
    bulat = rounded(eksak, cara)
    nilai: int | Fraction = int(bulat) if bulat.denominator == 1 else bulat
    rumus = f"{text(eksak)} {CARA_TEKS[cara]}"
    langkah.append(Langkah(f"Nilai {nama}", plain(nilai), rumus, aturan.asal("pembulatan_akhir")))
    status = tuntas = None
    if kkm is not None:
        kata, tanda = banding(bulat, kkm, aturan)
        status, tuntas = kata, bulat >= kkm
        rumus = f"{text(nilai)} {tanda} {aturan.sebutan_kkm} {kkm}"
        langkah.append(Langkah("Ketuntasan", kata, rumus, aturan.asal("status")))
    return HasilNilai(nilai, eksak, huruf(nilai, aturan), status, tuntas, tuple(langkah), (), ())


# Contoh, dengan aturan menurut id


def huruf_predikat(nilai: int, kkm: int, aturan: str, cara: str = "") -> str | None:
    """The letter of a mark under the rule set of that id; see `predikat`. None where it prints no letter."""
    hasil = predikat(nilai, kkm, aturan_dengan_id(aturan), cara)
    return None if hasil is None else hasil.huruf


def nilai_dari_kd(kd: Mapping[int, Sequence[int | None]], kkm: int, aturan: str) -> int | Fraction | None:
    """The mark from the best of each KD under the rule set of that id (`nilai_optimum`); None while one is missing."""
    isi = {nomor: [None if satu is None else Fraction(satu) for satu in deret] for nomor, deret in kd.items()}
    return nilai_optimum(isi, kkm=kkm, aturan=aturan_dengan_id(aturan)).nilai


def kalimat_capaian(capaian: Sequence[Mapping[str, Any]], kkm: int, aturan: str, ranah: str = "") -> str:
    """The description of units with `nomor`, `nilai` and `uraian` under the rule set of that id; see `deskripsi`."""
    himpunan = aturan_dengan_id(aturan)
    return deskripsi(
        [capaian_dengan_kata(satu["nomor"], satu["nilai"], kkm, satu["uraian"], himpunan) for satu in capaian],
        himpunan,
        ranah,
    ).deskripsi


def capaian_dengan_kata(
    nomor: int, nilai: int | Fraction, kkm: int, uraian: str, aturan: AturanRapor, cara: str = ""
) -> CapaianSK:
    """One unit of the description with the word of its letter, where the rule set has letters.

    A figure off the scale gets no word; `deskripsi` names it with its place.
    """
    bawah, atas = aturan.skala
    if not (bawah <= nilai <= atas and bawah <= kkm <= atas):
        return CapaianSK(nomor, nilai, kkm, uraian)
    hasil = predikat(nilai, kkm, aturan, cara)
    return CapaianSK(nomor, nilai, kkm, uraian, hasil.kata if hasil else "")
