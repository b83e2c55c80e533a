"""Bab II.B.2: from the assessments of a semester to the one mark of the rapor."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from mutu.rapor.rules.aturan import AturanRapor, Bobot, Kosong, Pembulatan, banding, deret, periksa_skala
from mutu.rapor.rules.kata import huruf
from mutu.regulation.exact import CARA_TEKS, Cara, plain, rounded, text
from mutu.regulation.explain import InputError, Langkah


@dataclass(frozen=True, slots=True)
class HasilNilai:
    """The mark of one subject. `nilai` is None while something needed is missing (`kurang` names it).

    `nilai` is an int, or a Fraction when the school does not round; `eksak` is the figure before the last rounding.
    `status` and `tuntas` are None without a KKM.
    """

    nilai: int | Fraction | None
    eksak: Fraction | None
    huruf: str | None
    status: str | None
    tuntas: bool | None
    langkah: tuple[Langkah, ...]
    peringatan: tuple[str, ...]
    kurang: tuple[str, ...]


@dataclass(slots=True)
class _Bagian:
    """UH, UTS or UAS while the mark is computed."""

    jenis: str
    singkat: str
    panjang: str
    nilai: list[Fraction]
    bobot: Fraction
    rata: Fraction = Fraction(0)


def nilai_rapor(
    *,
    uh: Sequence[Fraction | None],
    uts: Fraction | Sequence[Fraction | None] | None,
    uas: Fraction | Sequence[Fraction | None] | None,
    bobot: Bobot,
    kkm: int | None,
    pembulatan: Pembulatan | None,
    aturan: AturanRapor,
    kosong: Kosong = "tolak",
    semester: int | None = None,
) -> HasilNilai:
    """The rapor mark of one subject from its assessments, all on the scale of the rule set (0..100).

    The UH mean is rounded, weighted with UTS and UAS, and the quotient rounded once more; `pembulatan` None takes
    the rule set's methods. UTS and UAS may have several parts, whose mean is rounded as the UH mean is; a single
    part enters as it is. A missing mark is `None`: under `tolak` there is then no mark, under `normalisasi` the
    weights are shared among what exists and a step says so. A part of weight 0 is not needed. `semester` 2 calls
    the closing assessment UKK.

    Raises InputError for marks or a KKM off the scale. Source: Bab II.B.2; rounding and missing marks interpreted.
    """
    cara = pembulatan or aturan.pembulatan
    masukan = {"uh": uh, "uts": uts, "uas": uas}
    periksa_skala(masukan, kkm, aturan)
    bagian, kurang = _susun(masukan, bobot, aturan, semester)
    ada = [satu for satu in bagian if satu.nilai and satu.bobot]
    peringatan = _saran_bobot(bagian, bobot, aturan)
    if (kurang and kosong == "tolak") or not ada:
        return HasilNilai(None, None, None, None, None, (), peringatan, kurang)

    langkah: list[Langkah] = []
    sumber = aturan.asal("penghitungan")
    if kurang:
        daftar = _daftar_kata(kurang)
        peringatan = (*peringatan, f"Nilai dihitung tanpa {daftar}; bobotnya dibagi pada ulangan yang ada.")
        langkah.append(_langkah_normalisasi(ada, bobot, kurang))
    if bobot.cara == "rata":
        eksak = _rata_semua(ada, langkah, sumber)
    else:
        for satu in ada:
            satu.rata = _rata_satu(satu, cara.rata_uh, aturan, langkah)
        eksak = _rata_berbobot(ada, bobot, aturan, langkah, sumber)

    bulat = rounded(eksak, cara.akhir)
    nilai: int | Fraction = int(bulat) if bulat.denominator == 1 else bulat
    langkah.append(
        Langkah("Nilai rapor", plain(nilai), f"{text(eksak)} {CARA_TEKS[cara.akhir]}", aturan.asal("pembulatan_akhir"))
    )
    status = tuntas = None
    if kkm is not None:
        kata, tanda = banding(bulat, kkm, aturan)
        status, tuntas = kata, bulat >= kkm
        langkah.append(
            Langkah("Ketuntasan", kata, f"{text(nilai)} {tanda} {aturan.sebutan_kkm} {kkm}", aturan.asal("status"))
        )
    return HasilNilai(nilai, eksak, huruf(nilai, aturan), status, tuntas, tuple(langkah), peringatan, kurang)


def _susun(
    masukan: Mapping[str, Any], bobot: Bobot, aturan: AturanRapor, semester: int | None
) -> tuple[list[_Bagian], tuple[str, ...]]:
    """The three parts with the marks they have, and the names of what is missing ("UH 2", "UTS")."""
    bagian, kurang = [], []
    for jenis in aturan.isi("penghitungan"):
        istilah = aturan.istilah(jenis, semester)
        ulangan = deret(masukan[jenis])
        berat = bobot.per_jenis[jenis]
        if berat:
            bernomor = jenis == "uh" or len(ulangan) > 1
            kurang += [
                f"{istilah['singkat']} {urutan}" if bernomor else istilah["singkat"]
                for urutan, nilai in enumerate(ulangan, start=1)
                if nilai is None
            ]
            if not ulangan:
                kurang.append(istilah["singkat"])
        ada = [nilai for nilai in ulangan if nilai is not None]
        bagian.append(_Bagian(jenis, istilah["singkat"], istilah["panjang"], ada, berat))
    return bagian, tuple(kurang)


def _saran_bobot(bagian: list[_Bagian], bobot: Bobot, aturan: AturanRapor) -> tuple[str, ...]:
    """Bab II.B.2: UH should weigh at least as much as UTS and UAS together. Advice; nothing is refused."""
    uh, lain = bagian[0], bagian[1:]
    if bobot.cara == "rata":
        hal, punya, batas = "Banyak", Fraction(len(uh.nilai)), Fraction(sum(len(satu.nilai) for satu in lain))
    else:
        hal, punya, batas = "Bobot", uh.bobot, sum((satu.bobot for satu in lain), Fraction(0))
    if punya >= batas * aturan.isi("saran_bobot_uh"):
        return ()
    nama = " dan ".join(satu.singkat for satu in lain)
    kedua = "jumlah bobot" if hal == "Bobot" else "banyak"
    return (
        f"{hal} {uh.singkat} ({text(punya)}) kurang dari {kedua} {nama} ({text(batas)}); "
        f"disarankan sama atau lebih ({aturan.asal('saran_bobot_uh')}).",
    )


def _langkah_normalisasi(ada: list[_Bagian], bobot: Bobot, kurang: Sequence[str]) -> Langkah:
    sumber = "Kebijakan sekolah untuk nilai yang belum ada (tafsir)"
    if bobot.cara == "rata":
        banyak = sum(len(satu.nilai) for satu in ada)
        return Langkah("Ulangan yang ada", banyak, f"tanpa {_daftar_kata(kurang)}", sumber)
    baru = " : ".join(text(satu.bobot) for satu in ada)
    nama = " : ".join(satu.singkat for satu in ada)
    return Langkah("Bobot yang dipakai", baru, f"{nama}, tanpa {_daftar_kata(kurang)}", sumber)


def _rata_semua(ada: list[_Bagian], langkah: list[Langkah], sumber: str) -> Fraction:
    semua = [nilai for satu in ada for nilai in satu.nilai]
    jumlah = sum(semua, Fraction(0))
    eksak = jumlah / len(semua)
    rumus = " + ".join(map(text, semua))
    langkah.append(Langkah("Jumlah semua ulangan", plain(jumlah), rumus, sumber))
    langkah.append(Langkah("Dibagi banyak ulangan", plain(eksak), f"{text(jumlah)} : {len(semua)}", sumber))
    return eksak


def _rata_satu(bagian: _Bagian, cara: Cara, aturan: AturanRapor, langkah: list[Langkah]) -> Fraction:
    """The mean of UH always passes the named rounding; a single UTS or UAS is no mean and stays as it is."""
    if bagian.jenis != "uh" and len(bagian.nilai) == 1:
        return bagian.nilai[0]
    rata, satu = rata_bagian(bagian.nilai, nama=bagian.panjang, cara=cara, aturan=aturan)
    langkah.append(satu)
    return rata


def rata_bagian(nilai: Sequence[Fraction], *, nama: str, cara: Cara, aturan: AturanRapor) -> tuple[Fraction, Langkah]:
    """The mean of the parts of one kind of assessment (0..100), rounded by name, with its step.

    Raises InputError when there is no mark. Source: Bab II.B.2 (Contoh 1); the rounding is interpreted.
    """
    if not nilai:
        raise InputError.at("", f"Belum ada nilai {nama}.")
    jumlah = sum(nilai, Fraction(0))
    eksak = jumlah / len(nilai)
    bulat = rounded(eksak, cara)
    rumus = f"({' + '.join(map(text, nilai))}) : {len(nilai)} = {text(jumlah)} : {len(nilai)} = {text(eksak)}"
    if bulat != eksak:
        rumus += f", {CARA_TEKS[cara]}"
    return bulat, Langkah(f"Rata-rata {nama}", plain(bulat), rumus, aturan.asal("pembulatan_rata_uh"))


def _rata_berbobot(
    ada: list[_Bagian], bobot: Bobot, aturan: AturanRapor, langkah: list[Langkah], sumber: str
) -> Fraction:
    penuh = aturan.isi("persen_jumlah")
    utuh = bobot.cara == "persen" and sum(satu.bobot for satu in ada) == penuh
    hasil = []
    for satu in ada:
        kali = satu.bobot * satu.rata / (penuh if utuh else 1)
        rumus = f"{text(satu.bobot)}{'%' if utuh else ''} × {text(satu.rata)}"
        nama = f"{satu.panjang[0].upper()}{satu.panjang[1:]} berbobot"
        langkah.append(Langkah(nama, plain(kali), rumus, sumber))
        hasil.append(kali)
    jumlah = sum(hasil, Fraction(0))
    langkah.append(Langkah("Jumlah", plain(jumlah), " + ".join(map(text, hasil)), sumber))
    if utuh:
        return jumlah
    pembagi = sum((satu.bobot for satu in ada), Fraction(0))
    eksak = jumlah / pembagi
    langkah.append(Langkah("Dibagi jumlah bobot", plain(eksak), f"{text(jumlah)} : {text(pembagi)}", sumber))
    return eksak


def _daftar_kata(kata: Sequence[str]) -> str:
    if len(kata) <= 2:
        return " dan ".join(kata)
    return f"{', '.join(kata[:-1])}, dan {kata[-1]}"
