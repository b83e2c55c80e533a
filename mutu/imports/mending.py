"""A damaged workbook made whole again: the table of a raw export, in a container that every reader takes.

Some systems write workbooks that Excel calls damaged: a stray line before or after the ZIP, a list of contents or a
style sheet that is missing or cut off, control characters in names, an extent that says nothing. The cells are all
there, so the parts that hold them are copied into a new container and everything else is left out. Nothing is guessed
about a cell, and what is copied passes the gate like any other file.
"""

import os
import re
import zipfile
import zlib
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from xml.parsers import expat

from mutu.imports.gate import HEAD, Limits, check_directory
from mutu.imports.messages import FileRefused

_BOOK, _LINKS, _TEXTS, _STYLES = (
    "xl/workbook.xml",
    "xl/_rels/workbook.xml.rels",
    "xl/sharedStrings.xml",
    "xl/styles.xml",
)
_WORKSHEET = re.compile(r"xl/worksheets/[^/]+\.xml")
_INVISIBLE = re.compile(
    rb"[\x00-\x08\x0b\x0c\x0e-\x1f]|&#(?:x0*(?:[0-8bcef]|1[0-9a-f])|0*(?:[0-8]|1[124-9]|2[0-9]|3[01]));", re.I
)
_BARE = re.compile(rb"&(?!(?:amp|lt|gt|quot|apos|#[0-9]+|#x[0-9a-fA-F]+);)")
_EXTENT = re.compile(rb"<dimension\b[^>]*/>")
_LINK = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_DECLARED = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'


@dataclass(frozen=True)
class Mended:
    """The new container, and the sentence that tells the person what was wrong with the old one."""

    content: bytes
    text: str


def mend_workbook(source: bytes | str | os.PathLike[str], limits: Limits) -> Mended | None:
    """The tables of a damaged .xlsx in a new container; None when it cannot be mended. Raises `FileRefused` where the
    ZIP itself is not to be opened."""
    content = source if isinstance(source, bytes) else Path(source).read_bytes()
    start = content[:HEAD].find(b"PK\x03\x04")
    if start < 0:
        return None
    wrong = ["ada isi lain di depannya"] if start else []
    try:
        with zipfile.ZipFile(BytesIO(content[start:])) as archive:
            entries = archive.infolist()
            check_directory(entries, len(content), limits)
            names = {entry.filename for entry in entries}
            if _BOOK not in names or any("vba" in name.lower() for name in names):
                return None
            parts = {
                name: archive.read(name)
                for name in sorted(names)
                if name in (_BOOK, _LINKS, _TEXTS, _STYLES) or _WORKSHEET.fullmatch(name)
            }
    except FileRefused:
        raise
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError, ValueError):
        return None
    return _rebuilt(parts, names, wrong)


def _rebuilt(parts: dict[str, bytes], names: set[str], wrong: list[str]) -> Mended | None:
    for name, data in parts.items():
        clean = _INVISIBLE.sub(b" ", data)
        if clean != data:
            wrong.append("ada huruf yang tidak terlihat di dalamnya")
        bare = _BARE.sub(b"&amp;", clean)
        if bare != clean:
            wrong.append("tanda & tidak ditulis semestinya")
        parts[name] = _EXTENT.sub(b"", bare)
    if _STYLES in parts and not _whole(parts[_STYLES]):
        wrong.append("daftar gayanya terpotong")
        del parts[_STYLES]
    if not all(map(_whole, parts.values())):
        return None
    sheets = sorted(name for name in parts if _WORKSHEET.fullmatch(name))
    if "[Content_Types].xml" not in names or "_rels/.rels" not in names or _LINKS not in names:
        wrong.append("daftar isinya hilang")
    if _LINKS not in parts:
        if len(sheets) != 1:
            return None
        found = re.search(rb'<sheet\b[^>]*\br:id="([^"]+)"', parts[_BOOK])
        if not found:
            return None
        parts[_LINKS] = _relations([(found[1].decode(), "worksheet", sheets[0].removeprefix("xl/"))])
        if _TEXTS in parts:
            parts[_LINKS] = parts[_LINKS].replace(
                b"</Relationships>",
                _relation("mutuTeks", "sharedStrings", "sharedStrings.xml").encode() + b"</Relationships>",
            )
    parts["_rels/.rels"] = _relations([("rId1", "officeDocument", _BOOK)])
    parts["[Content_Types].xml"] = _contents(parts)
    made = BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    what = ", ".join(dict.fromkeys(wrong)) or "susunannya tidak lengkap"
    return Mended(
        made.getvalue(),
        f"Berkas ini rusak menurut Excel ({what}), tetapi tabelnya terbaca. Cocokkan jumlah barisnya dengan asalnya.",
    )


def _whole(data: bytes) -> bool:
    try:
        expat.ParserCreate().Parse(data, True)
    except expat.ExpatError:
        return False
    return True


def _relation(key: str, kind: str, target: str) -> str:
    return f'<Relationship Id="{key}" Type="{_LINK}/{kind}" Target="{target}"/>'


def _relations(links: list[tuple[str, str, str]]) -> bytes:
    inner = "".join(_relation(*link) for link in links)
    return f'{_DECLARED}<Relationships xmlns="{_PACKAGE}/relationships">{inner}</Relationships>'.encode()


def _contents(parts: dict[str, bytes]) -> bytes:
    kinds = {_BOOK: "sheet.main", _TEXTS: "sharedStrings", _STYLES: "styles"}
    stem = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    inner = "".join(
        f'<Override PartName="/{name}" ContentType="{stem}.{kinds.get(name, "worksheet")}+xml"/>'
        for name in parts
        if name in kinds or _WORKSHEET.fullmatch(name)
    )
    defaults = (
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
    )
    return f'{_DECLARED}<Types xmlns="{_PACKAGE}/content-types">{defaults}{inner}</Types>'.encode()
