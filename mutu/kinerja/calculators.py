"""The open calculators of PK GURU: the same rules as the system itself uses, for anyone to try."""

from datetime import date
from fractions import Fraction
from typing import Annotated, Any

from pydantic import Field, WithJsonSchema

from mutu.kinerja import rules
from mutu.regulation import registry
from mutu.regulation.exact import plain
from mutu.regulation.explain import InputError
from mutu.regulation.registry import Angka, Bagian, Bulat, Kalkulator, Masukan

# No instrument comes near; a longer list is a mistake and would only keep the machine busy.
MAX_BUTIR = 100
MAX_TUGAS = 20

_TERBARU = rules.aturan_terbaru()
_KONVERSI = rules.aturan_terbaru("konversi")
_SKOR = _TERBARU.isi("skor_indikator")
_BAWAH, _ATAS = _TERBARU.skala_kompetensi
_PUNCAK = _TERBARU.isi("skala_nilai")


def _bulat(bawah: int, atas: int) -> dict[str, Any]:
    return {
        "anyOf": [
            {"type": "integer", "minimum": bawah, "maximum": atas},
            {"type": "string", "pattern": rf"^[0-9]{{1,{len(str(atas))}}}$"},
        ]
    }


def _pilihan(*nama: str) -> dict[str, Any]:
    return {"type": "string", "enum": list(nama)}


Skor = Annotated[Bulat, WithJsonSchema(_bulat(min(_SKOR), max(_SKOR)))]
NilaiKompetensi = Annotated[Bulat, WithJsonSchema(_bulat(_BAWAH, _ATAS))]
Seratus = Annotated[
    Angka,
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "number", "minimum": 0, "maximum": _PUNCAK},
                {"type": "string", "pattern": r"^[0-9]{1,3}(\.[0-9]{1,20})?$"},
            ]
        }
    ),
]
Beban = Annotated[
    Bulat, WithJsonSchema(_bulat(1, max(satu["paling_banyak"] for satu in _TERBARU.isi("beban").values())))
]
Bulan = Annotated[Bulat, WithJsonSchema(_bulat(1, _TERBARU.isi("tugas_lain")["bulan"]))]
Nomor = Annotated[Bulat, WithJsonSchema(_bulat(1, MAX_BUTIR))]
Total = Annotated[Bulat, WithJsonSchema(_bulat(0, MAX_BUTIR))]
KodeInstrumen = Annotated[str, WithJsonSchema(_pilihan(*rules.kode_instrumen()))]
InstrumenGuru = Annotated[str, WithJsonSchema(_pilihan(*rules.kode_instrumen("indikator")))]
JenisTugas = Annotated[str, WithJsonSchema(_pilihan(*_TERBARU.isi("tambahan")))]
KodeGolongan = Annotated[str, WithJsonSchema(_pilihan(*rules.daftar_golongan(_TERBARU)))]
Bidang = Annotated[
    str,
    WithJsonSchema(
        _pilihan(
            *(
                bidang
                for kode in rules.kode_instrumen("kriteria")
                for bidang in rules.instrumen_pada(kode, _TERBARU.dari).bidang
            )
        )
    ),
]
PilihanCelah = Annotated[str, WithJsonSchema(_pilihan(*rules.CELAH))]
PilihanNol = Annotated[str, WithJsonSchema(_pilihan(*rules.PERSEN_NOL))]
Jenjang = Annotated[str, WithJsonSchema(_pilihan(*_KONVERSI.isi("koefisien")))]
Predikat = Annotated[str, WithJsonSchema(_pilihan(*_KONVERSI.isi("predikat")))]

_URAIAN_CELAH = "Kebijakan bagi nilai di antara dua rentang tercetak, misalnya 90,5; bawaan: aturan."
_URAIAN_NOL = "Kebijakan bila semua indikator berskor 0; bawaan: aturan."


class MasukanKompetensi(Masukan):
    skor: list[Skor] = Field(
        title="Skor indikator",
        description="0 tidak dilaksanakan, 1 sebagian, 2 sepenuhnya.",
        min_length=1,
        max_length=MAX_BUTIR,
    )
    instrumen: InstrumenGuru | None = Field(None, title="Instrumen", description="Untuk memeriksa banyak indikator.")
    nomor: Nomor | None = Field(None, title="Nomor kompetensi")
    nol: PilihanNol | None = Field(None, title="Bila 0%", description=_URAIAN_NOL)


