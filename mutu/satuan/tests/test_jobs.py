"""Jobs: a lease, a sweeper, progress that never falls, cancelling, and results for their owner alone."""

import os
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext

from mutu.satuan import jobs
from mutu.satuan.models import Akun, Pekerjaan, Sekolah

pytestmark = pytest.mark.django_db
SignIn = Callable[[str], Client]
State = Pekerjaan.Status


@pytest.fixture
def owner(school: Sekolah) -> Akun:
    return Akun.objects.get(username="demo-wali-7a")


@pytest.fixture
def handler() -> Iterator[Callable[[jobs.Handler], None]]:
    """Registers a handler of the kind `uji`, gone after the test."""

    def register(function: jobs.Handler) -> None:
        jobs._handlers["uji"] = function

    yield register
    jobs._handlers.pop("uji", None)


def queue(owner: Akun, **more: object) -> Pekerjaan:
    return jobs.submit("uji", title="Pekerjaan uji", by=owner, **more)  # type: ignore[arg-type]


def test_a_job_runs_once_and_leaves_its_file(owner: Akun, handler: Callable, sign_in: SignIn) -> None:
    def work(handle: jobs.Handle) -> None:
        handle.output("hasil/../kelas VII-A.txt").write_text("isi")
        handle.progress(3, 3, force=True)

    handler(work)
    row = queue(owner)
    assert jobs.work_once()
    assert not jobs.work_once()
    row.refresh_from_db()
    assert (row.status, row.persen, row.percobaan) == (State.SELESAI, 100, 1)
    answer = sign_in(owner.username).get(reverse("pekerjaan-hasil", args=[row.pk]))
    assert b"".join(answer.streaming_content) == b"isi"
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "/" not in row.nama_unduhan


@pytest.mark.parametrize("name", ["pekerjaan", "pekerjaan-kemajuan", "pekerjaan-hasil"])
def test_only_the_owner_sees_a_job(owner: Akun, handler: Callable, sign_in: SignIn, name: str) -> None:
    handler(lambda handle: handle.output("a.txt").write_text("isi") and None)
    row = queue(owner)
    jobs.work_once()
    address = reverse(name, args=[row.pk])
    assert sign_in(owner.username).get(address, headers={"hx-request": "true"}).status_code == 200
    for username in ("demo-guru-bahasa", "demo-operator", "demo-kepala"):
        assert sign_in(username).get(address).status_code == 404
    assert sign_in("demo-operator").post(reverse("pekerjaan-batal", args=[row.pk])).status_code == 404


def test_the_bar_never_falls_when_a_job_runs_again(owner: Akun, handler: Callable) -> None:
    seen: list[int] = []

    def work(handle: jobs.Handle) -> None:
        for done in (1, 5, 9):
            handle.progress(done, 10, force=True)
            seen.append(Pekerjaan.objects.get(pk=handle.row.pk).persen)
        if handle.row.percobaan == 1:
            raise SystemExit  # as a killed worker: nothing is written any more

    handler(work)
    row = queue(owner)
    with pytest.raises(SystemExit):
        jobs.work_once()
    Pekerjaan.objects.filter(pk=row.pk).update(sewa_sampai=timezone.now() - timedelta(seconds=1))
    assert jobs.sweep() == 1
    assert jobs.work_once("lain")
    assert seen == sorted(seen)
    row.refresh_from_db()
    assert (row.status, row.percobaan, row.pelaksana) == (State.SELESAI, 2, "lain")


def test_a_living_lease_is_left_alone_and_a_lost_one_fails_in_the_end(owner: Akun) -> None:
    row = queue(owner)
    for attempt in range(1, jobs.MAX_ATTEMPTS + 1):
        taken = jobs.take(f"pekerja-{attempt}")
        assert taken is not None
        assert jobs.take("lain") is None
        assert jobs.sweep() == 0
        Pekerjaan.objects.filter(pk=row.pk).update(sewa_sampai=timezone.now() - timedelta(seconds=1))
        assert jobs.sweep() == 1
    row.refresh_from_db()
    assert row.status == State.GAGAL
    assert "berkali-kali" in row.pesan


