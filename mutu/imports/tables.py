"""Rows out of text files: delimiter, encoding, and blocks of rows that never hold the whole file."""

import csv
import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, BinaryIO

from mutu.imports.columns import HEADER_ROWS, Layout, Sheet, find_header, read_layout
from mutu.imports.gate import BLOCK, Limits, Source, unpacked_blocks
from mutu.imports.kinds import Cell
from mutu.imports.messages import FileRefused, Notice

ROWS_AT_ONCE = 1024
"""Small enough that a block of cells stays in the processor's cache while its columns are converted."""
DELIMITERS = (",", ";", "\t")


@dataclass
class Table:
    """An opened table: its layout, and its data rows in blocks.

    ``blocks`` yields ``(number of the first row, rows)``; every row of a block is a list of raw cells. ``faults``
    gives for a row number what is wrong with it beyond its cells: pairs of place (or None for the whole row) and
    text. ``notices`` are warnings about the file; ``state`` is what a template of ours carries unseen.
    """

    layout: Layout
    blocks: Iterator[tuple[int, list[list[Cell]]]]
    strict_width: bool
    faults: dict[int, list[tuple[int | None, str]]] = field(default_factory=dict)
    notices: list[Notice] = field(default_factory=list)
    state: list[list[str]] = field(default_factory=list)


class _Bytes(io.RawIOBase):
    """A raw stream over blocks of bytes, so that text decoding stays in C."""

    def __init__(self, blocks: Iterator[bytes]) -> None:
        self._blocks = blocks
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._rest:
            block = next(self._blocks, None)
            if block is None:
                return 0
            if b"\0" in block:
                raise FileRefused("Berkas berisi bita nol, jadi bukan teks CSV. Simpan ulang sebagai CSV UTF-8.")
            self._rest = memoryview(block)
        size = min(len(buffer), len(self._rest))
        buffer[:size] = self._rest[:size]
        self._rest = self._rest[size:]
        return size


def _plain_blocks(stream: BinaryIO, limits: Limits) -> Iterator[bytes]:
    total = 0
    while block := stream.read(BLOCK):
        total += len(block)
        if total > limits.unpacked:
            raise FileRefused(f"Berkas lebih besar dari {limits.unpacked // (1024 * 1024)} MB. Bagilah datanya.")
        yield block


@contextmanager
def _text(source: Source, limits: Limits) -> Iterator[io.TextIOWrapper]:
    with source.open() as stream:
        blocks = unpacked_blocks(stream, limits) if source.container == "csv.gz" else _plain_blocks(stream, limits)
        yield io.TextIOWrapper(io.BufferedReader(_Bytes(blocks), BLOCK), "utf-8-sig", newline="")


def _rows(source: Source, delimiter: str, limits: Limits) -> Iterator[tuple[int, list[list[Cell]]]]:
    """Blocks of rows with the number of their first row. Raises `FileRefused` where text or quoting breaks."""
    number = 1
    with _text(source, limits) as text:
        reader = csv.reader(text, delimiter=delimiter, strict=True)
        try:
            # A first block as long as the header search, so that looking at the header costs nothing.
            size = HEADER_ROWS
            while rows := list(islice(reader, size)):
                yield number, rows  # type: ignore[misc]
                number += len(rows)
                size = ROWS_AT_ONCE
        except UnicodeDecodeError:
            raise FileRefused(
                f"Teks berkas bukan UTF-8 (sesudah baris {max(reader.line_num, 1)}). Di Excel pilih Simpan Sebagai, "
                "CSV UTF-8; jangan CSV biasa."
            ) from None
        except csv.Error as fault:
            cause = "sel terlalu panjang atau " if "limit" in str(fault) else ""
            raise FileRefused(
                f"Baris teks ke-{reader.line_num}: {cause}tanda kutip tidak tertutup atau salah letak. Periksa tanda "
                'kutip (") di baris itu atau sebelumnya, atau simpan ulang dari Excel.'
            ) from None


def open_text(source: Source, sheet: Sheet, limits: Limits) -> Table:
    """Open a CSV file (plain or gzip): the delimiter is the one under which the header names most columns.

    Raises `FileRefused`.
    """
    scores: dict[str, int] = {}
    trouble: list[FileRefused] = []
    for delimiter in DELIMITERS:
        try:
            _, rows = next(_rows(source, delimiter, limits), (1, []))
            scores[delimiter] = find_header(sheet, rows)[1]
        except FileRefused as refusal:
            trouble.append(refusal)
    if not scores:
        raise trouble[0]
    best = max(scores, key=scores.__getitem__)
    blocks = _rows(source, best, limits)
    _, first = next(blocks, (1, []))
    named = {",": "koma", ";": "titik koma", "\t": "tab"}[best]
    layout = read_layout(sheet, first, "csv", named)

    def data() -> Iterator[tuple[int, list[list[Cell]]]]:
        yield layout.header_row + 1, first[layout.header_row :]
        yield from blocks

    return Table(layout, data(), strict_width=True)
