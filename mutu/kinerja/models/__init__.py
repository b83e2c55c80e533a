"""The tables of the assessment of teachers, by theme: the plan, and what came of it."""

from mutu.kinerja.models.hasil import (
    Bukti,
    Catatan,
    Dilihat,
    HasilKinerja,
    Keberatan,
    Skor,
    TandaTangan,
)
from mutu.kinerja.models.rencana import PangkatGuru, Penilai, PenilaianKinerja, RencanaKinerja

__all__ = [
    "Bukti",
    "Catatan",
    "Dilihat",
    "HasilKinerja",
    "Keberatan",
    "PangkatGuru",
    "Penilai",
    "PenilaianKinerja",
    "RencanaKinerja",
    "Skor",
    "TandaTangan",
]
