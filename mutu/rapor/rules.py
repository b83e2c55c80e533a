"""The rapor of the 2007 guideline as pure functions, in the order of the guideline.

No Django, clock or file: the date is an argument and the numbers of the law come from `params/` through
`AturanRapor`. Marks are exact `Fraction`s; a missing mark is `None` and never 0. Every result carries its steps.
Faulty input raises `InputError` with Indonesian messages and the path of each fault (`uh[2]`, `bobot`, `kkm`).

Source: Petunjuk Pengelolaan Rapor SMP 2007 (Depdiknas, Direktorat Pembinaan SMP).
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import lru_cache
from typing import Any, Literal, get_args

from mutu.regulation import params
from mutu.regulation.exact import CARA, CARA_TEKS, Cara, long_date, plain, rounded, text
from mutu.regulation.explain import InputError, Langkah

PAKET = "mutu.rapor"

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
        """The source of a parameter; marked when the guideline leaves it open and we interpret."""
        isi = self.nilai[nama]
        return f"{isi.sumber} (tafsir)" if isi.tafsir else isi.sumber

    @property
    def skala(self) -> tuple[int, int]:
        return self.isi("skala_min"), self.isi("skala_maks")

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
    return aturan_dengan_id(params.of_package(PAKET).peraturan[-1].id)


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
        sumber=peraturan.sumber,
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
    return [{"jalur": jalur, "pesan": f"KKM {kkm} di luar {bawah} sampai {atas}; isi {bawah} sampai {atas}."}]


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


# Bab II.B.2: penghitungan nilai rapor


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
    _periksa_skala(masukan, kkm, aturan)
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
        kata, tanda = _banding(bulat, kkm, aturan)
        status, tuntas = kata, bulat >= kkm
        langkah.append(Langkah("Ketuntasan", kata, f"{text(nilai)} {tanda} KKM {kkm}", aturan.asal("status")))
    return HasilNilai(nilai, eksak, huruf(nilai, aturan), status, tuntas, tuple(langkah), peringatan, kurang)


def _deret(nilai: Any) -> list[Fraction | None]:
    return list(nilai) if isinstance(nilai, (list, tuple)) else [nilai]


def _periksa_skala(masukan: Mapping[str, Any], kkm: int | None, aturan: AturanRapor) -> None:
    bawah, atas = aturan.skala
    galat = []
    for jenis, isi in masukan.items():
        for urutan, nilai in enumerate(_deret(isi)):
            if nilai is not None and not bawah <= nilai <= atas:
                jalur = f"{jenis}[{urutan}]" if isinstance(isi, (list, tuple)) else jenis
                galat.append({"jalur": jalur, "pesan": _pesan_skala(nilai, bawah, atas)})
    galat.extend(galat_kkm(kkm, aturan))
    if galat:
        raise InputError(galat)


def _pesan_skala(nilai: Fraction | int, bawah: int, atas: int) -> str:
    return f"Nilai {text(nilai)} di luar {bawah} sampai {atas}; periksa dan ketik ulang."


def _susun(
    masukan: Mapping[str, Any], bobot: Bobot, aturan: AturanRapor, semester: int | None
) -> tuple[list[_Bagian], tuple[str, ...]]:
    """The three parts with the marks they have, and the names of what is missing ("UH 2", "UTS")."""
    bagian, kurang = [], []
    for jenis in aturan.isi("penghitungan"):
        istilah = aturan.istilah(jenis, semester)
        deret = _deret(masukan[jenis])
        berat = bobot.per_jenis[jenis]
        if berat:
            bernomor = jenis == "uh" or len(deret) > 1
            kurang += [
                f"{istilah['singkat']} {urutan}" if bernomor else istilah["singkat"]
                for urutan, nilai in enumerate(deret, start=1)
                if nilai is None
            ]
            if not deret:
                kurang.append(istilah["singkat"])
        ada = [nilai for nilai in deret if nilai is not None]
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


def _banding(nilai: Fraction | int, kkm: int, aturan: AturanRapor) -> tuple[str, str]:
    """Status word and comparison sign of a rounded mark beside its KKM."""
    jenis = _status(nilai, kkm)
    return aturan.isi("status")[jenis], {"bawah": "<", "sama": "=", "atas": ">"}[jenis]


def _status(nilai: Fraction | int, kkm: int) -> Status:
    if nilai < kkm:
        return "bawah"
    return "sama" if nilai == kkm else "atas"


# Bab II.C, Identitas


def alamat_cetak(
    *,
    jalan: str | None = None,
    nomor: str | None = None,
    kota: str | None = None,
    desa: str | None = None,
    kecamatan: str | None = None,
    kabupaten: str | None = None,
) -> str:
    """The school's address on the rapor: street, number, city; or village, district, regency outside a city.

    A city (`kota`) decides the shape. Parts that are not known are left out. Source: Bab II.C, Identitas huruf b.
    """
    if kota and kota.strip():
        bagian = [jalan, f"No. {nomor.strip()}" if nomor and nomor.strip() else None, nama_kabkota(kota)]
        return " ".join(satu.strip() for satu in bagian if satu and satu.strip())
    tempat = [desa, _KECAMATAN.sub("", kecamatan.strip()) if kecamatan else None]
    tempat.append(nama_kabkota(kabupaten) if kabupaten else None)
    return ", ".join(satu.strip() for satu in tempat if satu and satu.strip())


def kelas_cetak(kelas: str, aturan: AturanRapor | None = None) -> str:
    """A class with its reading, “VIII (delapan)”. Raises InputError at `kelas` for another one. Source: Bab II.C."""
    kata = (aturan or aturan_terbaru()).isi("kelas_huruf")
    if kelas not in kata:
        raise InputError.at("kelas", f"Kelas ini tidak dikenal; pilih {', '.join(kata)}.")
    return f"{kelas} ({kata[kelas]})"


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
        raise InputError.at("nilai", _pesan_skala(nilai, bawah, atas))
    isi = aturan.isi("huruf")
    bulat, _, pecahan = str(plain(nilai)).partition(".")
    kata = [_kata(int(bulat), isi["bahasa"])]
    if pecahan:
        kata += [isi["koma"], *(_kata(int(angka), isi["bahasa"]) for angka in pecahan)]
    return " ".join(kata)


@lru_cache(maxsize=1024)
def _kata(bilangan: int, bahasa: str) -> str:
    from num2words import num2words  # takes 80 ms to import, which most commands can do without

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
    _periksa_skala({"nilai": list(nilai)}, None, aturan)
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
    return HasilSK(hasil, eksak, (Langkah("Capaian SK", plain(hasil), rumus, aturan.asal("pembulatan_sk")),), ())


@dataclass(frozen=True, slots=True)
class CapaianSK:
    """One SK of the semester: its number, the mark reached and the KKM, both on the scale (0..100)."""

    nomor: int
    nilai: int | Fraction | None
    kkm: int


@dataclass(frozen=True, slots=True)
class HasilDeskripsi:
    """The sentence with a step per SK, and what should be looked at before it is printed."""

    deskripsi: str
    langkah: tuple[Langkah, ...]
    peringatan: tuple[str, ...]


def deskripsi(sk: Sequence[CapaianSK], aturan: AturanRapor) -> HasilDeskripsi:
    """The progress sentence: which SK are above, at and below the KKM.

    “SK 1 dan 2 terlampaui, SK 3 tercapai, dan SK 4 belum tercapai”. Groups stand in the rule set's order, numbers
    ascend. Raises InputError: no SK, an SK twice, a number below 1, a mark missing, or a figure off the scale.
    Source: Bab II.C, kolom deskripsi; the grammar beyond the guideline's example is interpreted.
    """
    _periksa_sk(sk, aturan)
    tata, kata = aturan.isi("deskripsi"), aturan.isi("status")
    cara: Cara = aturan.isi("pembulatan_sk")
    kelompok: dict[str, list[int]] = {jenis: [] for jenis in tata["urutan"]}
    langkah = []
    for satu in sorted(sk, key=lambda capaian: capaian.nomor):
        asal = Fraction(satu.nilai or 0)
        bulat = rounded(asal, cara)
        status, tanda = _banding(bulat, satu.kkm, aturan)
        kelompok[_status(bulat, satu.kkm)].append(satu.nomor)
        mula = f"{text(asal)} {CARA_TEKS[cara]}: " if bulat != asal else ""
        rumus = f"{mula}{text(bulat)} {tanda} KKM {satu.kkm}"
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


def saran_panjang(kalimat: str, aturan: AturanRapor) -> tuple[str, ...]:
    """Advice when a description, ours or the teacher's own, is longer than the column likes. Source: Bab I.B.4."""
    batas = aturan.isi("deskripsi_panjang")
    if len(kalimat) <= batas:
        return ()
    return (f"Deskripsi {len(kalimat)} karakter, lebih dari {batas}; pendekkan bila tidak muat pada kolomnya.",)


