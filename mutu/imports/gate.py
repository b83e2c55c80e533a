"""The gate before any parser: what a file really is, and whether it is safe to open.

The content decides, not the name; a name that says otherwise refuses the file, because the person may have picked
the wrong one. A ZIP container (xlsx, ods) is measured before it is parsed: size, unpacked size, ratio, number of
entries, declared against real size, passwords, paths that climb out, archives inside, macros, and XML that declares
a DTD or entities (billion laughs, XXE). Nothing is ever unpacked to disk.
"""

import io
import os
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO
from xml.parsers import expat

from mutu.imports.messages import FileDamaged, FileRefused

MEGABYTE = 1024 * 1024
BLOCK = 256 * 1024
HEAD = 4096
_ZIP = b"PK\x03\x04"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ARCHIVES = (_ZIP, b"\x1f\x8b", b"BZh", b"7z\xbc\xaf", b"Rar!", b"\xfd7zXZ", _OLE)
_RESAVE = "Buka berkas itu, lalu simpan ulang sebagai .xlsx (Excel Workbook)."
_ODS = b"application/vnd.oasis.opendocument.spreadsheet"


@dataclass(frozen=True)
class Limits:
    """How much a file may hold. Sizes are bytes; ``ratio`` is unpacked to packed; ``cells`` is rows times columns of
    one worksheet, because the reader lays them out as a full rectangle."""

    packed: int = 10 * MEGABYTE
    unpacked: int = 100 * MEGABYTE
    ratio: int = 100
    entries: int = 200
    cells: int = 8_000_000
    rows: int = 1_000_000


@dataclass(frozen=True)
class Source:
    """A file that passed the gate: ``container`` is ``xlsx``, ``ods``, ``csv`` or ``csv.gz``."""

    container: str
    content: bytes | Path
    name: str

    def open(self) -> BinaryIO:
        """The bytes as a stream from the start."""
        return io.BytesIO(self.content) if isinstance(self.content, bytes) else self.content.open("rb")


def admit(source: bytes | str | os.PathLike[str], name: str | None = None, limits: Limits | None = None) -> Source:
    """Look at the content of a file, given as bytes or as a path, and let it through or refuse it.

    ``name`` is the name the person knows the file by; for a path it defaults to its own. Raises `FileRefused`.
    """
    limits = limits or Limits()
    content: bytes | Path = source if isinstance(source, bytes) else Path(source)
    label = name if name is not None else ("" if isinstance(content, bytes) else content.name)
    try:
        size = len(content) if isinstance(content, bytes) else content.stat().st_size
    except OSError:
        raise FileRefused(f"Berkas {label} tidak dapat dibuka. Periksa nama dan letaknya.") from None
    if size == 0:
        raise FileRefused("Berkas kosong (0 bita). Pilih berkas yang berisi data.")
    found = Source("", content, label)
    with found.open() as stream:
        head = stream.read(HEAD)
        if not head.startswith(_ARCHIVES) and _ZIP in head:
            raise FileDamaged(f"Ada isi lain di depan buku kerja ini, jadi berkasnya rusak. {_RESAVE}")
        container = _container(head)
        if size > (limits.unpacked if container == "csv" else limits.packed):
            most = (limits.unpacked if container == "csv" else limits.packed) // MEGABYTE
            raise FileRefused(f"Berkas lebih besar dari {most} MB. Bagilah menjadi beberapa berkas.")
        if container == "zip":
            stream.seek(0)
            container = _inspect_zip(stream, size, limits)
        elif container == "csv.gz":
            stream.seek(0)
            inner = next(unpacked_blocks(stream, limits), b"")
            if _container(inner[:4096]) != "csv":
                raise FileRefused("Berkas .gz ini tidak berisi CSV. Mampatkan berkas CSV, bukan berkas lain.")
    _compare_name(label, container)
    return Source(container, content, label)


