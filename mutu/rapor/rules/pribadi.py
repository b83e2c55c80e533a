"""Bab II.C beside the marks: activities of pengembangan diri, akhlak and kepribadian, and the homeroom's note."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mutu.rapor.rules.aturan import AturanRapor, aturan_terbaru
from mutu.regulation.explain import InputError

# Bab II.C, Kegiatan pengembangan diri


@dataclass(frozen=True, slots=True)
class Kegiatan:
    """One activity a pupil took part in: its letter, the school's own order (1 stands first), and the words."""

    nama: str
    nilai: str
    urutan: int = 0
    keterangan: str = ""


def nilai_pengembangan(aturan: AturanRapor) -> dict[str, str]:
    """The letters an activity can be given, best first, each with its word; empty when the rule set has none."""
    return dict(_pengembangan(aturan).get("huruf", {}))


def huruf_pengembangan(nilai: str, aturan: AturanRapor | None = None) -> str:
    """The word of a letter: A is “sangat baik”.

    Raises InputError at `nilai` for a letter the rule set does not know. Source: Bab II.C, Kegiatan pengembangan diri,
    kolom nilai.
    """
    kata = nilai_pengembangan(aturan or aturan_terbaru())
    if nilai not in kata:
        raise InputError.at("nilai", _bukan_nilai(nilai, kata))
    return kata[nilai]


def kegiatan_terbaik(kegiatan: Sequence[Kegiatan], aturan: AturanRapor | None = None) -> tuple[Kegiatan, ...]:
    """The activities that are printed, best first: at most as many as the rule set prints.

    Equal letters follow the school's order, then the name. Raises InputError at `kegiatan[i].nilai` for an unknown
    letter. Source: Bab II.C, Kegiatan pengembangan diri, kolom jenis; the order of equals is our reading.
    """
    aturan = aturan or aturan_terbaru()
    kata = nilai_pengembangan(aturan)
    galat = [
        {"jalur": f"kegiatan[{di}].nilai", "pesan": _bukan_nilai(satu.nilai, kata)}
        for di, satu in enumerate(kegiatan)
        if satu.nilai not in kata
    ]
    if galat:
        raise InputError(galat)
    peringkat = {huruf: di for di, huruf in enumerate(kata)}
    terurut = sorted(kegiatan, key=lambda satu: (peringkat[satu.nilai], satu.urutan, satu.nama.casefold(), satu.nama))
    return tuple(terurut[: _pengembangan(aturan).get("dicetak")])


def terbaik(nilai: Mapping[str, str], aturan: AturanRapor | None = None) -> list[str]:
    """The names that are printed, from activity -> letter in the school's own order. See `kegiatan_terbaik`."""
    kegiatan = [Kegiatan(nama, huruf, urutan) for urutan, (nama, huruf) in enumerate(nilai.items(), start=1)]
    return [satu.nama for satu in kegiatan_terbaik(kegiatan, aturan)]


def periksa_keterangan(text: str, nilai: str = "", aturan: AturanRapor | None = None) -> tuple[str, ...]:
    """Advice on the words beside a letter: they encourage, and they say what the letter says. Nothing is refused.

    Words count only whole: “ketidakhadiran” holds no “tidak”. Without a letter only discouraging words are looked for.
    Raises InputError at `nilai` for an unknown letter. Source: Bab II.C, Kegiatan pengembangan diri, kolom keterangan;
    the lists of words are our reading.
    """
    aturan = aturan or aturan_terbaru()
    if nilai:
        huruf_pengembangan(nilai, aturan)
    isi = _pengembangan(aturan)
    kata = " ".join(_KATA.findall(text.casefold()))
    saran = []
    if negatif := [satu for satu in isi.get("kata_negatif", ()) if _memuat(kata, satu)]:
        saran.append(f"Keterangan memuat kata {_daftar(negatif)}; tulis capaian tertinggi dengan kata yang memotivasi.")
    if nilai and (beda := [satu for satu in isi.get("kata_bertentangan", {}).get(nilai, ()) if _memuat(kata, satu)]):
        saran.append(
            f"Keterangan memuat kata {_daftar(beda)}, padahal nilainya {nilai} ({huruf_pengembangan(nilai, aturan)});"
            " samakan keduanya."
        )
    return tuple(saran)


# A hyphen joins a doubled word, so that “topik-topik” stays one word.
_KATA = re.compile(r"[^\W_]+(?:-[^\W_]+)*")


def _memuat(kata: str, dicari: str) -> bool:
    return f" {dicari} " in f" {kata} "


def _daftar(kata: Sequence[str]) -> str:
    return ", ".join(f"“{satu}”" for satu in kata)


def _bukan_nilai(nilai: str, kata: Mapping[str, str]) -> str:
    return f"Nilai “{nilai[:10]}” tidak dikenal; pilih {', '.join(kata)}."


def _pengembangan(aturan: AturanRapor) -> Mapping[str, Any]:
    return aturan.isi("pengembangan_diri") if "pengembangan_diri" in aturan.nilai else {}


# Bab II.C, Akhlak dan kepribadian


@dataclass(frozen=True, slots=True)
class AspekSikap:
    """One aspect of character: its heading, the field whose teacher judges it, and the words it is judged by.

    `bidang` is empty where the homeroom teacher judges. `kategori` is empty where the judgement is a free description.
    """

    judul: str
    bidang: str
    kategori: tuple[str, ...]


def aspek_sikap(aturan: AturanRapor | None = None) -> dict[str, AspekSikap]:
    """The aspects of character in the order they are printed; empty when the rule set has none.

    Source: Bab II.C, Akhlak dan kepribadian; Bab I.B.4 huruf i.
    """
    aturan = aturan or aturan_terbaru()
    if "sikap" not in aturan.nilai:
        return {}
    return {
        nama: AspekSikap(isi["judul"], isi.get("bidang") or "", tuple(isi.get("kategori") or ()))
        for nama, isi in aturan.isi("sikap").items()
    }


def periksa_kategori(aspek: str, kategori: str, aturan: AturanRapor | None = None) -> str:
    """The category of an aspect as it may be stored; it must be one of the rule set's words, letter by letter.

    Raises InputError at `aspek` or `kategori`. Source: Bab II.C, Akhlak dan kepribadian.
    """
    dikenal = aspek_sikap(aturan)
    if aspek not in dikenal:
        raise InputError.at("aspek", f"Aspek “{aspek[:20]}” tidak dikenal; pilih {', '.join(dikenal)}.")
    pilihan = dikenal[aspek].kategori
    if kategori not in pilihan:
        raise InputError.at("kategori", f"Kategori “{kategori[:20]}” tidak dikenal; pilih {', '.join(pilihan)}.")
    return kategori


# Catatan wali kelas


def ada_catatan_wali(aturan: AturanRapor) -> bool:
    """Whether the rule set prints a note of the homeroom teacher; the 2007 guideline does not."""
    return bool("catatan_wali" in aturan.nilai and aturan.isi("catatan_wali"))
