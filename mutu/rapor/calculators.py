"""The rapor's open calculators: the same rules as the system itself uses, for anyone to try."""

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import Field, WithJsonSchema

from mutu.rapor import rules
from mutu.regulation import registry
from mutu.regulation.exact import Cara, plain
from mutu.regulation.explain import InputError, Langkah
from mutu.regulation.registry import Angka, Bagian, Bulat, Kalkulator, Masukan

# More assessments than any semester has; a longer list is a mistake and would only keep the machine busy.
MAX_ULANGAN = 1000
MAX_SK = 200

_BAWAH, _ATAS = rules.batas_skala()
_TEKS_NILAI = {"type": "string", "pattern": r"^[0-9]{1,3}(\.[0-9]{1,20})?$"}
_TEKS_BULAT = {"type": "string", "pattern": r"^[0-9]{1,3}$"}

Nilai = Annotated[
    Angka, WithJsonSchema({"anyOf": [{"type": "number", "minimum": _BAWAH, "maximum": _ATAS}, _TEKS_NILAI]})
]
NilaiBulat = Annotated[
    Bulat, WithJsonSchema({"anyOf": [{"type": "integer", "minimum": _BAWAH, "maximum": _ATAS}, _TEKS_BULAT]})
]

Berat = Annotated[
    Angka,
    WithJsonSchema(
        {"anyOf": [{"type": "number", "minimum": 0}, {"type": "string", "pattern": r"^[0-9]{1,20}(\.[0-9]{1,20})?$"}]}
    ),
]

Cacah = Annotated[
    Bulat,
    WithJsonSchema({"anyOf": [{"type": "integer", "minimum": 0}, {"type": "string", "pattern": r"^[0-9]{1,3}$"}]}),
]
BatasMapel = Annotated[
    Bulat,
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "integer", "minimum": 0, "maximum": rules.batas_terlonggar()},
                {"type": "string", "pattern": r"^[0-9]$"},
            ]
        }
    ),
]


class MasukanBobot(Bagian):
    cara: Literal["rasio", "persen", "rata"] = Field(
        title="Cara", description="rasio (2 : 1 : 1), persen (berjumlah 100), atau rata (semua ulangan sama)."
    )
    uh: Berat | None = Field(None, title="Bobot ulangan harian")
    uts: Berat | None = Field(None, title="Bobot ulangan tengah semester")
    uas: Berat | None = Field(None, title="Bobot ulangan akhir semester")


class MasukanPembulatan(Bagian):
    rata_uh: Cara | None = Field(None, title="Rata-rata ulangan harian")
    akhir: Cara | None = Field(None, title="Nilai rapor")


class MasukanNilai(Masukan):
    bobot: MasukanBobot = Field(title="Bobot")
    uh: list[Nilai] = Field(title="Ulangan harian", min_length=1, max_length=MAX_ULANGAN)
    uts: Nilai = Field(title="Ulangan tengah semester")
    uas: Nilai = Field(title="Ulangan akhir semester atau kenaikan kelas")
    kkm: NilaiBulat | None = Field(None, title="KKM", description="Kriteria ketuntasan minimal mata pelajaran.")
    pembulatan: MasukanPembulatan | None = Field(
        None,
        title="Pembulatan",
        description="bawah, tengah (setengah ke atas), genap, atau tidak; bawaan: aturan.",
    )


class MasukanHuruf(Masukan):
    nilai: NilaiBulat = Field(title="Nilai")


class MasukanSK(Bagian):
    nomor: Bulat = Field(title="Nomor SK")
    nilai: Nilai = Field(title="Nilai")
    kkm: NilaiBulat = Field(title="KKM")


class MasukanDeskripsi(Masukan):
    sk: list[MasukanSK] = Field(title="Standar kompetensi", min_length=1, max_length=MAX_SK)


class MasukanKenaikan(Masukan):
    kelas: Literal["VII", "VIII", "IX"] = Field(
        title="Kelas", description="Kelas IX tidak naik kelas, tetapi lulus atau tidak lulus."
    )
    mapel_belum_tuntas: Cacah = Field(title="Mapel belum tuntas setahun")
    batas: BatasMapel | None = Field(
        None,
        title="Batas",
        description="Lebih dari sekian mapel belum tuntas berarti tinggal; sekolah boleh lebih ketat.",
    )
    alasan_khusus: Annotated[str, Field(max_length=500)] | None = Field(
        None, title="Alasan khusus", description="Alasan kuat, misalnya kesehatan; kosongkan bila tidak ada."
    )


