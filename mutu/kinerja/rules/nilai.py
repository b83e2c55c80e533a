"""From scores to the mark of PK GURU: indicators 0 to 2, competencies 1 to 4, total, scale 100, name, percentage.

Source: Pedoman PK Guru, F.c (Tabel 8, 9 and 11); Permenneg PAN dan RB 16/2009, Pasal 15.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from mutu.kinerja.rules.aturan import AturanKinerja, Celah, PersenNol, pilihan_celah, pilihan_nol
from mutu.kinerja.rules.instrumen import Instrumen, Komponen
from mutu.regulation.exact import plain, rounded, text
from mutu.regulation.explain import InputError, Langkah

Galat = list[dict[str, str]]


@dataclass(frozen=True, slots=True)
class HasilKompetensi:
    """`total` of `maksimum`, as exact `persen` (0..100), and the competency's `nilai` (1..4; 0 under `nol`)."""

    total: int
    maksimum: int
    persen: Fraction
    nilai: int
    langkah: tuple[Langkah, ...]
    peringatan: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class HasilSebutan:
    """Name and credit percentage of a mark on the scale of 100; `di_celah` where it fell between printed ranges."""

    sebutan: str
    persen: int
    di_celah: bool
    langkah: tuple[Langkah, ...]
    peringatan: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class HasilRekap:
    """The recap of one teacher: everything needed to compute it again stands beside the result.

    `nilai` by competency (whole numbers) or component (means), `total` of `maksimum`, `nilai_100` exact, `sebutan`
    and `persen` (credit percentage). `aturan` and `instrumen` are ids, `masukan` the exact input, `kebijakan` the
    named policies that were used.
    """

    nilai: tuple[Fraction, ...]
    total: Fraction
    maksimum: int
    nilai_100: Fraction
    sebutan: str
    persen: int
    di_celah: bool
    aturan: str
    instrumen: str
    masukan: Mapping[str, Any]
    kebijakan: Mapping[str, str]
    langkah: tuple[Langkah, ...]
    peringatan: tuple[str, ...]


def nilai_kompetensi(
    skor: Sequence[int], aturan: AturanKinerja, *, nol: str | None = None, jalur: str = "skor", nama: str = ""
) -> HasilKompetensi:
    """The value of one competency from the scores of its indicators.

    X = total / maximum in percent; the bands have an inclusive upper bound, so exactly 25, 50 and 75 go to the lower
    value. `nol` is the policy for X = 0% (`satu`, `nol`, `tolak`; default of the rule set). `nama` stands in the
    steps. Raises InputError at `jalur` for no scores, at `jalur[n]` for one that is not 0, 1 or 2, and at `nol` for an
    unknown policy, or at `jalur` for X = 0% under `tolak`. Source: Tabel 8 and 9.
    """
    kebijakan = pilihan_nol(nol, aturan)
    _periksa_skor(skor, aturan, jalur)
    total, maksimum = sum(skor), len(skor) * max(aturan.isi("skor_indikator"))
    persen = Fraction(100 * total, maksimum)
    peringatan: tuple[str, ...] = ()
    awalan = f"{nama}: " if nama else ""

    def sebut(langkah: str) -> str:
        return f"{awalan}{langkah}" if nama else langkah.capitalize()

    if persen:
        bawah, nilai = 0, 0
        for rentang in aturan.isi("rentang_kompetensi"):
            if persen <= rentang["sampai"]:
                nilai, letak = rentang["nilai"], f"{bawah}% < {text(persen)}% ≤ {rentang['sampai']}%"
                break
            bawah = rentang["sampai"]
        asal = aturan.asal("rentang_kompetensi")
    else:
        nilai, peringatan = _nilai_nol(kebijakan, aturan, jalur, awalan)
        letak, asal = f"0%, kebijakan {kebijakan}", aturan.asal("persen_nol")
    sumber = aturan.asal("skor_indikator")
    return HasilKompetensi(
        total,
        maksimum,
        persen,
        nilai,
        (
            Langkah(sebut("total skor"), total, " + ".join(map(str, skor)), sumber),
            Langkah(sebut("skor maksimum"), maksimum, f"{len(skor)} × {max(aturan.isi('skor_indikator'))}", sumber),
            Langkah(sebut("persentase"), plain(persen), f"{total} : {maksimum} × 100%", sumber),
            Langkah(sebut("nilai kompetensi"), nilai, letak, asal),
        ),
        peringatan,
    )


