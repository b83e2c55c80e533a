"""Bab II.C: the mark in words, what was reached in each SK, and the sentence that says so.

Later curricula say KD or TP for SK and name the highest and the lowest instead of every one; see `deskripsi`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from num2words import num2words

from mutu.rapor.rules.aturan import AturanRapor, banding, galat_kkm, periksa_skala, pesan_skala, status_kkm
from mutu.regulation.exact import CARA_TEKS, Cara, plain, rounded, text
from mutu.regulation.explain import InputError, Langkah

# Bab II.C, kolom nilai angka dan huruf


def huruf(nilai: int | Fraction, aturan: AturanRapor) -> str:
    """A mark in Indonesian words, lower case: 75 is “tujuh puluh lima”.

    A mark left unrounded is read as it is printed, digit by digit after “koma”. Raises TypeError for bool, float
    and text (they are no marks) and InputError at `nilai` off the scale. Source: Bab II.C, kolom nilai huruf.
    """
    if isinstance(nilai, bool) or not isinstance(nilai, (int, Fraction)):
        raise TypeError(f"a mark is an int or a Fraction, not {type(nilai).__name__}")
    bawah, atas = aturan.skala
    if not bawah <= nilai <= atas:
        raise InputError.at("nilai", pesan_skala(nilai, bawah, atas))
    isi = aturan.isi("huruf")
    bulat, _, pecahan = str(plain(nilai)).partition(".")
    kata = [_kata(int(bulat), isi["bahasa"])]
    if pecahan:
        kata += [isi["koma"], *(_kata(int(angka), isi["bahasa"]) for angka in pecahan)]
    return " ".join(kata)


@lru_cache(maxsize=1024)
def _kata(bilangan: int, bahasa: str) -> str:

    # It spells bools and floats without complaint; only ints reach this point.
    return str(num2words(bilangan, lang=bahasa))


# Bab II.C, kolom deskripsi kemajuan belajar


@dataclass(frozen=True, slots=True)
class HasilSK:
    """What a pupil reached in one SK; `nilai` is None while a mark is missing (`kurang`: "penilaian 2")."""

    nilai: int | Fraction | None
    eksak: Fraction | None
    langkah: tuple[Langkah, ...]
    kurang: tuple[str, ...]


def nilai_sk(nilai: Sequence[Fraction | None], aturan: AturanRapor) -> HasilSK:
    """The mark of one SK: the mean of all its assessments (0..100), rounded by the rule set.

    Rounded, because the figure shown is the one compared with the KKM. Raises InputError at `nilai[i]` off the
    scale. Source: Bab II.C, kolom deskripsi; interpretation.
    """
    periksa_skala({"nilai": list(nilai)}, None, aturan)
    kurang = tuple(f"penilaian {urutan}" for urutan, satu in enumerate(nilai, start=1) if satu is None)
    ada = [satu for satu in nilai if satu is not None]
    if kurang or not ada:
        return HasilSK(None, None, (), kurang or ("penilaian",))
    eksak = sum(ada, Fraction(0)) / len(ada)
    cara: Cara = aturan.isi("pembulatan_sk")
    bulat = rounded(eksak, cara)
    hasil: int | Fraction = int(bulat) if bulat.denominator == 1 else bulat
    rumus = f"({' + '.join(map(text, ada))}) : {len(ada)} = {text(eksak)}"
    if bulat != eksak:
        rumus += f", {CARA_TEKS[cara]}"
    return HasilSK(
        hasil, eksak, (Langkah(f"Capaian {aturan.sebutan}", plain(hasil), rumus, aturan.asal("pembulatan_sk")),), ()
    )


@dataclass(frozen=True, slots=True)
class CapaianSK:
    """One SK of the semester: its number, the mark reached and the KKM, both on the scale (0..100).

    `uraian` says what it is about, for rule sets whose sentence names it; `predikat` is the word for the mark there.
    """

    nomor: int
    nilai: int | Fraction | None
    kkm: int
    uraian: str = ""
    predikat: str = ""


@dataclass(frozen=True, slots=True)
class HasilDeskripsi:
    """The sentence with a step per SK, and what should be looked at before it is printed."""

    deskripsi: str
    langkah: tuple[Langkah, ...]
    peringatan: tuple[str, ...]


def deskripsi(sk: Sequence[CapaianSK], aturan: AturanRapor, ranah: str = "") -> HasilDeskripsi:
    """The progress sentence: which SK are above, at and below the KKM, or what is highest and lowest.

    “SK 1 dan 2 terlampaui, SK 3 tercapai, dan SK 4 belum tercapai”. Groups stand in the rule set's order, numbers
    ascend. Rule sets that describe by highest and lowest name those two by what they are about, `ranah` being the
    aspect described. Raises InputError: no SK, an SK twice, a number below 1, a mark missing, or a figure off the
    scale. Source: Bab II.C, kolom deskripsi; the grammar beyond the guideline's example is interpreted.
    """
    _periksa_sk(sk, aturan)
    if aturan.isi("cara_deskripsi") == "tertinggi_terendah":
        return _tertinggi_terendah(sk, aturan, ranah)
    tata, kata = aturan.isi("deskripsi"), aturan.isi("status")
    cara: Cara = aturan.isi("pembulatan_sk")
    kelompok: dict[str, list[int]] = {jenis: [] for jenis in tata["urutan"]}
    langkah = []
    for satu in sorted(sk, key=lambda capaian: capaian.nomor):
        asal = Fraction(satu.nilai or 0)
        bulat = rounded(asal, cara)
        status, tanda = banding(bulat, satu.kkm, aturan)
        kelompok[status_kkm(bulat, satu.kkm)].append(satu.nomor)
        mula = f"{text(asal)} {CARA_TEKS[cara]}: " if bulat != asal else ""
        rumus = f"{mula}{text(bulat)} {tanda} {aturan.sebutan_kkm} {satu.kkm}"
        langkah.append(Langkah(f"{tata['sebutan']} {satu.nomor}", status, rumus, aturan.asal("status")))
    frasa = [
        (jenis, f"{tata['sebutan']} {_gabung([str(satu) for satu in nomor], tata)} {kata[jenis]}")
        for jenis, nomor in kelompok.items()
        if nomor
    ]
    if len(frasa) == 2 and frasa[1][0] == tata["pertentangan_pada"]:
        kalimat = tata["pertentangan"].join(isi for _, isi in frasa)
    else:
        kalimat = _gabung([isi for _, isi in frasa], tata)
    langkah.append(Langkah("Deskripsi kemajuan belajar", kalimat, "", aturan.asal("deskripsi")))
    return HasilDeskripsi(kalimat, tuple(langkah), saran_panjang(kalimat, aturan))


def _tertinggi_terendah(sk: Sequence[CapaianSK], aturan: AturanRapor, ranah: str) -> HasilDeskripsi:
    """The sentence by the highest and the lowest; of equals the one with the smallest number stands for all."""
    tata, sebutan = aturan.isi("deskripsi"), aturan.sebutan
    urut = sorted(sk, key=lambda capaian: capaian.nomor)
    tertinggi = max(urut, key=lambda capaian: capaian.nilai or 0)
    terendah = min(urut, key=lambda capaian: capaian.nilai or 0)
    langkah = []
    for satu in urut:
        nilai = Fraction(satu.nilai or 0)
        status, tanda = banding(nilai, satu.kkm, aturan)
        rumus = f"{text(nilai)} {tanda} {aturan.sebutan_kkm} {satu.kkm}"
        langkah.append(Langkah(f"{sebutan} {satu.nomor}", status, rumus, aturan.asal("status")))
    dipakai = [("tertinggi", tertinggi)]
    if terendah.nilai != tertinggi.nilai:
        dipakai.append(("terendah", terendah))
    frasa = []
    for letak, satu in dipakai:
        nilai = Fraction(satu.nilai or 0)
        langkah.append(
            Langkah(f"Capaian {letak}", f"{sebutan} {satu.nomor}", text(nilai), aturan.asal("cara_deskripsi"))
        )
        frasa.append(
            tata[letak][status_kkm(nilai, satu.kkm)].format(
                hal=tata["hal"].get(ranah, ""),
                kata=satu.predikat,
                uraian=_dalam_kalimat(satu.uraian, tata["awalan_kata_kerja"]) or f"{sebutan} {satu.nomor}",
            )
        )
    kalimat = tata["penghubung"].join(frasa)
    langkah.append(Langkah("Deskripsi", kalimat, "", aturan.asal("deskripsi")))
    return HasilDeskripsi(kalimat, tuple(langkah), saran_panjang(kalimat, aturan))


def _dalam_kalimat(uraian: str, awalan: Sequence[str]) -> str:
    """What a unit is about as part of a sentence: without full stop, a leading verb in lower case; names stay."""
    isi = uraian.strip().rstrip(".")
    if isi.lower().startswith(tuple(awalan)):
        return isi[:1].lower() + isi[1:]
    return isi


def saran_panjang(kalimat: str, aturan: AturanRapor) -> tuple[str, ...]:
    """Advice when a description, ours or the teacher's own, is longer than the column likes. Source: Bab I.B.4."""
    batas = aturan.isi("deskripsi_panjang")
    if len(kalimat) <= batas:
        return ()
    return (f"Deskripsi {len(kalimat)} karakter, lebih dari {batas}; pendekkan bila tidak muat pada kolomnya.",)