def _aturan(masukan: Masukan, hari_ini: date) -> rules.AturanRapor:
    if masukan.aturan is not None:
        return rules.aturan_dengan_id(masukan.aturan, masukan.tanggal)
    return rules.aturan_pada(masukan.tanggal or hari_ini)


def hitung_nilai(masukan: MasukanNilai, hari_ini: date) -> dict[str, Any]:
    """rapor.nilai: the mark of one subject. Raises InputError."""
    aturan = _aturan(masukan, hari_ini)
    bawaan, pilihan = aturan.pembulatan, masukan.pembulatan
    if pilihan is not None:
        bawaan = rules.Pembulatan(pilihan.rata_uh or bawaan.rata_uh, pilihan.akhir or bawaan.akhir)
    bobot = masukan.bobot
    hasil = rules.nilai_rapor(
        uh=masukan.uh,
        uts=masukan.uts,
        uas=masukan.uas,
        bobot=rules.Bobot(bobot.cara, bobot.uh, bobot.uts, bobot.uas),
        kkm=masukan.kkm,
        pembulatan=bawaan,
        aturan=aturan,
    )
    if hasil.nilai is None:
        raise InputError.at("", f"Belum ada nilai {', '.join(hasil.kurang)}.")
    predikat = None if masukan.kkm is None else rules.predikat(hasil.nilai, masukan.kkm, aturan)
    return registry.result(
        {
            "nilai": plain(hasil.nilai),
            "huruf": hasil.huruf,
            "status": hasil.status,
            "tuntas": hasil.tuntas,
        },
        langkah=(*hasil.langkah, *((predikat.langkah,) if predikat else ())),
        peringatan=hasil.peringatan,
        aturan=aturan.as_dict(),
    )


def hitung_huruf(masukan: MasukanHuruf, hari_ini: date) -> dict[str, Any]:
    """rapor.huruf: a whole mark in words. Raises InputError."""
    aturan = _aturan(masukan, hari_ini)
    huruf = rules.huruf(masukan.nilai, aturan)
    langkah = (Langkah("Nilai huruf", huruf, str(masukan.nilai), aturan.asal("huruf")),)
    return registry.result({"huruf": huruf}, langkah=langkah, peringatan=(), aturan=aturan.as_dict())


def hitung_deskripsi(masukan: MasukanDeskripsi, hari_ini: date) -> dict[str, Any]:
    """rapor.deskripsi: the progress sentence of one subject. Raises InputError."""
    aturan = _aturan(masukan, hari_ini)
    capaian = [rules.capaian_dengan_kata(satu.nomor, satu.nilai, satu.kkm, "", aturan) for satu in masukan.sk]
    hasil = rules.deskripsi(capaian, aturan, rules.ranah_kolom("", aturan))
    return registry.result(
        {"deskripsi": hasil.deskripsi},
        langkah=hasil.langkah,
        peringatan=hasil.peringatan,
        aturan=aturan.as_dict(),
    )


def hitung_kenaikan(masukan: MasukanKenaikan, hari_ini: date) -> dict[str, Any]:
    """rapor.kenaikan: promoted or kept back at the end of semester 2. Raises InputError."""
    aturan = _aturan(masukan, hari_ini)
    hasil = rules.keputusan_kenaikan(
        kelas=masukan.kelas,
        belum_tuntas=masukan.mapel_belum_tuntas,
        batas=masukan.batas,
        alasan_khusus=masukan.alasan_khusus,
        aturan=aturan,
    )
    return registry.result(
        {"keputusan": hasil.keputusan, "kalimat": hasil.kalimat},
        langkah=hasil.langkah,
        peringatan=hasil.peringatan,
        aturan=aturan.as_dict(),
    )


class MasukanRemedial(Masukan):
    kkm: NilaiBulat = Field(title="KKM")
    percobaan: list[Nilai] = Field(
        title="Percobaan",
        description="Nilai semula, lalu setiap nilai remedial menurut urutannya.",
        min_length=1,
        max_length=MAX_ULANGAN,
    )
    cara: Literal["tertinggi", "batas_kkm"] | None = Field(
        None,
        title="Cara",
        description="tertinggi, atau batas_kkm (nilai lewat remedial paling tinggi KKM); bawaan: aturan.",
    )


