"""What a worksheet's XML tells beyond its values: hidden rows and columns, merged cells, formulas, its true extent.

Only attributes and the presence of values are read, so a worksheet of a million cells takes seconds. The files have
passed the gate: no DTD, no entities, bounded size.
"""

import re
import zipfile
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from posixpath import join, normpath
from typing import BinaryIO, NamedTuple
from xml.parsers import expat

from mutu.imports.gate import BLOCK, Limits
from mutu.imports.messages import FileRefused, column_letter

_REFERENCE = re.compile(r"\$?([A-Za-z]{1,3})\$?([0-9]{1,7})")
_NOT_COMPUTED = (
    "rumus tanpa nilai tersimpan. Buka berkas di Excel lalu simpan, atau salin kolomnya dan tempel sebagai nilai."
)
_ERROR = "rumus menghasilkan galat (seperti #N/A). Perbaiki rumusnya atau ketik nilainya."


class Merged(NamedTuple):
    """A merged range; rows are numbered from 1, columns from 0."""

    top: int
    left: int
    bottom: int
    right: int

    def __str__(self) -> str:
        return f"{column_letter(self.left)}{self.top}:{column_letter(self.right)}{self.bottom}"


@dataclass
class Marks:
    """What one worksheet tells. Rows are numbered from 1, columns from 0; column ranges include both ends."""

    hidden: bool = False
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: list[tuple[int, int]] = field(default_factory=list)
    rows_hidden_by_default: bool = False
    merged: list[Merged] = field(default_factory=list)
    formulas: set[tuple[int, int]] = field(default_factory=set)
    bad_cells: dict[tuple[int, int], str] = field(default_factory=dict)
    last_row: int = 0
    last_column: int = -1


def read_marks(stream: BinaryIO, container: str, limits: Limits) -> dict[str, Marks]:
    """The marks of each worksheet by name; an unknown name gives empty marks. Raises `FileRefused`."""
    marks: dict[str, Marks] = defaultdict(Marks)
    try:
        with zipfile.ZipFile(stream) as archive:
            if container == "ods":
                raise FileRefused("Berkas OpenDocument (.ods) belum dibaca. Simpan ulang sebagai .xlsx.")
            trusted, parts = _worksheets(archive)
            for name, part in parts.items():
                if part in archive.NameToInfo:
                    marks[name] = _xlsx_marks(archive, part, trusted, limits)
    except (expat.ExpatError, zipfile.BadZipFile, KeyError, ValueError):
        raise FileRefused("Susunan buku kerja tidak dikenali. Simpan ulang sebagai .xlsx dari Excel.") from None
    return marks


def _scan(archive: zipfile.ZipFile, part: str, start: Callable[[str, dict[str, str]], None]) -> None:
    """Call ``start`` for each element of a part."""
    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    with archive.open(part) as stream:
        while block := stream.read(BLOCK):
            parser.Parse(block, False)
    parser.Parse(b"", True)


def _worksheets(archive: zipfile.ZipFile) -> tuple[bool, dict[str, str]]:
    """Whether stored formula values can be trusted, and the part of each worksheet by name."""
    named: dict[str, str] = {}
    targets: dict[str, str] = {}
    trusted = True

    def book(name: str, attributes: dict[str, str]) -> None:
        nonlocal trusted
        local = name.rpartition(":")[2]
        if local == "sheet":
            link = next((value for key, value in attributes.items() if key.rpartition(":")[2] == "id"), "")
            named[attributes.get("name", "")] = link
        elif local == "calcPr" and _true(attributes.get("fullCalcOnLoad")):
            # The writer says: I have not computed anything, compute when opened. Its stored values are placeholders.
            trusted = False

    def relation(name: str, attributes: dict[str, str]) -> None:
        if name.rpartition(":")[2] == "Relationship":
            target = attributes.get("Target", "")
            targets[attributes.get("Id", "")] = normpath(
                target.lstrip("/") if target[:1] == "/" else join("xl", target)
            )

    _scan(archive, "xl/workbook.xml", book)
    _scan(archive, "xl/_rels/workbook.xml.rels", relation)
    return trusted, {name: targets.get(link, "") for name, link in named.items()}


