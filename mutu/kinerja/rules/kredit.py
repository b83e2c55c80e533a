"""Credit of a year from the mark of PK GURU, and its sum over the years of a promotion.

Source: Permendiknas 35/2010 (formulas); Permenneg PAN dan RB 16/2009, Pasal 16 and 17 (needs of each rank).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from itertools import pairwise

from mutu.kinerja.rules.aturan import AturanKinerja, angka, aturan_pada
from mutu.kinerja.rules.nilai import HasilSebutan, sebutan_nilai
from mutu.regulation.exact import plain, text
from mutu.regulation.explain import InputError, Langkah

SERATUS = 100


@dataclass(frozen=True, slots=True)
class Golongan:
    """A rank and what the next one asks: `akk` in all, of it `pd` and `pi` (PKB) and `akp` (supporting work).

    All in credit points. The four are None for the last rank. `asal` is the source of the row.
    """

    kode: str
    berikut: str | None
    jabatan: str
    awal: Fraction
    akk: Fraction | None
    pd: Fraction | None
    pi: Fraction | None
    akp: Fraction | None
    asal: str

    @property
    def dasar(self) -> Fraction:
        """AKK - AKPKB - AKP: what the assessed work itself has to bring. Raises InputError for the last rank."""
        akk, pd, pi, akp = self.kebutuhan
        return akk - pd - pi - akp

    @property
    def kebutuhan(self) -> tuple[Fraction, Fraction, Fraction, Fraction]:
        """AKK, PKB pd, PKB pi, AKP. Raises InputError at `golongan` for the last rank."""
        if self.akk is None or self.pd is None or self.pi is None or self.akp is None:
            raise InputError.at(
                "golongan",
                f"Golongan {self.kode} tidak mempunyai pangkat berikut, jadi tidak ada angka kredit yang dibutuhkan.",
            )
        return self.akk, self.pd, self.pi, self.akp


@dataclass(frozen=True, slots=True)
class TugasTambahan:
    """An additional task that reduces the teaching hours, with its own mark (0..100)."""

    jenis: str
    nilai_100: Fraction


@dataclass(frozen=True, slots=True)
class TugasLain:
    """A task beside teaching that does not reduce the hours, and how many months of the year it lasted (1..12)."""

    nama: str
    bulan: int


@dataclass(frozen=True, slots=True)
class Rincian:
    """One part of a year's credit: its name, its points, and the sum as written by hand."""

    nama: str
    angka_kredit: Fraction
    rumus: str


@dataclass(frozen=True, slots=True)
class HasilKredit:
    """The credit of one year, exact, and the parts it is made of."""

    angka_kredit: Fraction
    rincian: tuple[Rincian, ...]
    langkah: tuple[Langkah, ...]
    peringatan: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TahunKredit:
    """What one year brought: credit of the assessed work, PKB (self development, publications), supporting work."""

    tahun: int
    angka_kredit: Fraction
    pd: Fraction = Fraction(0)
    pi: Fraction = Fraction(0)
    penunjang: Fraction = Fraction(0)


@dataclass(frozen=True, slots=True)
class HasilAkumulasi:
    """The sum over the years against AKK.

    `tercapai_tahun` is the year in which AKK was reached. `tepat_waktu` is True when that was within the regular
    period, False when it was not or the period is over, None while it still runs.
    """

    jumlah: Fraction
    akk: Fraction
    kurang: Fraction
    tercapai: bool
    tercapai_tahun: int | None
    tepat_waktu: bool | None
    langkah: tuple[Langkah, ...]
    peringatan: tuple[str, ...]


def daftar_golongan(aturan: AturanKinerja) -> dict[str, Golongan]:
    """All ranks by code, lowest first, the transitional ones included."""
    hasil = {}
    for nama in ("golongan_peralihan", "golongan"):
        for kode, isi in aturan.isi(nama).items():
            butuh = {satu: None if isi[satu] is None else angka(isi[satu]) for satu in ("akk", "pd", "pi", "akp")}
            hasil[kode] = Golongan(
                kode, isi["berikut"], isi["jabatan"], angka(isi["awal"]), **butuh, asal=aturan.asal(nama)
            )
    return hasil


def golongan(kode: str, aturan: AturanKinerja) -> Golongan:
    """The rank of that code. Raises InputError at `golongan` with the known ones."""
    semua = daftar_golongan(aturan)
    if kode not in semua:
        raise InputError.at("golongan", f"Golongan “{kode[:20]}” tidak dikenal; pilih {', '.join(semua)}.")
    return semua[kode]


