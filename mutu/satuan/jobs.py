"""Long work that survives a crash: a row per job with a lease, a heartbeat, and a sweeper.

The row itself is the queue. A worker takes a waiting job by one conditional UPDATE, renews its lease while it works,
and stores progress that never falls. When a worker dies the lease runs out and the sweeper puts the job back; after
`MAX_ATTEMPTS` it fails with a sentence that a person can act on. Handlers must therefore be safe to run again: write
the result under the job's own id, and let a commit carry its own guard.
"""

from __future__ import annotations

import gc
import logging
import os
import re
import shutil
import socket
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import close_old_connections, connection, transaction
from django.db.models import F, Q
from django.utils import timezone, translation
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext as _

from mutu.satuan import ledger
from mutu.satuan.models import Akun, KunciIdempoten, Pekerjaan

log = logging.getLogger("mutu.jobs")

LEASE = timedelta(seconds=60)
HEARTBEAT_SECONDS = 15.0
POLL_SECONDS = 0.5
SWEEP_SECONDS = 30.0
KEEP_RESULTS = timedelta(days=7)
MAX_ATTEMPTS = 3


class Cancelled(Exception):
    """A person asked to stop the job."""


class JobError(Exception):
    """The job cannot be done, with a sentence for the person who asked for it."""


Handler = Callable[["Handle"], None]
_handlers: dict[str, Handler] = {}


def job(kind: str) -> Callable[[Handler], Handler]:
    """Register the function that does jobs of this kind."""

    def register(handler: Handler) -> Handler:
        _handlers[kind] = handler
        return handler

    return register


class Handle:
    """What a handler sees of its job: the input, a folder for results, and a way to say how far it is."""

    def __init__(self, row: Pekerjaan) -> None:
        self.row = row
        self.input: Mapping[str, Any] = row.masukan
        self.by: Akun | None = row.akun
        self._last_write = 0.0

    def output(self, name: str) -> Path:
        """A path for a result file; `name` is the file's name as the person will download it."""
        folder = Path(settings.OUTPUT_DIR) / str(self.row.pk)
        folder.mkdir(parents=True, exist_ok=True)
        safe = re.sub(r"[^\w.\- ]+", "_", name).strip() or "hasil"
        self.row.berkas = f"{self.row.pk}/{safe}"
        self.row.nama_unduhan = safe
        return folder / safe

    def progress(self, done: int, total: int, message: str = "", *, force: bool = False) -> None:
        """Store how far the job is (at most four times a second). Raises Cancelled when a person asked to stop."""
        now = time.monotonic()
        if not force and now - self._last_write < 0.25 and done < total:
            return
        self._last_write = now
        mine = Pekerjaan.objects.filter(pk=self.row.pk, pelaksana=self.row.pelaksana, status=Pekerjaan.Status.JALAN)
        if mine.filter(minta_batal=True).exists():
            raise Cancelled
        # A second run of the same job starts below the first one's mark; the bar waits instead of falling.
        mine.filter(Q(jumlah_bagian=0) | Q(selesai_bagian__lte=done) | ~Q(jumlah_bagian=total)).update(
            selesai_bagian=done, jumlah_bagian=total, pesan=message, sewa_sampai=timezone.now() + LEASE
        )


def submit(
    kind: str, *, title: str, by: Akun, data: Mapping[str, Any] | None = None, key: str | None = None
) -> Pekerjaan:
    """Queue a job, to be done in the language of whoever asks.

    With `key`, asking again while the first one waits or runs gives that one back.
    """
    if key:
        open_states = [Pekerjaan.Status.ANTRE, Pekerjaan.Status.JALAN]
        existing = Pekerjaan.objects.filter(kunci=key).first()
        if existing and existing.status in open_states:
            return existing
        if existing:
            Pekerjaan.objects.filter(pk=existing.pk).update(kunci=None)
    with ledger.record("pekerjaan.minta", by=by, details={"jenis": kind}):
        asked = {"bahasa": translation.get_language()} | dict(data or {})
        return Pekerjaan.objects.create(jenis=kind, judul=title[:160], akun=by, masukan=asked, kunci=key)


def cancel(row: Pekerjaan, *, by: Akun) -> None:
    """Ask a job to stop: at once while it waits, at its next step while it runs."""
    with ledger.record("pekerjaan.batal", by=by, details={"pekerjaan": str(row.pk)}):
        waiting = Pekerjaan.objects.filter(pk=row.pk, status=Pekerjaan.Status.ANTRE)
        if not waiting.update(status=Pekerjaan.Status.BATAL, selesai=timezone.now(), kunci=None):
            Pekerjaan.objects.filter(pk=row.pk, status=Pekerjaan.Status.JALAN).update(minta_batal=True)


def result_path(row: Pekerjaan) -> Path | None:
    """The file a finished job left, if it is still there."""
    if row.status != Pekerjaan.Status.SELESAI or not row.berkas:
        return None
    path = Path(settings.OUTPUT_DIR) / row.berkas
    return path if path.is_file() else None


def sweep() -> int:
    """Put jobs back whose worker died (their lease ran out), fail those that died too often. Returns how many."""
    now = timezone.now()
    lost = Pekerjaan.objects.filter(status=Pekerjaan.Status.JALAN, sewa_sampai__lt=now)
    failed = lost.filter(percobaan__gte=MAX_ATTEMPTS).update(
        status=Pekerjaan.Status.GAGAL,
        pesan=_("Pekerjaan terhenti berkali-kali. Ulangi; bila terjadi lagi, jalankan `mutu doctor`."),
        selesai=now,
        kunci=None,
    )
    return failed + lost.update(status=Pekerjaan.Status.ANTRE, pelaksana="", sewa_sampai=None)


