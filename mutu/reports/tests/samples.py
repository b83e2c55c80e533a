"""Made-up cards, and how a printed file is read back."""

import io
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pypdfium2

RAPOR = Path(__file__).resolve().parents[2] / "rapor" / "rapor.typ"
WHEN = datetime(2007, 12, 22, 3, 0, tzinfo=UTC)
SUBJECTS = [
    "Pendidikan Agama",
    "Pendidikan Kewarganegaraan",
    "Bahasa Indonesia",
    "Bahasa Inggris",
    "Matematika",
    "Ilmu Pengetahuan Alam",
    "Ilmu Pengetahuan Sosial",
    "Seni Budaya",
    "Pendidikan Jasmani, Olahraga, dan Kesehatan",
    "Teknologi Informasi dan Komunikasi",
    "Bahasa Jawa",
    "Elektronika",
]
SENTENCE = "SK 1 dan 2 terlampaui, SK 3 tercapai, dan SK 4 belum tercapai"
STEPS = [
    {
        "nama": "Rata-rata ulangan harian",
        "hasil": "66",
        "rumus": "(60 + 75 + 65) : 3 = 66,67, dipotong menjadi 66",
        "sumber": "Bab II.B.2, Contoh 1",
    },
    {
        "nama": "Jumlah berbobot",
        "hasil": "252",
        "rumus": "(2 × 66) + (1 × 55) + (1 × 65) = 132 + 55 + 65",
        "sumber": "Bab II.B.2, Contoh 1",
    },
    {"nama": "Nilai rapor", "hasil": "63", "rumus": "252 : 4", "sumber": "Bab II.B.2, Contoh 1"},
]


def card(number: int = 1, *, subjects: int = 12, **changes: Any) -> dict[str, Any]:
    """One pupil's card by the contract of rapor.typ; ``changes`` replace top-level entries."""
    marks = [
        {
            "nama": SUBJECTS[index % len(SUBJECTS)] + (" lanjutan" if index >= len(SUBJECTS) else ""),
            "kelompok": "Muatan Lokal" if index >= 10 else None,
            "kkm": 65,
            "nilai": 63,
            "huruf": "enam puluh tiga",
            "deskripsi": SENTENCE,
        }
        for index in range(subjects)
    ]
    return {
        "sekolah": {
            "nama": "SMP Negeri 1 Bukit Melati",
            "npsn": "20301234",
            "alamat": "Jl. Melati Raya No. 5, Klaten",
            "kabkota": "Kab. Klaten",
            "kop": ["PEMERINTAH KABUPATEN KLATEN", "DINAS PENDIDIKAN"],
        },
        "peserta": {
            "nama": f"Raynatta Adi Contoh {number}",
            "nomor_induk": str(4000 + number),
            "nisn": f"00{91230000 + number}",
        },
        "kelas": "VII-A",
        "tingkat": "VII",
        "semester": 1,
        "tahun_pelajaran": "2007/2008",
        "mapel": marks,
        "ketidakhadiran": {"sakit": "-", "izin": "4", "tanpa_keterangan": "-"},
        "tanda_tangan": {
            "tempat_tanggal": "Jayapura, 30 Juni 2007",
            "wali_kelas": {"nama": "Sri Wahyuningsih Contoh, S.Pd.", "nip": None},
            "orang_tua": {"nama": None},
        },
        "lampiran": None,
        "draf": False,
        "aturan": {"id": "ktsp-2007", "sumber": "Petunjuk Pengelolaan Rapor SMP (Depdiknas, 2007), Bab II"},
        "kertas": "a4",
    } | changes


def page_texts(pdf: bytes) -> list[str]:
    """The text of each page with white space folded, as a PDF reader extracts it."""
    document = pypdfium2.PdfDocument(io.BytesIO(pdf))
    return [" ".join(page.get_textpage().get_text_range().split()) for page in document]


def page_sizes(pdf: bytes) -> list[tuple[int, int]]:
    """Width and height of each page in whole millimetres."""
    document = pypdfium2.PdfDocument(io.BytesIO(pdf))
    return [tuple(round(side * 25.4 / 72) for side in page.get_size()) for page in document]  # type: ignore[misc]


def boxes_of(pdf: bytes, text: str) -> list[tuple[int, float, float, float, float]]:
    """Page number (from 0) and left, bottom, right, top in points of every occurrence of ``text``."""
    found = []
    document = pypdfium2.PdfDocument(io.BytesIO(pdf))
    for number, page in enumerate(document):
        layer = page.get_textpage()
        search = layer.search(text, match_case=True)
        while match := search.get_next():
            start, count = match
            boxes = [layer.get_charbox(index) for index in range(start, start + count)]
            found.append(
                (
                    number,
                    min(box[0] for box in boxes),
                    min(box[1] for box in boxes),
                    max(box[2] for box in boxes),
                    max(box[3] for box in boxes),
                )
            )
    return found
