"""The way of one assessment from the plan to the final result: which step leads where, and who takes it.

The table stands in `params/` (`alur_kinerja`); here it is only walked.
Source: Pedoman PK Guru, stages of preparation, observation, scoring and objection.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from mutu.kinerja.rules.aturan import AturanKinerja, aturan_pada
from mutu.regulation.explain import InputError


@dataclass(frozen=True, slots=True)
class LangkahAlur:
    """One step: from which states into which, by whom (relations of the access table), with a reason or without."""

    nama: str
    dari: tuple[str, ...]
    ke: str
    oleh: tuple[str, ...]
    alasan: bool = False


def alur(aturan: AturanKinerja) -> dict[str, LangkahAlur]:
    """All steps by name."""
    return {
        nama: LangkahAlur(nama, tuple(isi["dari"]), isi["ke"], tuple(isi["oleh"]), bool(isi.get("alasan", False)))
        for nama, isi in aturan.isi("alur_kinerja").items()
    }


def langkah_alur(nama: str, dari: str, aturan: AturanKinerja, alasan: str = "") -> str:
    """The state into which a step leads.

    Raises InputError at `status` when the step does not start there, and at `alasan` when it lacks its reason.
    """
    satu = alur(aturan)[nama]
    if dari not in satu.dari:
        raise InputError.at(
            "status",
            f"Dari keadaan {dari} tidak ada langkah {nama}; langkah itu mulai dari {' atau '.join(satu.dari)}.",
        )
    if satu.alasan and not alasan.strip():
        raise InputError.at("alasan", "Tulis alasannya; alasan ini tersimpan bersama langkahnya.")
    return satu.ke


def langkah_pada(nama: str, dari: str, tanggal: date, alasan: str = "") -> str:
    """`langkah_alur` by the rule set of a day."""
    return langkah_alur(nama, dari, aturan_pada(tanggal), alasan)


def tampak_bagi_guru(status: str, aturan: AturanKinerja) -> bool:
    """Whether the assessed teacher may read notes, scores and result in this state."""
    return status in aturan.isi("tampak_bagi_guru")


def tampak_pada(status: str, tanggal: date) -> bool:
    """`tampak_bagi_guru` by the rule set of a day."""
    return tampak_bagi_guru(status, aturan_pada(tanggal))


def jendela(jenis: str, awal: date, akhir: date, aturan: AturanKinerja) -> tuple[date, date] | None:
    """The advised window of a round (`formatif`, `sumatif`) in a school year; None where the rule set names none."""
    isi = aturan.isi("jendela_rencana").get(jenis)
    if isi is None:
        return None
    if "minggu_pertama" in isi:
        return awal, awal + timedelta(weeks=isi["minggu_pertama"]) - timedelta(days=1)
    return akhir - timedelta(weeks=isi["minggu_terakhir"]) + timedelta(days=1), akhir


def jendela_pada(jenis: str, awal: date, akhir: date, tanggal: date) -> list[str]:
    """`jendela` by the rule set of a day, as ISO dates; empty where none is named."""
    return [satu.isoformat() for satu in jendela(jenis, awal, akhir, aturan_pada(tanggal)) or ()]
