"""Bab II.C, Keputusan kelulusan: class IX graduates by the rules of that school year, which are dated data."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any, Literal

from mutu.rapor.rules.aturan import AturanRapor, aturan_pada, aturan_terbaru
from mutu.regulation.exact import number, plain, text
from mutu.regulation.explain import InputError, Langkah

Kelulusan = Literal["lulus", "tidak_lulus"]


@dataclass(frozen=True, slots=True)
class Ujian:
    """A pupil's examination marks in one subject, 0..10: national (`un`) and school (`us`); None is not entered."""

    mapel: str
    un: Fraction | None
    us: Fraction | None = None


@dataclass(frozen=True, slots=True)
class HasilKelulusan:
    """Passed or not; `keputusan` is None while `kurang` says what is missing, such as a rule of that year."""

    keputusan: Kelulusan | None
    kalimat: str
    alasan: tuple[str, ...]
    langkah: tuple[Langkah, ...]
    kurang: tuple[str, ...]
    peringatan: tuple[str, ...] = ()


def aturan_kelulusan(aturan: AturanRapor) -> Mapping[str, Any] | None:
    """The graduation rule of the year; None where nobody has recorded it, and then the head decides with minutes."""
    return aturan.isi("kelulusan") if "kelulusan" in aturan.nilai else None


def skala_ujian(aturan: AturanRapor | None = None) -> tuple[int, int]:
    """Lowest and highest examination mark."""
    aturan = aturan if aturan is not None and "skala_ujian" in aturan.nilai else aturan_terbaru()
    bawah, atas = aturan.isi("skala_ujian")
    return int(bawah), int(atas)


def kalimat_kelulusan(lulus: bool) -> str:
    """The words on the paper."""
    return "lulus" if lulus else "tidak lulus"


def keputusan_kelulusan(ujian: Sequence[Ujian], aturan: AturanRapor) -> HasilKelulusan:
    """Whether a pupil of the last class passes, by the rule of that year.

    The rule names the figure that counts (`un`: the national mark; `na`: national and school mark, weighed in
    percent) and one or more ways to pass: a mean and a lowest mark, or one subject at `satu_minimal` with all others
    at `lainnya`. Figures are compared unrounded. A missing mark is named and never 0. Raises InputError at
    `ujian[i].un` or `.us` off the scale.

    Source: Bab II.C, Keputusan kelulusan (the rules of the running year); the year's own rule in `kelulusan`.
    """
    bawah, atas = skala_ujian(aturan)
    galat = [
        {"jalur": f"ujian[{di}].{nama}", "pesan": f"Nilai {text(isi)} di luar {bawah} sampai {atas}; periksa."}
        for di, satu in enumerate(ujian)
        for nama, isi in (("un", satu.un), ("us", satu.us))
        if isi is not None and not bawah <= isi <= atas
    ]
    if galat:
        raise InputError(galat)
    isi = aturan_kelulusan(aturan)
    if isi is None:
        return HasilKelulusan(
            None, "", (), (), ("aturan kelulusan tahun ini belum tercatat; kepala sekolah memutuskan dengan notula",)
        )
    sumber = aturan.asal("kelulusan")
    perlu = ("un",) if isi["dasar"] == "un" else ("un", "us")
    kurang = tuple(f"{_NAMA[nama]} {satu.mapel}" for satu in ujian for nama in perlu if getattr(satu, nama) is None)
    if not ujian:
        kurang = ("nilai ujian",)
    if kurang:
        return HasilKelulusan(None, "", (), (), kurang)
    langkah, nilai = [], []
    for satu in ujian:
        angka, rumus = _nilai_akhir(satu, isi)
        nilai.append((satu.mapel, angka))
        nama = "Nilai ujian nasional" if isi["dasar"] == "un" else "Nilai akhir"
        langkah.append(Langkah(f"{nama} {satu.mapel}", plain(angka), rumus, sumber))
    rata = sum((angka for _, angka in nilai), Fraction(0)) / len(nilai)
    jumlah = " + ".join(text(angka) for _, angka in nilai)
    langkah.append(Langkah("Rata-rata", plain(rata), f"({jumlah}) : {len(nilai)}", sumber))
    lulus, alasan = False, []
    for jalan in isi["jalan"]:
        gagal = _gagal(jalan, nilai, rata)
        langkah.append(Langkah("Syarat", "tidak terpenuhi" if gagal else "terpenuhi", _syarat(jalan), sumber))
        if not gagal:
            lulus, alasan = True, [_syarat(jalan)]
            break
        alasan.append(gagal)
    keputusan: Kelulusan = "lulus" if lulus else "tidak_lulus"
    kalimat = kalimat_kelulusan(lulus)
    langkah.append(Langkah("Keputusan", kalimat, "", sumber))
    return HasilKelulusan(keputusan, kalimat, tuple(alasan), tuple(langkah), (), tuple(isi.get("syarat_lain", ())))


