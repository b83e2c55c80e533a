"""Bab II.B.2 and II.C: a mark after teaching again, and what a repeated year keeps from the year before."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal, get_args

from mutu.rapor.rules.aturan import AturanRapor, galat_kkm, periksa_skala
from mutu.regulation.exact import plain, text
from mutu.regulation.explain import InputError, Langkah

CaraRemedial = Literal["tertinggi", "batas_kkm"]


@dataclass(frozen=True, slots=True)
class HasilRemedial:
    """The mark (0..100) that counts after all attempts; `tuntas` is None without a KKM."""

    nilai: Fraction
    tuntas: bool | None
    langkah: tuple[Langkah, ...]
    peringatan: tuple[str, ...]


def nilai_remedial(
    *, kkm: int | None, percobaan: Sequence[Fraction], aturan: AturanRapor, cara: str | None = None
) -> HasilRemedial:
    """The mark that counts when a pupil was assessed again; `percobaan[0]` is the original mark, all 0..100.

    `tertinggi` takes the highest value obtained. Under `batas_kkm` a mark reached by remedial counts at most as the
    KKM, and never less than the original mark; without a KKM there is nothing to cap. `cara` None takes the rule
    set's. Raises InputError at `percobaan`, `percobaan[i]`, `kkm` or `cara`.
    Source: Bab II.B.2 (the highest value goes into the rapor); the cap is a school's choice (interpreted).
    """
    dipakai = aturan.isi("remedial") if cara is None else cara
    if dipakai not in get_args(CaraRemedial):
        raise InputError.at("cara", f"Cara ini tidak dikenal; pilih {', '.join(get_args(CaraRemedial))}.")
    if not percobaan:
        raise InputError.at("percobaan", "Belum ada nilai; percobaan pertama adalah nilai semula.")
    periksa_skala({"percobaan": list(percobaan)}, kkm, aturan)
    semula, ulangan = percobaan[0], percobaan[1:]
    sumber = aturan.asal("remedial")
    langkah = [Langkah("Nilai semula", plain(semula), "", sumber)]
    peringatan = []
    if not ulangan:
        nilai = semula
    else:
        tertinggi = max(ulangan)
        daftar = ", ".join(map(text, ulangan))
        langkah.append(Langkah("Remedial tertinggi", plain(tertinggi), daftar, sumber))
        dihitung = tertinggi
        if dipakai == "batas_kkm" and kkm is not None and tertinggi > kkm:
            dihitung = Fraction(kkm)
            rumus = f"{text(tertinggi)} > KKM {kkm}, dihitung paling tinggi KKM"
            langkah.append(Langkah("Remedial yang dihitung", plain(dihitung), rumus, sumber))
        nilai = max(semula, dihitung)
        rumus = f"terbesar dari {text(semula)} dan {text(dihitung)}"
        langkah.append(Langkah("Nilai setelah remedial", plain(nilai), rumus, sumber))
        if kkm is not None and semula >= kkm:
            peringatan.append(f"Nilai semula {text(semula)} sudah mencapai KKM {kkm}; remedial tidak diwajibkan.")
    return HasilRemedial(nilai, None if kkm is None else nilai >= kkm, tuple(langkah), tuple(peringatan))


@dataclass(frozen=True, slots=True)
class HasilMengulang:
    """The mark (0..100) of a pupil who repeats the year."""

    nilai: Fraction
    langkah: tuple[Langkah, ...]


def nilai_mengulang(*, kkm: int, lalu: Fraction, baru: Fraction, aturan: AturanRapor) -> HasilMengulang:
    """What a repeated year keeps: where the KKM (0..100) was reached, the mark is at least last year's.

    `kkm` is last year's. A mark that had not reached it counts for nothing, even when the new one is lower. Raises
    InputError at `kkm`, `lalu`, `baru` off the scale. Source: Bab II.C, Keputusan kenaikan kelas angka 4.
    """
    if galat := galat_kkm(kkm, aturan):
        raise InputError(galat)
    periksa_skala({"lalu": lalu, "baru": baru}, None, aturan)
    sumber = aturan.asal("mengulang")
    if lalu < kkm:
        rumus = f"tahun lalu {text(lalu)} < KKM {kkm}, belum tuntas"
        return HasilMengulang(baru, (Langkah("Nilai tahun mengulang", plain(baru), rumus, sumber),))
    nilai = max(lalu, baru)
    tanda = "=" if lalu == kkm else ">"
    rumus = f"tahun lalu {text(lalu)} {tanda} KKM {kkm}, tuntas; terbesar dari {text(lalu)} dan {text(baru)}"
    return HasilMengulang(nilai, (Langkah("Nilai tahun mengulang", plain(nilai), rumus, sumber),))
