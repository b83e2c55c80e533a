"""Bab II.C, Keputusan kenaikan kelas: what is mastered in a year, what the school adds, and the decision."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

from mutu.rapor.rules.aturan import PAKET, AturanRapor, aturan_dengan_id, aturan_terbaru
from mutu.rapor.rules.cetak import kelas_cetak
from mutu.rapor.rules.pribadi import aspek_sikap, nilai_pengembangan
from mutu.regulation import params
from mutu.regulation.exact import number, text
from mutu.regulation.explain import InputError, Langkah

Keputusan = Literal["naik", "naik_belum_tuntas", "tinggal"]
Dasar = Literal["semester_2", "semua_sk", "campur_rata"]

# Tuntas atau belum dalam setahun (R42)


@dataclass(frozen=True, slots=True)
class NilaiSemester:
    """A subject's mark and KKM (0..100) in one semester; None where it is not known yet."""

    nilai: Fraction | int | None
    kkm: Fraction | int | None

    @property
    def lengkap(self) -> bool:
        return self.nilai is not None and self.kkm is not None

    @property
    def tuntas(self) -> bool:
        """Whether the mark reaches the KKM. Only for a complete one."""
        if self.nilai is None or self.kkm is None:
            raise ValueError("a mark or KKM is missing")
        return self.nilai >= self.kkm


@dataclass(frozen=True, slots=True)
class HasilTuntas:
    """Whether a subject is mastered for the year; `tuntas` is None while `kurang` names what is missing.

    `rumus` is the comparison as a person writes it: “80 dan 70, rata-rata 75; KKM 73”.
    """

    tuntas: bool | None
    rumus: str
    kurang: tuple[str, ...] = ()

    @property
    def kata(self) -> str:
        if self.tuntas is None:
            return f"belum lengkap: {', '.join(self.kurang)}"
        return "tuntas" if self.tuntas else "belum tuntas"


def tuntas_setahun(
    *,
    semester_1: NilaiSemester | None = None,
    semester_2: NilaiSemester | None = None,
    sk: Sequence[tuple[str, Fraction | int | None]] = (),
    dasar: Dasar | None = None,
    aturan: AturanRapor | None = None,
) -> HasilTuntas:
    """Whether a subject is mastered at the year's end, on the ground (`dasar`) that the school chose.

    `semester_2`: the mark of semester 2 reaches its KKM. `semua_sk`: every SK of both semesters (`sk`: name and mark)
    reaches the KKM of semester 2. `campur_rata`: both semesters mastered is mastered, none is not; where only one is,
    the mean of the marks is compared with the mean of the KKM, both unrounded. A pupil who came after semester 1 has
    `semester_1` None and is judged by semester 2. Raises InputError at `dasar` for an unknown ground.

    Source: the guideline leaves open what “unmet at the year's end” is measured by; see `dasar_tuntas` in the params.
    """
    aturan = aturan or aturan_terbaru()
    dikenal = _umum(aturan, "dasar_tuntas").isi("dasar_tuntas")["pilihan"]
    dasar = dasar or _umum(aturan, "dasar_tuntas").isi("dasar_tuntas")["bawaan"]
    if dasar not in dikenal:
        raise InputError.at("dasar", f"Dasar “{dasar}” tidak dikenal; pilih {', '.join(dikenal)}.")
    if dasar == "semua_sk":
        return _semua_sk(sk, semester_2)
    if dasar == "campur_rata" and semester_1 is not None:
        return _campur_rata(semester_1, semester_2)
    return _satu_semester(semester_2)


def _satu_semester(satu: NilaiSemester | None) -> HasilTuntas:
    if satu is None or satu.nilai is None or satu.kkm is None:
        return HasilTuntas(None, "", _kurang(satu, 2))
    return HasilTuntas(satu.tuntas, _banding(satu.nilai, satu.kkm))


