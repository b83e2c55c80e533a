"""What `mutu doctor` looks at: is this installation able to keep what it acknowledges?"""

from __future__ import annotations

import os
import shutil
import sqlite3
import sys
from collections.abc import Iterator
from dataclasses import dataclass

from django.conf import settings
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from mutu.satuan import ledger
from mutu.satuan.models import Pekerjaan
from mutu.satuan.setup import sqlite_wal_is_safe

LEAST_FREE_BYTES = 500 * 1024 * 1024


@dataclass(frozen=True)
class Finding:
    """One check: whether it is well, what was seen, and what to do about it."""

    well: bool
    what: str
    cure: str = ""


def findings() -> Iterator[Finding]:
    """Run every check, in the order in which a person should mend things."""
    version = ".".join(str(part) for part in sys.version_info[:3])
    yield Finding(sys.version_info >= (3, 11), f"Python {version}", "Pasang Python 3.11 atau lebih baru.")
    yield from _folder()
    yield from _database()
    executor = MigrationExecutor(connection)
    waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    yield Finding(
        not waiting, f"{len(waiting)} perubahan skema menunggu", "Jalankan `mutu run`; skema diperbarui sendiri."
    )
    if waiting:
        return
    missing = ledger.missing_triggers()
    yield Finding(
        not missing,
        f"Pencatat perubahan terpasang{'' if not missing else ', kecuali ' + ', '.join(missing)}",
        "Jalankan `python manage.py migrate`; pencatat dipasang ulang.",
    )
    ledger.seal()
    verdict = ledger.verify()
    yield Finding(
        verdict.first_bad is None,
        f"Buku perubahan: {verdict.checked} baris utuh, kepala {verdict.head[:16] or '-'}"
        if verdict.first_bad is None
        else f"Buku perubahan rusak pada baris {verdict.first_bad}: {verdict.reason}",
        "Bandingkan dengan cadangan terakhir dan cari tahu siapa yang membuka basis data secara langsung.",
    )
    stuck = Pekerjaan.objects.filter(status=Pekerjaan.Status.JALAN, sewa_sampai__lt=timezone.now()).count()
    yield Finding(
        not stuck, f"{stuck} pekerjaan macet", "Jalankan `mutu run`; pekerjaan macet diambil lagi dalam semenit."
    )


def _folder() -> Iterator[Finding]:
    folder = settings.DATA_DIR
    yield Finding(
        os.access(folder, os.W_OK),
        f"Folder data {folder} dapat ditulis",
        "Beri hak tulis, atau pilih folder lain: MUTU_DATA.",
    )
    free = shutil.disk_usage(folder).free
    yield Finding(
        free >= LEAST_FREE_BYTES, f"Ruang kosong {free // 1024**2} MB", "Kosongkan cakram; sisakan sedikitnya 500 MB."
    )


def _database() -> Iterator[Finding]:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SHOW server_version")
            version = cursor.fetchone()[0]
            cursor.execute("SHOW synchronous_commit")
            durable = cursor.fetchone()[0]
            yield Finding(True, f"PostgreSQL {version}")
            yield Finding(
                durable not in ("off", "local"),
                f"synchronous_commit = {durable}",
                "Setel synchronous_commit = on di server.",
            )
            return
        cursor.execute("PRAGMA journal_mode")
        journal = cursor.fetchone()[0]
        cursor.execute("PRAGMA synchronous")
        level = cursor.fetchone()[0]
        cursor.execute("PRAGMA foreign_keys")
        keys = cursor.fetchone()[0]
        cursor.execute("PRAGMA quick_check")
        check = cursor.fetchone()[0]
    safe = journal != "wal" or sqlite_wal_is_safe(sqlite3.sqlite_version_info)
    yield Finding(
        safe, f"SQLite {sqlite3.sqlite_version}, jurnal {journal}", "WAL hanya aman pada SQLite 3.51.3 ke atas."
    )
    yield Finding(
        level >= 2, f"synchronous = {level} (2 = FULL)", "Setelan koneksi berubah; jangan memakai NORMAL atau OFF."
    )
    yield Finding(keys == 1, "Kunci tamu diperiksa", "Setelan koneksi berubah; nyalakan foreign_keys.")
    yield Finding(check == "ok", f"Pemeriksaan isi basis data: {check}", "Pulihkan dari cadangan terakhir.")
