"""Workbooks of the rapor, in and out. Importing this package registers its kinds of import (decision 0005)."""

from mutu.rapor.sheets import erapor, leger
from mutu.rapor.sheets.lesson import KIND, Ground, assessments, ground_of, import_marks, plan_marks, workbook

__all__ = [
    "KIND",
    "Ground",
    "assessments",
    "erapor",
    "ground_of",
    "import_marks",
    "leger",
    "plan_marks",
    "workbook",
]
