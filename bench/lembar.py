"""Forty and five hundred cards on one HTML page, from the request to the last byte, signing in included.

The peer's figures stand in the table as quoted.
"""

import json
import statistics
import time
from typing import Any

from bench.ground import fresh_database, school
from bench.kartu import fill

SIZES = (40, 500)
SUBJECTS = 12
ROUNDS = 9


def run() -> dict[str, Any]:
    """Seconds (medians) and queries for a page of each size; and the cards counted in the page."""
    with fresh_database():
        from django.conf import settings
        from django.db import connection
        from django.test import Client
        from django.test.utils import CaptureQueriesContext

        settings.ALLOWED_HOSTS = ["testserver"]
        made = school(SIZES[0], 1, SUBJECTS)
        large = _class_of(made, SIZES[1])
        fill(made)
        client = Client()
        client.force_login(made.akun["wali"], backend="django.contrib.auth.backends.ModelBackend")
        figures: dict[str, Any] = {"detik": {}, "kueri": {}, "kartu": {}, "kb": {}}
        for size, kelas in zip(SIZES, (made.kelas.pk, large), strict=True):
            address = f"/rapor/kelas/{kelas}/1/lembar/"
            client.get(address)
            seconds = []
            for _ in range(ROUNDS):
                start = time.perf_counter()
                page = client.get(address).content
                seconds.append(time.perf_counter() - start)
            with CaptureQueriesContext(connection) as queries:
                client.get(address)
            figures["detik"][str(size)] = round(statistics.median(seconds), 4)
            figures["kueri"][str(size)] = len(queries)
            figures["kartu"][str(size)] = page.count(b'<article class="sheet"')
            figures["kb"][str(size)] = len(page) >> 10
    return figures


def _class_of(made: Any, pupils: int) -> int:
    """Another class of the same teacher with so many pupils; its id."""
    from mutu.rapor.models import Ketidakhadiran
    from mutu.satuan import ledger
    from mutu.satuan.models import AnggotaKelas, Kelas, MataPelajaran, Pembelajaran, PesertaDidik
    from tests.contoh import NAMES

    with ledger.record("ukur.kelas_besar", by=ledger.SYSTEM):
        kelas = Kelas.objects.create(tahun=made.tahun, tingkat=7, nama="VII-X", wali_kelas=made.kelas.wali_kelas)
        people = PesertaDidik.objects.bulk_create(
            PesertaDidik(sekolah=made.sekolah, nama=f"{NAMES[n % 12]} Uji X{n}", nis=f"9{n:04}") for n in range(pupils)
        )
        members = AnggotaKelas.objects.bulk_create(AnggotaKelas(kelas=kelas, peserta=person) for person in people)
        for mapel in MataPelajaran.objects.filter(sekolah=made.sekolah):
            Pembelajaran.objects.create(kelas=kelas, mapel=mapel)
        Ketidakhadiran.objects.bulk_create(
            Ketidakhadiran(anggota=member, semester=made.semester, sakit=1, izin=0, tanpa_keterangan=0)
            for member in members
        )
    return int(kelas.pk)


if __name__ == "__main__":
    print(json.dumps(run(), indent=1))
