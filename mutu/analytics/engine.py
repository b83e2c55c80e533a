"""Opens the analytic engine: DuckDB behind Ibis, so that an expression written once also runs on Spark.

Ibis and DuckDB belong to the extra `analitik` and are imported when an engine is opened, not before.
"""

from pathlib import Path
from typing import Any


def open_duckdb(berkas: Path | None = None, *, threads: int | None = None, memory_mb: int | None = None) -> Any:
    """An Ibis connection to a DuckDB file, or to memory when `berkas` is None. The caller disconnects it.

    `threads` and `memory_mb` limit what it takes from the machine; DuckDB spills to disk beyond the memory.
    Nothing is fetched from outside: extensions are neither installed nor loaded by themselves.
    Raises ModuleNotFoundError when the extra `analitik` is not installed.
    """
    import ibis

    pilihan: dict[str, Any] = {"autoinstall_known_extensions": False, "autoload_known_extensions": False}
    if threads is not None:
        pilihan["threads"] = threads
    if memory_mb is not None:
        pilihan["memory_limit"] = f"{memory_mb}MB"
    mesin = ibis.duckdb.connect(":memory:" if berkas is None else str(berkas), **pilihan)
    # A long query would otherwise draw a progress bar into standard output, amid the JSON of a command.
    mesin.raw_sql("SET enable_progress_bar = false")
    return mesin
