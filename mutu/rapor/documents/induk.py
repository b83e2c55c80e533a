"""The transcript and the page of the buku induk on paper."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

from mutu.rapor.documents.leger import UNDER, mean, shown
from mutu.rapor.services.induk import BukuInduk, Transcript, columns, decision_of
from mutu.regulation.exact import long_date
from mutu.reports import pdf

TEMPLATE = Path(__file__).resolve().parents[1] / "transkrip.typ"


def column_means(found: Transcript) -> list[str | None]:
    """The mean of each column of marks, with a decimal comma; None where there is no mark."""
    rows = found.baris()
    made = []
    for at in range(len(columns(found.terms))):
        values = [marks[at].nilai for _name, marks in rows]
        made.append(shown(mean([value for value in values if value is not None])))
    return made


def _identity(found: Transcript | BukuInduk) -> dict[str, Any]:
    own = found.peserta
    born = ", ".join(filter(None, (own.tempat_lahir, long_date(own.tanggal_lahir) if own.tanggal_lahir else "")))
    return {
        "sekolah": own.sekolah.nama,
        "npsn": own.sekolah.npsn,
        "nama": own.nama,
        "nis": own.nis,
        "nisn": own.nisn or None,
        "lahir": born or None,
        "jenis_kelamin": {"L": "Laki-laki", "P": "Perempuan"}.get(own.jenis_kelamin),
    }


def _marks(found: Transcript) -> dict[str, Any]:
    return {
        "tanda": UNDER,
        "semester": [
            {
                "kelas": term.anggota.kelas.nama,
                "tahun": term.anggota.kelas.tahun.label,
                "nomor": term.semester.nomor,
                "kurikulum": str(term.anggota.kelas.get_kurikulum_display()),
                "naskah": term.naskah or None,
                "ranah": list(term.ranah),
            }
            for term in found.terms
        ],
        "baris": [
            {"mapel": name, "nilai": [[mark.nilai, mark.bawah] for mark in marks]} for name, marks in found.baris()
        ],
        "rata": column_means(found),
    }


def _register(found: BukuInduk) -> dict[str, Any]:
    return {
        "wali": [{"nama": one.wali.nama, "hubungan": one.hubungan} for one in found.wali],
        "kelas": [
            {
                "tahun": seat.kelas.tahun.label,
                "kelas": seat.kelas.nama,
                "wali_kelas": seat.kelas.wali_kelas.nama if seat.kelas.wali_kelas else None,
                "masuk": long_date(seat.masuk) if seat.masuk else None,
                "keluar": long_date(seat.keluar) if seat.keluar else None,
                "keputusan": decision_of(seat) or None,
            }
            for seat in found.kelas
        ],
        "mutasi": [
            {
                "arah": str(one.get_arah_display()),
                "tanggal": long_date(one.tanggal),
                "kelas": one.kelas.nama,
                "sekolah_lain": one.sekolah_lain or None,
                "alasan": one.alasan or None,
            }
            for one in found.mutasi
        ],
        "prestasi": [
            {
                "tanggal": long_date(one.tanggal),
                "nama": one.nama,
                "peringkat": one.peringkat or None,
                "jenis": str(one.get_jenis_display()),
            }
            for one in found.prestasi
        ],
    }


def print_induk(*, marks: Transcript | None, register: BukuInduk | None, timestamp: datetime) -> bytes:
    """The transcript, the page of the buku induk, or both as one PDF. Raises RenderError as `pdf.render`.

    Raises ValueError when there is neither.
    """
    own = register or marks
    if own is None:
        raise ValueError("there is nothing to print")
    data = {
        "peserta": _identity(own),
        "transkrip": _marks(marks) if marks else None,
        "induk": _register(register) if register else None,
    }
    # No name of a child in the file's title: it stands in the window and in logs of printers.
    title = f"{'Buku induk' if register else 'Transkrip nilai'} {own.peserta.sekolah.npsn}"
    return pdf.render(TEMPLATE, data, title=title, timestamp=timestamp)
