"""The rapor of a class and of a school from the database, two pages a pupil, and forty final files, each signed.

The school is printed by the code of the job, in a process of its own that has just been set up as a worker is; memory
is what that process holds above its state before the first page, looked at every 20 ms. Cards are counted in the
finished files and not taken from what the code says of itself. The peers' figures stand in the table as quoted.
"""

import json
import os
import statistics
import subprocess
import sys
import time
import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psutil

from bench.ground import fresh_database, school
from bench.kartu import fill

PUPILS, CLASSES, SUBJECTS = 40, 13, 12
ASKED = 500
"""Twelve classes of forty and one of twenty."""
ROUNDS = 5
RELATED = ("tahun__sekolah__kabkota", "tahun__sekolah__kecamatan", "wali_kelas")


def whole_school(folder: str, semester_id: int) -> None:
    """Print the school as the job does; print seconds, memory and counts. Runs in a process of its own."""
    import threading

    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mutu.web.settings")
    django.setup()
    import mutu.web.urls  # noqa: F401 - the server holds all of it too
    from mutu.rapor.documents import printing
    from mutu.satuan.models import Kelas, Semester

    semester = Semester.objects.get(pk=semester_id)
    classes = list(Kelas.objects.filter(tahun=semester.tahun_id).select_related(*RELATED))
    process = psutil.Process()
    before = process.memory_info().rss
    seen: list[int] = []
    done = threading.Event()

    def watch() -> None:
        while not done.wait(0.02):
            seen.append(process.memory_info().rss)

    threading.Thread(target=watch, daemon=True).start()
    target = Path(folder) / "semua.zip"
    start = time.perf_counter()
    said = sum(cards for _, cards in printing.print_classes(classes, semester, target))
    seconds = time.perf_counter() - start
    done.set()
    half = len(seen) // 2
    print(
        json.dumps(
            {
                "detik": round(seconds, 2),
                "memori_di_atas_mb": (max(seen) - before) >> 20,
                "memori_paruh_mb": [(max(part) - before) >> 20 for part in (seen[:half], seen[half:])],
                "dikatakan": said,
            }
        )
    )


def counted(path: Path) -> tuple[int, int]:
    """Cards and pages in a ZIP of class documents; a card is a pupil's bookmark."""
    import pypdfium2

    cards = pages = 0
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            document = pypdfium2.PdfDocument(archive.read(name))
            cards += len(list(document.get_toc(max_depth=1)))
            pages += len(document)
    return cards, pages


def run() -> dict[str, Any]:
    """Seconds for a class, a school and forty signed files (medians); memory; cards against pupils asked."""
    with fresh_database():
        from mutu.rapor import documents
        from mutu.reports import pdf
        from mutu.satuan import ledger
        from mutu.satuan.models import AnggotaKelas, Kelas

        made = school(PUPILS, CLASSES, SUBJECTS)
        with ledger.record("ukur.kelas_kecil", by=ledger.SYSTEM):
            smallest = Kelas.objects.filter(tahun=made.tahun).exclude(pk=made.kelas.pk).last()
            spare = AnggotaKelas.objects.filter(kelas=smallest).order_by("-pk")[: PUPILS * CLASSES - ASKED]
            AnggotaKelas.objects.filter(pk__in=list(spare.values_list("pk", flat=True))).update(
                keluar=made.semester.mulai
            )
        fill(made)
        kelas = Kelas.objects.select_related(*RELATED).get(pk=made.kelas.pk)
        stamp = documents.timestamp_of(made.semester)
        one_class = []
        for _ in range(ROUNDS + 1):
            pdf.release_memory()
            start = time.perf_counter()
            content = documents.render_cards(documents.current_cards(kelas, made.semester), timestamp=stamp)
            one_class.append(time.perf_counter() - start)
        signed = _signed_files(made, kelas)
        from django.db import connections

        connections.close_all()
        runs = []
        with TemporaryDirectory(prefix="mutu-bench-") as folder:
            code = f"from bench.cetak_sekolah import whole_school; whole_school({folder!r}, {made.semester.pk})"
            for _ in range(3):
                done = subprocess.run([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, check=True)
                runs.append(json.loads(done.stdout.splitlines()[-1]))
            cards, pages = counted(Path(folder) / "semua.zip")
        middle = sorted(runs, key=lambda one: one["detik"])[1]
        return {
            "kelas_detik": round(statistics.median(one_class[1:]), 3),
            "kelas_halaman": _pages(content),
            "sekolah_detik": middle["detik"],
            "diminta": ASKED,
            "kartu": cards,
            "halaman": pages,
            "memori_di_atas_mb": max(one["memori_di_atas_mb"] for one in runs),
            "memori_paruh_mb": middle["memori_paruh_mb"],
            **signed,
        }


def _signed_files(made: Any, kelas: Any) -> dict[str, Any]:
    """Make a class final, then its files one by one as the job does; each is verified afterwards."""
    from django.conf import settings
    from django.utils import timezone

    from mutu.rapor import documents
    from mutu.rapor.documents import printing
    from mutu.rapor.models import Rapor
    from mutu.rapor.services import bukti, final
    from mutu.satuan import ledger
    from mutu.satuan.models import AnggotaKelas

    members = list(AnggotaKelas.objects.filter(kelas=kelas, keluar=None).values_list("pk", flat=True))
    with ledger.record("ukur.diperiksa", by=ledger.SYSTEM):
        Rapor.objects.bulk_create(
            Rapor(anggota_id=pk, semester=made.semester, status=Rapor.Status.DIPERIKSA, pada=timezone.now())
            for pk in members
        )
    found = final.sahkan(kelas=kelas, semester=made.semester, kumpulkan=documents.cards, by=made.akun["kepala"])
    if len(found.berubah) != len(members):
        raise RuntimeError(f"only {len(found.berubah)} of {len(members)} became final: {found.tertahan[:1]}")
    seconds = []
    for _ in range(3):
        start = time.perf_counter()
        data = documents.current_cards(kelas, made.semester)
        files = [one.pdf for one in printing.separate_files(data, documents.timestamp_of(made.semester), "a4")]
        seconds.append(time.perf_counter() - start)
    keys = bukti.read_keys([settings.DATA_DIR / bukti.PUBLIC_NAME])
    valid = sum(bukti.verify_file(one or b"", keys).hasil == "sah" for one in files)
    return {"berkas_detik": round(statistics.median(seconds), 2), "berkas": len(files), "berkas_sah": valid}


def _pages(content: bytes) -> int:
    import pypdfium2

    return len(pypdfium2.PdfDocument(content))


if __name__ == "__main__":
    print(json.dumps(run(), indent=1, ensure_ascii=False))