def angka_kredit(
    kode_golongan: str,
    instrumen: str,
    total: int,
    beban: int,
    aturan: AturanKinerja,
    *,
    kompetensi: int,
    tambahan: TugasTambahan | None = None,
    tugas_lain: Sequence[TugasLain] = (),
    celah: str | None = None,
) -> HasilKredit:
    """The credit of one year.

    Teaching or guidance: (AKK - AKPKB - AKP) x JM/JWM x NPK / 4. An additional task: the same without JM/JWM, and the
    two halves are weighed (25/75 for a head, 50/50 for the others). Other tasks add a percentage of the teaching
    credit. `total` is the sum of the `kompetensi` values of `instrumen` (`guru-mapel`, `guru-bk`); `beban` the weekly
    hours, or the pupils of a counsellor. Raises InputError at `golongan`, `instrumen`, `total`, `jam`,
    `tambahan.jenis`, `tambahan.nilai_100`, `tugas_lain[n].bulan` or `celah`. Source: Permendiknas 35/2010.
    """
    galat: list[dict[str, str]] = []
    pangkat, rasio, npk = None, None, None
    peringatan: list[str] = []
    try:
        pangkat = _pangkat_naik(kode_golongan, aturan)
    except InputError as error:
        galat += error.galat
    if instrumen not in aturan.isi("beban"):
        ada = " atau ".join(aturan.isi("beban"))
        pesan = f"Angka kredit dihitung dari {ada}; tugas tambahan diisikan pada tambahan."
        raise InputError([*galat, {"jalur": "instrumen", "pesan": pesan}])
    galat += _galat_tambahan(tambahan, aturan) + _galat_tugas_lain(tugas_lain, aturan)
    try:
        rasio = rasio_beban(instrumen, beban, aturan, tambahan.jenis if tambahan else None)
    except InputError as error:
        galat += error.galat
    try:
        npk = _npk_mengajar(total, kompetensi, aturan, celah)
    except InputError as error:
        galat += error.galat
    if galat or pangkat is None or rasio is None or npk is None:
        raise InputError(galat)
    nilai_100, sebutan = npk
    mengajar, langkah = _mengajar(pangkat, rasio, nilai_100, sebutan, total, kompetensi, aturan)
    nama = "Pembelajaran" if instrumen == "guru-mapel" else "Pembimbingan"
    peringatan += sebutan.peringatan
    rincian = [Rincian(nama, mengajar.angka_kredit, mengajar.rumus)]
    if tambahan is not None:
        rincian, langkah_tugas, pesan_tugas = _dengan_tambahan(pangkat, rincian[0], tambahan, aturan, celah)
        langkah += langkah_tugas
        peringatan += pesan_tugas
    if tugas_lain:
        baris, langkah_lain, pesan_lain = _tugas_lain(mengajar.angka_kredit, tugas_lain, aturan)
        rincian += baris
        langkah += langkah_lain
        peringatan += pesan_lain
    jumlah = sum((satu.angka_kredit for satu in rincian), Fraction(0))
    langkah.append(
        Langkah(
            "Angka kredit setahun",
            plain(jumlah),
            " + ".join(text(satu.angka_kredit) for satu in rincian),
            aturan.asal("tahun_kenaikan"),
        )
    )
    return HasilKredit(jumlah, tuple(rincian), tuple(langkah), tuple(peringatan))


def rasio_beban(
    instrumen: str, beban: int, aturan: AturanKinerja, tambahan: str | None = None
) -> tuple[Fraction, str, str]:
    """JM/JWM (above 0, at most 1), as written by hand, and its source.

    Below the required load the ratio counts; from there to the upper limit it is 1. The holder of an additional task
    has a smaller required load. Raises InputError at `jam` for a load below 1, or above the limit under the policy
    `tolak`. Source: Permendiknas 35/2010.
    """
    isi = aturan.isi("beban")[instrumen]
    wajib, batas, satuan = isi["wajib"], isi["paling_banyak"], isi["satuan"]
    asal = aturan.asal("beban")
    if tambahan is not None:
        wajib, asal = aturan.isi("tambahan")[tambahan]["wajib"][instrumen], aturan.asal("tambahan")
    if beban < 1 or (beban > batas and aturan.isi("lebih_beban") == "tolak"):
        raise InputError.at("jam", f"Beban {beban} {satuan} di luar 1 sampai {batas}; periksa dan ketik ulang.")
    if beban < wajib:
        return Fraction(beban, wajib), f"{beban}/{wajib}", asal
    # Publications write the same figure above and below here (26/26), never 26/24.
    diakui = min(beban, batas)
    return Fraction(1), f"{diakui}/{diakui}", asal


