"""Final marks of a large district through the Ibis expression: 9.6 million marks, checked against the rules."""

import statistics
import time
from fractions import Fraction
from typing import Any

from mutu.analytics.engine import open_duckdb
from mutu.rapor import metrics, rules

PESERTA, MAPEL, ULANGAN = 100_000, 12, 8
SAMPEL = 10_000
PUTARAN = 5

_ISI = """
CREATE TABLE nilai AS
SELECT CAST(p AS BIGINT) AS peserta, CAST(m AS INTEGER) AS mapel,
       CAST(CASE WHEN k <= 6 THEN 1 WHEN k = 7 THEN 2 ELSE 3 END AS TINYINT) AS jenis,
       CASE WHEN hash(p, m, k, 7) % 500 = 0 THEN NULL ELSE CAST(hash(p, m, k) % 10001 AS INTEGER) END AS nilai
FROM range({peserta}) AS a(p), range({mapel}) AS b(m), range(1, {ulangan} + 1) AS c(k)
"""


def run(peserta: int = PESERTA, sampel: int = SAMPEL, putaran: int = PUTARAN) -> dict[str, Any]:
    """Time the expression beside a plain GROUP BY in turn, in one run; compare a sample value by value.

    Returns the number of marks, both times in seconds, the median ratio, and the sample with its differences.
    One mark in 500 is missing, so that incomplete pupils are compared too.
    """
    aturan = rules.aturan_dengan_id("ktsp-2007")
    bobot = rules.Bobot("rasio", Fraction(2), Fraction(1), Fraction(1))
    mesin = open_duckdb()
    try:
        mesin.raw_sql(_ISI.format(peserta=peserta, mapel=MAPEL, ulangan=ULANGAN))
        tabel = mesin.table("nilai")
        polos = tabel.group_by("peserta", "mapel").aggregate(rata=tabel.nilai.mean())
        akhir = metrics.nilai_akhir(tabel, bobot, aturan)
        waktu: dict[str, list[float]] = {"polos": [], "akhir": []}
        for _ in range(putaran):
            for nama, ungkapan in (("polos", polos), ("akhir", akhir)):
                mulai = time.perf_counter()
                mesin.create_table(nama, ungkapan, overwrite=True)
                waktu[nama].append(time.perf_counter() - mulai)
        beda = _bandingkan(mesin, tabel, bobot, aturan, sampel)
    finally:
        mesin.disconnect()
    return {
        "nilai": peserta * MAPEL * ULANGAN,
        "detik_polos": round(statistics.median(waktu["polos"]), 3),
        "detik_akhir": round(statistics.median(waktu["akhir"]), 3),
        "rasio": round(statistics.median(b / a for a, b in zip(waktu["polos"], waktu["akhir"], strict=True)), 2),
        "batas": 3,
        "sampel": sampel,
        "beda": beda,
    }


def _bandingkan(mesin: Any, tabel: Any, bobot: rules.Bobot, aturan: rules.AturanRapor, sampel: int) -> int:
    """How many of the sampled pupils and subjects differ between the table `akhir` and rules.py."""
    pilih = f"SELECT peserta, mapel, nilai FROM akhir ORDER BY hash(peserta, mapel) LIMIT {sampel}"
    ditemukan = {(p, m): nilai for p, m, nilai in mesin.raw_sql(pilih).fetchall()}
    rinci = f"SELECT n.peserta, n.mapel, n.jenis, n.nilai FROM nilai n JOIN ({pilih}) s USING (peserta, mapel)"
    ulangan: dict[tuple[int, int], dict[int, list[Fraction | None]]] = {}
    for p, m, jenis, nilai in mesin.raw_sql(rinci).fetchall():
        milik = ulangan.setdefault((p, m), {1: [], 2: [], 3: []})
        milik[jenis].append(None if nilai is None else Fraction(nilai, metrics.SERATUS))
    if len(ditemukan) != sampel or ulangan.keys() != ditemukan.keys():
        raise RuntimeError("the sample is not complete")
    return sum(
        rules.nilai_rapor(
            uh=milik[1], uts=milik[2], uas=milik[3], bobot=bobot, kkm=None, pembulatan=None, aturan=aturan
        ).nilai
        != ditemukan[kunci]
        for kunci, milik in ulangan.items()
    )
