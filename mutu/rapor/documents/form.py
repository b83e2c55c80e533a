"""The printed form of a rule set and semester: sections, columns and titles, as they go into a card."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from mutu.rapor import rules

DECISION_SEMESTER = 2
DECISION_GROUND = "Berdasarkan hasil yang dicapai pada semester 1 dan 2, peserta didik ini ditetapkan"
# Sections that the card knows by another name than the rule set; the head and the signatures are no sections of it.
SECTIONS = {"catatan": "catatan_wali", "kenaikan": "keputusan"}
FRAME = ("identitas", "tanda_tangan")


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
    bentuk = rules.bentuk_rapor(aturan)
    first, *others = [*bentuk.ranah] or [""]
    sections: list[dict[str, Any]] = []
    for name, title in bentuk.bagian.items():
        kind = SECTIONS.get(name, name)
        if kind in FRAME or (kind == "keputusan" and semester != DECISION_SEMESTER):
            continue
        if kind != "nilai":
            sections.append({"jenis": kind, "judul": title})
        elif bentuk.ranah:
            sections += [
                {"jenis": kind, "judul": bentuk.ranah[one], "ranah": "" if one == first else one}
                for one in bentuk.ranah
            ]
        else:
            sections.append({"jenis": kind, "judul": None, "ranah": ""})
    # Figure and words stand under one heading, as the guideline of 2007 has it; a figure alone bears the heading.
    titles = {
        "angka": "Angka" if "huruf" in bentuk.kolom else bentuk.judul_nilai,
        "huruf": "Huruf",
        "predikat": "Predikat",
    }
    columns = [
        ("nama", "Mata Pelajaran"),
        *([("kkm", bentuk.sebutan_kkm)] if bentuk.kkm_dicetak else []),
        *(("nilai" if name == "angka" else name, titles[name]) for name in bentuk.kolom),
        ("deskripsi", bentuk.judul_deskripsi),
    ]
    return Form(
        judul=bentuk.judul,
        fase=bentuk.fase,
        bagian=sections,
        kolom=[{"isi": name, "judul": title} for name, title in columns],
        jenis=frozenset(one["jenis"] for one in sections),
        ranah_lain=tuple(others),
        aspek=rules.aspek_sikap(aturan),
        dasar_keputusan=DECISION_GROUND,
    )