def akumulasi(kode_golongan: str, tahun: Sequence[TahunKredit], aturan: AturanKinerja) -> HasilAkumulasi:
    """The credit of several years, with PKB and supporting work, against what the next rank needs.

    Supporting work counts up to its share of AKK; PKB below its minimum is a warning, because the sum alone does not
    promote. Raises InputError at `golongan`, at `tahun` for no year, and at `tahun[n].tahun` for years out of order.
    Source: Permenneg PAN dan RB 16/2009, Pasal 16 and 17.
    """
    pangkat = _pangkat_naik(kode_golongan, aturan)
    akk, pd, pi, _akp = pangkat.kebutuhan
    if not tahun:
        raise InputError.at("tahun", "Belum ada angka kredit; isi sedikitnya satu tahun.")
    mundur = [urutan for urutan, (a, b) in enumerate(pairwise(tahun), start=1) if b.tahun <= a.tahun]
    if mundur:
        raise InputError.at(f"tahun[{mundur[0]}].tahun", "Tahun harus berurutan dan tidak berulang.")
    batas_akp = akk * aturan.isi("penunjang_paling_banyak") / SERATUS
    lama = aturan.isi("tahun_kenaikan")
    jumlah = penunjang = Fraction(0)
    tercapai_tahun: int | None = None
    langkah = []
    for satu in tahun:
        diakui = min(satu.penunjang, batas_akp - penunjang)
        penunjang += diakui
        bagian = [satu.angka_kredit, satu.pd, satu.pi, diakui]
        rumus = f"{text(jumlah)} + " + " + ".join(text(isi) for isi in bagian)
        jumlah += sum(bagian, Fraction(0))
        langkah.append(Langkah(f"Angka kredit sampai {satu.tahun}", plain(jumlah), rumus, pangkat.asal))
        if tercapai_tahun is None and jumlah >= akk:
            tercapai_tahun = satu.tahun
    berjalan = tahun[-1].tahun - tahun[0].tahun + 1
    if tercapai_tahun is not None:
        tepat_waktu: bool | None = tercapai_tahun - tahun[0].tahun + 1 <= lama
    else:
        tepat_waktu = False if berjalan >= lama else None
    kurang = max(akk - jumlah, Fraction(0))
    tanda = "≥" if jumlah >= akk else "<"
    langkah.append(
        Langkah("Kekurangan", plain(kurang), f"{text(jumlah)} {tanda} {text(akk)} (ke {pangkat.berikut})", pangkat.asal)
    )
    return HasilAkumulasi(
        jumlah=jumlah,
        akk=akk,
        kurang=kurang,
        tercapai=jumlah >= akk,
        tercapai_tahun=tercapai_tahun,
        tepat_waktu=tepat_waktu,
        langkah=tuple(langkah),
        peringatan=tuple(_peringatan_akumulasi(tahun, pd, pi, batas_akp)),
    )


def _peringatan_akumulasi(tahun: Sequence[TahunKredit], pd: Fraction, pi: Fraction, batas_akp: Fraction) -> list[str]:
    hasil = []
    for nama, ada, wajib in (
        ("Pengembangan diri", sum((satu.pd for satu in tahun), Fraction(0)), pd),
        ("Publikasi ilmiah dan karya inovatif", sum((satu.pi for satu in tahun), Fraction(0)), pi),
    ):
        if ada < wajib:
            hasil.append(f"{nama} baru {text(ada)} dari {text(wajib)} angka kredit yang wajib ada.")
    penunjang = sum((satu.penunjang for satu in tahun), Fraction(0))
    if penunjang > batas_akp:
        hasil.append(f"Penunjang {text(penunjang)} dihitung paling banyak {text(batas_akp)}.")
    return hasil


def _pangkat_naik(kode: str, aturan: AturanKinerja) -> Golongan:
    """A rank that has a next one."""
    pangkat = golongan(kode, aturan)
    _ = pangkat.kebutuhan  # the last rank has none, and says so
    return pangkat


