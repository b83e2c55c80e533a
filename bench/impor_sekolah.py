"""Import of the ministry's list through the service, against a bare `executemany` of the same rows.

"Bare" puts the rows that the import stored into a table of the same definition (columns, constraints, indexes) in a
database of its own, by one `executemany` in one transaction, with the same journal and `synchronous`. Told beside it is
the ratio to a table that checks nothing and has no key. Each round has a process and a database of its own, so that
peak memory belongs to it alone.
"""

import csv
import gzip
import json
import resource
import sqlite3
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from bench.ground import fresh_database

LIST = Path(__file__).resolve().parents[2] / "shared" / "data" / "sekolah_2019.csv.gz"
ROUNDS = 3


def _bare(source: Path, columns: tuple[str, ...], table: str) -> float:
    """Seconds of the bare insert, commit included."""
    with sqlite3.connect(source) as stored:
        definitions = [
            sql
            for (sql,) in stored.execute(
                "SELECT sql FROM sqlite_master WHERE tbl_name = ? AND type IN ('table', 'index') AND sql IS NOT NULL"
                " ORDER BY type = 'index'",
                [table],
            )
        ]
        rows = stored.execute(f"SELECT {', '.join(columns)} FROM {table}").fetchall()
        journal = stored.execute("PRAGMA journal_mode").fetchone()[0]
    stored.close()
    bare = sqlite3.connect(source.with_name("polos.sqlite3"))
    # A journal mode of TRUNCATE belongs to the connection and not to the file, so it is not read from there.
    bare.execute(f"PRAGMA journal_mode={'WAL' if journal == 'wal' else 'TRUNCATE'}")
    bare.execute("PRAGMA synchronous=FULL")
    for definition in definitions:
        bare.execute(definition)
    bare.commit()
    start = time.perf_counter()
    marks = ", ".join("?" * len(columns))
    bare.executemany(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})", rows)
    bare.commit()
    seconds = time.perf_counter() - start
    bare.close()
    return seconds


def _naked(source: Path) -> float:
    """Seconds of the file's own rows, thirteen texts each, into a table without key, constraint or index."""
    with gzip.open(LIST, "rt", encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))[1:]
    bare = sqlite3.connect(source.with_name("telanjang.sqlite3"))
    bare.execute("PRAGMA journal_mode=TRUNCATE")
    bare.execute("PRAGMA synchronous=FULL")
    width = len(rows[0])
    bare.execute(f"CREATE TABLE sekolah ({', '.join(f'k{at} TEXT' for at in range(width))})")
    start = time.perf_counter()
    bare.executemany(f"INSERT INTO sekolah VALUES ({', '.join('?' * width)})", rows)
    bare.commit()
    seconds = time.perf_counter() - start
    bare.close()
    return seconds


def _round() -> dict[str, Any]:
    with fresh_database():
        from django.db import connection

        from mutu.satuan import ledger
        from mutu.satuan.services.imports import SCHOOLS, import_file
        from mutu.satuan.services.school_list import SCHOOL_COLUMNS, SCHOOL_TABLE

        start = time.perf_counter()
        outcome = import_file(jenis=SCHOOLS, path=LIST, by=ledger.SYSTEM)
        whole = time.perf_counter() - start
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
        counts = outcome.plan.counts
        path = Path(connection.settings_dict["NAME"])
        connection.close()
        del outcome
        bare = _bare(path, SCHOOL_COLUMNS, SCHOOL_TABLE)
        return {"hasil": counts, "impor": whole, "polos": bare, "telanjang": _naked(path), "memori": memory}


def run() -> dict[str, Any]:
    """Seconds and ratio (medians of three rounds) and peak memory in MB; ``{"dilewati": why}`` without the list."""
    if not LIST.exists():
        return {"dilewati": "daftar sekolah 2019 tidak ada di ../shared/data"}
    rounds = []
    for _ in range(ROUNDS):
        done = subprocess.run(
            [sys.executable, "-c", "import json; from bench import impor_sekolah as i; print(json.dumps(i._round()))"],
            check=True,
            capture_output=True,
            text=True,
        )
        rounds.append(json.loads(done.stdout))
    return {
        "hasil": rounds[0]["hasil"],
        "impor_detik": round(statistics.median(one["impor"] for one in rounds), 2),
        "sisip_polos_detik": round(statistics.median(one["polos"] for one in rounds), 2),
        "rasio_tanpa_kunci": round(statistics.median(one["impor"] / one["telanjang"] for one in rounds), 2),
        "rasio": round(statistics.median(one["impor"] / one["polos"] for one in rounds), 2),
        "memori_mb": max(one["memori"] for one in rounds),
    }


if __name__ == "__main__":
    print(json.dumps(run(), indent=1))
