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
from mutu.imports.messages import FileDamaged, FileRefused, column_letter

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
                return _ods_marks(archive, limits)
            trusted, parts = _worksheets(archive)
            for name, part in parts.items():
                if part in archive.NameToInfo:
                    marks[name] = _xlsx_marks(archive, part, trusted, limits)
    except (expat.ExpatError, zipfile.BadZipFile, KeyError, ValueError):
        raise FileDamaged("Susunan buku kerja tidak dikenali. Simpan ulang sebagai .xlsx dari Excel.") from None
    return marks


def _scan(archive: zipfile.ZipFile, part: str, start: Callable[[str, dict[str, str]], None]) -> None:
    """Call ``start`` for each element of a part."""
    parser = expat.ParserCreate("UTF-8")
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


def _check_extent(marks: Marks, limits: Limits) -> None:
    """The reader lays the worksheet out as a rectangle, so one far cell would fill the memory."""
    if marks.last_row * (marks.last_column + 1) > limits.cells:
        raise FileRefused(
            f"Lembar terlalu luas: ada isi sampai sel {column_letter(marks.last_column)}{marks.last_row}. "
            "Hapus isi di luar tabel, lalu simpan ulang."
        )


class _XlsxScanner:
    """Follows the elements of one worksheet."""

    def __init__(self, trusted: bool, limits: Limits) -> None:
        self.marks = Marks()
        self.trusted = trusted
        self.limits = limits
        self.row = 0
        self.column = -1
        self.columns: dict[str, int] = {}
        self.error = False
        self.formula = False
        self.value = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        local = name if ":" not in name else name.rpartition(":")[2]
        if local == "c":
            if self.formula or self.error:
                self.finish()
            self.value = False
            reference = attributes.get("r")
            if reference:
                letters = reference.rstrip("0123456789")
                if letters not in self.columns:
                    self.columns[letters] = _place(reference)[1]
                self.row, self.column = int(reference[len(letters) :]), self.columns[letters]
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
        marks = self.marks
        if self.row > marks.last_row or self.column > marks.last_column:
            marks.last_row = max(marks.last_row, self.row)
            marks.last_column = max(marks.last_column, self.column)
            _check_extent(marks, self.limits)

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
    parser = expat.ParserCreate("UTF-8")
    parser.buffer_text = True

    def start(name: str, attributes: dict[str, str]) -> None:
        scanner.start(name, attributes)
        # Text is listened to only inside the value of a formula; elsewhere it would cost a call per cell.
        if scanner.formula or listening:
            listen(scanner.formula and name.rpartition(":")[2] == "v")

    listening = False

    def listen(now: bool) -> None:
        nonlocal listening
        listening = now
        parser.CharacterDataHandler = text if now else None

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


class _OdsScanner:
    """Follows the elements of an OpenDocument spreadsheet's content, where runs of equal rows and cells are counted
    instead of repeated."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.marks: dict[str, Marks] = defaultdict(Marks)
        self.now = Marks()
        self.styles: dict[str, dict[str, str]] = {}
        self.style = ""
        self.row = self.rows = 0
        self.column = 0
        self.declared = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "style:style":
            self.style = attributes.get("style:name", "")
        elif name in ("style:table-properties",):
            self.styles[self.style] = attributes
        elif name == "table:table":
            self.now = self.marks[attributes.get("table:name", "")]
            look = self.styles.get(attributes.get("table:style-name", ""), {})
            self.now.hidden = look.get("table:display") == "false"
            self.row = self.rows = self.declared = 0
        elif name == "table:table-column":
            count = int(attributes.get("table:number-columns-repeated", 1))
            if attributes.get("table:visibility", "visible") != "visible":
                self.now.hidden_columns.append((self.declared, self.declared + count - 1))
            self.declared += count
        elif name == "table:table-row":
            self.row += self.rows
            self.rows = int(attributes.get("table:number-rows-repeated", 1))
            self.column = 0
            self.row_hidden = attributes.get("table:visibility", "visible") != "visible"
        elif name in ("table:table-cell", "table:covered-table-cell"):
            self._cell(attributes)

    row_hidden = False

    def _cell(self, attributes: dict[str, str]) -> None:
        count = int(attributes.get("table:number-columns-repeated", 1))
        first = self.row + 1
        down = int(attributes.get("table:number-rows-spanned", 1))
        right = int(attributes.get("table:number-columns-spanned", 1))
        if down > 1 or right > 1:
            self.now.merged.append(Merged(first, self.column, first + down - 1, self.column + right - 1))
        kind = attributes.get("office:value-type", "")
        formula = "table:formula" in attributes
        if kind or formula:
            self._extent(first + self.rows - 1, self.column + count - 1)
            if self.row_hidden:
                self.now.hidden_rows.update(range(first, first + self.rows))
        if formula or attributes.get("calcext:value-type") == "error":
            for row in range(first, first + self.rows):
                for column in range(self.column, self.column + count):
                    if attributes.get("calcext:value-type") == "error":
                        self.now.bad_cells[row, column] = _ERROR
                    elif not kind:
                        self.now.bad_cells[row, column] = _NOT_COMPUTED
                    else:
                        self.now.formulas.add((row, column))
        self.column += count

    def _extent(self, row: int, column: int) -> None:
        now = self.now
        now.last_row = max(now.last_row, row)
        now.last_column = max(now.last_column, column)
        _check_extent(now, self.limits)


def _ods_marks(archive: zipfile.ZipFile, limits: Limits) -> dict[str, Marks]:
    scanner = _OdsScanner(limits)
    _scan(archive, "content.xml", scanner.start)
    return scanner.marks
