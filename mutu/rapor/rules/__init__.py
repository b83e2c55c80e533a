"""The rapor of the 2007 guideline as pure functions, in the order of the guideline.

No Django, clock or file: the date is an argument and the numbers of the law come from `params/` through
`AturanRapor`. Marks are exact `Fraction`s; a missing mark is `None` and never 0. Every result carries its steps.
Faulty input raises `InputError` with Indonesian messages and the path of each fault (`uh[2]`, `bobot`, `kkm`).

Source: Petunjuk Pengelolaan Rapor SMP 2007 (Depdiknas, Direktorat Pembinaan SMP).

This page is the door of the package: what others may call stands here, by chapter.
"""

from mutu.rapor.rules.alur import LangkahAlur, alur, langkah_alur, langkah_pada, sidik_aturan
from mutu.rapor.rules.aturan import (
    AturanRapor,
    Bobot,
    CaraBobot,
    Kosong,
    Pembulatan,
    aturan_dengan_id,
    aturan_pada,
    aturan_terbaru,
    aturan_untuk,
    batas_skala,
    galat_kkm,
    saran_kkm,
)
from mutu.rapor.rules.cetak import alamat_cetak, kelas_cetak, ketidakhadiran_cetak, nama_kabkota, tempat_tanggal
from mutu.rapor.rules.kata import CapaianSK, HasilDeskripsi, HasilSK, deskripsi, huruf, nilai_sk, saran_panjang
from mutu.rapor.rules.kelulusan import (
    HasilKelulusan,
    Ujian,
    aturan_kelulusan,
    kalimat_kelulusan,
    kata_kelulusan,
    keputusan_kelulusan,
    skala_ujian,
)
from mutu.rapor.rules.kenaikan import (
    HasilKenaikan,
    HasilKriteria,
    HasilTuntas,
    NilaiSemester,
    batas_terlonggar,
    kalimat_kenaikan,
    kata_kriteria,
    kata_tuntas,
    keputusan_kenaikan,
    mengenal_kenaikan,
    nilai_kriteria,
    periksa_batas,
    periksa_kriteria,
    rentan,
    tuntas_setahun,
)
from mutu.rapor.rules.kurikulum import BentukRapor, bentuk_rapor
from mutu.rapor.rules.nilai import HasilNilai, nilai_rapor, rata_bagian
from mutu.rapor.rules.pribadi import (
    AspekSikap,
    Kegiatan,
    ada_catatan_wali,
    aspek_sikap,
    huruf_pengembangan,
    kegiatan_terbaik,
    nilai_pengembangan,
    periksa_kategori,
    periksa_keterangan,
    terbaik,
)
from mutu.rapor.rules.remedial import CaraRemedial, HasilMengulang, HasilRemedial, nilai_mengulang, nilai_remedial

__all__ = [
    "AspekSikap",
    "AturanRapor",
    "BentukRapor",
    "Bobot",
    "CapaianSK",
    "CaraBobot",
    "CaraRemedial",
    "HasilDeskripsi",
    "HasilKelulusan",
    "HasilKenaikan",
    "HasilKriteria",
    "HasilMengulang",
    "HasilNilai",
    "HasilRemedial",
    "HasilSK",
    "HasilTuntas",
    "Kegiatan",
    "Kosong",
    "LangkahAlur",
    "NilaiSemester",
    "Pembulatan",
    "Ujian",
    "ada_catatan_wali",
    "alamat_cetak",
    "alur",
    "aspek_sikap",
    "aturan_dengan_id",
    "aturan_kelulusan",
    "aturan_pada",
    "aturan_terbaru",
    "aturan_untuk",
    "batas_skala",
    "batas_terlonggar",
    "bentuk_rapor",
    "deskripsi",
    "galat_kkm",
    "huruf",
    "huruf_pengembangan",
    "kalimat_kelulusan",
    "kalimat_kenaikan",
    "kata_kelulusan",
    "kata_kriteria",
    "kata_tuntas",
    "kegiatan_terbaik",
    "kelas_cetak",
    "keputusan_kelulusan",
    "keputusan_kenaikan",
    "ketidakhadiran_cetak",
    "langkah_alur",
    "langkah_pada",
    "mengenal_kenaikan",
    "nama_kabkota",
    "nilai_kriteria",
    "nilai_mengulang",
    "nilai_pengembangan",
    "nilai_rapor",
    "nilai_remedial",
    "nilai_sk",
    "periksa_batas",
    "periksa_kategori",
    "periksa_keterangan",
    "periksa_kriteria",
    "rata_bagian",
    "rentan",
    "saran_kkm",
    "saran_panjang",
    "sidik_aturan",
    "skala_ujian",
    "tempat_tanggal",
    "terbaik",
    "tuntas_setahun",
]
