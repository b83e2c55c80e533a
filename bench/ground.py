"""Ground for benchmarks that need a database: a new folder, a new database, a made-up school of a given size."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from mutu.satuan.setup import ensure_database

SUBJECTS = (
    "Pendidikan Agama", "Pendidikan Kewarganegaraan", "Bahasa Indonesia", "Bahasa Inggris", "Matematika",
    "Ilmu Pengetahuan Alam", "Ilmu Pengetahuan Sosial", "Seni Budaya", "Pendidikan Jasmani",
    "Teknologi Informasi dan Komunikasi", "Bahasa Jawa", "Elektronika",
)  # fmt: skip
TOKEN = "k" * 32


@contextmanager
def fresh_database() -> Iterator[None]:
    """An empty SQLite database of the present schema in a folder that goes away afterwards.

    Django reads its settings once, so a process has one such database; `python -m bench` gives each benchmark its own.
    """
    with tempfile.TemporaryDirectory(prefix="mutu-bench-") as folder:
        os.environ["MUTU_DATA"] = folder
        os.environ["MUTU_SECRET_KEY"] = "kunci-hanya-untuk-mengukur"
        for name in ("DATABASE_URL", "MUTU_DEMO"):
            os.environ.pop(name, None)
        ensure_database()
        yield
        from django.db import connections

        connections.close_all()


def school(pupils: int, classes: int, subjects: int) -> Any:
    """The made-up school of the tests, grown to so many classes of so many pupils with so many subjects each."""
    from mutu.rapor.models import Ketidakhadiran, MapelTingkat
    from mutu.satuan import ledger
    from mutu.satuan.models import AnggotaKelas, Kelas, MataPelajaran, Pembelajaran, PesertaDidik
    from tests.contoh import NAMES, sekolah_kecil

    made = sekolah_kecil(pupils=pupils)
    with ledger.record("ukur.sekolah", by=ledger.SYSTEM):
        teacher = made.matematika.guru
        for order, name in enumerate(SUBJECTS[:subjects], start=1):
            MataPelajaran.objects.get_or_create(sekolah=made.sekolah, nama=name, defaults={"urutan": order})
        taught = list(MataPelajaran.objects.filter(sekolah=made.sekolah))
        for mapel in taught:
            MapelTingkat.objects.get_or_create(tahun=made.tahun, mapel=mapel, tingkat=7, defaults={"kkm": 65})
        for number in range(1, classes):
            kelas = Kelas.objects.create(
                tahun=made.tahun, tingkat=7, nama=f"VII-{number + 1}", wali_kelas=made.kelas.wali_kelas
            )
            people = PesertaDidik.objects.bulk_create(
                PesertaDidik(sekolah=made.sekolah, nama=f"{NAMES[n % 12]} Uji {number}-{n}", nis=f"{number:02}{n:03}")
                for n in range(pupils)
            )
            AnggotaKelas.objects.bulk_create(AnggotaKelas(kelas=kelas, peserta=person) for person in people)
        for kelas in Kelas.objects.filter(tahun=made.tahun):
            for mapel in taught:
                Pembelajaran.objects.get_or_create(kelas=kelas, mapel=mapel, defaults={"guru": teacher})
        Ketidakhadiran.objects.bulk_create(
            Ketidakhadiran(anggota=member, semester=made.semester, sakit=member.pk % 3, izin=0, tanpa_keterangan=0)
            for member in AnggotaKelas.objects.filter(kelas__tahun=made.tahun)
        )
    return made


def headers(akun: Any) -> dict[str, str]:
    """Request headers of a signed-in person."""
    from django.conf import settings
    from django.test import Client

    client = Client()
    client.force_login(akun, backend="django.contrib.auth.backends.ModelBackend")
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    return {
        "Content-Type": "application/json",
        "X-CSRFToken": TOKEN,
        "Cookie": f"{settings.SESSION_COOKIE_NAME}={session}; {settings.CSRF_COOKIE_NAME}={TOKEN}",
    }


def p95(seconds: list[float]) -> float:
    """The 95th percentile in milliseconds: the smallest of the times that at least 95 % do not exceed."""
    return sorted(seconds)[-(-len(seconds) * 95 // 100) - 1] * 1000