class MasukanRekap(Masukan):
    instrumen: KodeInstrumen = Field(title="Instrumen")
    nilai: list[NilaiKompetensi] | None = Field(
        None, title="Nilai kompetensi", description="Nilai 1 sampai 4 setiap kompetensi.", max_length=MAX_BUTIR
    )
    skor: list[Annotated[list[Skor], Field(max_length=MAX_BUTIR)]] | None = Field(
        None, title="Skor indikator", description="Skor 0 sampai 2 setiap kompetensi.", max_length=MAX_BUTIR
    )
    kriteria: list[Annotated[list[NilaiKompetensi], Field(max_length=MAX_BUTIR)]] | None = Field(
        None,
        title="Skor kriteria",
        description="Untuk tugas tambahan: skor 1 sampai 4 setiap komponen.",
        max_length=MAX_BUTIR,
    )
    bidang: Bidang | None = Field(None, title="Bidang tugas", description="Untuk wakil kepala sekolah.")
    celah: PilihanCelah | None = Field(None, title="Celah", description=_URAIAN_CELAH)
    nol: PilihanNol | None = Field(None, title="Bila 0%", description=_URAIAN_NOL)


class MasukanTambahan(Bagian):
    jenis: JenisTugas = Field(title="Tugas tambahan")
    nilai_100: Seratus = Field(title="Nilai tugas tambahan (100)")


class MasukanTugasLain(Bagian):
    nama: Annotated[str, Field(max_length=200)] = Field(title="Nama tugas")
    bulan: Bulan = Field(title="Lama (bulan)")


class MasukanKredit(Masukan):
    golongan: KodeGolongan = Field(title="Golongan")
    instrumen: InstrumenGuru = Field(title="Instrumen")
    total: Total = Field(title="Nilai total", description="Jumlah nilai kompetensi, misalnya 50 dari 56.")
    jam: Beban = Field(title="Beban", description="Jam mengajar seminggu; bagi guru BK banyak peserta didik.")
    tambahan: MasukanTambahan | None = Field(None, title="Tugas tambahan yang mengurangi jam")
    tugas_lain: list[MasukanTugasLain] | None = Field(
        None,
        title="Tugas lain",
        description="Tugas yang tidak mengurangi jam, misalnya wali kelas.",
        max_length=MAX_TUGAS,
    )
    celah: PilihanCelah | None = Field(None, title="Celah", description=_URAIAN_CELAH)


class MasukanKonversi(Masukan):
    jenjang: Jenjang = Field(title="Jenjang")
    predikat: Predikat = Field(title="Predikat kinerja")
    bulan: Bulan = Field(title="Lama (bulan)")


def _aturan(masukan: Masukan, hari_ini: date, rezim: rules.Rezim = "pkguru") -> rules.AturanKinerja:
    if masukan.aturan is not None:
        return rules.aturan_dengan_id(masukan.aturan, masukan.tanggal, rezim)
    return rules.aturan_pada(masukan.tanggal or hari_ini, rezim)


def _desimal(nilai: Fraction | int) -> str:
    """A figure that may have a fraction: always text, so that its type does not depend on its value."""
    return str(plain(nilai))


def hitung_kompetensi(masukan: MasukanKompetensi, hari_ini: date) -> dict[str, Any]:
    """kinerja.kompetensi: the value of one competency. Raises InputError."""
    aturan = _aturan(masukan, hari_ini)
    peringatan: tuple[str, ...] = ()
    if masukan.instrumen is None and masukan.nomor is not None:
        raise InputError.at("instrumen", "Nomor kompetensi butuh instrumennya; isi instrumen juga.")
    if masukan.instrumen is not None:
        if masukan.nomor is None:
            raise InputError.at("nomor", "Isi nomor kompetensi pada instrumen itu.")
        instrumen = rules.instrumen_pada(masukan.instrumen, masukan.tanggal or hari_ini)
        if instrumen.jenis != "indikator":
            raise InputError.at(
                "instrumen", f"{instrumen.nama} dinilai dengan skor kriteria 1 sampai 4; pakai kinerja.rekap."
            )
        instrumen.nomor(masukan.nomor)
        peringatan = rules.periksa_banyak(len(masukan.skor), instrumen, masukan.nomor, "skor")
    hasil = rules.nilai_kompetensi(masukan.skor, aturan, nol=masukan.nol)
    return registry.result(
        {"total": hasil.total, "maksimum": hasil.maksimum, "persen": _desimal(hasil.persen), "nilai": hasil.nilai},
        langkah=hasil.langkah,
        peringatan=(*peringatan, *hasil.peringatan),
        aturan=aturan.as_dict(),
    )


def hitung_rekap(masukan: MasukanRekap, hari_ini: date) -> dict[str, Any]:
    """kinerja.rekap: total, mark on the scale of 100, name and credit percentage. Raises InputError."""
    aturan = _aturan(masukan, hari_ini)
    instrumen = rules.instrumen_pada(masukan.instrumen, masukan.tanggal or hari_ini, masukan.bidang)
    hasil = rules.rekap(
        instrumen,
        aturan,
        nilai=masukan.nilai,
        skor=masukan.skor,
        kriteria=masukan.kriteria,
        celah=masukan.celah,
        nol=masukan.nol,
    )
    bulat = instrumen.jenis == "indikator"
    return registry.result(
        {
            "nilai": [int(satu) if bulat else _desimal(satu) for satu in hasil.nilai],
            "total": _desimal(hasil.total),
            "maksimum": hasil.maksimum,
            "nilai_100": _desimal(hasil.nilai_100),
            "sebutan": hasil.sebutan,
            "persen": hasil.persen,
        },
        langkah=hasil.langkah,
        peringatan=hasil.peringatan,
        aturan=aturan.as_dict(),
    )


