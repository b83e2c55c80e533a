"""PDF from a Typst template and plain data, inside this process.

The data reach the template as JSON and stay strings there, so nothing a person typed is read as Typst markup.
Only the fonts inside the typst wheel are used: the same data give the same bytes on every machine.

The files declare PDF/A-2a and PDF/UA-1 by default. No independent validator has been run on them, so this
is what the file says of itself, not a proven conformance.
"""

import json
import re
import threading
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, cast

import typst

Paper = Literal["a4", "f4"]

# Templates below this folder may import the shared parts by "/reports/parts.typ".
ROOT = Path(__file__).resolve().parent.parent
STANDARDS = ("a-2a", "ua-1")

# A Compiler refuses to serve two threads at once, and loading the fonts again for each document would cost
# more than the document. So: the fonts once for the process, a compiler for each thread.
_fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=True)
_own = threading.local()

_KEPT_DOCUMENTS = 10

_MISSING_GLYPH = re.compile(r"the text `\"(?P<text>.+?)\"` could not be displayed")
_ESCAPE = re.compile(r"\\u\{(?P<code>[0-9a-f]+)\}")


class RenderError(Exception):
    """A document could not be made.

    The message is Indonesian and meant for the person who prints; it says what, where and how to mend it.
    It may quote the place of a text in the data but never the text around it, so it can be logged.
    ``detail`` is what Typst said, for whoever maintains the template.
    """

    def __init__(self, message: str, detail: str = "") -> None:
        super().__init__(message)
        self.detail = detail


def render(
    template: Path,
    data: Mapping[str, Any] | Sequence[Any],
    *,
    title: str,
    timestamp: datetime,
    lang: str = "id",
    standards: Sequence[str] = STANDARDS,
    paper: Paper = "a4",
) -> bytes:
    """Return the PDF that ``template`` makes of ``data``.

    ``data`` must be JSON types; write decimals and dates as the text that shall be printed. ``title`` and
    ``lang`` go into the PDF's metadata. ``timestamp`` is the date of the document, with a time zone: the
    same arguments give the same bytes, so it must not be the clock for a document that is to be printed
    again later. ``paper`` is the size where the data name none; f4 is 215 x 330 mm. ``standards`` are those
    the file declares, as Typst names them.

    A template below the ``mutu`` package may import ``/reports/parts.typ``; one elsewhere sees its own folder
    only.

    Raises ``RenderError`` if a character has no glyph in the fonts or the template fails, ``ValueError``
    for a timestamp without a zone or a number that JSON lacks (NaN), ``TypeError`` for data that are not
    JSON types.
    """
    if timestamp.tzinfo is None:
        raise ValueError("timestamp needs a time zone: without one the same data would print differently elsewhere")
    template = template.resolve()
    try:
        pdf = _compiler().compile(
            input=template,
            format="pdf",
            root=ROOT if template.is_relative_to(ROOT) else template.parent,
            sys_inputs={
                "data": json.dumps(data, ensure_ascii=False, allow_nan=False),
                "title": title,
                "lang": lang,
                "paper": paper,
            },
            pdf_standards=cast(Any, list(standards)),
            timestamp=int(timestamp.timestamp()),
        )
    except typst.TypstError as error:
        raise _explained(error, data) from error
    if not isinstance(pdf, bytes):
        raise RenderError("Dokumen tidak jadi: mesin cetak tidak mengembalikan berkas PDF.")
    return pdf


def release_memory() -> None:
    """Make Typst forget what it computed for the documents so far.

    It keeps every intermediate result until the tenth document after: ten class documents of 200 pages held
    1.3 GB, with this call after each the run stays under 300 MB and is no slower. The binding offers no
    call for it, so empty documents push the old results out. Call it after a large document, not after each
    small one, which gains from what the one before left behind.
    """
    for _ in range(_KEPT_DOCUMENTS + 1):
        _compiler().compile(input=b"", format="svg", sys_inputs=None)


def _compiler() -> typst.Compiler:
    if not hasattr(_own, "compiler"):
        _own.compiler = typst.Compiler(font_paths=_fonts, ignore_system_fonts=True)
    compiler: typst.Compiler = _own.compiler
    return compiler


def _explained(error: typst.TypstError, data: Any) -> RenderError:
    detail = error.diagnostic or error.message
    missing = _MISSING_GLYPH.search(error.message)
    if missing is None:
        return RenderError(
            "Dokumen tidak dapat dicetak karena templatnya bermasalah. Data tidak berubah. "
            "Sampaikan kepada pengelola aplikasi.",
            detail,
        )
    character = _ESCAPE.sub(lambda match: chr(int(match["code"], 16)), missing["text"])[0]
    shown = f"“{character}” " if character.isprintable() else ""
    places = list(_places(data, character))
    where = f" pada {places[0]}" if places else ""
    more = f" dan {len(places) - 1} tempat lain" if len(places) > 1 else ""
    return RenderError(
        f"Karakter {shown}(U+{ord(character):04X}){where}{more} tidak dapat dicetak. "
        "Hapus atau ganti karakter itu, lalu cetak lagi.",
        detail,
    )


def _places(data: Any, character: str, path: str = "") -> Iterator[str]:
    """Yield where ``character`` stands in the data, as a path people can follow; entries count from 1."""
    if isinstance(data, str):
        if character in data:
            yield path
    elif isinstance(data, Mapping):
        for name, value in data.items():
            yield from _places(value, character, f"{path} › {name}" if path else str(name))
    elif isinstance(data, Sequence):
        for number, value in enumerate(data, start=1):
            yield from _places(value, character, f"{path} ke-{number}" if path else f"ke-{number}")
