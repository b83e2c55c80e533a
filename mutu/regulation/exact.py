"""Exact numbers, named rounding, and the dates of a school year.

A mark decides whether a pupil passes, so no binary fraction takes part: everything is a `Fraction`, rounded once
at a named step. Figures leave as integers when whole, else as decimal strings.
"""

import re
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Literal, get_args

Cara = Literal["bawah", "tengah", "genap", "tidak"]
CARA: tuple[Cara, ...] = get_args(Cara)
CARA_TEKS: dict[Cara, str] = {
    "bawah": "dibulatkan ke bawah",
    "tengah": "dibulatkan ke bilangan terdekat, setengah ke atas",
    "genap": "dibulatkan ke bilangan terdekat, setengah ke bilangan genap",
    "tidak": "tidak dibulatkan",
}

# No figure of a school needs more; a longer one would only keep the machine busy (1e400 has 401 digits).
MAX_DIGITS = 20
PLACES = 6

_DECIMAL = re.compile(r"-?[0-9]{1,20}(?:\.[0-9]{1,20})?")
_ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_SCHOOL_YEAR = re.compile(r"([0-9]{4})/([0-9]{4})")

BULAN = (
    "Januari",
    "Februari",
    "Maret",
    "April",
    "Mei",
    "Juni",
    "Juli",
    "Agustus",
    "September",
    "Oktober",
    "November",
    "Desember",
)
# The Indonesian school calendar turns in July; a school that differs enters its own dates for the semester.
FIRST_MONTH_SEMESTER_1 = 7


def number(value: object) -> Fraction:
    """The exact value of a JSON number or decimal string.

    Accepts int, Decimal, Fraction, finite float (taken as it prints) and ASCII text such as "75" or "75.5".
    Raises ValueError with an Indonesian sentence for everything else: blanks, words, booleans, NaN, infinities,
    full-width digits, and numbers longer than 20 digits on either side of the point. Nothing becomes 0.
    """
    if value is None:
        raise ValueError("Nilai kosong; isi dengan angka, misalnya 75.")
    if isinstance(value, bool):
        raise ValueError("Ini benar/salah, bukan angka; isi dengan angka, misalnya 75.")
    if isinstance(value, Fraction):
        return value
    if isinstance(value, int):
        if abs(value) >= 10**MAX_DIGITS:
            raise ValueError(f"Angka terlalu panjang; paling banyak {MAX_DIGITS} angka.")
        return Fraction(value)
    if isinstance(value, float):
        value = Decimal(repr(value))
    if isinstance(value, Decimal):
        return _from_decimal(value)
    if isinstance(value, str):
        return _from_text(value)
    raise ValueError("Ini bukan angka; isi dengan angka, misalnya 75.")


def _from_decimal(value: Decimal) -> Fraction:
    if not value.is_finite():
        raise ValueError("NaN dan tak hingga bukan nilai; isi dengan angka, misalnya 75.")
    exponent = value.as_tuple().exponent
    # Looked at before conversion: Fraction(Decimal("1e999999")) would build a number of a million digits.
    if value.adjusted() >= MAX_DIGITS or (isinstance(exponent, int) and exponent < -MAX_DIGITS):
        raise ValueError(f"Angka terlalu panjang; paling banyak {MAX_DIGITS} angka di tiap sisi tanda desimal.")
    return Fraction(value)


def _from_text(value: str) -> Fraction:
    if not value.strip():
        raise ValueError("Nilai kosong; isi dengan angka, misalnya 75.")
    if _DECIMAL.fullmatch(value):
        return Fraction(value)
    shown = value if len(value) <= 30 else value[:30] + "…"
    if not value.isascii() and any(huruf.isdigit() for huruf in value):
        raise ValueError(f"“{shown}” memakai bentuk angka lain; ketik ulang dengan angka biasa 0 sampai 9.")
    if "," in value and _DECIMAL.fullmatch(value.replace(",", ".", 1)):
        raise ValueError(f"“{shown}” memakai koma; tulis dengan titik: {value.replace(',', '.', 1)}.")
    if len(value) > 2 * MAX_DIGITS:
        raise ValueError(f"Angka terlalu panjang; paling banyak {MAX_DIGITS} angka di tiap sisi tanda desimal.")
    raise ValueError(f"“{shown}” bukan angka; isi dengan angka, misalnya 75.")