def nilai_komponen(
    skor: Sequence[int], komponen: Komponen, aturan: AturanKinerja, *, jalur: str = "kriteria"
) -> tuple[Fraction, Langkah]:
    """The mean of the criteria (1..4) of one component of an additional task, and its step.

    Raises InputError at `jalur` for no scores and at `jalur[n]` for one off the scale. Source: Lampiran 3.
    """
    bawah, atas = aturan.skala_kompetensi
    if not skor:
        raise InputError.at(jalur, f"{komponen.nama} belum berisi skor kriteria.")
    galat = [
        {"jalur": f"{jalur}[{nomor}]", "pesan": f"Skor kriteria {satu} di luar {bawah} sampai {atas}."}
        for nomor, satu in enumerate(skor)
        if not bawah <= satu <= atas
    ]
    if galat:
        raise InputError(galat)
    rata_rata = Fraction(sum(skor), len(skor))
    rumus = f"({' + '.join(map(str, skor))}) : {len(skor)}"
    return rata_rata, Langkah(f"Rata-rata {komponen.nama.lower()}", plain(rata_rata), rumus, komponen.sumber)


def _nilai_nol(kebijakan: PersenNol, aturan: AturanKinerja, jalur: str, awalan: str) -> tuple[int, tuple[str, ...]]:
    if kebijakan == "tolak":
        raise InputError.at(
            jalur, "Semua indikator berskor 0, dan aturan tidak memberi nilai untuk 0%; periksa catatan pengamatan."
        )
    nilai = aturan.skala_kompetensi[0] if kebijakan == "satu" else 0
    pesan = f"{awalan}semua indikator berskor 0 (0%); tabel tidak memuatnya, kebijakan “{kebijakan}” memberi {nilai}."
    return nilai, (pesan[0].upper() + pesan[1:],)


def _periksa_skor(skor: Sequence[int], aturan: AturanKinerja, jalur: str) -> None:
    if not skor:
        raise InputError.at(jalur, "Belum ada skor; isi skor setiap indikator.")
    boleh = aturan.isi("skor_indikator")
    galat = [
        {"jalur": f"{jalur}[{urutan}]", "pesan": f"Skor {satu} tidak ada; isi {_atau(boleh)}."}
        for urutan, satu in enumerate(skor)
        if satu not in boleh
    ]
    if galat:
        raise InputError(galat)


def periksa_banyak(banyak: int, instrumen: Instrumen, nomor: int, jalur: str) -> tuple[str, ...]:
    """Whether a competency has as many scores as the instrument has indicators.

    Raises InputError at `jalur` where the instrument's number is certain; gives a warning where it is not.
    """
    komponen = instrumen.nomor(nomor)
    if banyak in komponen.jumlah_boleh:
        return ()
    butir = "indikator" if instrumen.jenis == "indikator" else "kriteria"
    pesan = f"{komponen.nama} mempunyai {_atau(komponen.jumlah_boleh)} {butir}, sedangkan yang diisi {banyak}"
    if instrumen.pasti:
        raise InputError.at(jalur, f"{pesan}; lengkapi atau hapus kelebihannya.")
    return (f"{pesan}; banyak {butir} instrumen ini belum diverifikasi.",)


def sebutan_nilai(nilai_100: Fraction, aturan: AturanKinerja, *, celah: str | None = None) -> HasilSebutan:
    """Name and credit percentage of a mark (0..100).

    The printed ranges are whole numbers. A mark between two of them is placed by a named policy: `batas-bawah` (it
    belongs to the range below until it reaches the next one's lower bound), `batas-atas` (it belongs to the range
    above once it exceeds the lower one's upper bound), `bulat` (rounded half-up first), `tolak`. Such a mark carries a
    warning. Raises InputError at `nilai_100` off the scale, and at `celah` for an unknown policy and for a mark in a
    gap under `tolak`. Source: Tabel 11; Pasal 15.
    """
    kebijakan = pilihan_celah(celah, aturan)
    puncak = aturan.isi("skala_nilai")
    if not 0 <= nilai_100 <= puncak:
        raise InputError.at("nilai_100", f"Nilai {text(nilai_100)} di luar 0 sampai {puncak}; periksa dan ketik ulang.")
    nilai = rounded(nilai_100, aturan.isi("pembulatan_nilai"))
    rentang = aturan.isi("sebutan")
    asal = aturan.asal("sebutan")
    for satu in rentang:
        if satu["dari"] <= nilai <= satu["sampai"]:
            letak = f"{satu['dari']} ≤ {text(nilai)} ≤ {satu['sampai']}"
            return HasilSebutan(satu["sebutan"], satu["persen"], False, _langkah_sebutan(satu, letak, asal), ())
    atas = min((satu for satu in rentang if satu["dari"] > nilai), key=lambda satu: satu["dari"])
    bawah = max((satu for satu in rentang if satu["sampai"] < nilai), key=lambda satu: satu["sampai"])
    di_antara = f"{text(nilai)} di antara {bawah['sampai']} dan {atas['dari']}"
    if kebijakan == "tolak":
        pilihan = "batas-bawah, batas-atas, atau bulat"
        raise InputError.at("celah", f"Nilai {di_antara}, tidak ada rentangnya; pilih kebijakan {pilihan}.")
    dipakai = _di_celah(nilai, bawah, atas, kebijakan, aturan)
    peringatan = (
        f"Nilai {di_antara}, di luar rentang tercetak; kebijakan “{kebijakan}” memberi {dipakai['sebutan']} "
        f"({dipakai['persen']}%).",
    )
    letak = f"{di_antara}, kebijakan {kebijakan}"
    return HasilSebutan(
        dipakai["sebutan"],
        dipakai["persen"],
        True,
        _langkah_sebutan(dipakai, letak, aturan.asal("celah") if celah is None else asal),
        peringatan,
    )


