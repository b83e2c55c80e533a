"""Credit from 2023: coefficient of the level x yearly predicate x months / 12, and the old credit taken over.

Source: PermenPANRB 1/2023 and Peraturan BKN 3/2023 (not verified against their text).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from mutu.kinerja.rules.aturan import AturanKinerja, angka, aturan_pada
from mutu.regulation.exact import plain, text
from mutu.regulation.explain import InputError, Langkah

SERATUS = 100


@dataclass(frozen=True, slots=True)
class Periode:
    """One period with one predicate: the level held, the predicate, and its months (1..12)."""

    jenjang: str
    predikat: str
    bulan: int


@dataclass(frozen=True, slots=True)
class HasilKonversi:
    """The credit of one or several periods, exact."""

    angka_kredit: Fraction
    langkah: tuple[Langkah, ...]


@dataclass(frozen=True, slots=True)
class Kebutuhan:
    """Credit needed for the next rank and for the next level; `jenjang` is None at the highest level."""

    pangkat: Fraction
    jenjang: Fraction | None


def konversi(periode: Periode, aturan: AturanKinerja, jalur: str = "") -> HasilKonversi:
    """The credit of one period.

    Raises InputError at `jenjang`, `predikat` or `bulan` (with `jalur` before them) for unknown names and months
    outside 1 to 12. Source: Peraturan BKN 3/2023.
    """
    koefisien, predikat, setahun = (aturan.isi(nama) for nama in ("koefisien", "predikat", "bulan_setahun"))
    awalan = f"{jalur}." if jalur else ""
    galat = []
    for nama, isi, dikenal in (("jenjang", periode.jenjang, koefisien), ("predikat", periode.predikat, predikat)):
        if isi not in dikenal:
            pesan = f"{nama.capitalize()} “{isi[:40]}” tidak dikenal; pilih {', '.join(dikenal)}."
            galat.append({"jalur": f"{awalan}{nama}", "pesan": pesan})
    if not 1 <= periode.bulan <= setahun:
        pesan = f"Lama {periode.bulan} bulan di luar 1 sampai {setahun}."
        galat.append({"jalur": f"{awalan}bulan", "pesan": pesan})
    if galat:
        raise InputError(galat)
    dasar, persen = angka(koefisien[periode.jenjang]), predikat[periode.predikat]
    hasil = dasar * persen / SERATUS * periode.bulan / setahun
    return HasilKonversi(
        hasil,
        (
            Langkah("Koefisien setahun", plain(dasar), periode.jenjang, aturan.asal("koefisien")),
            Langkah("Persentase predikat", persen, periode.predikat, aturan.asal("predikat")),
            Langkah(
                "Angka kredit",
                plain(hasil),
                f"{text(dasar)} × {persen}% × {periode.bulan}/{setahun}",
                aturan.asal("bulan_setahun"),
            ),
        ),
    )


def akumulasi_konversi(periode: Sequence[Periode], aturan: AturanKinerja) -> HasilKonversi:
    """The credit of several periods. Raises InputError at `periode` for none, and at `periode[n].…` as `konversi`."""
    if not periode:
        raise InputError.at("periode", "Belum ada periode; isi sedikitnya satu.")
    hasil = [konversi(satu, aturan, f"periode[{urutan}]") for urutan, satu in enumerate(periode)]
    jumlah = sum((satu.angka_kredit for satu in hasil), Fraction(0))
    rumus = " + ".join(text(satu.angka_kredit) for satu in hasil)
    akhir = Langkah("Jumlah angka kredit", plain(jumlah), rumus, aturan.asal("koefisien"))
    return HasilKonversi(jumlah, (*(langkah for satu in hasil for langkah in satu.langkah), akhir))


def kebutuhan(jenjang: str, aturan: AturanKinerja) -> Kebutuhan:
    """What the next rank and level need, in credit points. Raises InputError at `jenjang`."""
    isi = aturan.isi("kebutuhan")
    if jenjang not in isi:
        raise InputError.at("jenjang", f"Jenjang “{jenjang[:40]}” tidak dikenal; pilih {', '.join(isi)}.")
    naik = isi[jenjang]["jenjang"]
    return Kebutuhan(angka(isi[jenjang]["pangkat"]), None if naik is None else angka(naik))


def integrasi(golongan: str, angka_kredit_lama: Fraction, aturan: AturanKinerja) -> HasilKonversi:
    """The old cumulative credit of a rank as credit of the new regime: less the base of the rank's level.

    Raises InputError at `golongan` for a rank without integration, and at `angka_kredit_lama` when the result lies
    outside the range of the rank (a wrong rank or credit). Source: PermenPANRB 1/2023.
    """
    isi = aturan.isi("integrasi")
    if golongan not in isi:
        raise InputError.at("golongan", f"Golongan “{golongan[:20]}” tidak diintegrasikan; pilih {', '.join(isi)}.")
    dasar, sedikit, banyak = (isi[golongan][nama] for nama in ("dasar", "paling_sedikit", "paling_banyak"))
    hasil = angka_kredit_lama - dasar
    if not sedikit <= hasil <= banyak:
        raise InputError.at(
            "angka_kredit_lama",
            f"Angka kredit lama {text(angka_kredit_lama)} pada {golongan} memberi {text(hasil)}, di luar {sedikit} "
            f"sampai {banyak}; periksa golongan dan angka kreditnya.",
        )
    rumus = f"{text(angka_kredit_lama)} − {dasar}"
    return HasilKonversi(hasil, (Langkah("Angka kredit integrasi", plain(hasil), rumus, aturan.asal("integrasi")),))


# By the rule set of a day, from plain values: for worked examples


def akumulasi_konversi_pada(periode: Sequence[dict[str, object]], tanggal: date) -> int | str:
    """`akumulasi_konversi` with each period as `{"jenjang": ..., "predikat": ..., "bulan": 7}`."""
    isi = [Periode(str(satu["jenjang"]), str(satu["predikat"]), int(str(satu["bulan"]))) for satu in periode]
    return plain(akumulasi_konversi(isi, aturan_pada(tanggal, "konversi")).angka_kredit)


def integrasi_pada(golongan: str, angka_kredit_lama: object, tanggal: date) -> int | str:
    """`integrasi` of a figure as people write it."""
    return plain(integrasi(golongan, angka(angka_kredit_lama), aturan_pada(tanggal, "konversi")).angka_kredit)


def kebutuhan_pada(jenjang: str, tanggal: date) -> dict[str, int | str | None]:
    """`kebutuhan` as plain figures."""
    hasil = kebutuhan(jenjang, aturan_pada(tanggal, "konversi"))
    return {"pangkat": plain(hasil.pangkat), "jenjang": None if hasil.jenjang is None else plain(hasil.jenjang)}
