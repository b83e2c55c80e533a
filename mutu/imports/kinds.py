"""What a cell may hold: text, a code of digits, a whole number, a decimal, a date, a choice, a school year.

Each kind turns one raw cell into a value or raises `CellError` with a sentence that says what is wrong and how to
mend it. Nothing is guessed: a bad cell never becomes 0 or blank, and lost leading zeros are never put back.

`Kind.bulk` is the same meaning for many text cells at once, for speed: it answers only when every cell is plainly
good, and leaves all others to `Kind.convert`. Raw cells are ``str`` from text files; workbooks also give numbers,
dates and times.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from mutu.imports.messages import listed, quoted

Cell = str | float | int | date | datetime | time | timedelta

# Excel keeps 15 significant digits of a number; what stands beyond them is not what the person typed.
EXCEL_DIGITS = 15
LOST_ZEROS = 3
"""So many missing digits may be lost leading zeros; more are a mistake of another sort."""
# Any printable character would do; cells that hold it themselves are read one by one.
_SEPARATOR = "\u00b6"
_NUMBER = re.compile(r"-?(?:[0-9]{1,15}(?:[.,][0-9]{0,15})?|[.,][0-9]{1,15})")
_WHOLE = re.compile(r"-?[0-9]{1,15}")
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            ("januari", "jan", "january"),
            ("februari", "feb", "pebruari", "peb", "february"),
            ("maret", "mar", "march"),
            ("april", "apr"),
            ("mei", "may"),
            ("juni", "jun", "june"),
            ("juli", "jul", "july"),
            ("agustus", "agu", "ags", "agt", "agst", "aug", "august"),
            ("september", "sep", "sept"),
            ("oktober", "okt", "oct", "october"),
            ("november", "nov", "nopember", "nop"),
            ("desember", "des", "dec", "december"),
        ),
        start=1,
    )
    for name in names
}
_YEAR_FIRST = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})(?:[ T]00:00(?::00)?)?")
_DAY_FIRST = re.compile(r"([0-9]{1,2})([/.-])([0-9]{1,2})\2([0-9]{4})")
_WITH_MONTH = re.compile(r"([0-9]{1,2})[ -]([A-Za-z]+)\.?[ -]([0-9]{4})")
_SCHOOL_YEAR = re.compile(r"([0-9]{4}) ?[/–-] ?([0-9]{4})")


@dataclass(frozen=True, slots=True)
class Mended:
    """A value that stands for more than its cell held, with the sentence that tells the person so."""

    value: Any
    text: str


class CellError(ValueError):
    """The cell does not hold what its column wants; the text is the Indonesian reason with the cure."""


def squeeze(text: str) -> str:
    """Text without outer blanks, inner blanks (tabs and line breaks too) as one space, in Unicode form NFC."""
    return unicodedata.normalize("NFC", " ".join(text.split()))


def as_text(raw: Cell) -> str:
    """The cell as squeezed text.

    Raises `CellError` for a date or a time, because "7-1" that a spreadsheet turned into 7 January is no longer
    what was typed.
    """
    if isinstance(raw, str):
        return squeeze(raw)
    if isinstance(raw, bool):
        return "TRUE" if raw else "FALSE"
    if isinstance(raw, int):
        return str(raw)
    if isinstance(raw, float):
        return str(int(raw)) if raw.is_integer() and abs(raw) < 10**EXCEL_DIGITS else repr(raw)
    raise CellError(
        f"sel berisi tanggal atau jam ({quoted(raw)}), padahal seharusnya teks. "
        "Ubah format sel menjadi Teks, lalu ketik ulang isinya."
    )


def _odd_digits(text: str) -> str:
    """The text with digits of other scripts (full-width and so on) as plain ones, or ``""`` if it has none."""
    if text.isascii():
        return ""
    plain = "".join(str(unicodedata.digit(char)) if char.isdigit() else char for char in text)
    return plain if plain != text else ""


class Kind:
    """What every kind offers; the base class itself takes any text."""

    def convert(self, raw: Cell) -> Any:
        """The value of one cell that is not blank. Raises `CellError`."""
        raise NotImplementedError

    def bulk(self, cells: Sequence[str], required: bool) -> list[Any] | None:
        """The values of many text cells (blank becomes None), or None unless all are plainly good."""
        return None

    def explain(self) -> str:
        """What the column takes, as one Indonesian sentence for the template."""
        raise NotImplementedError


class Text(Kind):
    """Free text of at most ``longest`` characters.

    Blanks are squeezed; control and invisible characters are refused, because they break matching and printing. The
    controls U+0080 to U+009F are kept: they are letters that some earlier system re-encoded wrongly, they do no harm,
    and a school should not fall out of the list for one of them. A number typed in a workbook is taken as its digits;
    a date is refused.
    """

    def __init__(self, longest: int = 200) -> None:
        self.longest = longest

    def convert(self, raw: Cell) -> str:
        text = as_text(raw)
        if len(text) > self.longest:
            raise CellError(f"teks {len(text)} huruf, paling banyak {self.longest}. Ringkas isinya.")
        if not text.isprintable():
            odd = next((char for char in text if not char.isprintable() and not "\x80" <= char <= "\x9f"), "")
            if odd:
                raise CellError(f"ada huruf yang tidak terlihat (U+{ord(odd):04X}). Hapus isi sel, lalu ketik ulang.")
        return text

    def bulk(self, cells: Sequence[str], required: bool) -> list[str | None] | None:
        joined = _SEPARATOR.join(cells)
        if joined.count(_SEPARATOR) != len(cells) - 1 or not joined.isprintable():
            return None
        if not joined.isascii() and not unicodedata.is_normalized("NFC", joined):
            return None
        while "  " in joined:
            joined = joined.replace("  ", " ")
        spaced = joined.replace(" " + _SEPARATOR, _SEPARATOR).replace(_SEPARATOR + " ", _SEPARATOR).strip(" ")
        values: list[Any] = spaced.split(_SEPARATOR)
        if max(map(len, values)) > self.longest:
            return None
        if "" in values:
            return None if required else [value or None for value in values]
        return values

    def explain(self) -> str:
        return f"Teks, paling banyak {self.longest} huruf."


class Digits(Kind):
    """A code of exactly ``length`` digits, kept as text: NPSN 8, NISN 10, NIK 16.

    A shorter number is refused, and the message names what it would be with leading zeros: only the person who
    typed it knows whether zeros were lost or a digit was forgotten. A number of more than 15 digits typed in a
    workbook is refused, because the spreadsheet has already changed its end. With ``pad``, for lists that another
    system wrote, a cell that a spreadsheet turned into a number gets its lost zeros back, and a warning says so.
    """

    def __init__(self, length: int, name: str, *, pad: bool = False) -> None:
        self.length = length
        self.name = name
        self.pad = pad

    def convert(self, raw: Cell) -> str | Mended:
        if isinstance(raw, float) and raw.is_integer() and abs(raw) >= 10**EXCEL_DIGITS:
            raise CellError(
                f"{self.name} tersimpan sebagai angka, sehingga angka-angka terakhirnya sudah berubah. "
                "Ubah format kolom menjadi Teks, lalu ketik ulang."
            )
        text = as_text(raw)
        if text.isascii() and text.isdigit():
            if len(text) == self.length:
                return text
            if len(text) > self.length:
                raise CellError(f"{self.name} harus {self.length} angka, di sini {len(text)}. Periksa dan ketik ulang.")
            if self.pad and not isinstance(raw, str) and self.length - len(text) <= LOST_ZEROS:
                whole = text.zfill(self.length)
                return Mended(
                    whole,
                    f"{self.name} tersimpan sebagai bilangan sehingga nol di depannya hilang; dibaca {whole}. "
                    "Periksa angkanya.",
                )
            cause = "terbaca sebagai bilangan" if not isinstance(raw, str) else "terlalu pendek"
            lost = (
                f" Bila nol di depan hilang, nilainya {text.zfill(self.length)}: ubah format kolom menjadi Teks, lalu "
                "ketik ulang. Bila bukan, periksa angkanya."
                if self.length - len(text) <= LOST_ZEROS
                else " Periksa dan ketik ulang."
            )
            raise CellError(f"{self.name} harus {self.length} angka, di sini hanya {len(text)} ({cause}).{lost}")
        plain = _odd_digits(text)
        if plain:
            raise CellError(f"angkanya bukan angka biasa. Ketik ulang sebagai {plain}.")
        raise CellError(
            f"{self.name} harus {self.length} angka tanpa huruf, spasi, atau tanda. Periksa dan ketik ulang."
        )

    def bulk(self, cells: Sequence[str], required: bool) -> list[str | None] | None:
        filled = cells if required or "" not in cells else [cell for cell in cells if cell]
        if not filled:
            return [None] * len(cells)
        joined = "".join(filled)
        if not (joined.isascii() and joined.isdigit() and set(map(len, filled)) == {self.length}):
            return None
        return list(cells) if filled is cells else [cell or None for cell in cells]

    def explain(self) -> str:
        return f"Tepat {self.length} angka; kolom berformat Teks supaya nol di depan tidak hilang."


class Whole(Kind):
    """A whole number from ``low`` to ``high``; the value is an ``int``."""

    def __init__(self, low: int, high: int) -> None:
        self.low = low
        self.high = high

    def convert(self, raw: Cell) -> int:
        if isinstance(raw, float) and raw.is_integer() and abs(raw) < 10**EXCEL_DIGITS:
            number = int(raw)
        else:
            text = as_text(raw)
            if not _WHOLE.fullmatch(text):
                _refuse_number(text, "bilangan bulat")
            number = int(text)
        if not self.low <= number <= self.high:
            raise CellError(f"harus antara {self.low} dan {self.high}. Periksa dan ketik ulang.")
        return number

    def explain(self) -> str:
        return f"Bilangan bulat dari {self.low} sampai {self.high}."


class Number(Kind):
    """A decimal number from ``low`` to ``high`` with at most ``places`` digits after the comma (or point).

    The value is a ``Decimal``, because marks are exact. With ``measured=True`` it is a ``float``, for what an
    instrument gave, such as a coordinate in degrees.
    """

    def __init__(self, low: int, high: int, places: int, *, measured: bool = False) -> None:
        self.low = low
        self.high = high
        self.places = places
        self.measured = measured

    def convert(self, raw: Cell) -> Decimal | float:
        text = as_text(raw)
        if not _NUMBER.fullmatch(text):
            _refuse_number(text, "bilangan")
        exact = Decimal(text.replace(",", "."))
        digits = -int(exact.as_tuple().exponent)
        if digits > self.places and not self.measured:
            raise CellError(f"paling banyak {self.places} angka di belakang koma. Bulatkan menurut aturan sekolah.")
        if not self.low <= exact <= self.high:
            raise CellError(f"harus antara {self.low} dan {self.high}. Periksa dan ketik ulang.")
        return float(exact) if self.measured else exact

    def bulk(self, cells: Sequence[str], required: bool) -> list[Any] | None:
        if not self.measured or "".join(cells).strip("0123456789.-"):
            return None
        filled = cells if "" not in cells else [cell for cell in cells if cell]
        if required and filled is not cells:
            return None
        try:
            known = list(map(float, filled))
        except ValueError:
            return None
        if known and not (self.low <= min(known) and max(known) <= self.high):
            return None
        if filled is cells:
            return known
        numbers = iter(known)
        return [next(numbers) if cell else None for cell in cells]

    def explain(self) -> str:
        return f"Bilangan dari {self.low} sampai {self.high}, paling banyak {self.places} angka di belakang koma."


def _refuse_number(text: str, wanted: str) -> None:
    """Raise `CellError` with the reason why ``text`` is no number of the wanted sort."""
    plain = _odd_digits(text)
    if plain:
        raise CellError(f"angkanya bukan angka biasa. Ketik ulang sebagai {plain}.")
    if re.fullmatch(r"-?[0-9]{1,3}(?:[.,' ][0-9]{3})+(?:[.,][0-9]+)?", text):
        raise CellError(f"harus {wanted} tanpa pemisah ribuan. Ketik ulang angkanya saja.")
    if re.fullmatch(r"-?[0-9.,]+[eE][+-]?[0-9]+", text):
        raise CellError(f"harus {wanted}, bukan bentuk pangkat sepuluh. Ketik ulang angka lengkapnya.")
    if wanted == "bilangan bulat" and _NUMBER.fullmatch(text):
        raise CellError("harus bilangan bulat, tanpa koma. Periksa dan ketik ulang.")
    raise CellError(f"bukan {wanted}. Ketik dengan angka, atau kosongkan bila memang belum ada.")


class Day(Kind):
    """A calendar date from ``low`` to ``high``; the value is a ``date``.

    Taken: a date cell of a workbook, ``17/8/2007``, ``17-08-2007``, ``17.08.2007``, ``2007-08-17``,
    ``17 Agustus 2007`` and ``17 Agt 2007``. The day always stands before the month, as Indonesians write it; a year
    of two digits is refused.
    """

    def __init__(self, low: date, high: date) -> None:
        self.low = low
        self.high = high

    def convert(self, raw: Cell) -> date:
        if isinstance(raw, datetime):
            if raw.time() != time(0):
                raise CellError("tanggal disertai jam. Hapus jamnya.")
            day = raw.date()
        elif isinstance(raw, date):
            day = raw
        elif isinstance(raw, str):
            day = self._from_text(squeeze(raw))
        else:
            raise CellError(
                "berisi bilangan, bukan tanggal. Ubah format sel menjadi Tanggal atau ketik seperti 17/08/2007."
            )
        if not self.low <= day <= self.high:
            raise CellError(f"tanggal harus antara {self.low:%d/%m/%Y} dan {self.high:%d/%m/%Y}. Periksa tahunnya.")
        return day

    @staticmethod
    def _from_text(text: str) -> date:
        if found := _YEAR_FIRST.fullmatch(text):
            year, month, day = (int(part) for part in found.groups())
        elif found := _DAY_FIRST.fullmatch(text):
            day, month, year = int(found[1]), int(found[3]), int(found[4])
        elif (found := _WITH_MONTH.fullmatch(text)) and found[2].lower() in _MONTHS:
            day, month, year = int(found[1]), _MONTHS[found[2].lower()], int(found[3])
        else:
            raise CellError("bukan tanggal yang dikenali. Ketik seperti 17/08/2007 atau 17 Agustus 2007.")
        try:
            return date(year, month, day)
        except ValueError:
            raise CellError(
                f"tanggal {day} bulan {month} tahun {year} tidak ada. Ketik hari, bulan, tahun: 17/08/2007."
            ) from None

    def explain(self) -> str:
        return "Tanggal, misalnya 17/08/2007 atau 17 Agustus 2007."


class Choice(Kind):
    """One of a few values. ``choices`` maps each value to its other spellings; capitals do not matter."""

    def __init__(self, choices: Mapping[str, Sequence[str]]) -> None:
        self.choices = choices
        self._known = {
            squeeze(word).casefold(): value for value, others in choices.items() for word in (value, *others)
        }

    def convert(self, raw: Cell) -> str:
        text = as_text(raw)
        try:
            return self._known[text.casefold()]
        except KeyError:
            raise CellError(f"harus salah satu dari: {listed(list(self.choices), 20)}. Pilih salah satu.") from None

    def explain(self) -> str:
        return f"Salah satu dari: {listed(list(self.choices), 20)}."


class SchoolYear(Kind):
    """A school year such as ``2007/2008``: two years in a row. The value is text in that form."""

    def convert(self, raw: Cell) -> str:
        found = _SCHOOL_YEAR.fullmatch(as_text(raw))
        if not found:
            raise CellError("bukan tahun pelajaran. Ketik seperti 2007/2008.")
        first, second = int(found[1]), int(found[2])
        if second != first + 1:
            raise CellError(
                f"tahun pelajaran harus dua tahun berurutan. Ketik {first}/{first + 1}, atau {second - 1}/{second}."
            )
        return f"{first}/{second}"

    def explain(self) -> str:
        return "Tahun pelajaran, misalnya 2007/2008."
