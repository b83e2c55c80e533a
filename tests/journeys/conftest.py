"""A real server for the journeys: `mutu demo` as a process of its own, with its own folder and database."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import psutil
import pytest

from tests.journeys.visit import Visit

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 90
STOP_SECONDS = 20


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _answers(home: str) -> bool:
    try:
        with urlopen(f"{home}/readyz", timeout=2) as answer:
            return bool(answer.status == 200)
    except (URLError, OSError):
        return False


@dataclass(frozen=True)
class Server:
    """The running demo school."""

    home: str
    pid: int

    @contextmanager
    def worker_held(self) -> Iterator[None]:
        """Its job worker stands still meanwhile, so that a job can be seen on its way."""
        (worker,) = (one for one in psutil.Process(self.pid).children() if "worker" in one.cmdline())
        worker.suspend()
        try:
            yield
        finally:
            worker.resume()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A running demo school, its job worker included; stopped by its own pid."""
    folder = tmp_path_factory.mktemp("perjalanan")
    environment = {name: value for name, value in os.environ.items() if name != "DJANGO_ALLOW_ASYNC_UNSAFE"}
    environment |= {"MUTU_DATA": str(folder), "DATABASE_URL": f"sqlite:///{folder}/mutu.sqlite3"}
    port = _free_port()
    address = f"http://127.0.0.1:{port}"
    log = folder / "peladen.log"
    with log.open("wb") as stream:
        process = subprocess.Popen(
            [sys.executable, "-m", "mutu.cli", "demo", "--port", str(port), "--workers", "1"],
            cwd=ROOT,
            env=environment,
            stdout=stream,
            stderr=subprocess.STDOUT,
        )
    try:
        deadline = time.monotonic() + START_SECONDS
        while not _answers(address):
            assert process.poll() is None, log.read_text(errors="replace")[-4000:]
            assert time.monotonic() < deadline, log.read_text(errors="replace")[-4000:]
            time.sleep(0.2)
        yield Server(address, process.pid)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    said = log.read_text(errors="replace")
    assert "Traceback" not in said, said[-4000:]


@pytest.fixture
def arrive(browser: Any, server: Server) -> Iterator[Callable[..., Visit]]:
    """Opens a browser window of its own: `arrive("demo-operator", size=...)`. At the end each is asked for faults."""
    opened: list[Visit] = []

    def open_one(username: str = "", **options: Any) -> Visit:
        opened.append(Visit(browser, server.home, **options))
        if username:
            opened[-1].sign_in(username)
        return opened[-1]

    yield open_one
    for visit in opened:
        visit.context.close()
    for visit in opened:
        visit.assert_clean()


@pytest.fixture(params=["1280x900", "360x740"])
def size(request: pytest.FixtureRequest) -> str:
    """The window: a school laptop and a small telephone."""
    return str(request.param)
