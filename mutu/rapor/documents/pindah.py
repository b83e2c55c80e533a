"""The transfer pages that head and guardian sign (R44, R45): plain data, then PDF. Indonesian in every language."""

from __future__ import annotations

from datetime import UTC, datetime, time
from pathlib import Path
from typing import Any

from django.utils import translation

from mutu.rapor import rules
from mutu.rapor.documents.cards import school_address
from mutu.rapor.models import Mutasi
from mutu.regulation.exact import long_date
from mutu.reports import pdf
from mutu.reports.pdf import Paper

TEMPLATE = Path(__file__).parents[1] / "pindah.typ"


def page_of(mutasi: Mutasi, *, paper: Paper = "a4") -> dict[str, Any]:
    """One transfer as it is printed: everything from the stored row, so that it prints alike ever after.

    `mutasi` comes with sekolah (kabkota, kecamatan), peserta and kelas (tahun) fetched along.
    """
    school, pupil = mutasi.sekolah, mutasi.peserta
    with translation.override("id"):
        sex = str(pupil.get_jenis_kelamin_display()) if pupil.jenis_kelamin else ""
    born = [pupil.tempat_lahir, long_date(pupil.tanggal_lahir) if pupil.tanggal_lahir else ""]
    return {
        "arah": mutasi.arah,
        "kertas": paper,
        "sekolah": {
            "nama": school.nama,
            "npsn": school.npsn,
            "alamat": school_address(school),
            "kop": [school.kabkota.nama],
        },
        "peserta": {
            "nama": pupil.nama,
            "nomor_induk": pupil.nis,
            "nisn": pupil.nisn,
            "jenis_kelamin": sex,
            "lahir": ", ".join(part for part in born if part),
        },
        "tanggal": long_date(mutasi.tanggal),
        "kelas": mutasi.kelas.nama,
        "tahun_pelajaran": mutasi.kelas.tahun.label,
        "alasan": mutasi.alasan,
        "sekolah_lain": mutasi.sekolah_lain,
        "wali": mutasi.wali_nama,
        "kepala": {"nama": mutasi.kepala_nama, "nip": mutasi.kepala_nip},
        "tempat_tanggal": rules.tempat_tanggal(school.kabkota.nama, mutasi.tanggal),
    }


def print_transfer(mutasi: Mutasi, *, paper: Paper = "a4") -> bytes:
    """The page as PDF; the same row gives the same bytes. Raises `RenderError` for a letter that cannot be printed."""
    stamp = datetime.combine(mutasi.tanggal, time(0, 0), tzinfo=UTC)
    data = {"pindah": [page_of(mutasi, paper=paper)]}
    return pdf.render(TEMPLATE, data, title=f"Pindah {mutasi.arah}", timestamp=stamp, paper=paper)


def transfer_file_name(mutasi: Mutasi) -> str:
    """A download name without the child's name: it ends up in addresses and logs."""
    return f"pindah-{mutasi.arah}-{mutasi.kelas.nama}-{mutasi.tanggal:%Y-%m-%d}.pdf"
