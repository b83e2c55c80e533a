"""The recap of PK GURU as one Ibis expression over the same parameters as `rules`, for a district's scores at once.

`rules` is the reference; a sample of teachers runs through both. Everything is integer arithmetic: percentages are
compared as products, so that no engine's way of dividing or rounding takes part.
"""

from functools import reduce
from itertools import pairwise
from typing import Any

from mutu.kinerja.rules import AturanKinerja, Celah, Instrumen, PersenNol, pilihan_celah, pilihan_nol

# Columns of the published scores: teacher, number of the competency, score of one indicator (null while not given).
# One row per indicator; the table they come from holds that to be so.
KOLOM_SKOR = {"guru": "int64", "kompetensi": "int8", "skor": "int8"}
SERATUS = 100


def rekap(
    tabel_skor: Any,
    instrumen: Instrumen,
    aturan: AturanKinerja,
    *,
    celah: Celah | None = None,
    nol: PersenNol | None = None,
) -> Any:
    """The recap by teacher: columns guru, total, maksimum, persen (credit percentage), di_celah.

    `tabel_skor` is an Ibis table with KOLOM_SKOR, all of one instrument scored by indicators. The mark on the scale
    of 100 is exactly total x 100 / maksimum. `total` is null where a score is missing or a competency has another
    number of scores than the instrument, and where all scores of one are 0 under the policy `tolak`; `persen` also
    where the mark is in a gap under `tolak`. Raises ValueError for an instrument scored by criteria, and when the
    rule set rounds the mark. Source: as `rules.rekap`, F.c.1.
    """
    if instrumen.jenis != "indikator":
        raise ValueError("means of criteria are fractions; they are computed by rules.rekap")
    if aturan.isi("pembulatan_nilai") != "tidak" or aturan.isi("pembulatan_celah") != "tengah":
        raise ValueError("a rounded mark is computed by rules.rekap")
    kebijakan, bila_nol = pilihan_celah(celah, aturan), pilihan_nol(nol, aturan)
    jumlah = tabel_skor.group_by("guru", "kompetensi").aggregate(
        jumlah=tabel_skor.skor.sum().cast("int64"), ada=tabel_skor.skor.count(), baris=tabel_skor.count()
    )
    per_kompetensi = jumlah.select("guru", nilai=_nilai_kompetensi(jumlah, instrumen, aturan, bila_nol))
    guru = per_kompetensi.group_by("guru").aggregate(
        jumlah=per_kompetensi.nilai.sum().cast("int64"), ada=per_kompetensi.nilai.count(), baris=per_kompetensi.count()
    )
    banyak = len(instrumen.komponen)
    lengkap = (guru.ada == banyak) & (guru.baris == banyak)
    total = guru.select("guru", total=lengkap.ifelse(guru.jumlah, None))
    maksimum = banyak * aturan.skala_kompetensi[1]
    puncak = aturan.isi("skala_nilai")
    return total.select(
        "guru",
        "total",
        maksimum=total.total * 0 + maksimum,
        persen=_persen(total.total * puncak, maksimum, aturan, kebijakan),
        di_celah=_di_celah(total.total * puncak, maksimum, aturan),
    )


def _nilai_kompetensi(jumlah: Any, instrumen: Instrumen, aturan: AturanKinerja, nol: PersenNol) -> Any:
    """The value of each competency; null where its scores are not complete."""
    banyak = jumlah.kompetensi.cases(*((satu.nomor, satu.banyak) for satu in instrumen.komponen), else_=None)
    # Where the scores are complete their number is that of the indicators, and cheaper to compare by.
    maksimum = jumlah.baris * max(aturan.isi("skor_indikator"))
    rentang = aturan.isi("rentang_kompetensi")
    nilai = reduce(
        lambda lebih, satu: (jumlah.jumlah * SERATUS <= maksimum * satu["sampai"]).ifelse(satu["nilai"], lebih),
        reversed(rentang[:-1]),
        jumlah.baris * 0 + rentang[-1]["nilai"],
    )
    bila_nol = {"satu": aturan.skala_kompetensi[0], "nol": 0, "tolak": None}[nol]
    lengkap = (jumlah.ada == jumlah.baris) & (jumlah.baris == banyak)
    return lengkap.ifelse((jumlah.jumlah == 0).ifelse(bila_nol, nilai), None)


def _persen(nilai: Any, maksimum: int, aturan: AturanKinerja, celah: Celah) -> Any:
    """Credit percentage; `nilai` is the mark times `maksimum`, so bounds are multiplied instead of dividing it."""
    naik = sorted(aturan.isi("sebutan"), key=lambda satu: satu["dari"])
    if celah == "bulat":
        # Half-up of nilai / maksimum reaches a whole bound exactly when twice the mark reaches twice the bound less 1.
        mulai = [satu["dari"] * 2 * maksimum - maksimum for satu in naik]
        nilai = nilai * 2
    elif celah == "batas-atas":
        mulai = [0, *(satu["sampai"] * maksimum + 1 for satu in naik[:-1])]
    else:
        mulai = [satu["dari"] * maksimum for satu in naik]
    hasil = nilai * 0 + naik[0]["persen"]
    for batas, satu in zip(mulai[1:], naik[1:], strict=True):
        hasil = (nilai >= batas).ifelse(satu["persen"], hasil)
    return _di_celah(nilai, maksimum, aturan).ifelse(None, hasil) if celah == "tolak" else hasil


def _di_celah(nilai: Any, maksimum: int, aturan: AturanKinerja) -> Any:
    """Whether the mark lies between two printed ranges."""
    naik = sorted(aturan.isi("sebutan"), key=lambda satu: satu["dari"])
    celah = [(nilai > bawah["sampai"] * maksimum) & (nilai < atas["dari"] * maksimum) for bawah, atas in pairwise(naik)]
    return reduce(lambda satu, lain: satu | lain, celah)
