"""520 rapor of two pages from the database, class by class, against Typst alone on the same data.

"Ours" reads a class from the database (`documents.cards`) and renders it (`pdf.render`), as the print job does. "Typst
alone" hands JSON prepared beforehand to one compiler. The two take turns class by class; Typst's cache is emptied in
between, outside the clock, so that neither profits from what the other has rendered.
"""

import json
import statistics
import time
from typing import Any

import typst

from bench.ground import fresh_database, school
from bench.kartu import fill

CLASSES, PUPILS, SUBJECTS = 13, 40, 12
ROUNDS = 3


def run() -> dict[str, Any]:
    """Pages a second of both (medians of three rounds), ours as a share of Typst alone, and one class end to end."""
    with fresh_database():
        from mutu.rapor import documents
        from mutu.reports import pdf
        from mutu.satuan.models import Kelas

        made = school(PUPILS, CLASSES, SUBJECTS)
        fill(made)
        stamp = documents.timestamp_of(made.semester)
        related = ("tahun__sekolah__kabkota", "tahun__sekolah__kecamatan", "wali_kelas")
        kelas_all = list(Kelas.objects.filter(tahun=made.tahun).select_related(*related))
        prepared = [json.dumps({"rapor": documents.cards(kelas, made.semester)}) for kelas in kelas_all]
        compiler = typst.Compiler(font_paths=typst.Fonts(include_system_fonts=False), ignore_system_fonts=True)

        def alone(data: str) -> bytes:
            return compiler.compile(
                input=documents.TEMPLATE,
                root=pdf.ROOT,
                format="pdf",
                sys_inputs={"data": data, "title": "Rapor", "lang": "id", "paper": "a4"},
                pdf_standards=list(pdf.STANDARDS),
                timestamp=int(stamp.timestamp()),
            )

        def ours(kelas: Kelas) -> bytes:
            data = documents.cards(kelas, made.semester)
            return pdf.render(documents.TEMPLATE, {"rapor": data}, title="Rapor", timestamp=stamp)

        alone(prepared[0]), ours(kelas_all[0])
        pages = _pages(ours(kelas_all[0]))
        shares, ours_rate, alone_rate, classes = [], [], [], []
        for number in range(ROUNDS):
            spent = {"alone": 0.0, "ours": 0.0}
            for kelas, data in zip(kelas_all, prepared, strict=True):
                turns = [("alone", lambda data=data: alone(data)), ("ours", lambda kelas=kelas: ours(kelas))]
                for name, work in turns if number % 2 else reversed(turns):
                    pdf.release_memory()
                    start = time.perf_counter()
                    work()
                    seconds = time.perf_counter() - start
                    spent[name] += seconds
                    if name == "ours":
                        classes.append(seconds)
            printed = CLASSES * pages
            alone_rate.append(printed / spent["alone"])
            ours_rate.append(printed / spent["ours"])
            shares.append(spent["alone"] / spent["ours"])
    return {
        "halaman": CLASSES * pages,
        "halaman_per_detik": round(statistics.median(ours_rate)),
        "typst_saja_halaman_per_detik": round(statistics.median(alone_rate)),
        "bagian_dari_typst_saja": round(statistics.median(shares), 2),
        "satu_kelas_detik": round(statistics.median(classes), 3),
    }


def _pages(content: bytes) -> int:
    """Pages of a class document; the figures count pages, so a rapor of two pages counts twice."""
    import pypdfium2

    return len(pypdfium2.PdfDocument(content))


if __name__ == "__main__":
    print(json.dumps(run(), indent=1))
