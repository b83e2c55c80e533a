"""The range of dates the tests accept."""

from datetime import date

FIRST = date(1990, 1, 1)
LAST = date(2020, 12, 31)
