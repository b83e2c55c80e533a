"""The mark grid of 40 pupils and 12 columns, over the real server, and how many queries it asks."""

import json
import statistics
import time
from http.client import HTTPConnection
from typing import Any

from bench.ground import fresh_database, headers, p95, school

PUPILS, COLUMNS = 40, 12
WARM, REQUESTS = 20, 200


def fill(made: Any, count: int = COLUMNS) -> None:
    """So many columns in one lesson (UTS, UAS, the rest UH), every cell with a mark, and the results that follow."""
    from mutu.rapor.models import Nilai, Penilaian
    from mutu.rapor.services.marks import Cell, save_marks
    from mutu.satuan import ledger

    columns = list(Penilaian.objects.filter(pembelajaran=made.matematika))
    with ledger.record("ukur.kolom", by=ledger.SYSTEM):
        columns += [
            Penilaian.objects.create(
                pembelajaran=made.matematika, semester=made.semester, jenis="uh", nomor=number, sk=made.sk[number % 3]
            )
            for number in range(4, 4 + count - len(columns))
        ]
    cells = [
        Cell(column.pk, member.pk, str(50 + (column.pk * 7 + member.pk * 3) % 50), 0)
        for column in columns
        for member in made.anggota
    ]
    saved = save_marks(pembelajaran=made.matematika, semester=made.semester, cells=cells, by=made.akun["guru"])
    if not saved.all_saved or Nilai.objects.count() != len(made.anggota) * count:
        raise RuntimeError("the grid is not filled")


def address(made: Any) -> str:
    return f"/rapor/pembelajaran/{made.matematika.pk}/1/"


def run() -> dict[str, Any]:
    """Milliseconds until the last byte, seen by one client on the same machine (so a little more than server time)."""
    with fresh_database():
        from django.db import connection
        from django.test import Client
        from django.test.utils import CaptureQueriesContext

        from tests.crash.victims import HOST, Server

        made = school(PUPILS, 1, 2)
        fill(made)
        client = Client()
        client.force_login(made.akun["guru"], backend="django.contrib.auth.backends.ModelBackend")
        client.get(address(made), headers={"host": HOST})
        with CaptureQueriesContext(connection) as queries:
            page = client.get(address(made), headers={"host": HOST})
        if page.status_code != 200 or page.content.count(b'name="n-') != PUPILS * COLUMNS:
            raise RuntimeError("the page does not hold the whole grid")
        own = headers(made.akun["guru"])
        server = Server()
        times = []
        try:
            server.wait_ready()
            line = HTTPConnection(HOST, server.port, timeout=30)
            for number in range(WARM + REQUESTS):
                start = time.perf_counter()
                line.request("GET", address(made), headers=own)
                response = line.getresponse()
                content = response.read()
                if response.status != 200:
                    raise RuntimeError(f"the server answered {response.status}")
                if number >= WARM:
                    times.append(time.perf_counter() - start)
            line.close()
        finally:
            server.end()
    return {
        "p50_ms": round(statistics.median(times) * 1000, 1),
        "p95_ms": round(p95(times), 1),
        "kueri": len(queries),
        "halaman_kb": round(len(content) / 1024),
    }


if __name__ == "__main__":
    print(json.dumps(run(), indent=1))
