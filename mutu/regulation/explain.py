"""How a calculation explains itself: the step that led to a figure, the refusal that names what to mend."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Langkah:
    """One step of a calculation, in the order in which a person would write it down.

    `nama` is what the step finds, `hasil` the figure as it leaves the system (see `exact.plain`) or a word,
    `rumus` the sum as written by hand with a decimal comma, `sumber` the regulation and article.
    """

    nama: str
    hasil: int | str
    rumus: str
    sumber: str

    def as_dict(self) -> dict[str, int | str]:
        return {"nama": self.nama, "hasil": self.hasil, "rumus": self.rumus, "sumber": self.sumber}


class InputError(ValueError):
    """Input that no rule can work on. `galat` lists each fault as {"jalur": "uh[2]", "pesan": "..."}.

    The messages are Indonesian and meant for the person who typed the value.
    """

    def __init__(self, galat: Sequence[dict[str, str]]) -> None:
        self.galat = [dict(satu) for satu in galat]
        super().__init__("; ".join(f"{satu['jalur']}: {satu['pesan']}" for satu in self.galat))

    @classmethod
    def at(cls, jalur: str, pesan: str) -> "InputError":
        """A single fault at one path."""
        return cls([{"jalur": jalur, "pesan": pesan}])