def _semua_sk(sk: Sequence[tuple[str, Fraction | int | None]], semester: NilaiSemester | None) -> HasilTuntas:
    if semester is None or semester.kkm is None:
        return HasilTuntas(None, "", ("KKM",))
    if not sk:
        return HasilTuntas(None, "", ("SK setahun",))
    if kosong := tuple(f"nilai {nama}" for nama, nilai in sk if nilai is None):
        return HasilTuntas(None, "", kosong)
    ada = [(nama, nilai) for nama, nilai in sk if nilai is not None]
    belum = [f"{nama} {text(nilai)}" for nama, nilai in ada if nilai < semester.kkm]
    if belum:
        return HasilTuntas(False, f"{', '.join(belum)} < KKM {text(semester.kkm)}")
    return HasilTuntas(True, f"{len(ada)} SK ≥ KKM {text(semester.kkm)}")


def _campur_rata(satu: NilaiSemester, dua: NilaiSemester | None) -> HasilTuntas:
    if dua is None or not satu.lengkap or not dua.lengkap:
        return HasilTuntas(None, "", (*_kurang(satu, 1), *_kurang(dua, 2)))
    if satu.tuntas == dua.tuntas:
        rumus = f"semester 1 {_banding(satu.nilai, satu.kkm)}; semester 2 {_banding(dua.nilai, dua.kkm)}"
        return HasilTuntas(dua.tuntas, rumus)
    nilai = Fraction(satu.nilai or 0) / 2 + Fraction(dua.nilai or 0) / 2
    kkm = Fraction(satu.kkm or 0) / 2 + Fraction(dua.kkm or 0) / 2
    rumus = (
        f"({text(satu.nilai or 0)} + {text(dua.nilai or 0)}) : 2 = {text(nilai)}; "
        f"KKM ({text(satu.kkm or 0)} + {text(dua.kkm or 0)}) : 2 = {text(kkm)}"
    )
    return HasilTuntas(nilai >= kkm, rumus)


def _kurang(satu: NilaiSemester | None, nomor: int) -> tuple[str, ...]:
    if satu is None:
        return (f"nilai semester {nomor}",)
    ada = ((satu.nilai, f"nilai semester {nomor}"), (satu.kkm, f"KKM semester {nomor}"))
    return tuple(nama for isi, nama in ada if isi is None)


def _banding(nilai: Fraction | int | None, kkm: Fraction | int | None) -> str:
    nilai, kkm = nilai or 0, kkm or 0
    return f"{text(nilai)} {'≥' if nilai >= kkm else '<'} KKM {text(kkm)}"


def kata_tuntas(
    dasar: Dasar,
    semester_1: Sequence[Any] | None = None,
    semester_2: Sequence[Any] | None = None,
    sk: Mapping[str, Any] | None = None,
) -> str:
    """`tuntas_setahun` for plain figures ([mark, KKM] a semester; SK by name), as one sentence: the worked examples."""

    def satu(pasangan: Sequence[Any] | None) -> NilaiSemester | None:
        if pasangan is None:
            return None
        return NilaiSemester(*(None if isi is None else number(isi) for isi in pasangan))

    setiap = [(nama, None if isi is None else number(isi)) for nama, isi in (sk or {}).items()]
    hasil = tuntas_setahun(semester_1=satu(semester_1), semester_2=satu(semester_2), sk=setiap, dasar=dasar)
    return f"{hasil.kata} ({hasil.rumus})" if hasil.rumus else hasil.kata


# Kriteria tambahan sekolah (R40)

TANPA_KETERANGAN = "tanpa_keterangan"
PENGEMBANGAN_DIRI = "pengembangan_diri"


@dataclass(frozen=True, slots=True)
class HasilKriteria:
    """One criterion that the school adds, beside what the pupil has; `terpenuhi` is None while that is not recorded."""

    nama: str
    syarat: str
    nyata: str
    terpenuhi: bool | None

    def as_dict(self) -> dict[str, Any]:
        return {"nama": self.nama, "syarat": self.syarat, "nyata": self.nyata, "terpenuhi": self.terpenuhi}


