from pathlib import Path

from mutu.analytics.engine import open_duckdb


def test_a_file_keeps_its_tables_and_memory_is_separate(tmp_path: Path) -> None:
    berkas = tmp_path / "fakta.duckdb"
    mesin = open_duckdb(berkas)
    mesin.raw_sql("CREATE TABLE n AS SELECT 7 AS nilai")
    mesin.disconnect()
    lagi = open_duckdb(berkas)
    assert lagi.table("n").nilai.sum().execute() == 7
    lagi.disconnect()
    memori = open_duckdb()
    assert memori.list_tables() == []
    memori.disconnect()


def test_limits_reach_the_engine_and_nothing_is_fetched() -> None:
    mesin = open_duckdb(threads=1, memory_mb=256)
    baca = "SELECT current_setting('threads'), current_setting('memory_limit'), current_setting('{}')"
    benang, memori, unduh = mesin.raw_sql(baca.format("autoinstall_known_extensions")).fetchone()
    assert (benang, unduh) == (1, False)
    assert mesin.raw_sql("SELECT current_setting('enable_progress_bar')").fetchone() == (False,)
    assert memori.startswith("244")  # 256 MB as DuckDB prints it, in MiB
    mesin.disconnect()
