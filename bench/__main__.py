"""`python -m bench [NAME ...]`: run the benchmarks one after another; a full run writes docs/BENCHMARKS.md.

Each runs in a process of its own, so that memory, caches and Django's settings belong to it alone. A run of some names
only prints: the table never mixes figures of two runs.
"""

import json
import os
import platform
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psutil

PAGE = Path(__file__).resolve().parents[1] / "docs" / "BENCHMARKS.md"
COMMAND = "make bench"
Figures = dict[str, Any]


@dataclass(frozen=True)
class Row:
    """One line of the table: what is measured, what is to be reached, how to say it and whether it holds."""

    work: str
    reach: str
    tell: Callable[[Figures], str]
    holds: Callable[[Figures], bool]


ROWS = {
    "impor_sekolah": Row(
        "Import of the 215,372-school list into SQLite, validated and committed",
        "at most 5 × a bare executemany of the same rows (into the same table); memory below 600 MB",
        lambda f: (
            f"{f['impor_detik']} s against {f['sisip_polos_detik']} s: {f['rasio']} × "
            f"({f['rasio_tanpa_kunci']} × a table without key and index); "
            f"peak {f['memori_mb']} MB; {_counts(f['hasil'])}"
        ),
        lambda f: f["rasio"] <= 5 and f["memori_mb"] < 600,
    ),
    "cetak_rapor": Row(
        "1,040 rapor pages from the database, in class batches of 40 × 2 pages",
        "at least 70 % of Typst alone on the same data",
        lambda f: (
            f"{f['halaman_per_detik']} pages/s against {f['typst_saja_halaman_per_detik']} pages/s: "
            f"{f['bagian_dari_typst_saja']:.0%}; one class of 40 end to end {f['satu_kelas_detik']} s"
        ),
        lambda f: f["bagian_dari_typst_saja"] >= 0.7,
    ),
    "cetak_sekolah": Row(
        "A class of 40 × 2 pages as one PDF, a school of 500 × 2 pages, 40 separate final files each signed, all from "
        "the database",
        "at most 0.8 s, 5 s (under 150 MiB above the server's own, every pupil's card there), 6 s; quoted, "
        "not measured here: class mPDF alone 2.6–3.7 s, RosarioSIS 7.3 s; school mPDF 33 s, Chromium 12.7 s (1 page), "
        "RosarioSIS 100 s with 84 of 500 cards",
        lambda f: (
            f"class {f['kelas_detik']} s ({f['kelas_halaman']} pages); school {f['sekolah_detik']} s, {f['kartu']} of "
            f"{f['diminta']} cards on {f['halaman']} pages, at most {f['memori_di_atas_mb']} MiB above (halves of the "
            f"run {' and '.join(map(str, f['memori_paruh_mb']))}); files {f['berkas_detik']} s, {f['berkas_sah']} of "
            f"{f['berkas']} signatures valid"
        ),
        lambda f: (
            f["kelas_detik"] <= 0.8
            and f["kelas_halaman"] == 80
            and f["sekolah_detik"] <= 5
            and f["kartu"] == f["diminta"]
            and f["memori_di_atas_mb"] < 150
            and f["berkas_detik"] <= 6
            and f["berkas_sah"] == f["berkas"] == 40
        ),
    ),
    "lembar": Row(
        "40 and 500 cards on one HTML page, the whole request",
        "at most 0.04 s and 0.3 s, at most 10 queries; quoted, not measured here: RosarioSIS 0.046 s with 56 queries, "
        "0.62 s with 516",
        lambda f: (
            f"{f['detik']['40']} s with {f['kueri']['40']} queries, {f['detik']['500']} s with {f['kueri']['500']}; "
            f"{f['kartu']['40']} and {f['kartu']['500']} cards"
        ),
        lambda f: (
            f["detik"]["40"] <= 0.04
            and f["detik"]["500"] <= 0.3
            and max(f["kueri"].values()) <= 10
            and f["kartu"] == {"40": 40, "500": 500}
        ),
    ),
    "cetak": Row(
        "Printing without a database, prepared data in documents of 50, 100 and 200 pages",
        "at least 70 % of Typst alone in the same sizes",
        lambda f: (
            f"{f['kelas_demi_kelas_halaman_per_detik']} pages/s against "
            f"{f['typst_saja_halaman_per_detik']['200']} pages/s: {f['bagian_dari_typst_saja']:.0%}; "
            f"one by one {f['typst_saja_satu_per_satu_halaman_per_detik']} pages/s; {f['memori_mb']} MB"
        ),
        lambda f: f["bagian_dari_typst_saja"] >= 0.7,
    ),
    "kisi": Row(
        "Class grid page, 40 pupils × 12 columns, over the real server",
        "p95 at most 150 ms; at most 12 queries",
        lambda f: f"p95 {f['p95_ms']} ms (median {f['p50_ms']} ms); {f['kueri']} queries; {f['halaman_kb']} KB of HTML",
        lambda f: f["p95_ms"] <= 150 and f["kueri"] <= 12,
    ),
    "kisi_laju": Row(
        "Class grid page, 40 pupils × 6 columns, requests a second of `mutu run`'s two workers",
        "at least 130 requests/s, at most 10 queries; quoted, not measured here: RosarioSIS 65 requests/s with 54",
        lambda f: (
            f"{f['per_detik']} requests/s (rounds {', '.join(map(str, f['putaran']))}) over {f['sambungan']} "
            f"connections, p95 {f['p95_ms']} ms; {f['kueri']} queries; {f['halaman_kb']} KB of HTML, "
            f"{f['kawat_kb']} KB on the line"
        ),
        lambda f: f["per_detik"] >= 130 and f["kueri"] <= 10,
    ),
    "papan_1000": Row(
        "Readiness board of a school: 1,000 pupils, 25 classes, 12 subjects, over the real server",
        "p95 at most 300 ms; fewer than 15 queries",
        lambda f: (
            f"p95 {f['p95_ms']} ms (median {f['p50_ms']} ms); {f['kueri']} queries; {f['hal']} gaps of {f['peserta']} "
            f"pupils, {f['halaman_kb']} KB of HTML; the board of one class {f['satu_kelas_ms']} ms"
        ),
        lambda f: f["p95_ms"] <= 300 and f["kueri"] < 15,
    ),
    "leger": Row(
        "Ledger of a class of 40 with 12 subjects as workbook, from the database",
        "under 1 s",
        lambda f: (
            f"slowest of ten {f['xlsx_detik']} s (median {f['xlsx_tengah_detik']} s); "
            f"the PDF at most {f['pdf_detik']} s"
        ),
        lambda f: f["xlsx_detik"] < 1,
    ),
    "halaman_pertama": Row(
        "First page after `make run` on an empty folder, packages cached",
        "at most 20 s",
        lambda f: f"{f['detik']} s (slowest {f['paling_lama_detik']} s), the made-up school built on the way",
        lambda f: f["paling_lama_detik"] <= 20,
    ),
    "simpan_sel": Row(
        "Save of one cell over the real server, acknowledged after the commit",
        "p95 at most an empty signed-in request plus three bare committed UPDATEs",
        lambda f: (
            f"p95 {f['p95_ms']['simpan']} ms against {f['p95_ms']['hampa']} + {f['p95_ms']['update']}; "
            f"medians {f['p50_ms']['simpan']} against {f['p50_ms']['hampa']} + {f['p50_ms']['update']} ms; the home "
            f"page: p95 {f['p95_ms']['halaman']}, median {f['p50_ms']['halaman']} ms; "
            f"journal {f['jurnal']}"
        ),
        lambda f: f["p95_ms"]["simpan"] <= f["p95_ms"]["hampa"] + f["p95_ms"]["update"],
    ),
    "metrik_nilai": Row(
        "Final marks of 9.6 million marks through the Ibis expression on DuckDB",
        "at most 3 × a plain GROUP BY; a 10,000-row sample equal to rules.py value by value",
        lambda f: (
            f"{f['detik_akhir']} s against {f['detik_polos']} s: {f['rasio']} ×; {f['beda']} of {f['sampel']} differ"
        ),
        lambda f: f["rasio"] <= f["batas"] and f["beda"] == 0,
    ),
    "ukuran": Row(
        "Size of the base install (`locks/base.txt`)",
        "at most 280 MB",
        lambda f: (
            f"{f['mb']} MB, {f['mb_dengan_bytecode']} MB with bytecode; largest: "
            + ", ".join(f"{name} {size}" for name, size in f["terbesar_mb"].items())
        ),
        lambda f: f["mb_dengan_bytecode"] <= 280,
    ),
}


