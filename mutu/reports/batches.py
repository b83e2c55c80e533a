"""Many documents of one kind: a whole class as one PDF, or one PDF a person for a ZIP."""

import re
import unicodedata
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from mutu.reports.pdf import STANDARDS, Paper, RenderError, release_memory, render

# Setting up costs a document as much as several pages, so one page a document is slow; a thousand pages in
# one document take 769 MB, so all in one is no answer either. Between 50 and 200 pages speed and memory are
# both good.
MOST_PAGES = 200

# Windows keeps these names for devices, whatever the extension.
_DEVICES = {"CON", "PRN", "AUX", "NUL", *(f"{port}{n}" for port in ("COM", "LPT") for n in range(1, 10))}
_FORBIDDEN = re.compile(r'[<>:"/\\|?*]')
# File systems count bytes (mostly 255), and some scripts take three or four a letter.
_LONGEST_NAME = 120
_LONGEST_NAME_BYTES = 200


@dataclass(frozen=True)
class Batch:
    """One PDF with the items ``first`` to ``last`` (counted from 0, both included)."""

    first: int
    last: int
    pdf: bytes


@dataclass(frozen=True)
class Member:
    """One file of a ZIP: a safe, unique name, and either the PDF or the reason why there is none."""

    name: str
    pdf: bytes | None
    error: RenderError | None


def render_class(
    template: Path,
    items: Sequence[Any],
    *,
    key: str,
    title: str,
    timestamp: datetime,
    pages_each: int = 1,
    lang: str = "id",
    standards: Sequence[str] = STANDARDS,
    paper: Paper = "a4",
) -> Iterator[Batch]:
    """Yield the items as few documents of about equal size, none beyond ``MOST_PAGES`` pages.

    The template receives ``{key: [item, ...]}``. ``pages_each`` is the expected number of pages of one
    item; a class of 40 with four pages each is one document. Nothing is rendered before it is asked for, so
    a job can report progress and be cancelled between documents. Raises as ``render``; a ``RenderError``
    names the item within its document, counted from 1.
    """
    if pages_each < 1:
        raise ValueError("pages_each must be at least 1")
    most = max(1, MOST_PAGES // pages_each)
    documents = -(-len(items) // most)
    for number in range(documents):
        first = number * len(items) // documents
        stop = (number + 1) * len(items) // documents
        try:
            pdf = render(
                template,
                {key: list(items[first:stop])},
                title=title,
                timestamp=timestamp,
                lang=lang,
                standards=standards,
                paper=paper,
            )
        finally:
            release_memory()
        yield Batch(first, stop - 1, pdf)


def zip_members(
    template: Path,
    items: Iterable[Any],
    *,
    key: str,
    name: Callable[[Any], str],
    title: Callable[[Any], str],
    timestamp: datetime | Callable[[Any], datetime],
    lang: str = "id",
    standards: Sequence[str] | Callable[[Any], Sequence[str]] = STANDARDS,
    paper: Paper = "a4",
    finish: Callable[[Any, bytes], bytes] | None = None,
) -> Iterator[Member]:
    """Yield one PDF an item, each rendered by itself.

    Cutting a class document into pieces would be faster, but the pieces lose their tags and language.
    ``name`` gives the file's name without extension; names that would be equal (case ignored) get a number.
    An item that cannot be printed comes with its error instead of a PDF, so one pupil never holds up a
    class. ``timestamp`` and ``standards`` may differ from item to item; ``finish`` gets each item with its
    PDF and returns the file, for instance signed.
    """
    taken: set[str] = set()
    for item in items:
        stem = safe_name(name(item))
        unique, count = stem, 1
        while unique.casefold() in taken:
            count += 1
            unique = f"{stem} ({count})"
        taken.add(unique.casefold())
        try:
            pdf = render(
                template,
                {key: [item]},
                title=title(item),
                timestamp=timestamp(item) if callable(timestamp) else timestamp,
                lang=lang,
                standards=standards(item) if callable(standards) else standards,
                paper=paper,
            )
        except RenderError as error:
            yield Member(f"{unique}.pdf", None, error)
        else:
            yield Member(f"{unique}.pdf", finish(item, pdf) if finish else pdf, None)


def write_zip(target: BinaryIO, members: Iterable[Member], *, timestamp: datetime) -> list[Member]:
    """Write the members that have a PDF into ``target``; return those that have none.

    Every entry carries ``timestamp``, so the same PDFs give the same archive. ZIP knows no date before 1980.
    """
    failed = []
    # Pages inside a PDF are compressed already; a second time costs time and gains nothing.
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for member in members:
            if member.pdf is None:
                failed.append(member)
            else:
                archive.writestr(zipfile.ZipInfo(member.name, timestamp.timetuple()[:6]), member.pdf)
    return failed


def safe_name(text: str) -> str:
    """Return ``text`` as a file name (without extension) that Windows, macOS and Linux all accept.

    Letters of every script stay. Path separators, characters Windows forbids, control and direction marks
    go, so a pupil's name can neither leave the folder nor disguise an extension.
    """
    plain = unicodedata.normalize("NFC", text)
    plain = "".join(" " if unicodedata.category(char)[0] in "CZ" else char for char in plain)
    plain = " ".join(_FORBIDDEN.sub("-", plain).split())[:_LONGEST_NAME]
    plain = plain.encode()[:_LONGEST_NAME_BYTES].decode(errors="ignore").strip(". ")
    if not plain:
        return "tanpa nama"
    return f"_{plain}" if plain.split(".")[0].upper() in _DEVICES else plain
