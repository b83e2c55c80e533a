"""What is printed of the rapor. `cards` gathers, `sheet` makes HTML of a card, `printing` makes PDF and holds the jobs.

One card, as plain data, feeds the preview on screen, the PDF and the stored final rapor, so what is previewed is what
is printed. Screen and paper depend on the card alone: no database and no clock stand between the two.

This page is the door of the package: what others may call stands here.
"""

from mutu.rapor.documents.cards import cards, cards_of, school_address
from mutu.rapor.documents.finals import current_cards
from mutu.rapor.documents.minutes import print_minutes
from mutu.rapor.documents.printing import TEMPLATE, file_name, print_final, print_one, render_cards, timestamp_of
from mutu.rapor.documents.semua import print_everything
from mutu.rapor.documents.sheet import html, html_of

__all__ = [
    "TEMPLATE",
    "cards",
    "cards_of",
    "current_cards",
    "file_name",
    "html",
    "html_of",
    "print_everything",
    "print_final",
    "print_minutes",
    "print_one",
    "render_cards",
    "school_address",
    "timestamp_of",
]
