"""Which notes a score rests on: nobody scores what was not observed and written down.

Source: Pedoman PK Guru, stages before, during and after the observation (notes are mandatory), and monitoring.
"""

from collections.abc import Collection, Sequence
from datetime import date

from mutu.kinerja.rules.aturan import AturanKinerja, aturan_pada
from mutu.regulation.explain import InputError

APA_SAJA = "apa-saja"


def catatan_kurang(
    jenis: str, cara: Sequence[str] | None, ada: Collection[str], aturan: AturanKinerja
) -> tuple[str, ...]:
    """The stages whose note is still missing, in the order of the work; empty when scores may be set.

    `jenis` is how the instrument is scored (`indikator`, `kriteria`), `cara` how the competency is assessed
    (`pengamatan`, `pemantauan`; None while unknown), `ada` the stages that have a note. Where `cara` is unknown one
    note of any stage is enough, and `apa-saja` stands for it. Raises InputError at `cara` for an unknown name.
    """
    if cara is None:
        return () if ada else (APA_SAJA,)
    wajib = aturan.isi("catatan_wajib")[jenis]
    if asing := [satu for satu in cara if satu not in wajib]:
        raise InputError.at("cara", f"Cara menilai “{asing[0][:40]}” tidak dikenal; pilih {', '.join(wajib)}.")
    return tuple(tahap for satu in cara for tahap in wajib[satu] if tahap not in ada)


def catatan_kurang_pada(jenis: str, cara: Sequence[str] | None, ada: Sequence[str], tanggal: date) -> list[str]:
    """`catatan_kurang` by the rule set of a day, for worked examples."""
    return list(catatan_kurang(jenis, cara, ada, aturan_pada(tanggal)))
