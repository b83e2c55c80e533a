"""Editing a workbook as a spreadsheet program does: the cells change, everything else in the container stays."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any
from xml.etree import ElementTree

from mutu.imports.tests.files import rezipped

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
SHEET = "xl/worksheets/sheet1.xml"


def edited(content: bytes, cells: Mapping[str, Any], change: Callable[[Any], None] | None = None) -> bytes:
    """The first worksheet with these cells set (`{"C2": 75, "D2": "72,5", "E2": None}`); `change` may do more to it.

    Text that begins with `=` becomes a formula without a stored value.
    """

    def rewrite(data: bytes) -> bytes:
        root = ElementTree.fromstring(data)
        for reference, value in cells.items():
            _set(root, reference, value)
        if change is not None:
            change(root)
        return ElementTree.tostring(root, encoding="UTF-8", xml_declaration=True)

    return rezipped(content, {SHEET: rewrite})


def _set(root: Any, reference: str, value: Any) -> None:
    number = int(re.sub("[A-Z]", "", reference))
    row = next(one for one in root.iter(f"{MAIN}row") if int(one.get("r")) == number)
    cell = next((one for one in row if one.get("r") == reference), None)
    if cell is None:
        cell = ElementTree.Element(f"{MAIN}c", {"r": reference})
        before = [at for at, one in enumerate(row) if _column(one.get("r")) < _column(reference)]
        row.insert(max(before, default=-1) + 1, cell)
    for inner in list(cell):
        cell.remove(inner)
    cell.attrib.pop("t", None)
    if value is None:
        return
    if isinstance(value, str) and value.startswith("="):
        ElementTree.SubElement(cell, f"{MAIN}f").text = value[1:]
    elif isinstance(value, str):
        cell.set("t", "inlineStr")
        inner = ElementTree.SubElement(cell, f"{MAIN}is")
        ElementTree.SubElement(inner, f"{MAIN}t").text = value
    else:
        ElementTree.SubElement(cell, f"{MAIN}v").text = str(value)


def _column(reference: str) -> tuple[int, str]:
    letters = re.sub("[0-9]", "", reference)
    return len(letters), letters


def hide_row(number: int) -> Callable[[Any], None]:
    """A change for `edited`: one row is hidden, as a filter does."""

    def change(root: Any) -> None:
        for row in root.iter(f"{MAIN}row"):
            if int(row.get("r")) == number:
                row.set("hidden", "1")

    return change