_NAMA = {"un": "nilai ujian nasional", "us": "nilai sekolah"}


def _nilai_akhir(satu: Ujian, isi: Mapping[str, Any]) -> tuple[Fraction, str]:
    un, us = satu.un or Fraction(0), satu.us or Fraction(0)
    if isi["dasar"] == "un":
        return un, ""
    bobot = {nama: Fraction(isi["bobot"][nama], 100) for nama in ("un", "us")}
    rumus = f"{isi['bobot']['un']}% × {text(un)} + {isi['bobot']['us']}% × {text(us)}"
    return bobot["un"] * un + bobot["us"] * us, rumus


def _gagal(jalan: Mapping[str, str], nilai: Sequence[tuple[str, Fraction]], rata: Fraction) -> str:
    """Why this way does not lead through; empty when it does."""
    if "rata" in jalan:
        if rata < (batas := number(jalan["rata"])):
            return f"rata-rata {text(rata)} kurang dari {text(batas)}"
        rendah = [f"{mapel} {text(angka)}" for mapel, angka in nilai if angka < number(jalan["minimal"])]
        return f"{', '.join(rendah)} kurang dari {text(number(jalan['minimal']))}" if rendah else ""
    terendah, *lainnya = sorted(nilai, key=lambda satu: satu[1])
    if terendah[1] < (batas := number(jalan["satu_minimal"])):
        return f"{terendah[0]} {text(terendah[1])} kurang dari {text(batas)}"
    rendah = [f"{mapel} {text(angka)}" for mapel, angka in lainnya if angka < number(jalan["lainnya"])]
    return f"{', '.join(rendah)} kurang dari {text(number(jalan['lainnya']))}" if rendah else ""


def _syarat(jalan: Mapping[str, str]) -> str:
    if "rata" in jalan:
        return f"rata-rata ≥ {_tampil(jalan['rata'])} dan setiap mapel ≥ {_tampil(jalan['minimal'])}"
    return f"satu mapel ≥ {_tampil(jalan['satu_minimal'])} dan mapel lainnya ≥ {_tampil(jalan['lainnya'])}"


def _tampil(angka: str) -> str:
    return angka.replace(".", ",")


def kata_kelulusan(tanggal: date, un: Mapping[str, Any], us: Mapping[str, Any] | None = None) -> str:
    """`keputusan_kelulusan` for plain figures by subject, as one sentence: the worked examples."""
    ujian = [
        Ujian(
            mapel, None if isi is None else number(isi), None if not us or us.get(mapel) is None else number(us[mapel])
        )
        for mapel, isi in un.items()
    ]
    hasil = keputusan_kelulusan(ujian, aturan_pada(tanggal))
    if hasil.keputusan is None:
        return f"belum dapat diputuskan: {'; '.join(hasil.kurang)}"
    return f"{hasil.kalimat}: {'; '.join(hasil.alasan)}"