def forget_old_files() -> None:
    """Delete results, uploads and request keys after `KEEP_RESULTS`.

    They may hold personal data, and nobody asks for them later.
    """
    KunciIdempoten.objects.filter(dibuat__lt=timezone.now() - KEEP_RESULTS).delete()
    old = Pekerjaan.objects.filter(selesai__lt=timezone.now() - KEEP_RESULTS).exclude(berkas="")
    for row in old[:100]:
        shutil.rmtree(Path(settings.OUTPUT_DIR) / str(row.pk), ignore_errors=True)
        Pekerjaan.objects.filter(pk=row.pk).update(berkas="")
    oldest = time.time() - KEEP_RESULTS.total_seconds()
    for folder in Path(settings.UPLOAD_DIR).glob("*"):
        if folder.is_dir() and folder.stat().st_mtime < oldest:
            shutil.rmtree(folder, ignore_errors=True)


def take(worker: str) -> Pekerjaan | None:
    """Lease the oldest waiting job to this worker; None when there is none or another worker was faster."""
    candidate = Pekerjaan.objects.filter(status=Pekerjaan.Status.ANTRE).order_by("dibuat").values_list("pk").first()
    if candidate is None:
        return None
    now = timezone.now()
    taken = Pekerjaan.objects.filter(pk=candidate[0], status=Pekerjaan.Status.ANTRE).update(
        status=Pekerjaan.Status.JALAN,
        pelaksana=worker,
        sewa_sampai=now + LEASE,
        percobaan=F("percobaan") + 1,
        mulai=now,
    )
    return Pekerjaan.objects.select_related("akun").get(pk=candidate[0]) if taken else None


class _Heartbeat(AbstractContextManager["_Heartbeat"]):
    """Renews the lease from a thread of its own, because a renderer may not return for a while."""

    def __init__(self, row: Pekerjaan) -> None:
        self.row = row
        self.stop = threading.Event()
        self.thread = threading.Thread(target=self._beat, daemon=True)

    def __enter__(self) -> _Heartbeat:
        self.thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self.stop.set()
        self.thread.join(timeout=5)

    def _beat(self) -> None:
        while not self.stop.wait(HEARTBEAT_SECONDS):
            Pekerjaan.objects.filter(pk=self.row.pk, pelaksana=self.row.pelaksana).update(
                sewa_sampai=timezone.now() + LEASE
            )
        connection.close()


def execute(row: Pekerjaan) -> Pekerjaan:
    """Do a leased job and store how it ended. Only the holder of the lease may end it."""
    with translation.override(row.masukan.get("bahasa") or settings.LANGUAGE_CODE):
        return _execute(row)


def _execute(row: Pekerjaan) -> Pekerjaan:
    handle = Handle(row)
    mine = Pekerjaan.objects.filter(pk=row.pk, pelaksana=row.pelaksana, status=Pekerjaan.Status.JALAN)
    outcome: dict[str, Any]
    gc.unfreeze()  # what an earlier import set aside (mutu/imports/memory.py) may be searched again
    try:
        with _Heartbeat(row):
            _handlers[row.jenis](handle)
        outcome = {"status": Pekerjaan.Status.SELESAI, "selesai_bagian": F("jumlah_bagian")}
    except Cancelled:
        outcome = {"status": Pekerjaan.Status.BATAL, "pesan": _("Dibatalkan atas permintaan."), "berkas": ""}
    except JobError as error:
        outcome = {"status": Pekerjaan.Status.GAGAL, "pesan": str(error)[:500], "berkas": ""}
    except Exception as error:
        # The type alone: an error's text may quote a pupil's data.
        log.error("job %s of kind %s failed: %s", row.pk, row.jenis, type(error).__name__)
        if settings.DEBUG:
            log.exception("details")
        outcome = {
            "status": Pekerjaan.Status.GAGAL,
            "pesan": _("Terjadi kesalahan yang tidak terduga ({kode}). Tidak ada yang berubah; silakan ulangi.").format(
                kode=type(error).__name__
            ),
            "berkas": "",
        }
    fields = {"berkas": row.berkas, "nama_unduhan": row.nama_unduhan, "hasil": row.hasil} | outcome
    with transaction.atomic():
        mine.update(selesai=timezone.now(), kunci=None, **fields)
    row.refresh_from_db()
    return row


def load_handlers() -> None:
    """Import the modules of each app in which handlers register themselves."""
    autodiscover_modules("services", "services.imports", "services.dapodik", "sheets", "documents")


def work_once(worker: str = "uji") -> bool:
    """Do the oldest waiting job, if any; returns whether there was one."""
    load_handlers()
    row = take(worker)
    if row is None:
        return False
    execute(row)
    return True


def run_worker(stop: threading.Event) -> None:
    """Work until told to stop; sweep lost leases and seal the ledger in between."""
    load_handlers()
    worker = f"{socket.gethostname()}:{os.getpid()}"
    next_sweep = 0.0
    while not stop.is_set():
        try:
            close_old_connections()
            if time.monotonic() >= next_sweep:
                next_sweep = time.monotonic() + SWEEP_SECONDS
                sweep()
                ledger.seal()
                forget_old_files()
            row = take(worker)
            if row is not None:
                execute(row)
                continue
        except Exception as error:
            log.error("worker: %s; trying again", type(error).__name__)
        stop.wait(POLL_SECONDS)
