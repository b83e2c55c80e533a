"""What an import says to a person: a notice about one cell or row, and the refusal of a whole file.

Texts are Indonesian, because the people who mend the file read Indonesian; each says what is wrong, where, and how
to mend it. Notices may quote a cell, so they are shown to the person who brought the file and never logged.
"""

from collections.abc import Sequence
from typing import NamedTuple

QUOTED_LENGTH = 60


class Notice(NamedTuple):
    """One finding about a file.

    ``row`` is the row number a spreadsheet shows (1 is the first row of the file); 0 means the whole file.
    ``column`` is the column's title as the file has it, or ``""`` when the finding is about the whole row.
    ``value`` is the cell as read, shortened; ``text`` says what is wrong and how to mend it.
    """

    row: int
    column: str
    value: str
    text: str

    def __str__(self) -> str:
        place = []
        if self.row:
            place.append(f"Baris {self.row}")
        if self.column:
            place.append(f"kolom {self.column}" if place else f"Kolom {self.column}")
        return f"{', '.join(place)}: {self.text}" if place else self.text


class FileRefused(Exception):
    """The file as a whole cannot be imported; nothing of it was read into the plan.

    ``notices`` holds every reason found, each a sentence for the person who brought the file.
    """

    def __init__(self, *reasons: "Notice | str") -> None:
        self.notices: tuple[Notice, ...] = tuple(
            reason if isinstance(reason, Notice) else Notice(0, "", "", reason) for reason in reasons
        )
        super().__init__(" ".join(str(notice) for notice in self.notices))


class FileDamaged(FileRefused):
    """The container is not whole, though the table in it may be; a file made by another system is then mended."""


def quoted(value: object) -> str:
    """The cell as text for a message, shortened to 60 characters; numbers without a needless ``.0``."""
    if value is None:
        return ""
    text = str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
    return text if len(text) <= QUOTED_LENGTH else text[: QUOTED_LENGTH - 1] + "…"


def column_letter(index: int) -> str:
    """The spreadsheet's letter of a column counted from 0: 0 is A, 26 is AA."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def listed(names: Sequence[object], most: int = 8) -> str:
    """Names joined for a sentence; beyond ``most`` only their number is told."""
    text = ", ".join(str(name) for name in names[:most])
    return text if len(names) <= most else f"{text}, dan {len(names) - most} lainnya"
