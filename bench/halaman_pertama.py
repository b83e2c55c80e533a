"""From `mutu demo` on an empty folder to the first page: what `make run` does once the packages are there."""

import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

HOST = "127.0.0.1"
ROUNDS = 3
PATIENCE = 120


def _page(port: int) -> int:
    """The status of the home page after its redirect to the sign-in page; 0 while nobody answers."""
    line = HTTPConnection(HOST, port, timeout=10)
    try:
        path = "/"
        for _ in range(3):
            line.request("GET", path)
            response = line.getresponse()
            response.read()
            if response.status not in (301, 302):
                return response.status
            path = urlsplit(response.headers["Location"]).path
        return response.status
    except OSError:
        return 0
    finally:
        line.close()


def _once() -> float:
    with socket.socket() as free:
        free.bind((HOST, 0))
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory(prefix="mutu-bench-") as folder, tempfile.TemporaryFile() as output:
        environment = os.environ | {"MUTU_DATA": folder}
        environment.pop("DATABASE_URL", None)
        start = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, "-m", "mutu.cli", "demo", "--port", str(port)],
            env=environment,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
        try:
            while _page(port) != 200:
                if process.poll() is not None or time.perf_counter() - start > PATIENCE:
                    output.seek(0)
                    raise RuntimeError(f"no page: {output.read().decode()[-2000:]}")
                time.sleep(0.05)
            return time.perf_counter() - start
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def run() -> dict[str, Any]:
    """Seconds, each round with an empty data folder."""
    seconds = [_once() for _ in range(ROUNDS)]
    return {"detik": round(statistics.median(seconds), 1), "paling_lama_detik": round(max(seconds), 1)}


if __name__ == "__main__":
    print(json.dumps(run(), indent=1))