def _periksa_sk(sk: Sequence[CapaianSK], aturan: AturanRapor) -> None:
    if not sk:
        raise InputError.at("sk", "Belum ada SK; isi sedikitnya satu.")
    bawah, atas = aturan.skala
    galat: list[dict[str, str]] = []
    terlihat: set[int] = set()
    for urutan, satu in enumerate(sk):
        jalur = f"sk[{urutan}]"
        if satu.nomor < 1:
            galat.append({"jalur": f"{jalur}.nomor", "pesan": "Nomor SK mulai dari 1."})
        elif satu.nomor in terlihat:
            galat.append({"jalur": f"{jalur}.nomor", "pesan": f"SK {satu.nomor} ditulis dua kali; tinggalkan satu."})
        terlihat.add(satu.nomor)
        if satu.nilai is None:
            galat.append({"jalur": f"{jalur}.nilai", "pesan": f"SK {satu.nomor} belum bernilai; isi nilainya."})
        elif not bawah <= satu.nilai <= atas:
            galat.append({"jalur": f"{jalur}.nilai", "pesan": _pesan_skala(satu.nilai, bawah, atas)})
        galat.extend(galat_kkm(satu.kkm, aturan, f"{jalur}.kkm"))
    if galat:
        raise InputError(galat)


def _gabung(unsur: Sequence[str], tata: Mapping[str, str]) -> str:
    if len(unsur) <= 2:
        return tata["dua"].join(unsur)
    return tata["penutup"].join([tata["pemisah"].join(unsur[:-1]), unsur[-1]])