def whole(value: object) -> int:
    """Like `number`, for counts and other whole figures. Raises ValueError when there is a fraction."""
    exact = number(value)
    if exact.denominator != 1:
        raise ValueError(f"{text(exact)} bukan bilangan bulat; isi dengan bilangan bulat.")
    return int(exact)


def rounded(value: Fraction, cara: Cara) -> Fraction:
    """Round to a whole number by a named method.

    `bawah` goes down, `tengah` to the nearest with halves away from zero, `genap` to the nearest with halves to
    the even neighbour, `tidak` leaves the value alone. Raises ValueError for another name.
    """
    if cara == "tidak":
        return value
    if cara == "bawah":
        return Fraction(value.numerator // value.denominator)
    if cara == "tengah":
        size = (2 * abs(value.numerator) + value.denominator) // (2 * value.denominator)
        return Fraction(size if value >= 0 else -size)
    if cara == "genap":
        return Fraction(round(value))
    raise ValueError(f"Cara pembulatan “{cara}” tidak dikenal; pilih {', '.join(CARA)}.")


def plain(value: Fraction | int) -> int | str:
    """The figure as it leaves the system: an int when whole, else text rounded half-up to 6 places, zeros cut."""
    if value.denominator == 1:
        return int(value)
    scaled = int(rounded(Fraction(value) * 10**PLACES, "tengah"))
    sign, digits = ("-" if scaled < 0 else ""), f"{abs(scaled):0{PLACES + 1}d}"
    fraction = digits[-PLACES:].rstrip("0")
    whole_part = digits[:-PLACES]
    return f"{sign}{whole_part}.{fraction}" if fraction else f"{sign}{whole_part}"


def text(value: Fraction | int) -> str:
    """The figure as an Indonesian reader writes it, with a decimal comma: 66,666667."""
    return str(plain(value)).replace(".", ",")


def iso_date(value: object) -> date:
    """A date written as 2007-06-30. Raises ValueError (Indonesian) for other shapes and impossible days."""
    if isinstance(value, date):
        return value
    if isinstance(value, str) and _ISO_DATE.fullmatch(value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            raise ValueError(f"Tanggal {value} tidak ada di kalender.") from None
    raise ValueError("Tanggal ditulis tahun-bulan-hari, misalnya 2007-06-30.")


def long_date(day: date) -> str:
    """A date in words, “30 Juni 2007”. The months come from our own table, never from the machine's locale."""
    return f"{day.day} {BULAN[day.month - 1]} {day.year}"


def school_year(label: object) -> int:
    """The first calendar year of a label such as "2007/2008".

    Raises ValueError (Indonesian) when the shape is wrong or the years do not follow each other (2007/2009).
    Source: Petunjuk Pengelolaan Rapor SMP 2007, Bab II.C (Identitas, huruf g).
    """
    found = _SCHOOL_YEAR.fullmatch(label) if isinstance(label, str) else None
    if found is None:
        raise ValueError("Tahun pelajaran ditulis dua tahun dengan garis miring, misalnya 2007/2008.")
    first, second = int(found[1]), int(found[2])
    if second != first + 1:
        raise ValueError(f"Tahun pelajaran {label} tidak berurutan; tulis {first}/{first + 1}.")
    return first


def semester_dates(label: str, semester: int) -> tuple[date, date]:
    """First and last day of semester 1 (July to December) or 2 (January to June) of a school year.

    Raises ValueError for another semester or a wrong label.
    """
    first = school_year(label)
    if semester == 1:
        return date(first, FIRST_MONTH_SEMESTER_1, 1), date(first, 12, 31)
    if semester == 2:
        return date(first + 1, 1, 1), date(first + 1, FIRST_MONTH_SEMESTER_1 - 1, 30)
    raise ValueError("Semester hanya 1 atau 2.")
