"""Processes that are made to be killed, and what the database shows of them in their last moment."""

import os
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psutil
from django.db import connection

HOST = "127.0.0.1"
BOOT_SECONDS = 60
DEATH_SECONDS = 10


def database_url() -> str:
    """The address of the database that this test uses, for another process."""
    name = str(connection.settings_dict["NAME"])
    if connection.vendor == "sqlite":
        return f"sqlite:///{name}"
    return urlunsplit(urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}"))


def open_transaction() -> str:
    """What other processes are doing to the database now: `tulis` (a transaction has begun to write), `buka` (one is
    open, nothing written yet), or `diam`."""
    if connection.vendor == "sqlite":
        path = Path(connection.settings_dict["NAME"])
        probe = sqlite3.connect(path, timeout=0, isolation_level=None)
        try:
            probe.execute("BEGIN IMMEDIATE")
            probe.execute("ROLLBACK")
        except sqlite3.OperationalError:
            journal = path.with_name(f"{path.name}-journal")
            return "tulis" if not journal.exists() or journal.stat().st_size else "buka"
        finally:
            probe.close()
        return "diam"
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), count(backend_xid) FROM pg_stat_activity WHERE datname = current_database()"
            " AND pid <> pg_backend_pid() AND backend_type = 'client backend' AND xact_start IS NOT NULL"
        )
        opened, writing = cursor.fetchone()
    return "tulis" if writing else "buka" if opened else "diam"


class Victim:
    """A process group of our own with the test's database; `kill` ends it with SIGKILL, as a power cut would."""

    def __init__(self, *command: str) -> None:
        self.output = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the process
        self.process = subprocess.Popen(
            [sys.executable, *command],
            env=os.environ | {"DATABASE_URL": database_url(), "DJANGO_SETTINGS_MODULE": "mutu.web.settings"},
            stdin=subprocess.DEVNULL,
            stdout=self.output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    @property
    def alive(self) -> bool:
        return self.process.poll() is None

    def said(self) -> str:
        """All that it printed so far."""
        self.output.seek(0)
        return self.output.read().decode(errors="replace")

    def kill(self) -> str:
        """Freeze it, look at the database (see `open_transaction`), kill it, and wait until it is gone.

        Freezing first changes nothing for the victim: SIGKILL meets it at the same instruction.
        """
        if not self.alive:
            return "selesai"
        group = [self.process, *psutil.Process(self.process.pid).children(recursive=True)]
        os.killpg(self.process.pid, signal.SIGSTOP)
        seen = open_transaction()
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(DEATH_SECONDS)
        _wait(lambda: not any(_runs(one.pid) for one in group[1:]), DEATH_SECONDS)
        connection.close()
        # PostgreSQL's side of the dead connection ends its transaction on its own.
        _wait(lambda: open_transaction() == "diam", DEATH_SECONDS)
        return seen

    def end(self) -> None:
        """Kill it when it still runs; for the end of a test."""
        if self.alive:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(DEATH_SECONDS)
        self.output.close()


class Server(Victim):
    """The web server as `mutu run` starts it, on a port of its own; with one worker unless more are asked for."""

    def __init__(self, application: str = "mutu.web.wsgi:application", workers: int = 1) -> None:
        with socket.socket() as free:
            free.bind((HOST, 0))
            self.port: int = free.getsockname()[1]
        super().__init__(
            *("-m", "granian", "--interface", "wsgi", "--host", HOST, "--port", str(self.port)),
            *("--workers", str(workers), "--blocking-threads", "4", "--log-level", "warning", application),
        )

    def wait_ready(self) -> None:
        """Return when the server and its database answer. Raises when that takes too long."""

        def answers() -> bool:
            if not self.alive:
                raise RuntimeError(f"the server ended by itself:\n{self.said()}")
            line = HTTPConnection(HOST, self.port, timeout=5)
            try:
                line.request("GET", "/readyz")
                return line.getresponse().status == 200
            except OSError:
                return False
            finally:
                line.close()

        _wait(answers, BOOT_SECONDS)


class Deaths(Counter[str]):
    """In which moment the kills met their victims."""

    def tell(self, what: str) -> str:
        middle = self["tulis"] + self["buka"]
        return (
            f"{what}: {self.total()} kills, {middle} in the middle of a transaction ({self['tulis']} after its first "
            f"write), {self['diam']} between transactions, {self['selesai']} after the end"
        )


def _runs(pid: int) -> bool:
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def _wait(condition: Any, seconds: float) -> None:
    until = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > until:
            raise TimeoutError(f"waited {seconds} s in vain")
        time.sleep(0.02)
