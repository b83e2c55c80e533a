"""How fast the import engine reads, checks and plans the ministry's list of schools, against a bare SQLite insert.

"Bare" is one `executemany` of prepared tuples into a plain table of the same columns, in one transaction on disk with
``synchronous=FULL``. "Whole" reads, checks, plans, and inserts the planned records the same way.
"""

import json
import sqlite3
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

LIST = Path(__file__).resolve().parents[2] / "shared" / "data" / "sekolah_2019.csv.gz"
ROUNDS = 5


def _insert(folder: str, name: str, columns: list[str], records: list[Any]) -> float:
    """Seconds for one committed `executemany` into a new database."""
    with sqlite3.connect(Path(folder) / name) as connection:
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute(f"CREATE TABLE sekolah ({', '.join(columns)})")
        connection.commit()
        marks = ", ".join("?" * len(columns))
        start = time.perf_counter()
        connection.executemany(f"INSERT INTO sekolah VALUES ({marks})", records)
        connection.commit()
        seconds = time.perf_counter() - start
    connection.close()
    return seconds


def run() -> dict[str, Any]:
    """Seconds (median of five rounds) and the ratio whole to bare; ``{"dilewati": why}`` where the list is absent."""
    if not LIST.exists():
        return {"dilewati": "daftar sekolah 2019 tidak ada di ../shared/data"}
    from mutu.imports.plan import make_plan, parse
    from mutu.satuan.sheets import SEKOLAH

    columns = [column.name for column in SEKOLAH.columns]
    parsing, planning, bare, ratios = [], [], [], []
    counts: dict[str, int] = {}
    with tempfile.TemporaryDirectory() as folder:
        for turn in range(ROUNDS):
            start = time.perf_counter()
            parsed = parse(LIST, SEKOLAH)
            read = time.perf_counter()
            plan = make_plan(parsed, {})
            planned = time.perf_counter()
            prepared = [record for _, record in plan.new]
            counts = plan.counts
            written = _insert(folder, f"{turn}.sqlite3", columns, prepared)
            alone = _insert(folder, f"{turn}-bare.sqlite3", columns, prepared)
            parsing.append(read - start)
            planning.append(planned - read)
            bare.append(alone)
            ratios.append((planned - start + written) / alone)
            del parsed, plan, prepared
    return {
        "baris": sum(counts[outcome] for outcome in ("baru", "berubah", "sama", "ditolak")),
        "hasil": counts,
        "baca_dan_periksa_detik": round(statistics.median(parsing), 3),
        "rencana_detik": round(statistics.median(planning), 3),
        "sisip_polos_detik": round(statistics.median(bare), 3),
        "rasio": round(statistics.median(ratios), 2),
        "sasaran_rasio": 5,
    }


if __name__ == "__main__":
    print(json.dumps(run(), indent=1))