def _di_celah(
    nilai: Fraction, bawah: dict[str, Any], atas: dict[str, Any], kebijakan: Celah, aturan: AturanKinerja
) -> dict[str, Any]:
    if kebijakan == "batas-atas":
        return atas
    if kebijakan == "batas-bawah":
        return bawah
    return atas if rounded(nilai, aturan.isi("pembulatan_celah")) >= atas["dari"] else bawah


def _langkah_sebutan(rentang: dict[str, Any], letak: str, sumber: str) -> tuple[Langkah, ...]:
    return (
        Langkah("Sebutan", rentang["sebutan"], letak, sumber),
        Langkah("Persentase angka kredit", rentang["persen"], f"{rentang['sebutan']} = {rentang['persen']}%", sumber),
    )


def rekap(
    instrumen: Instrumen,
    aturan: AturanKinerja,
    *,
    nilai: Sequence[int] | None = None,
    skor: Sequence[Sequence[int]] | None = None,
    kriteria: Sequence[Sequence[int]] | None = None,
    celah: str | None = None,
    nol: str | None = None,
) -> HasilRekap:
    """The recap of one assessment: total, mark on the scale of 100, name and credit percentage.

    A teacher's instrument takes `nilai` (one value 1..4 per competency) or `skor` (the scores 0..2 of each); an
    additional task takes `kriteria` (the scores 1..4 of each component), whose means are added as they are. `celah`
    and `nol` name policies, see `sebutan_nilai` and `nilai_kompetensi`. Raises InputError with the path of every
    fault (`nilai[3]`, `skor[2][4]`, `kriteria[1]`). Source: F.c.1.a and b; Lampiran 1C, 2C and 3.
    """
    masukan = {"nilai": nilai, "skor": skor, "kriteria": kriteria}
    nama = _satu_masukan(masukan, instrumen)
    isi: Sequence[Any] = masukan[nama] or ()
    if len(isi) != len(instrumen.komponen):
        pesan = f"{instrumen.nama} mempunyai {len(instrumen.komponen)} kompetensi, sedangkan yang diisi {len(isi)}."
        raise InputError.at(nama, pesan)
    if nama == "nilai":
        per_kompetensi, langkah, peringatan = _dari_nilai(isi, aturan, pilihan_nol(nol, aturan))
    elif nama == "skor":
        per_kompetensi, langkah, peringatan = _dari_skor(isi, instrumen, aturan, nol)
    else:
        per_kompetensi, langkah, peringatan = _dari_kriteria(isi, instrumen, aturan)
    total = sum(per_kompetensi, Fraction(0))
    maksimum = len(per_kompetensi) * aturan.skala_kompetensi[1]
    puncak = aturan.isi("skala_nilai")
    nilai_100 = total * puncak / maksimum
    sebutan = sebutan_nilai(nilai_100, aturan, celah=celah)
    return HasilRekap(
        nilai=per_kompetensi,
        total=total,
        maksimum=maksimum,
        nilai_100=nilai_100,
        sebutan=sebutan.sebutan,
        persen=sebutan.persen,
        di_celah=sebutan.di_celah,
        aturan=aturan.id,
        instrumen=instrumen.id,
        masukan={nama: tuple(tuple(satu) if nama != "nilai" else satu for satu in isi)},
        kebijakan={"celah": pilihan_celah(celah, aturan), "nol": pilihan_nol(nol, aturan)},
        langkah=(
            *langkah,
            Langkah(
                "Nilai total", plain(total), " + ".join(map(text, per_kompetensi)), aturan.asal("skala_kompetensi")
            ),
            Langkah(
                "Nilai PK GURU (100)",
                plain(nilai_100),
                f"{text(total)} : {maksimum} × {puncak}",
                aturan.asal("skala_nilai"),
            ),
            *sebutan.langkah,
        ),
        peringatan=(*instrumen.catatan, *peringatan, *sebutan.peringatan),
    )