def _container(head: bytes) -> str:
    """What the first bytes say; raises `FileRefused` for anything that cannot hold a table."""
    if head.startswith(_ZIP):
        return "zip"
    if head.startswith(b"\x1f\x8b"):
        return "csv.gz"
    if head.startswith(_OLE):
        if "EncryptedPackage".encode("utf-16-le") in head:
            raise FileRefused("Buku kerja ini berkata sandi. Simpan ulang tanpa kata sandi, lalu impor lagi.")
        raise FileRefused(
            f"Berkas ini buku kerja Excel lama (.xls) atau berkata sandi, apa pun akhiran namanya. {_RESAVE}"
        )
    if head.startswith(b"%PDF"):
        raise FileRefused("Berkas ini PDF, bukan tabel. Minta berkas aslinya (.xlsx atau .csv).")
    if head.startswith((b"PK\x05\x06", b"PK\x07\x08")):
        raise FileRefused("Berkas ZIP ini kosong atau terpotong. Simpan ulang sebagai .xlsx.")
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise FileRefused("Teks berkas ini UTF-16. Simpan ulang sebagai CSV UTF-8.")
    if head.lstrip(b"\xef\xbb\xbf \t\r\n")[:64].lower().startswith((b"<html", b"<!doctype", b"<?xml", b"<table")):
        raise FileRefused(f"Berkas ini halaman HTML atau XML, bukan tabel. {_RESAVE}")
    if head.startswith((b"\x89PNG", b"\xff\xd8\xff", b"GIF8")):
        raise FileRefused("Berkas ini gambar, bukan tabel. Minta berkas aslinya (.xlsx atau .csv).")
    if b"\0" in head:
        raise FileRefused("Isi berkas tidak dikenali. Berkas harus .xlsx, .ods, .csv, atau .csv.gz.")
    return "csv"


def _compare_name(name: str, container: str) -> None:
    """Refuse a name whose ending promises something else than the content is; other endings say nothing."""
    lower = name.lower()
    promised = next(
        (
            ending
            for ending in (".csv.gz", ".xlsx", ".xlsm", ".xls", ".ods", ".csv", ".txt", ".gz")
            if lower.endswith(ending)
        ),
        "",
    )
    fitting = {
        "xlsx": (".xlsx", ".xlsm"),
        "ods": (".ods",),
        "csv": (".csv", ".txt"),
        "csv.gz": (".csv.gz", ".gz"),
    }[container]
    if promised and promised not in fitting:
        what = {"xlsx": "buku kerja Excel", "ods": "lembar OpenDocument", "csv": "teks CSV", "csv.gz": "CSV termampat"}
        raise FileRefused(
            f"Nama berkas berakhiran {promised}, tetapi isinya {what[container]}. Periksa apakah berkasnya benar; "
            f"bila benar, ganti akhirannya menjadi {fitting[0]}."
        )


def unpacked_blocks(stream: BinaryIO, limits: Limits) -> Iterator[bytes]:
    """The content of a gzip stream, block by block, never more than the limits allow.

    Raises `FileRefused` when it grows beyond the limits (a gzip bomb), is damaged, or is cut off.
    """
    packed = total = 0
    engine = zlib.decompressobj(wbits=31)
    pending = b""
    try:
        while True:
            block = pending or stream.read(BLOCK)
            if not pending:
                packed += len(block)
            if engine.eof and block:
                engine = zlib.decompressobj(wbits=31)
            plain = engine.decompress(block, 4 * BLOCK)
            if not block and not plain:
                break
            pending = engine.unconsumed_tail or engine.unused_data
            total += len(plain)
            if total > limits.unpacked or total > max(packed, 4096) * limits.ratio:
                raise FileRefused(
                    f"Isi berkas .gz terlalu besar bila dibuka (batas {limits.unpacked // MEGABYTE} MB, "
                    f"{limits.ratio} kali lipat). Bagilah datanya."
                )
            if plain:
                yield plain
    except zlib.error:
        raise FileRefused("Berkas .gz rusak. Unduh atau buat ulang berkasnya.") from None
    if not engine.eof:
        raise FileRefused("Berkas .gz terpotong: bagian akhirnya hilang. Unduh atau buat ulang berkasnya.")


def _inspect_zip(stream: BinaryIO, size: int, limits: Limits) -> str:
    """Measure each entry of a ZIP container and say whether it is ``xlsx`` or ``ods``. Raises `FileRefused`."""
    try:
        with zipfile.ZipFile(stream) as archive:
            entries = archive.infolist()
            check_directory(entries, size, limits)
            for entry in entries:
                _check_entry(archive, entry)
            return _workbook_kind(archive, {entry.filename for entry in entries})
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError, ValueError):
        raise FileRefused(f"Buku kerja rusak atau terpotong. {_RESAVE}") from None