def _npk_mengajar(
    total: int, kompetensi: int, aturan: AturanKinerja, celah: str | None
) -> tuple[Fraction, HasilSebutan]:
    bawah, atas = aturan.skala_kompetensi
    bawah = 0 if aturan.isi("persen_nol") == "nol" else bawah
    if not kompetensi * bawah <= total <= kompetensi * atas:
        batas = f"{kompetensi * bawah} sampai {kompetensi * atas}"
        raise InputError.at("total", f"Nilai total {total} di luar {batas}; isi jumlah {kompetensi} nilai kompetensi.")
    nilai_100 = Fraction(total * aturan.isi("skala_nilai"), kompetensi * atas)
    return nilai_100, sebutan_nilai(nilai_100, aturan, celah=celah)


def _mengajar(
    pangkat: Golongan,
    rasio: tuple[Fraction, str, str],
    nilai_100: Fraction,
    sebutan: HasilSebutan,
    total: int,
    kompetensi: int,
    aturan: AturanKinerja,
) -> tuple[Rincian, list[Langkah]]:
    akk, pd, pi, akp = pangkat.kebutuhan
    pecahan, tertulis, asal_beban = rasio
    bagi = aturan.isi("tahun_kenaikan")
    nilai = pangkat.dasar * pecahan * sebutan.persen / SERATUS / bagi
    rumus = f"{text(pangkat.dasar)} × {tertulis} × {sebutan.persen}% : {bagi}"
    maksimum = kompetensi * aturan.skala_kompetensi[1]
    puncak = aturan.isi("skala_nilai")
    return Rincian("", nilai, rumus), [
        Langkah(
            "Nilai PK GURU (100)",
            plain(nilai_100),
            f"{total} : {maksimum} × {puncak}",
            aturan.asal("skala_nilai"),
        ),
        *sebutan.langkah,
        Langkah(
            "Angka kredit dasar (AKK − AKPKB − AKP)",
            plain(pangkat.dasar),
            f"{text(akk)} − {text(pd + pi)} − {text(akp)}",
            pangkat.asal,
        ),
        Langkah("Perbandingan beban (JM/JWM)", plain(pecahan), tertulis, asal_beban),
        Langkah("Angka kredit mengajar atau membimbing", plain(nilai), rumus, aturan.asal("tahun_kenaikan")),
    ]


def _galat_tambahan(tambahan: TugasTambahan | None, aturan: AturanKinerja) -> list[dict[str, str]]:
    if tambahan is None:
        return []
    galat = []
    if tambahan.jenis not in aturan.isi("tambahan"):
        ada = ", ".join(aturan.isi("tambahan"))
        # An unknown kind would leave nothing to weigh by, so nothing else is looked at.
        raise InputError.at("tambahan.jenis", f"Tugas “{tambahan.jenis[:40]}” tidak dikenal; pilih {ada}.")
    puncak = aturan.isi("skala_nilai")
    if not 0 <= tambahan.nilai_100 <= puncak:
        pesan = f"Nilai {text(tambahan.nilai_100)} di luar 0 sampai {puncak}; periksa dan ketik ulang."
        galat.append({"jalur": "tambahan.nilai_100", "pesan": pesan})
    return galat


def _dengan_tambahan(
    pangkat: Golongan, mengajar: Rincian, tambahan: TugasTambahan, aturan: AturanKinerja, celah: str | None
) -> tuple[list[Rincian], list[Langkah], list[str]]:
    """Both halves, each with its weight."""
    bagian, asal = aturan.isi("tambahan")[tambahan.jenis], aturan.asal("tambahan")
    sebutan = sebutan_nilai(tambahan.nilai_100, aturan, celah=celah)
    bagi = aturan.isi("tahun_kenaikan")
    penuh = pangkat.dasar * sebutan.persen / SERATUS / bagi
    rumus = f"{text(pangkat.dasar)} × {sebutan.persen}% : {bagi}"
    nama = tambahan.jenis.replace("-", " ")
    hasil = [
        Rincian(
            mengajar.nama,
            mengajar.angka_kredit * bagian["mengajar"] / SERATUS,
            f"{bagian['mengajar']}% × {text(mengajar.angka_kredit)}",
        ),
        Rincian(nama.capitalize(), penuh * bagian["tugas"] / SERATUS, f"{bagian['tugas']}% × {text(penuh)}"),
    ]
    langkah = [
        *(Langkah(f"{satu.nama} {nama}", satu.hasil, satu.rumus, satu.sumber) for satu in sebutan.langkah),
        Langkah(f"Angka kredit {nama}", plain(penuh), rumus, asal),
        *(Langkah(f"Bagian {satu.nama.lower()}", plain(satu.angka_kredit), satu.rumus, asal) for satu in hasil),
    ]
    return hasil, langkah, list(sebutan.peringatan)