def _satu_masukan(masukan: Mapping[str, Any], instrumen: Instrumen) -> str:
    boleh = ("nilai", "skor") if instrumen.jenis == "indikator" else ("kriteria",)
    if asing := [nama for nama, isi in masukan.items() if isi is not None and nama not in boleh]:
        pesan = f"{instrumen.nama} dinilai dengan {' atau '.join(boleh)}, bukan {asing[0]}; pindahkan isiannya."
        raise InputError.at(asing[0], pesan)
    ada = [nama for nama in boleh if masukan[nama] is not None]
    if len(ada) != 1:
        pesan = f"Isi {' atau '.join(boleh)}." if not ada else "Isi nilai atau skor saja, jangan keduanya."
        raise InputError.at(boleh[0] if not ada else ada[-1], pesan)
    return ada[0]


Rincian = tuple[tuple[Fraction, ...], tuple[Langkah, ...], tuple[str, ...]]


def _dari_nilai(isi: Sequence[int], aturan: AturanKinerja, nol: PersenNol) -> Rincian:
    bawah, atas = aturan.skala_kompetensi
    # Only the policy `nol` ever gives a competency the value 0.
    bawah = 0 if nol == "nol" else bawah
    galat = [
        {"jalur": f"nilai[{urutan}]", "pesan": f"Nilai kompetensi {satu} di luar {bawah} sampai {atas}."}
        for urutan, satu in enumerate(isi)
        if not bawah <= satu <= atas
    ]
    if galat:
        raise InputError(galat)
    return tuple(map(Fraction, isi)), (), ()


def _dari_skor(isi: Sequence[Sequence[int]], instrumen: Instrumen, aturan: AturanKinerja, nol: str | None) -> Rincian:
    galat: Galat = []
    hasil: list[HasilKompetensi] = []
    peringatan: list[str] = []
    for urutan, (skor, komponen) in enumerate(zip(isi, instrumen.komponen, strict=True)):
        jalur = f"skor[{urutan}]"
        try:
            if skor:
                peringatan += periksa_banyak(len(skor), instrumen, komponen.nomor, jalur)
            hasil.append(nilai_kompetensi(skor, aturan, nol=nol, jalur=jalur, nama=f"Kompetensi {komponen.nomor}"))
        except InputError as error:
            galat += error.galat
    if galat:
        raise InputError(galat)
    return (
        tuple(Fraction(satu.nilai) for satu in hasil),
        tuple(langkah for satu in hasil for langkah in satu.langkah),
        (*peringatan, *(pesan for satu in hasil for pesan in satu.peringatan)),
    )


def _dari_kriteria(isi: Sequence[Sequence[int]], instrumen: Instrumen, aturan: AturanKinerja) -> Rincian:
    galat: Galat = []
    langkah: list[Langkah] = []
    peringatan: list[str] = []
    rata_rata: list[Fraction] = []
    for urutan, (skor, komponen) in enumerate(zip(isi, instrumen.komponen, strict=True)):
        jalur = f"kriteria[{urutan}]"
        try:
            nilai, satu_langkah = nilai_komponen(skor, komponen, aturan, jalur=jalur)
            rata_rata.append(nilai)
            langkah.append(satu_langkah)
        except InputError as error:
            galat += error.galat
        try:
            if skor:
                peringatan += periksa_banyak(len(skor), instrumen, komponen.nomor, jalur)
        except InputError as error:
            galat += error.galat
    if galat:
        raise InputError(galat)
    return tuple(rata_rata), tuple(langkah), tuple(peringatan)


def _atau(pilihan: Sequence[int]) -> str:
    kata = [str(satu) for satu in pilihan]
    return kata[0] if len(kata) == 1 else f"{', '.join(kata[:-1])}, atau {kata[-1]}"