def check_directory(entries: list[zipfile.ZipInfo], size: int, limits: Limits) -> None:
    """What the ZIP directory declares must stay within the limits."""
    if len(entries) > limits.entries:
        raise FileRefused(f"Berkas berisi {len(entries)} bagian, paling banyak {limits.entries}. {_RESAVE}")
    names = [entry.filename for entry in entries]
    if len(set(map(str.casefold, names))) < len(names):
        raise FileRefused(f"Berkas berisi dua bagian bernama sama. {_RESAVE}")
    if any(
        name.startswith(("/", "\\")) or ".." in name.replace("\\", "/").split("/") or ":" in name or "\\" in name
        for name in names
    ):
        raise FileRefused("Berkas berisi nama bagian yang keluar dari foldernya. Jangan pakai berkas ini.")
    if any(entry.flag_bits & 0x1 for entry in entries):
        raise FileRefused("Berkas ini berkata sandi. Simpan ulang tanpa kata sandi, lalu impor lagi.")
    if any(entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for entry in entries):
        raise FileRefused(f"Cara pemampatan berkas ini tidak dikenal. {_RESAVE}")
    total = sum(entry.file_size for entry in entries)
    if total > limits.unpacked:
        raise FileRefused(
            f"Isi berkas terlalu besar bila dibuka (lebih dari {limits.unpacked // MEGABYTE} MB). Bagilah datanya."
        )
    if total > size * limits.ratio or any(
        entry.file_size > MEGABYTE and entry.file_size > max(entry.compress_size, 1) * limits.ratio for entry in entries
    ):
        raise FileRefused(f"Isi berkas mengembang lebih dari {limits.ratio} kali bila dibuka. {_RESAVE}")


def _check_entry(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> None:
    """Read one entry through: no more than declared, no archive or macro in it, no DTD or entity in XML."""
    lower = entry.filename.lower()
    if lower.endswith(".bin") and "vba" in lower:
        raise FileRefused("Buku kerja berisi makro. Simpan ulang sebagai .xlsx tanpa makro.")
    parser = _strict_xml() if lower.endswith((".xml", ".rels", ".vml", ".rdf")) else None
    read = 0
    with archive.open(entry) as part:
        while block := part.read(BLOCK):
            if read == 0 and block.startswith(_ARCHIVES):
                raise FileRefused("Buku kerja berisi berkas lain di dalamnya. Hapus objek yang disisipkan.")
            read += len(block)
            if read > entry.file_size:
                raise FileRefused("Ukuran bagian di dalam berkas tidak jujur. Jangan pakai berkas ini.")
            if parser:
                _feed(parser, block, final=False)
    if parser and read:
        _feed(parser, b"", final=True)
    if read != entry.file_size:
        raise FileRefused("Ukuran bagian di dalam berkas tidak jujur. Jangan pakai berkas ini.")


def _strict_xml() -> expat.XMLParserType:
    """An XML parser that refuses any document type and any entity."""
    parser = expat.ParserCreate("UTF-8")

    def declared(version: str, encoding: str | None, standalone: int) -> None:
        # Every spreadsheet program writes UTF-8; another encoding would let two parsers read two different files.
        if (encoding or "utf-8").lower() not in ("utf-8", "us-ascii"):
            raise FileRefused(f"XML di dalam buku kerja bukan UTF-8. {_RESAVE}")

    def refuse(*_: object) -> None:
        raise FileRefused(
            "Buku kerja berisi deklarasi DTD atau entitas XML, yang tidak pernah diperlukan. Jangan pakai."
        )

    parser.XmlDeclHandler = declared
    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    return parser


def _feed(parser: expat.XMLParserType, block: bytes, *, final: bool) -> None:
    try:
        parser.Parse(block, final)
    except expat.ExpatError:
        raise FileDamaged(f"Buku kerja rusak: XML di dalamnya tidak utuh. {_RESAVE}") from None


def _workbook_kind(archive: zipfile.ZipFile, names: set[str]) -> str:
    """``xlsx`` or ``ods`` by the parts inside; raises `FileRefused` for other documents."""
    if "xl/workbook.xml" in names and "[Content_Types].xml" in names:
        return "xlsx"
    if "xl/workbook.bin" in names:
        raise FileRefused(f"Berkas ini buku kerja biner (.xlsb). {_RESAVE}")
    if "xl/workbook.xml" in names:
        raise FileDamaged(f"Buku kerja rusak: daftar isinya hilang. {_RESAVE}")
    if any(name.startswith(("word/", "ppt/")) for name in names):
        raise FileRefused("Berkas ini dokumen Word atau PowerPoint, bukan tabel. Salin tabelnya ke Excel.")
    if "mimetype" in names and "content.xml" in names and archive.read("mimetype").strip() == _ODS:
        return "ods"
    raise FileRefused("Berkas ini ZIP biasa, bukan buku kerja. Keluarkan isinya, lalu impor berkas .xlsx atau .csv.")