def _counts(counts: dict[str, int]) -> str:
    return ", ".join(f"{number:,} {name}" for name, number in counts.items())


def _run(name: str) -> Figures:
    code = f"import json; from bench import {name} as b; print(json.dumps(b.run()))"
    before = os.getloadavg()[0]
    done = subprocess.run([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, check=True)
    figures: Figures = json.loads(done.stdout.splitlines()[-1])
    return figures | {"beban": round(before, 1)}


def _verdict(row: Row, figures: Figures) -> str:
    if "dilewati" in figures:
        return "not run"
    return "reached" if row.holds(figures) else "**missed**"


def _machine() -> list[str]:
    cpu = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        platform.machine(),
    )
    versions = {name: version(name) for name in ("django", "granian", "typst", "duckdb", "ibis-framework")}
    shown = ", ".join(f"{name} {number}" for name, number in versions.items())
    return [
        f"- Date: {datetime.now():%Y-%m-%d}",
        f"- Machine: {cpu}, {os.cpu_count()} cores, {psutil.virtual_memory().total / 2**30:.0f} GB RAM, "
        f"{platform.system()}",
        f"- Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, {shown}",
        f"- Command: `{COMMAND}`",
    ]


def _page(results: dict[str, Figures]) -> str:
    lines = [
        "# Benchmarks",
        "",
        "Written by `make bench`; please don't edit by hand. Ratios come from one run in which the two sides take "
        "turns. Other programs may have been busy at the same time: the load average before each benchmark stands in "
        "the last column (two cores are full at 2).",
        "",
        *_machine(),
        "",
        "| Work | To reach | Measured | Verdict | Load |",
        "|---|---|---|---|---|",
    ]
    for name, figures in results.items():
        row = ROWS[name]
        measured = figures["dilewati"] if "dilewati" in figures else row.tell(figures)
        work = f"{row.work} (`bench/{name}.py`)"
        lines.append(f"| {work} | {row.reach} | {measured} | {_verdict(row, figures)} | {figures['beban']} |")
    notes = Path(__file__).with_name("catatan.md")
    return "\n".join([*lines, "", notes.read_text(encoding="utf-8").rstrip(), ""])


def main(names: list[str]) -> int:
    unknown = set(names) - ROWS.keys()
    if unknown:
        print(f"unknown: {', '.join(sorted(unknown))}; there are: {', '.join(ROWS)}", file=sys.stderr)
        return 2
    results = {}
    for name in names or ROWS:
        results[name] = _run(name)
        row = ROWS[name]
        measured = results[name].get("dilewati") or row.tell(results[name])
        print(f"{name:16} {_verdict(row, results[name]):10} {measured}", flush=True)
    if not names:
        PAGE.write_text(_page(results), encoding="utf-8")
        print(f"written: docs/{PAGE.name}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
