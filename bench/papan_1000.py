"""The school's readiness board: 1,000 pupils in 25 classes with 12 subjects, over the real server, and its queries."""

import json
import statistics
import time
from http.client import HTTPConnection
from typing import Any

from bench.ground import fresh_database, headers, p95, school
from bench.kartu import fill

PUPILS, CLASSES, SUBJECTS = 40, 25, 12
WARM, REQUESTS = 5, 60


def rapor_week(made: Any) -> None:
    """A school before the day: marks under the KKM without remedial, results that lack something, absences to come."""
    from mutu.rapor.models import Ketidakhadiran, NilaiRapor
    from mutu.satuan import ledger

    with ledger.record("ukur.minggu_rapor", by=ledger.SYSTEM):
        rows = NilaiRapor.objects.filter(semester=made.semester).order_by("pk")
        ids = list(rows.values_list("pk", flat=True))
        rows.filter(pk__in=ids[::6]).update(nilai=58)
        rows.filter(pk__in=ids[1::20]).update(nilai=None, kurang=["UTS"])
        rows.filter(pk__in=ids[2::40]).delete()
        absences = Ketidakhadiran.objects.order_by("pk").values_list("pk", flat=True)
        Ketidakhadiran.objects.filter(pk__in=list(absences)[::9]).update(izin=None)


def run() -> dict[str, Any]:
    """Milliseconds until the last byte of the page, and the queries it asks."""
    with fresh_database():
        from django.db import connection
        from django.test import Client
        from django.test.utils import CaptureQueriesContext

        from mutu.rapor.services import kesiapan
        from tests.crash.victims import HOST, Server

        made = school(PUPILS, CLASSES, SUBJECTS)
        fill(made)
        rapor_week(made)
        address = f"/rapor/semester/{made.semester.pk}/kesiapan/"
        client = Client()
        client.force_login(made.akun["kepala"], backend="django.contrib.auth.backends.ModelBackend")
        client.get(address, headers={"host": HOST})
        with CaptureQueriesContext(connection) as queries:
            client.get(address, headers={"host": HOST})
        board = kesiapan.school_board(made.semester)
        pupils, gaps = sum(one.jumlah for one in board), sum(len(hal.nama) for one in board for hal in one.hal)
        if pupils != PUPILS * CLASSES or gaps < pupils:
            raise RuntimeError(f"the board holds {pupils} pupils and {gaps} gaps")
        started = time.perf_counter()
        kesiapan.class_board(made.kelas, made.semester)
        one_class = time.perf_counter() - started
        own = headers(made.akun["kepala"])
        server = Server()
        times = []
        try:
            server.wait_ready()
            line = HTTPConnection(HOST, server.port, timeout=30)
            for number in range(WARM + REQUESTS):
                start = time.perf_counter()
                line.request("GET", address, headers=own)
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
        "peserta": pupils,
        "hal": gaps,
        "p50_ms": round(statistics.median(times) * 1000, 1),
        "p95_ms": round(p95(times), 1),
        "kueri": len(queries),
        "satu_kelas_ms": round(one_class * 1000, 1),
        "halaman_kb": round(len(content) / 1024),
    }


if __name__ == "__main__":
    print(json.dumps(run(), indent=1))
