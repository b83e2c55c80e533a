"""kill -9 of the worker while it prints a class, or a whole year: put back, done again, every pupil counted."""

import io
import random
import sys
import time
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from django.conf import settings
from django.utils import timezone

from mutu.satuan import jobs, ledger
from mutu.satuan.models import AnggotaKelas, Kelas, Pekerjaan, PesertaDidik
from tests.contoh import Contoh, sekolah_kecil
from tests.crash.oracle import check_database
from tests.crash.victims import Deaths, Victim

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.lambat]

CLASSES, PUPILS = 4, 60
PATIENCE = 90


@pytest.fixture
def workers() -> Iterator[list[Victim]]:
    """Workers of this test; whatever happens they do not outlive it."""
    running: list[Victim] = []
    yield running
    for worker in running:
        worker.end()


@pytest.fixture
def school() -> Contoh:
    """Four classes of sixty under one homeroom teacher."""
    made = sekolah_kecil(pupils=PUPILS)
    with ledger.record("uji.kelas", by=ledger.SYSTEM):
        for number in range(1, CLASSES):
            kelas = Kelas.objects.create(
                tahun=made.tahun, tingkat=7, nama=f"VII-{number}", wali_kelas=made.kelas.wali_kelas
            )
            for at in range(PUPILS):
                pupil = PesertaDidik.objects.create(
                    sekolah=made.sekolah, nama=f"Siswa {number}-{at}", nis=f"9{number}{at:03}"
                )
                AnggotaKelas.objects.create(kelas=kelas, peserta=pupil)
    return made


def bookmarks(content: bytes) -> list[str]:
    """Whose cards a class document holds."""
    return [entry.get_title() for entry in pypdfium2.PdfDocument(io.BytesIO(content)).get_toc(max_depth=1)]


def run_with_kills(row: Pekerjaan, workers: list[Victim], reached: Any) -> Deaths:
    """Kill each worker but the last once `reached` says so; nothing half-made may be offered in between."""
    deaths = Deaths()
    for attempt in range(1, jobs.MAX_ATTEMPTS + 1):
        workers.append(Victim("-m", "mutu.cli", "worker"))
        last = attempt == jobs.MAX_ATTEMPTS
        until = time.monotonic() + PATIENCE
        while True:
            assert time.monotonic() < until, workers[-1].said()
            row.refresh_from_db()
            if row.status == Pekerjaan.Status.SELESAI or (not last and row.percobaan == attempt and reached(row)):
                break
            time.sleep(0.003)
        if last:
            break
        deaths[workers[-1].kill()] += 1
        check_database()
        row.refresh_from_db()
        assert row.status == Pekerjaan.Status.JALAN, "killed too late"
        assert jobs.result_path(row) is None, "a half-made file is offered"
        Pekerjaan.objects.filter(pk=row.pk).update(sewa_sampai=timezone.now() - timedelta(seconds=1))
    workers[-1].kill()
    row.refresh_from_db()
    assert (row.status, row.percobaan) == (Pekerjaan.Status.SELESAI, jobs.MAX_ATTEMPTS), row.pesan
    path = jobs.result_path(row)
    assert path is not None
    assert list((Path(settings.OUTPUT_DIR) / str(row.pk)).iterdir()) == [path]
    return deaths


def test_a_class_in_one_file_is_whole_or_not_there(
    school: Contoh, workers: list[Victim], capsys: pytest.CaptureFixture[str]
) -> None:
    wanted = {"kelas": school.kelas.pk, "semester": school.semester.pk, "bentuk": "pdf", "lampiran": True}
    row = jobs.submit("rapor.cetak_kelas", title="Cetak", by=school.akun["wali"], data=wanted, key="cetak")
    chance = random.Random(20261126)
    deaths = run_with_kills(row, workers, lambda row: row.jumlah_bagian and chance.random() < 0.2)
    content = Path(settings.OUTPUT_DIR, row.berkas).read_bytes()
    assert bookmarks(content) == [f"Rapor {one.peserta.nama}" for one in _listed(school.kelas)]
    assert (row.hasil["diminta"], row.hasil["dicetak"]) == (PUPILS, PUPILS)
    with capsys.disabled():
        sys.stdout.write(f"\n{deaths.tell('class in one file')}\n")


def test_every_class_of_a_year_is_counted_against_its_pupils(
    school: Contoh, workers: list[Victim], capsys: pytest.CaptureFixture[str]
) -> None:
    row = jobs.submit(
        "rapor.cetak_tahun", title="Cetak", by=school.akun["kepala"], data={"semester": school.semester.pk}, key="semua"
    )
    # The bar waits at the mark of the attempt before, so the sentence says how far this attempt is.
    deaths = run_with_kills(row, workers, lambda row: row.pesan.startswith("Kelas VII-2"))
    assert (row.hasil["diminta"], row.hasil["dicetak"]) == (CLASSES * PUPILS, CLASSES * PUPILS)
    with zipfile.ZipFile(Path(settings.OUTPUT_DIR, row.berkas)) as archive:
        assert archive.testzip() is None
        found = {name: bookmarks(archive.read(name)) for name in archive.namelist()}
    assert found == {
        f"rapor {kelas.nama}.pdf": [f"Rapor {one.peserta.nama}" for one in _listed(kelas)]
        for kelas in Kelas.objects.filter(tahun=school.tahun)
    }
    with capsys.disabled():
        sys.stdout.write(f"\n{deaths.tell('print of a year')}\n")


def _listed(kelas: Kelas) -> list[AnggotaKelas]:
    return list(AnggotaKelas.objects.filter(kelas=kelas).select_related("peserta"))