def test_a_worker_that_lost_its_lease_cannot_end_the_job(owner: Akun, handler: Callable) -> None:
    def work(handle: jobs.Handle) -> None:
        Pekerjaan.objects.filter(pk=handle.row.pk).update(pelaksana="lain")

    handler(work)
    row = queue(owner)
    jobs.work_once("lambat")
    row.refresh_from_db()
    assert row.status == State.JALAN


def test_a_waiting_job_stops_at_once_and_a_running_one_at_its_next_step(
    owner: Akun, handler: Callable, sign_in: SignIn
) -> None:
    client = sign_in(owner.username)
    waiting = queue(owner)
    client.post(reverse("pekerjaan-batal", args=[waiting.pk]))
    waiting.refresh_from_db()
    assert waiting.status == State.BATAL
    assert not jobs.work_once()

    def work(handle: jobs.Handle) -> None:
        handle.progress(1, 2, force=True)
        client.post(reverse("pekerjaan-batal", args=[handle.row.pk]))
        handle.progress(2, 2, force=True)
        pytest.fail("went on after it was cancelled")

    handler(work)
    running = queue(owner)
    jobs.work_once()
    running.refresh_from_db()
    assert (running.status, running.berkas) == (State.BATAL, "")


def test_failures_are_told_without_the_data(owner: Akun, handler: Callable, caplog: pytest.LogCaptureFixture) -> None:
    def work(handle: jobs.Handle) -> None:
        raise RuntimeError("Nama Rahasia")

    handler(work)
    row = queue(owner)
    jobs.work_once()
    row.refresh_from_db()
    assert row.status == State.GAGAL
    assert "RuntimeError" in row.pesan
    assert "Rahasia" not in row.pesan + caplog.text


def test_asking_twice_for_the_same_work_makes_one_job(owner: Akun) -> None:
    assert queue(owner, key="sama").pk == queue(owner, key="sama").pk
    assert Pekerjaan.objects.count() == 1


def test_results_and_uploads_go_after_a_week(owner: Akun, handler: Callable, settings: Any) -> None:
    def work(handle: jobs.Handle) -> None:
        handle.output("a.txt").write_text("isi")

    handler(work)
    kept, gone = queue(owner), queue(owner)
    jobs.work_once()
    jobs.work_once()
    Pekerjaan.objects.filter(pk=gone.pk).update(selesai=timezone.now() - jobs.KEEP_RESULTS - timedelta(hours=1))
    old, new = settings.UPLOAD_DIR / "lama", settings.UPLOAD_DIR / "baru"
    for folder in (old, new):
        folder.mkdir(parents=True)
        (folder / "berkas").write_text("isi")
    week_ago = time.time() - jobs.KEEP_RESULTS.total_seconds() - 3600
    os.utime(old, (week_ago, week_ago))
    jobs.forget_old_files()
    assert not old.exists()
    assert new.exists()
    kept.refresh_from_db()
    gone.refresh_from_db()
    assert jobs.result_path(kept) is not None
    assert jobs.result_path(gone) is None


def test_progress_for_htmx_is_the_bar_alone_and_reloads_the_page_at_the_end(
    owner: Akun, handler: Callable, sign_in: SignIn
) -> None:
    handler(lambda handle: None)
    row = queue(owner)
    client, address = sign_in(owner.username), reverse("pekerjaan-kemajuan", args=[row.pk])
    assert client.get(address).status_code == 302
    part = client.get(f"{address}?muat=1", headers={"hx-request": "true"})
    assert "<html" not in part.content.decode()
    assert "every 1s" in part.content.decode()
    assert "HX-Refresh" not in part
    jobs.work_once()
    assert client.get(f"{address}?muat=1", headers={"hx-request": "true"})["HX-Refresh"] == "true"


@pytest.mark.parametrize(("language", "said"), [("en", "No marks entered yet."), ("id", "Belum ada nilai yang diisi.")])
def test_a_job_speaks_the_language_of_whoever_asked(owner: Akun, handler: Callable, language: str, said: str) -> None:
    def work(handle: jobs.Handle) -> None:
        raise jobs.JobError(gettext("Belum ada nilai yang diisi."))

    handler(work)
    with translation.override(language):
        row = queue(owner)
    with translation.override("id"):
        jobs.work_once()
    row.refresh_from_db()
    assert row.pesan == said