def _daftar_kata(kata: Sequence[str]) -> str:
    if len(kata) <= 2:
        return " dan ".join(kata)
    return f"{', '.join(kata[:-1])}, dan {kata[-1]}"


# Bab II.C, Ketidakhadiran


def ketidakhadiran_cetak(hari: int, aturan: AturanRapor | None = None) -> str:
    """Days absent in one category as printed: “4”, and a dash for none.

    Not recorded is not zero: the caller keeps that apart. Raises InputError at `hari` below 0, TypeError for a
    value that is no int. Source: Bab II.C, Ketidakhadiran.
    """
    if isinstance(hari, bool) or not isinstance(hari, int):
        raise TypeError(f"days are an int, not {type(hari).__name__}")
    if hari < 0:
        raise InputError.at("hari", f"Ketidakhadiran {hari} hari tidak mungkin; isi 0 atau lebih.")
    return str(hari) if hari else str((aturan or aturan_terbaru()).isi("ketidakhadiran_nol"))


# Bab II.C, Keputusan kenaikan kelas: tempat dan tanggal

_JENIS_WILAYAH = re.compile(r"^(?:kabupaten|kab\.?|kota)(?:\s+administrasi|\s+adm\.?)?\s+", re.IGNORECASE)
_KECAMATAN = re.compile(r"^(?:kecamatan|kec\.?)\s+", re.IGNORECASE)


def nama_kabkota(kabkota: str) -> str:
    """The bare name of a regency or city: “Kab. Kota Baru” is “Kota Baru”; only the leading kind is dropped."""
    return _JENIS_WILAYAH.sub("", kabkota.strip())


def tempat_tanggal(kabkota: str, tanggal: date) -> str:
    """Place and day of handing over: “Jayapura, 30 Juni 2007”.

    The place is the school's regency or city. Raises InputError at `kabkota` when blank.
    Source: Bab II.C, Keputusan kenaikan kelas.
    """
    if not kabkota.strip():
        raise InputError.at("kabkota", "Kabupaten/kota sekolah belum diisi.")
    return f"{nama_kabkota(kabkota)}, {long_date(tanggal)}"