def _galat_tugas_lain(tugas: Sequence[TugasLain], aturan: AturanKinerja) -> list[dict[str, str]]:
    bulan = aturan.isi("tugas_lain")["bulan"]
    galat = []
    for urutan, satu in enumerate(tugas):
        if not satu.nama.strip():
            galat.append({"jalur": f"tugas_lain[{urutan}].nama", "pesan": "Nama tugas kosong; isi namanya."})
        if not 1 <= satu.bulan <= bulan:
            pesan = f"Lama tugas {satu.bulan} bulan di luar 1 sampai {bulan}."
            galat.append({"jalur": f"tugas_lain[{urutan}].bulan", "pesan": pesan})
    return galat


def _tugas_lain(
    mengajar: Fraction, tugas: Sequence[TugasLain], aturan: AturanKinerja
) -> tuple[list[Rincian], list[Langkah], list[str]]:
    isi, asal = aturan.isi("tugas_lain"), aturan.asal("tugas_lain")
    persen = {
        urutan: isi["setahun" if satu.bulan >= isi["bulan"] else "sementara"] for urutan, satu in enumerate(tugas)
    }
    # The better ones count, in the order in which they were given.
    dipakai = sorted(sorted(persen, key=lambda urutan: (-persen[urutan], urutan))[: isi["paling_banyak"]])
    rincian = [
        Rincian(
            tugas[urutan].nama.strip(),
            mengajar * persen[urutan] / SERATUS,
            f"{persen[urutan]}% × {text(mengajar)} ({tugas[urutan].bulan} bulan)",
        )
        for urutan in dipakai
    ]
    peringatan = [
        f"“{satu.nama.strip()}” tidak dihitung: paling banyak {isi['paling_banyak']} tugas lain setahun."
        for urutan, satu in enumerate(tugas)
        if urutan not in dipakai
    ]
    langkah = [Langkah(satu.nama, plain(satu.angka_kredit), satu.rumus, asal) for satu in rincian]
    return rincian, langkah, peringatan


def peringatan_masa(kode_golongan: str, tanggal: date, aturan: AturanKinerja) -> tuple[str, ...]:
    """What a reader should know about the day: transition before the rules took full effect, ranks of the transition.

    `tanggal` is the day of the assessment.
    """
    hasil = []
    efektif, akhir = aturan.isi("efektif"), aturan.isi("akhir_golongan_peralihan")
    if tanggal < efektif:
        hasil.append(f"Sebelum {efektif.isoformat()} masih masa peralihan; angka ini perkiraan.")
    if kode_golongan in aturan.isi("golongan_peralihan") and tanggal > akhir:
        hasil.append(f"Golongan {kode_golongan} hanya berlaku dalam masa peralihan sampai {akhir.isoformat()}.")
    return tuple(hasil)


# By the rule set of a day, from plain values: for worked examples and quick tables


def tabel_pada(kode_golongan: str, tanggal: date) -> tuple[int | str, ...]:
    """The credit of a year at the full load, one figure per name from the best to the worst.

    Figures leave as `exact.plain`. Raises InputError at `golongan` or `tanggal`.
    """
    aturan = aturan_pada(tanggal)
    dasar, bagi = _pangkat_naik(kode_golongan, aturan).dasar, aturan.isi("tahun_kenaikan")
    return tuple(plain(dasar * satu["persen"] / SERATUS / bagi) for satu in aturan.isi("sebutan"))


def akumulasi_pada(kode_golongan: str, tahun: Sequence[dict[str, object]], tanggal: date) -> dict[str, object]:
    """`akumulasi` with each year as `{"tahun": 2013, "angka_kredit": "10.5", "pd": 3}`; figures as `exact.plain`."""
    isi = [
        TahunKredit(
            int(str(satu["tahun"])), *(angka(satu.get(nama, 0)) for nama in ("angka_kredit", "pd", "pi", "penunjang"))
        )
        for satu in tahun
    ]
    hasil = akumulasi(kode_golongan, isi, aturan_pada(tanggal))
    return {
        "jumlah": plain(hasil.jumlah),
        "akk": plain(hasil.akk),
        "kurang": plain(hasil.kurang),
        "tercapai": hasil.tercapai,
        "tercapai_tahun": hasil.tercapai_tahun,
        "tepat_waktu": hasil.tepat_waktu,
        "peringatan": list(hasil.peringatan),
    }