def _true(value: str | None) -> bool:
    return value in ("1", "true", "on")


def _place(reference: str) -> tuple[int, int]:
    """Row from 1 and column from 0 of a reference such as ``C7``. Raises ``ValueError``."""
    found = _REFERENCE.fullmatch(reference)
    if not found:
        raise ValueError(reference)
    column = 0
    for letter in found[1].upper():
        column = column * 26 + ord(letter) - 64
    return int(found[2]), column - 1


class _XlsxScanner:
    """Follows the elements of one worksheet."""

    def __init__(self, trusted: bool, limits: Limits) -> None:
        self.marks = Marks()
        self.trusted = trusted
        self.limits = limits
        self.row = 0
        self.column = -1
        self.error = False
        self.formula = False
        self.value = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        local = name.rpartition(":")[2]
        if local == "c":
            self.finish()
            reference = attributes.get("r")
            if reference:
                self.row, self.column = _place(reference)
            else:
                self.column += 1
            self.error = attributes.get("t") == "e"
        elif local in ("v", "is"):
            self._extent()
            self.value = local == "is"
        elif local == "f":
            self._extent()
            self.formula = True
        elif local == "row":
            self.finish()
            self.row = int(attributes.get("r", self.row + 1))
            self.column = -1
            if _true(attributes.get("hidden")) or _zero(attributes.get("ht")):
                self.marks.hidden_rows.add(self.row)
        elif local == "col":
            if _true(attributes.get("hidden")) or _zero(attributes.get("width")):
                self.marks.hidden_columns.append((int(attributes["min"]) - 1, int(attributes["max"]) - 1))
        elif local == "mergeCell":
            first, _, last = attributes["ref"].partition(":")
            self.marks.merged.append(Merged(*_place(first), *_place(last or first)))
        elif local == "sheetFormatPr":
            self.marks.rows_hidden_by_default = _true(attributes.get("zeroHeight"))

    def _extent(self) -> None:
        """The reader lays the worksheet out as a rectangle, so one far cell would fill the memory."""
        marks = self.marks
        marks.last_row = max(marks.last_row, self.row)
        marks.last_column = max(marks.last_column, self.column)
        if marks.last_row * (marks.last_column + 1) > self.limits.cells:
            raise FileRefused(
                f"Lembar terlalu luas: ada isi sampai sel {column_letter(marks.last_column)}{marks.last_row}. "
                "Hapus isi di luar tabel, lalu simpan ulang."
            )

    def finish(self) -> None:
        """Judge the cell that has just ended."""
        at = (self.row, self.column)
        if self.error:
            self.marks.bad_cells[at] = _ERROR
        elif self.formula and not (self.value and self.trusted):
            self.marks.bad_cells[at] = _NOT_COMPUTED
        elif self.formula:
            self.marks.formulas.add(at)
        self.error = self.formula = self.value = False


def _zero(value: str | None) -> bool:
    return value is not None and float(value) == 0


def _xlsx_marks(archive: zipfile.ZipFile, part: str, trusted: bool, limits: Limits) -> Marks:
    scanner = _XlsxScanner(trusted, limits)
    parser = expat.ParserCreate()
    parser.buffer_text = True

    def start(name: str, attributes: dict[str, str]) -> None:
        scanner.start(name, attributes)
        # Text is listened to only inside the value of a formula; elsewhere it would cost a call per cell.
        parser.CharacterDataHandler = text if scanner.formula and name.rpartition(":")[2] == "v" else None

    def text(data: str) -> None:
        if data.strip():
            scanner.value = True

    parser.StartElementHandler = start
    with archive.open(part) as stream:
        while block := stream.read(BLOCK):
            parser.Parse(block, False)
    parser.Parse(b"", True)
    scanner.finish()
    return scanner.marks
