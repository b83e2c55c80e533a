"""The ledger of a class of 40 with 12 subjects, from the database to the finished workbook and PDF."""

import json
import statistics
import time
from io import BytesIO
from typing import Any

from bench.ground import fresh_database, school
from bench.kartu import fill

PUPILS, SUBJECTS, ROUNDS = 40, 12, 10


def run() -> dict[str, Any]:
    """Seconds of the slowest of ten workbooks, each gathered anew, and of a PDF."""
    with fresh_database():
        from python_calamine import CalamineWorkbook

        from mutu.rapor import documents
        from mutu.rapor.documents import leger
        from mutu.satuan.models import Kelas

        made = school(PUPILS, 1, SUBJECTS)
        fill(made)
        stamp = documents.timestamp_of(made.semester)
        books, papers = [], []
        for _round in range(ROUNDS):
            kelas = Kelas.objects.select_related("tahun__sekolah", "wali_kelas").get(pk=made.kelas.pk)
            start = time.perf_counter()
            target = BytesIO()
            leger.write_workbook(target, leger.ledger_of(kelas, made.semester), timestamp=stamp)
            books.append(time.perf_counter() - start)
            start = time.perf_counter()
            leger.print_ledger(leger.ledger_of(kelas, made.semester), timestamp=stamp)
            papers.append(time.perf_counter() - start)
        target.seek(0)
        rows = CalamineWorkbook.from_filelike(target).get_sheet_by_index(0).to_python()
        # Heading, KKM, pupils, means.
        if len(rows) != PUPILS + 3 or any(len(row) < SUBJECTS + 3 for row in rows):
            raise RuntimeError("the workbook does not hold the class")
    return {
        "xlsx_detik": round(max(books), 3),
        "xlsx_tengah_detik": round(statistics.median(books), 3),
        "pdf_detik": round(max(papers), 3),
    }


if __name__ == "__main__":
    print(json.dumps(run(), indent=1))