def periksa_kriteria(kriteria: Mapping[str, Any], aturan: AturanRapor) -> dict[str, Any]:
    """What a school adds, as it may be stored: `tanpa_keterangan` (most days a year), `pengembangan_diri` (letter),

    and an aspect of character by its name (lowest category). Empty ones are left out. Raises InputError at each fault.
    """
    hasil: dict[str, Any] = {}
    galat = []
    aspek, huruf = aspek_sikap(aturan), nilai_pengembangan(aturan)
    hari = int(_umum(aturan, "kriteria_kenaikan").isi("kriteria_kenaikan")["hari_paling_banyak"])
    for nama, isi in kriteria.items():
        if isi is None or isi == "":
            continue
        if nama == TANPA_KETERANGAN:
            if isinstance(isi, bool) or not isinstance(isi, int) or not 0 <= isi <= hari:
                galat.append({"jalur": nama, "pesan": f"Isi bilangan bulat 0 sampai {hari} hari."})
                continue
        elif nama == PENGEMBANGAN_DIRI:
            if isi not in huruf:
                galat.append({"jalur": nama, "pesan": f"Nilai ini tidak dikenal; pilih {', '.join(huruf)}."})
                continue
        elif nama in aspek and aspek[nama].kategori:
            if isi not in aspek[nama].kategori:
                pilihan = ", ".join(aspek[nama].kategori)
                galat.append({"jalur": nama, "pesan": f"Kategori ini tidak dikenal; pilih {pilihan}."})
                continue
        else:
            galat.append({"jalur": nama, "pesan": "Kriteria ini tidak dikenal oleh himpunan aturan."})
            continue
        hasil[nama] = isi
    if galat:
        raise InputError(galat)
    return hasil


def nilai_kriteria(
    kriteria: Mapping[str, Any],
    *,
    tanpa_keterangan: int | None,
    sikap: Mapping[str, str],
    pengembangan: Sequence[str],
    aturan: AturanRapor,
) -> tuple[HasilKriteria, ...]:
    """Each criterion of the school with what the pupil has: days without reason this year, categories, letters.

    The best activity counts, so that a pupil who takes part in more is never worse off. Raises InputError for a
    criterion the rule set does not know. Source: Bab II.C (a school may add criteria); which ones is our reading.
    """
    kriteria = periksa_kriteria(kriteria, aturan)
    hasil = []
    if (paling := kriteria.get(TANPA_KETERANGAN)) is not None:
        ada = "belum dicatat" if tanpa_keterangan is None else f"{tanpa_keterangan} hari"
        lulus = None if tanpa_keterangan is None else tanpa_keterangan <= paling
        hasil.append(HasilKriteria("Tanpa keterangan", f"paling banyak {paling} hari setahun", ada, lulus))
    for nama, satu in aspek_sikap(aturan).items():
        if (rendah := kriteria.get(nama)) is None:
            continue
        kategori = sikap.get(nama, "")
        dikenal = kategori in satu.kategori
        lulus = satu.kategori.index(kategori) <= satu.kategori.index(rendah) if dikenal else None
        hasil.append(HasilKriteria(satu.judul, f"paling rendah {rendah}", kategori or "belum ditetapkan", lulus))
    if (rendah := kriteria.get(PENGEMBANGAN_DIRI)) is not None:
        urutan = list(nilai_pengembangan(aturan))
        ada_huruf = sorted((satu for satu in pengembangan if satu in urutan), key=urutan.index)
        lulus = urutan.index(ada_huruf[0]) <= urutan.index(rendah) if ada_huruf else None
        nyata = ada_huruf[0] if ada_huruf else "belum dinilai"
        hasil.append(HasilKriteria("Pengembangan diri", f"paling rendah {rendah}", nyata, lulus))
    return tuple(hasil)


def kata_kriteria(
    kriteria: Mapping[str, Any],
    tanpa_keterangan: int | None = None,
    sikap: Mapping[str, str] | None = None,
    pengembangan: Sequence[str] = (),
) -> list[str]:
    """`nilai_kriteria` as sentences, one a criterion: the worked examples."""
    kata = {True: "terpenuhi", False: "tidak terpenuhi", None: "belum diketahui"}
    return [
        f"{satu.nama} {satu.nyata}, syarat {satu.syarat}: {kata[satu.terpenuhi]}"
        for satu in nilai_kriteria(
            kriteria,
            tanpa_keterangan=tanpa_keterangan,
            sikap=sikap or {},
            pengembangan=pengembangan,
            aturan=aturan_terbaru(),
        )
    ]


