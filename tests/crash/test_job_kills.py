"""kill -9 of the worker in the middle of a class print: swept, done again, exactly one result, progress never falls."""

import random
import sys
import time
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import timezone

from mutu.satuan import jobs
from mutu.satuan.models import Pekerjaan
from tests.contoh import Contoh, sekolah_kecil
from tests.crash.oracle import check_database
from tests.crash.victims import Deaths, Victim

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.lambat]

PUPILS = 90
"""Enough that a print outlasts the moment between looking at its progress and killing it."""
PATIENCE = 60


@pytest.fixture
def workers() -> Iterator[list[Victim]]:
    """Workers of this test; whatever happens they do not outlive it."""
    running: list[Victim] = []
    yield running
    for worker in running:
        worker.end()


def ask(school: Contoh) -> Pekerjaan:
    """The homeroom teacher asks for the class as one file per pupil."""
    wanted = {"kelas": school.kelas.pk, "semester": school.semester.pk, "bentuk": "zip"}
    return jobs.submit("rapor.cetak_kelas", title="Cetak", by=school.akun["wali"], data=wanted, key="cetak")


def watch(row: Pekerjaan, worker: Victim, *, attempt: int, until_part: int | None, seen: list[tuple[int, int]]) -> None:
    """Note the progress as the page would show it, until so many parts are done in this attempt or the job has ended.

    A later attempt starts below the mark of the one before, so its own progress shows only beyond that mark.
    """
    give_up = time.monotonic() + PATIENCE
    while True:
        assert time.monotonic() < give_up, worker.said()
        row.refresh_from_db()
        seen.append((row.selesai_bagian, row.jumlah_bagian))
        running = row.status in (Pekerjaan.Status.ANTRE, Pekerjaan.Status.JALAN)
        begun = row.status == Pekerjaan.Status.JALAN and row.percobaan == attempt and row.jumlah_bagian
        if not running or (begun and until_part is not None and row.selesai_bagian >= until_part):
            return
        time.sleep(0.005)


def test_a_print_survives_its_worker(workers: list[Victim], capsys: pytest.CaptureFixture[str]) -> None:
    chance = random.Random(20261125)
    school = sekolah_kecil(pupils=PUPILS)
    deaths = Deaths()
    row = ask(school)
    seen: list[tuple[int, int]] = []
    for attempt in range(1, jobs.MAX_ATTEMPTS + 1):
        workers.append(Victim("-m", "mutu.cli", "worker"))
        last = attempt == jobs.MAX_ATTEMPTS
        part = None if last else chance.randrange(2, PUPILS // 2)
        watch(row, workers[-1], attempt=attempt, until_part=part, seen=seen)
        if last:
            break
        deaths[workers[-1].kill()] += 1
        check_database()
        row.refresh_from_db()
        assert row.status == Pekerjaan.Status.JALAN, "killed too late"
        assert jobs.result_path(row) is None, "a half-made file is offered"
        assert jobs.sweep() == 0, "a living lease was taken away"
        Pekerjaan.objects.filter(pk=row.pk).update(sewa_sampai=timezone.now() - timedelta(seconds=1))
        # The next worker sweeps when it starts.
    workers[-1].kill()
    row.refresh_from_db()
    assert row.status == Pekerjaan.Status.SELESAI, row.pesan
    assert row.percobaan == jobs.MAX_ATTEMPTS
    done = [part for part, whole in seen if whole]
    assert done == sorted(done), "progress fell"
    assert {whole for _, whole in seen} <= {0, PUPILS}
    assert done[-1] == PUPILS
    path = jobs.result_path(row)
    assert path is not None
    assert list((Path(settings.OUTPUT_DIR) / str(row.pk)).iterdir()) == [path]
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        assert len(archive.namelist()) == PUPILS
    assert not Pekerjaan.objects.exclude(status=Pekerjaan.Status.SELESAI).exists()
    with capsys.disabled():
        sys.stdout.write(f"\n{deaths.tell('class print')}\n")


def test_a_job_that_kills_every_worker_ends_with_a_sentence(workers: list[Victim]) -> None:
    row = ask(sekolah_kecil(pupils=PUPILS))
    for attempt in range(1, jobs.MAX_ATTEMPTS + 1):
        workers.append(Victim("-m", "mutu.cli", "worker"))
        watch(row, workers[-1], attempt=attempt, until_part=1, seen=[])
        workers[-1].kill()
        Pekerjaan.objects.filter(pk=row.pk).update(sewa_sampai=timezone.now() - timedelta(seconds=1))
        jobs.sweep()
    row.refresh_from_db()
    assert row.status == Pekerjaan.Status.GAGAL
    assert "Ulangi" in row.pesan
    assert not jobs.work_once()
