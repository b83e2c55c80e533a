"""Pages per second of the rapor: Typst alone, our class run on the same data, and one file a pupil.

"Typst alone" hands prepared JSON straight to one compiler and keeps the bytes; nothing of `mutu` runs in between.
All files are tagged and declare PDF/A-2a and PDF/UA-1. The rounds of all sizes are interleaved, so a busy moment of
the machine does not fall on one of them.
"""

import json
import statistics
import time
from collections.abc import Callable
from typing import Any

import psutil
import typst

from mutu.reports import pdf
from mutu.reports.batches import render_class
from mutu.reports.tests.samples import RAPOR, WHEN, card

ROUNDS = 3
CARDS = 400
SINGLES = 60
CLASS = 40
SIZES = (50, 100, 200)
TITLE = "Rapor VII-A"

WORDS = ("enam puluh tiga", "tujuh puluh lima", "delapan puluh delapan", "sembilan puluh", "lima puluh sembilan")
SENTENCES = (
    "SK 1 dan 2 terlampaui, SK 3 tercapai, dan SK 4 belum tercapai",
    "SK 1, 2, dan 3 terlampaui",
    "SK 1 dan 2 terlampaui, sedangkan SK 3 belum tercapai",
    "SK 2 terlampaui, SK 3 tercapai, dan SK 1 belum tercapai",
    "SK 1 dan 4 terlampaui, SK 2 tercapai, dan SK 3 dan 5 belum tercapai",
    "SK 1 terlampaui dan SK 2 tercapai",
    "SK 1, 2, 3, dan 4 tercapai",
)


def cards(count: int) -> list[dict[str, Any]]:
    """One-page cards whose marks, words and descriptions differ from pupil to pupil, as in a real class."""
    made = []
    for number in range(count):
        one = card(number)
        for index, subject in enumerate(one["mapel"]):
            turn = number * 7 + index * 5
            subject["nilai"] = 55 + turn % 41
            subject["huruf"] = WORDS[turn % len(WORDS)]
            subject["deskripsi"] = SENTENCES[turn % len(SENTENCES)]
        made.append(one)
    return made


def _alone(compiler: typst.Compiler, prepared: list[str], *, release: bool = False) -> float:
    """Seconds Typst needs for the prepared documents."""
    seconds = 0.0
    for data in prepared:
        start = time.perf_counter()
        compiler.compile(
            input=RAPOR,
            root=pdf.ROOT,
            format="pdf",
            sys_inputs={"data": data, "title": TITLE, "lang": "id", "paper": "a4"},
            pdf_standards=list(pdf.STANDARDS),
            timestamp=int(WHEN.timestamp()),
        )
        seconds += time.perf_counter() - start
        # Outside the clock: without it each document would pay for the memory that the ones before hold.
        if release:
            pdf.release_memory()
    return seconds


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def run() -> dict[str, Any]:
    """Pages a second (medians), memory at the end in MB, and the class run as a share of Typst alone."""
    everyone = cards(CARDS)
    compiler = typst.Compiler(font_paths=typst.Fonts(include_system_fonts=False), ignore_system_fonts=True)
    documents = {
        size: [json.dumps({"rapor": everyone[at : at + size]}) for at in range(0, CARDS, size)] for size in SIZES
    }
    singles = [json.dumps({"rapor": [one]}) for one in everyone[:SINGLES]]
    _alone(compiler, singles[:3])

    alone: dict[int, list[float]] = {size: [] for size in SIZES}
    single, ours, one_class, shares = [], [], [], []
    for _ in range(ROUNDS):
        for size in SIZES:
            alone[size].append(CARDS / _alone(compiler, documents[size], release=True))
        whole = CARDS / _seconds(lambda: list(render_class(RAPOR, everyone, key="rapor", title=TITLE, timestamp=WHEN)))
        ours.append(whole)
        shares.append(whole / alone[200][-1])
        one_class.append(
            _seconds(lambda: list(render_class(RAPOR, everyone[:CLASS], key="rapor", title=TITLE, timestamp=WHEN)))
        )
        single.append(SINGLES / _alone(compiler, singles))
        pdf.release_memory()
    return {
        "typst_saja_halaman_per_detik": {str(size): round(statistics.median(alone[size])) for size in SIZES},
        "typst_saja_satu_per_satu_halaman_per_detik": round(statistics.median(single)),
        "kelas_demi_kelas_halaman_per_detik": round(statistics.median(ours)),
        "bagian_dari_typst_saja": round(statistics.median(shares), 2),
        "sasaran_bagian": 0.7,
        "satu_kelas_40_detik": round(statistics.median(one_class), 3),
        "memori_mb": psutil.Process().memory_info().rss >> 20,
    }


if __name__ == "__main__":
    print(json.dumps(run(), indent=1))
