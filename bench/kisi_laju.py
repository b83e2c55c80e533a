"""How many mark grids a second, 40 pupils and 6 filled columns, two web workers as `mutu run` starts them.

A process of its own asks as browsers do: several open connections with one request at a time each, signed in by a
cookie, gzip asked for (pages come packed, and only the first is unpacked, to look at it). Server and asker share the
machine's cores. Connections fall to the workers by chance, so every round opens new ones, and the middle round counts.
The peer's figure stands in the table as quoted.
"""

import gzip
import json
import statistics
import subprocess
import sys
import threading
import time
from http.client import HTTPConnection
from typing import Any

from bench.ground import fresh_database, headers, p95, school
from bench.kisi import address, fill

PUPILS, COLUMNS = 40, 6
WORKERS, CONNECTIONS = 2, 4
ROUNDS, SECONDS, WARM_SECONDS = 5, 4.0, 1.5


def run() -> dict[str, Any]:
    """Requests a second (middle round), the 95th percentile over all rounds in milliseconds, queries of one request."""
    with fresh_database():
        from django.db import connection
        from django.test import Client
        from django.test.utils import CaptureQueriesContext

        from tests.crash.victims import HOST, Server

        made = school(PUPILS, 1, 2)
        fill(made, COLUMNS)
        client = Client()
        client.force_login(made.akun["guru"], backend="django.contrib.auth.backends.ModelBackend")
        client.get(address(made), headers={"host": HOST})
        with CaptureQueriesContext(connection) as queries:
            client.get(address(made), headers={"host": HOST})
        server = Server(workers=WORKERS)
        try:
            server.wait_ready()
            task = {
                "host": HOST,
                "port": server.port,
                "path": address(made),
                "headers": headers(made.akun["guru"]) | {"Accept-Encoding": "gzip"},
            }
            asker = subprocess.run(
                [sys.executable, "-m", "bench.kisi_laju", "tanya"],
                input=json.dumps(task), stdout=subprocess.PIPE, text=True, check=True,
            )  # fmt: skip
        finally:
            server.end()
    return {**json.loads(asker.stdout), "sambungan": CONNECTIONS, "kueri": len(queries)}


def ask(task: dict[str, Any]) -> dict[str, Any]:
    """Ask for the page in several rounds. Raises RuntimeError when an answer is not the whole grid."""
    packed = _get(HTTPConnection(task["host"], task["port"], timeout=30), task)
    page = gzip.decompress(packed)
    if page.count(b'name="n-') != PUPILS * COLUMNS:
        raise RuntimeError("the page does not hold the whole grid")
    _round(task, WARM_SECONDS)
    times: list[float] = []
    rates = []
    for _ in range(ROUNDS):
        found = _round(task, SECONDS)
        times += found
        rates.append(len(found) / SECONDS)
    return {
        "per_detik": round(statistics.median(rates), 1),
        "putaran": [round(rate) for rate in rates],
        "p95_ms": round(p95(times), 1),
        "halaman_kb": round(len(page) / 1024),
        "kawat_kb": round(len(packed) / 1024, 1),
    }


def _get(line: HTTPConnection, task: dict[str, Any]) -> bytes:
    line.request("GET", task["path"], headers=task["headers"])
    response = line.getresponse()
    content = response.read()
    if response.status != 200 or response.headers["Content-Encoding"] != "gzip":
        raise RuntimeError(f"the server answered {response.status}, {response.headers['Content-Encoding']}")
    return content


def _round(task: dict[str, Any], seconds: float) -> list[float]:
    """The times of all requests that were answered within so many seconds. Raises RuntimeError when one failed."""
    done: list[list[float]] = []
    until = time.perf_counter() + seconds

    def visit() -> None:
        line = HTTPConnection(task["host"], task["port"], timeout=30)
        times = []
        while (start := time.perf_counter()) < until:
            _get(line, task)
            end = time.perf_counter()
            if end <= until:
                times.append(end - start)
        line.close()
        done.append(times)

    visitors = [threading.Thread(target=visit) for _ in range(CONNECTIONS)]
    for one in visitors:
        one.start()
    for one in visitors:
        one.join()
    if len(done) < CONNECTIONS:
        raise RuntimeError("a request failed")
    return [one for times in done for one in times]


if __name__ == "__main__":
    print(json.dumps(ask(json.load(sys.stdin)) if "tanya" in sys.argv else run(), indent=1))