def _periksa_sk(sk: Sequence[CapaianSK], aturan: AturanRapor) -> None:
    if not sk:
        raise InputError.at("sk", f"Belum ada {aturan.sebutan}; isi sedikitnya satu.")
    bawah, atas = aturan.skala
    sebutan = aturan.sebutan
    galat: list[dict[str, str]] = []
    terlihat: set[int] = set()
    for urutan, satu in enumerate(sk):
        jalur = f"sk[{urutan}]"
        if satu.nomor < 1:
            galat.append({"jalur": f"{jalur}.nomor", "pesan": f"Nomor {sebutan} mulai dari 1."})
        elif satu.nomor in terlihat:
            galat.append(
                {"jalur": f"{jalur}.nomor", "pesan": f"{sebutan} {satu.nomor} ditulis dua kali; tinggalkan satu."}
            )
        terlihat.add(satu.nomor)
        if satu.nilai is None:
            galat.append({"jalur": f"{jalur}.nilai", "pesan": f"{sebutan} {satu.nomor} belum bernilai; isi nilainya."})
        elif not bawah <= satu.nilai <= atas:
            galat.append({"jalur": f"{jalur}.nilai", "pesan": pesan_skala(satu.nilai, bawah, atas)})
        galat.extend(galat_kkm(satu.kkm, aturan, f"{jalur}.kkm"))
    if galat:
        raise InputError(galat)


def _gabung(unsur: Sequence[str], tata: Mapping[str, str]) -> str:
    if len(unsur) <= 2:
        return tata["dua"].join(unsur)
    return tata["penutup"].join([tata["pemisah"].join(unsur[:-1]), unsur[-1]])