# Keputusan (R33..R39)


@dataclass(frozen=True, slots=True)
class HasilKenaikan:
    """A decision, the sentence for the paper, how it came about, and the reasons in words."""

    keputusan: Keputusan
    kalimat: str
    batas: int
    alasan: tuple[str, ...]
    langkah: tuple[Langkah, ...]
    peringatan: tuple[str, ...] = ()


def mengenal_kenaikan(aturan: AturanRapor) -> bool:
    """Whether a rule set says when a pupil is promoted; where it does not, the head decides with minutes."""
    return "batas_belum_tuntas" in aturan.nilai and aturan.isi("batas_belum_tuntas") is not None


def batas_terlonggar() -> int:
    """The widest limit over all rule sets: what an input form may offer before it knows the date."""
    semua = [aturan_dengan_id(satu.id) for satu in params.of_package(PAKET)]
    return max(int(satu.isi("batas_belum_tuntas")) for satu in semua if mengenal_kenaikan(satu))


def periksa_batas(batas: int | None, aturan: AturanRapor, jalur: str = "batas") -> int:
    """The limit that counts: the school's own, else the rule set's.

    Raises InputError at `jalur` below 0 or above the rule set's: a school may only be stricter. Source: Bab II.C,
    Keputusan kenaikan kelas, angka 3.
    """
    paling: int = aturan.isi("batas_belum_tuntas")
    if batas is None:
        return paling
    if not 0 <= batas <= paling:
        raise InputError.at(
            jalur,
            f"Batas {batas} tidak boleh; isi 0 sampai {paling}. Sekolah hanya dapat memperketat batas aturan.",
        )
    return batas