class MasukanMengulang(Masukan):
    kkm: NilaiBulat = Field(title="KKM tahun lalu")
    lalu: Nilai = Field(title="Nilai tahun lalu")
    baru: Nilai = Field(title="Nilai tahun ini")


def hitung_remedial(masukan: MasukanRemedial, hari_ini: date) -> dict[str, Any]:
    """rapor.remedial: the mark that counts after all attempts. Raises InputError."""
    aturan = _aturan(masukan, hari_ini)
    hasil = rules.nilai_remedial(kkm=masukan.kkm, percobaan=masukan.percobaan, cara=masukan.cara, aturan=aturan)
    return registry.result(
        {"nilai": plain(hasil.nilai), "tuntas": hasil.tuntas},
        langkah=hasil.langkah,
        peringatan=hasil.peringatan,
        aturan=aturan.as_dict(),
    )


def hitung_mengulang(masukan: MasukanMengulang, hari_ini: date) -> dict[str, Any]:
    """rapor.mengulang: the mark of a repeated year. Raises InputError."""
    aturan = _aturan(masukan, hari_ini)
    hasil = rules.nilai_mengulang(kkm=masukan.kkm, lalu=masukan.lalu, baru=masukan.baru, aturan=aturan)
    return registry.result({"nilai": plain(hasil.nilai)}, langkah=hasil.langkah, peringatan=(), aturan=aturan.as_dict())


KALKULATOR = (
    Kalkulator(
        nama="rapor.nilai",
        judul="Nilai rapor",
        uraian="Nilai rapor satu mata pelajaran dari ulangan harian, UTS, dan UAS, langkah demi langkah.",
        masukan=MasukanNilai,
        contoh={
            "bobot": {"cara": "rasio", "uh": 2, "uts": 1, "uas": 1},
            "uh": [60, 75, 65],
            "uts": 55,
            "uas": 65,
            "kkm": 65,
        },
        jalankan=hitung_nilai,
    ),
    Kalkulator(
        nama="rapor.huruf",
        judul="Nilai dengan huruf",
        uraian="Nilai bulat 0 sampai 100 ditulis dengan kata.",
        masukan=MasukanHuruf,
        contoh={"nilai": 75},
        jalankan=hitung_huruf,
    ),
    Kalkulator(
        nama="rapor.deskripsi",
        judul="Deskripsi kemajuan belajar",
        uraian="Kalimat deskripsi satu mata pelajaran dari capaian setiap SK terhadap KKM.",
        masukan=MasukanDeskripsi,
        contoh={
            "sk": [
                {"nomor": 1, "nilai": 80, "kkm": 70},
                {"nomor": 2, "nilai": 75, "kkm": 70},
                {"nomor": 3, "nilai": 70, "kkm": 70},
                {"nomor": 4, "nilai": 60, "kkm": 70},
            ]
        },
        jalankan=hitung_deskripsi,
    ),
    Kalkulator(
        nama="rapor.kenaikan",
        judul="Kenaikan kelas",
        uraian="Naik atau tinggal pada akhir semester 2, dari jumlah mata pelajaran yang belum tuntas.",
        masukan=MasukanKenaikan,
        contoh={"kelas": "VII", "mapel_belum_tuntas": 5, "batas": 4, "alasan_khusus": None},
        jalankan=hitung_kenaikan,
    ),
    Kalkulator(
        nama="rapor.remedial",
        judul="Nilai setelah remedial",
        uraian="Nilai yang masuk rapor dari nilai semula dan setiap remedial, menurut kebijakan sekolah.",
        masukan=MasukanRemedial,
        contoh={"kkm": 65, "percobaan": [50, 58, 55], "cara": "tertinggi"},
        jalankan=hitung_remedial,
    ),
    Kalkulator(
        nama="rapor.mengulang",
        judul="Nilai tahun mengulang",
        uraian="Nilai peserta didik yang mengulang kelas: yang tahun lalu sudah tuntas tidak turun.",
        masukan=MasukanMengulang,
        contoh={"kkm": 65, "lalu": 70, "baru": 62},
        jalankan=hitung_mengulang,
    ),
)