def hitung_angka_kredit(masukan: MasukanKredit, hari_ini: date) -> dict[str, Any]:
    """kinerja.angka_kredit: the credit of one year under PK GURU. Raises InputError."""
    aturan = _aturan(masukan, hari_ini)
    hari = masukan.tanggal or hari_ini
    if masukan.instrumen not in aturan.isi("beban"):
        ada = " atau ".join(aturan.isi("beban"))
        pesan = f"Angka kredit mengajar atau membimbing dihitung dari {ada}; tugas lain diisikan pada tambahan."
        raise InputError.at("instrumen", pesan)
    tambahan = masukan.tambahan
    hasil = rules.angka_kredit(
        masukan.golongan,
        masukan.instrumen,
        masukan.total,
        masukan.jam,
        aturan,
        kompetensi=len(rules.instrumen_pada(masukan.instrumen, hari).komponen),
        tambahan=None if tambahan is None else rules.TugasTambahan(tambahan.jenis, tambahan.nilai_100),
        tugas_lain=[rules.TugasLain(satu.nama, satu.bulan) for satu in masukan.tugas_lain or ()],
        celah=masukan.celah,
    )
    return registry.result(
        {
            "angka_kredit": _desimal(hasil.angka_kredit),
            "rincian": [
                {"nama": satu.nama, "angka_kredit": _desimal(satu.angka_kredit), "rumus": satu.rumus}
                for satu in hasil.rincian
            ],
        },
        langkah=hasil.langkah,
        peringatan=(
            *hasil.peringatan,
            *rules.peringatan_masa(masukan.golongan, hari, aturan),
            *_peringatan_rezim(masukan, hari),
        ),
        aturan=aturan.as_dict(),
    )


def _peringatan_rezim(masukan: Masukan, hari: date) -> tuple[str, ...]:
    # Whoever names the rule set has chosen the regime.
    if masukan.aturan is not None or rules.rezim_pada(hari) == "pkguru":
        return ()
    baru = rules.aturan_pada(hari, "konversi")
    return (
        f"Sejak {baru.dari.isoformat()} angka kredit ditetapkan dari predikat kinerja menurut {baru.sumber}; "
        "lihat kinerja.konversi. Angka ini menurut PK GURU.",
    )


def hitung_konversi(masukan: MasukanKonversi, hari_ini: date) -> dict[str, Any]:
    """kinerja.konversi: the credit of one period under the regime from 2023. Raises InputError."""
    aturan = _aturan(masukan, hari_ini, "konversi")
    hasil = rules.konversi(rules.Periode(masukan.jenjang, masukan.predikat, masukan.bulan), aturan)
    return registry.result(
        {"angka_kredit": _desimal(hasil.angka_kredit)}, langkah=hasil.langkah, peringatan=(), aturan=aturan.as_dict()
    )


KALKULATOR = (
    Kalkulator(
        nama="kinerja.kompetensi",
        judul="Nilai kompetensi",
        uraian="Nilai 1 sampai 4 satu kompetensi PK GURU dari skor indikatornya.",
        masukan=MasukanKompetensi,
        contoh={"skor": [1, 2, 2, 0, 0, 2], "tanggal": "2014-06-30"},
        jalankan=hitung_kompetensi,
    ),
    Kalkulator(
        nama="kinerja.rekap",
        judul="Rekap PK GURU",
        uraian="Nilai total, nilai skala 100, sebutan, dan persentase angka kredit satu penilaian.",
        masukan=MasukanRekap,
        contoh={
            "instrumen": "guru-mapel",
            "nilai": [4, 4, 4, 3, 4, 3, 4, 4, 3, 4, 3, 4, 3, 3],
            "tanggal": "2014-06-30",
        },
        jalankan=hitung_rekap,
    ),
    Kalkulator(
        nama="kinerja.angka_kredit",
        judul="Angka kredit PK GURU",
        uraian="Perkiraan angka kredit setahun dari nilai PK GURU, beban mengajar, dan tugas tambahan.",
        masukan=MasukanKredit,
        contoh={
            "golongan": "III/a",
            "instrumen": "guru-mapel",
            "total": 50,
            "jam": 24,
            "tanggal": "2014-06-30",
        },
        jalankan=hitung_angka_kredit,
    ),
    Kalkulator(
        nama="kinerja.konversi",
        judul="Konversi predikat ke angka kredit",
        uraian="Angka kredit satu periode menurut aturan sejak 2023, dari jenjang, predikat, dan lamanya.",
        masukan=MasukanKonversi,
        contoh={"jenjang": "ahli-madya", "predikat": "baik", "bulan": 12, "tanggal": "2024-12-31"},
        jalankan=hitung_konversi,
    ),
)
