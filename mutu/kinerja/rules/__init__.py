"""PK GURU as pure functions, from the instrument to the credit; and the regime that stands beside it from 2023.

No Django or clock: the date is an argument, and the numbers of the law and the instruments come from `params/`.
Figures are exact `Fraction`s, rounded only where they are printed. Every result carries its steps and warnings.
Faulty input raises `InputError` with Indonesian messages and the path of each fault (`skor[2][4]`, `jam`).

Source: Permenneg PAN dan RB 16/2009, Permendiknas 35/2010, Pedoman Pelaksanaan PK Guru (Buku 2, 2010);
PermenPANRB 1/2023 and Peraturan BKN 3/2023.

This page is the door of the package: what others may call stands here, by chapter.
"""

from mutu.kinerja.rules.aturan import (
    CELAH,
    PERSEN_NOL,
    AturanKinerja,
    Celah,
    PersenNol,
    Rezim,
    aturan_dengan_id,
    aturan_pada,
    aturan_terbaru,
    pilihan_celah,
    pilihan_nol,
    rezim_pada,
    tampil,
    tampil_pada,
)
from mutu.kinerja.rules.instrumen import (
    Instrumen,
    Komponen,
    dengan_kata,
    instrumen_pada,
    kata_ganda,
    kode_instrumen,
)
from mutu.kinerja.rules.konversi import (
    HasilKonversi,
    Kebutuhan,
    Periode,
    akumulasi_konversi,
    akumulasi_konversi_pada,
    integrasi,
    integrasi_pada,
    kebutuhan,
    kebutuhan_pada,
    konversi,
)
from mutu.kinerja.rules.kredit import (
    Golongan,
    HasilAkumulasi,
    HasilKredit,
    Rincian,
    TahunKredit,
    TugasLain,
    TugasTambahan,
    akumulasi,
    akumulasi_pada,
    angka_kredit,
    daftar_golongan,
    golongan,
    peringatan_masa,
    rasio_beban,
    tabel_pada,
)
from mutu.kinerja.rules.nilai import (
    HasilKompetensi,
    HasilRekap,
    HasilSebutan,
    nilai_kompetensi,
    periksa_banyak,
    rekap,
    sebutan_nilai,
)

__all__ = [
    "CELAH",
    "PERSEN_NOL",
    "AturanKinerja",
    "Celah",
    "Golongan",
    "HasilAkumulasi",
    "HasilKompetensi",
    "HasilKonversi",
    "HasilKredit",
    "HasilRekap",
    "HasilSebutan",
    "Instrumen",
    "Kebutuhan",
    "Komponen",
    "Periode",
    "PersenNol",
    "Rezim",
    "Rincian",
    "TahunKredit",
    "TugasLain",
    "TugasTambahan",
    "akumulasi",
    "akumulasi_konversi",
    "akumulasi_konversi_pada",
    "akumulasi_pada",
    "angka_kredit",
    "aturan_dengan_id",
    "aturan_pada",
    "aturan_terbaru",
    "daftar_golongan",
    "dengan_kata",
    "golongan",
    "instrumen_pada",
    "integrasi",
    "integrasi_pada",
    "kata_ganda",
    "kebutuhan",
    "kebutuhan_pada",
    "kode_instrumen",
    "konversi",
    "nilai_kompetensi",
    "periksa_banyak",
    "peringatan_masa",
    "pilihan_celah",
    "pilihan_nol",
    "rasio_beban",
    "rekap",
    "rezim_pada",
    "sebutan_nilai",
    "tabel_pada",
    "tampil",
    "tampil_pada",
]
