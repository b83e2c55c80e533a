"""The way of a rapor from draft to final: which step leads from where to where, who takes it, and with a reason or not.

The table stands in `params/` (`alur_rapor`); here it is only walked. The way is the school's and the same under every
curriculum, so it is read from the main rule set of the day.
"""

from dataclasses import dataclass
from datetime import date

from mutu.rapor.rules.aturan import PAKET, AturanRapor, aturan_pada
from mutu.regulation import params
from mutu.regulation.explain import InputError


@dataclass(frozen=True, slots=True)
class LangkahAlur:
    """One step: from which states into which, by whom (a relation of the access table), with a reason or without."""

    nama: str
    dari: tuple[str, ...]
    ke: str
    oleh: str
    alasan: bool = False


def alur(aturan: AturanRapor) -> dict[str, LangkahAlur]:
    """All steps by name."""
    return {
        nama: LangkahAlur(nama, tuple(isi["dari"]), isi["ke"], isi["oleh"], bool(isi.get("alasan", False)))
        for nama, isi in aturan.isi("alur_rapor").items()
    }


def langkah_alur(nama: str, dari: str, aturan: AturanRapor, alasan: str = "") -> str:
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
        raise InputError.at("alasan", "Tulis alasannya; alasan ini tersimpan bersama perubahannya.")
    return satu.ke


def langkah_pada(nama: str, dari: str, tanggal: date, alasan: str = "") -> str:
    """`langkah_alur` by the rule set of a day."""
    return langkah_alur(nama, dari, aturan_pada(tanggal), alasan)


def sidik_aturan(id: str) -> str:
    """SHA-256 (hex) of the params file of a rule set. Raises InputError at `aturan` for an unknown id."""
    try:
        return params.digest(PAKET, id)
    except params.DateNotCovered as error:
        raise InputError.at("aturan", str(error)) from None
