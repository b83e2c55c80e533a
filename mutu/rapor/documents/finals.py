"""Final rapor on paper: made from the stored text alone, and each separate file signed as a whole."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from mutu.rapor.documents.cards import Card, cards
from mutu.rapor.services import final
from mutu.reports.pdf import STANDARDS, Paper
from mutu.satuan.models import Kelas, Semester

# PDF/A lets nothing follow the end mark, where the signature stands: a signed file does not declare it.
SIGNED_STANDARDS = ("ua-1",)


def current_cards(
    kelas: Kelas,
    semester: Semester,
    anggota_ids: Collection[int] | None = None,
    *,
    appendix: bool = False,
    paper: Paper = "a4",
) -> list[Card]:
    """As `cards`, but whoever has a valid final rapor is shown from it. Five queries. Raises final.Tercemar."""
    live = cards(kelas, semester, anggota_ids, appendix=appendix, paper=paper)
    stored = final.berlaku(semester, [card["anggota"] for card in live])
    return [
        final.isi(stored[card["anggota"]]).kartu(paper=paper, appendix=appendix) if card["anggota"] in stored else card
        for card in live
    ]


def stamp_of(card: Mapping[str, Any], otherwise: datetime) -> datetime:
    """The date that a card's own file carries: fixed with the content of a final rapor, else the one given."""
    day = (card.get("bukti") or {}).get("tanggal")
    return datetime.fromisoformat(day).replace(tzinfo=UTC) if day else otherwise


def sign_card(card: Mapping[str, Any], made: bytes) -> bytes:
    """The file of one card, signed when the card is final."""
    proof = card.get("bukti")
    return final.kunci().sign_file(made, proof["id"]) if proof else made


def standards_of(card: Mapping[str, Any]) -> Sequence[str]:
    """Which standards the file of one card declares."""
    return SIGNED_STANDARDS if card.get("bukti") else STANDARDS