def keputusan_kenaikan(
    *,
    kelas: str,
    belum_tuntas: int,
    batas: int | None = None,
    alasan_khusus: str | None = None,
    kriteria: Sequence[HasilKriteria] = (),
    aturan: AturanRapor,
) -> HasilKenaikan:
    """Promoted, promoted with subjects unmet, or kept back, at the end of semester 2.

    `belum_tuntas` counts the subjects unmet for the year; more than `batas` keeps a pupil back, and so does a special
    ground, or a criterion of the school that is not met. Raises InputError at `kelas` (unknown, or the last class,
    which graduates instead), `mapel_belum_tuntas` below 0, `batas`, a blank `alasan_khusus`, and ValueError for a
    criterion that is not known yet: such a pupil has no decision.

    Source: Bab II.C, Keputusan kenaikan kelas, angka 1 sampai 3; “a) dan b)” is read as “or”.
    """
    if not mengenal_kenaikan(aturan):
        raise InputError.at(
            "aturan", f"Aturan {aturan.id} tidak memuat batas kenaikan kelas; kepala sekolah memutuskan dengan notula."
        )
    isi = _umum(aturan, "kenaikan").isi("kenaikan")
    berikut: Mapping[str, str] = isi["kelas_berikut"]
    sumber = aturan.asal("batas_belum_tuntas")
    sekarang = kelas_cetak(kelas, aturan)
    if kelas not in berikut:
        raise InputError.at(
            "kelas",
            f"Kelas {kelas} tidak naik kelas, tetapi lulus atau tidak lulus; lihat kelulusan dalam aturan tahun "
            "pelajaran itu.",
        )
    if belum_tuntas < 0:
        raise InputError.at("mapel_belum_tuntas", f"Jumlah {belum_tuntas} tidak mungkin; isi 0 atau lebih.")
    batas = periksa_batas(batas, aturan)
    if alasan_khusus is not None and not alasan_khusus.strip():
        raise InputError.at("alasan_khusus", "Alasan khusus kosong; tulis alasannya, atau hapus isian ini.")
    if any(satu.terpenuhi is None for satu in kriteria):
        raise ValueError("a criterion is not known yet")

    lebih = belum_tuntas > batas
    langkah = [
        Langkah(
            "Mapel belum tuntas setahun", belum_tuntas, f"{belum_tuntas} {'>' if lebih else '≤'} batas {batas}", sumber
        )
    ]
    alasan = [f"{belum_tuntas} mapel belum tuntas, lebih dari batas {batas}"] if lebih else []
    for satu in kriteria:
        kata = "terpenuhi" if satu.terpenuhi else "tidak terpenuhi"
        langkah.append(
            Langkah(
                f"Kriteria sekolah: {satu.nama}",
                kata,
                f"{satu.nyata}; {satu.syarat}",
                _umum(aturan, "kriteria_kenaikan").asal("kriteria_kenaikan"),
            )
        )
        if not satu.terpenuhi:
            alasan.append(f"{satu.nama} {satu.nyata}, padahal syaratnya {satu.syarat}")
    if alasan_khusus is not None:
        langkah.append(Langkah("Alasan khusus", "ada", "", _umum(aturan, "alasan_khusus").asal("alasan_khusus")))
        alasan.append("alasan khusus menurut notula rapat")
    keputusan: Keputusan
    peringatan: tuple[str, ...] = ()
    if alasan:
        keputusan = "tinggal"
    elif belum_tuntas:
        keputusan = "naik_belum_tuntas"
        peringatan = (f"{belum_tuntas} mapel belum tuntas; bahas dalam rapat dewan guru.",)
        alasan = [f"{belum_tuntas} mapel belum tuntas, tidak lebih dari batas {batas}"]
    else:
        keputusan = "naik"
        alasan = ["semua mapel tuntas"]
    tujuan = sekarang if keputusan == "tinggal" else kelas_cetak(berikut[kelas], aturan)
    kalimat = isi["tinggal" if keputusan == "tinggal" else "naik"].format(kelas=tujuan)
    asal = (
        _umum(aturan, "naik_belum_tuntas").asal("naik_belum_tuntas")
        if keputusan == "naik_belum_tuntas"
        else _umum(aturan, "kenaikan").asal("kenaikan")
    )
    langkah.append(Langkah("Keputusan", keputusan.replace("_", " "), kalimat, asal))
    return HasilKenaikan(keputusan, kalimat, batas, tuple(alasan), tuple(langkah), peringatan)


def kalimat_kenaikan(kelas: str, naik: bool, aturan: AturanRapor) -> str:
    """The sentence on the paper for a decision that the head took. Raises InputError at `kelas` without a next one."""
    isi = _umum(aturan, "kenaikan").isi("kenaikan")
    if kelas not in isi["kelas_berikut"]:
        raise InputError.at("kelas", f"Kelas {kelas} tidak mempunyai kelas berikut.")
    tujuan = isi["kelas_berikut"][kelas] if naik else kelas
    return str(isi["naik" if naik else "tinggal"]).format(kelas=kelas_cetak(tujuan, aturan_terbaru()))


def rentan(belum_tuntas: int, batas: int, kriteria: Sequence[HasilKriteria]) -> bool:
    """Whether the teachers' meeting looks here first: some unmet up to one over the limit, or a criterion missed."""
    return 0 < belum_tuntas <= batas + 1 or any(satu.terpenuhi is False for satu in kriteria)


def _umum(aturan: AturanRapor, nama: str) -> AturanRapor:
    """The rule set that states a parameter: itself, or the main one where a curriculum says nothing of its own."""
    return aturan if nama in aturan.nilai else aturan_terbaru()


_ROMAWI = {7: "VII", 8: "VIII", 9: "IX"}


def kelas_romawi(tingkat: int) -> str:
    """A grade as the rapor writes a class: 7 is “VII”. A grade outside SMP comes back as its number."""
    return _ROMAWI.get(tingkat, str(tingkat))


def kelas_akhir(tingkat: int) -> bool:
    """Whether a grade is the school's last: it graduates and is not promoted."""
    return kelas_romawi(tingkat) not in aturan_terbaru().isi("kenaikan")["kelas_berikut"]
