"""The printed form of a rule set and semester: sections, columns and titles, as they go into a card."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from mutu.rapor import rules

DECISION_SEMESTER = 2
COLUMN_TITLES = {"angka": "Angka", "huruf": "Huruf", "predikat": "Predikat"}
DECISION_GROUND = "Berdasarkan hasil yang dicapai pada semester 1 dan 2, peserta didik ini ditetapkan"


@dataclass(frozen=True, slots=True)
class Form:
    """What is printed, in JSON terms: `bagian` and `kolom` go into each card, the rest says how to fill it.

    `ranah_lain` names the marks of a subject beside the first.
    """

    judul: str
    fase: str | None
    bagian: list[dict[str, Any]]
    kolom: list[dict[str, str]]
    jenis: frozenset[str]
    ranah_lain: tuple[str, ...]
    aspek: Mapping[str, rules.AspekSikap]
    dasar_keputusan: str


@lru_cache(maxsize=64)
def form_of(aturan: rules.AturanRapor, semester: int) -> Form:
    """The form by which a class of this rule set is printed in semester 1 or 2 (the decision belongs to semester 2)."""
    columns = [("nama", "Mata Pelajaran"), ("kkm", "KKM"), ("nilai", "Angka"), ("huruf", "Huruf")]
    columns.append(("deskripsi", "Deskripsi Kemajuan Belajar"))
    sections = [
        ("nilai", None),
        ("pengembangan", "Pengembangan Diri"),
        ("sikap", "Akhlak dan Kepribadian"),
        ("ketidakhadiran", "Ketidakhadiran"),
        ("prestasi", "Catatan Prestasi"),
        ("catatan_khusus", "Catatan Khusus"),
    ]
    if semester == DECISION_SEMESTER:
        sections.append(("keputusan", "Keputusan"))
    return Form(
        judul="Laporan Hasil Belajar Peserta Didik",
        fase=None,
        bagian=[{"jenis": kind, "judul": title} for kind, title in sections],
        kolom=[{"isi": name, "judul": title} for name, title in columns],
        jenis=frozenset(kind for kind, _ in sections),
        ranah_lain=(),
        aspek=rules.aspek_sikap(aturan),
        dasar_keputusan=DECISION_GROUND,
    )
