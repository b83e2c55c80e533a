"""Saving one cell over the real server, against an empty signed-in request and three bare committed UPDATEs.

The empty request asks the API, signed in, for something that is not there: session, account, roles and one look-up, no
page. The teacher's home page is told beside it, as what a page costs here. The UPDATEs go to a database file in the
same folder with the same journal and `synchronous`, one commit each. All take turns, so a busy moment of the machine
falls on all of them.
"""

import json
import sqlite3
import statistics
import time
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from bench.ground import fresh_database, headers, p95, school

PUPILS = 40
WARM, TURNS = 20, 300


def _bare(folder: Path, journal: str) -> sqlite3.Connection:
    connection = sqlite3.connect(folder / "polos.sqlite3", isolation_level=None)
    connection.execute(f"PRAGMA journal_mode={journal}")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE nilai (id INTEGER PRIMARY KEY, nilai TEXT, versi INTEGER)")
    connection.execute("BEGIN")
    connection.executemany("INSERT INTO nilai VALUES (?, '70', 1)", [(n,) for n in range(500)])
    connection.execute("COMMIT")
    return connection


def run() -> dict[str, Any]:
    """The 95th percentiles and medians in milliseconds."""
    with fresh_database():
        from django.db import connection

        from tests.crash.victims import HOST, Server

        made = school(PUPILS, 1, 2)
        own = headers(made.akun["guru"])
        with connection.cursor() as cursor:
            journal = cursor.execute("PRAGMA journal_mode").fetchone()[0]
        bare = _bare(Path(connection.settings_dict["NAME"]).parent, journal)
        server = Server()
        times: dict[str, list[float]] = {"simpan": [], "halaman": [], "hampa": [], "update": []}
        versions = dict.fromkeys([member.pk for member in made.anggota], 0)
        pupils = list(versions)
        save_at = f"/api/v1/rapor/pembelajaran/{made.matematika.pk}/1/nilai"
        try:
            server.wait_ready()
            line = HTTPConnection(HOST, server.port, timeout=30)

            def ask(method: str, path: str, body: str | None, status: int) -> bytes:
                line.request(method, path, body, own)
                response = line.getresponse()
                content = response.read()
                if response.status != status:
                    raise RuntimeError(f"{path} answered {response.status}: {content[:200]!r}")
                return content

            for turn in range(WARM + TURNS):
                pupil = pupils[turn % PUPILS]
                cell = {
                    "penilaian": made.uh[0].pk,
                    "anggota": pupil,
                    "nilai": str(50 + turn % 50),
                    "versi": versions[pupil],
                }
                body = json.dumps({"kunci": f"ukur-{turn:06}", "sel": [cell]})
                moments = [time.perf_counter()]
                answer = ask("POST", save_at, body, 200)
                moments.append(time.perf_counter())
                ask("GET", "/", None, 200)
                moments.append(time.perf_counter())
                ask("GET", "/api/v1/rapor/nilai/0", None, 404)
                moments.append(time.perf_counter())
                for _ in range(3):
                    bare.execute("UPDATE nilai SET nilai = ?, versi = versi + 1 WHERE id = ?", (str(turn), turn))
                moments.append(time.perf_counter())
                (saved,) = json.loads(answer)["sel"]
                if saved["status"] != "tersimpan":
                    raise RuntimeError(f"not saved: {saved}")
                versions[pupil] = saved["versi"]
                if turn >= WARM:
                    for name, start, end in zip(times, moments, moments[1:], strict=False):
                        times[name].append(end - start)
            line.close()
        finally:
            server.end()
            bare.close()
    return {
        "jurnal": journal,
        "p95_ms": {name: round(p95(found), 1) for name, found in times.items()},
        "p50_ms": {name: round(statistics.median(found) * 1000, 1) for name, found in times.items()},
    }


if __name__ == "__main__":
    print(json.dumps(run(), indent=1))
