"""What the curricula after 2007 add: letters beside the mark, descriptions by highest and lowest, two marks a subject.

The numbers and words stand in `params/k13-2016.yaml`, `merdeka-2022.yaml` and `merdeka-2025.yaml`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from mutu.rapor.rules.aturan import AturanRapor


@dataclass(frozen=True, slots=True)
class BentukRapor:
    """What stands on the printed rapor of a rule set, and in which order.

    `kolom` are the columns of one mark (`angka`, `huruf`, `predikat`). `ranah` maps the aspects that carry a mark of
    their own to their titles, in printed order; it is empty where a subject has one mark. `bagian` maps the sections
    to their titles, in printed order (`identitas`, `nilai`, `pengembangan`, `sikap`, `ketidakhadiran`, `prestasi`,
    `catatan`, `kenaikan`, `tanda_tangan`). `sebutan` is the unit of the description (SK, KD, TP), `sebutan_kkm` the
    name of the mastery limit, which has a column of its own only when `kkm_dicetak`. `fase` is the header's phase.
    """

    judul: str
    kolom: tuple[str, ...]
    ranah: Mapping[str, str]
    bagian: Mapping[str, str]
    judul_nilai: str
    judul_deskripsi: str
    sebutan: str
    sebutan_kkm: str
    kkm_dicetak: bool
    fase: str | None


@lru_cache(maxsize=64)
def bentuk_rapor(aturan: AturanRapor) -> BentukRapor:
    """The printed form of a rule set. Source: the rule set's `bentuk_rapor`, `ranah` and `deskripsi`."""
    isi = aturan.isi("bentuk_rapor")
    return BentukRapor(
        judul=isi["judul"],
        kolom=tuple(isi["kolom"]),
        ranah={nama: satu["judul"] for nama, satu in aturan.isi("ranah").items()},
        bagian=dict(isi["bagian"]),
        judul_nilai=isi["judul_nilai"],
        judul_deskripsi=isi["judul_deskripsi"],
        sebutan=aturan.isi("deskripsi")["sebutan"],
        sebutan_kkm=isi["sebutan_kkm"],
        kkm_dicetak=isi["kkm_dicetak"],
        fase=isi["fase"],
    )
