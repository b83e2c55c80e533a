"""Files of evidence: judged by their content, kept under a random name, never opened by us.

A photo, a PDF or an office document. Nothing is parsed: the first bytes decide the kind, a container must be a
document without macros, and whoever may read it gets it as a file to save, never as a page.
"""

from __future__ import annotations

import io
import secrets
import zipfile
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from mutu.regulation.explain import InputError

FOLDER = "bukti-kinerja"
LARGEST = 10 * 1024 * 1024
# How many entries an office document may hold before its list alone would be a burden.
MOST_ENTRIES = 5000
_OPEN_XML = {"word/": "docx", "xl/": "xlsx", "ppt/": "pptx"}
_OPEN_DOCUMENT = {
    b"application/vnd.oasis.opendocument.text": "odt",
    b"application/vnd.oasis.opendocument.spreadsheet": "ods",
    b"application/vnd.oasis.opendocument.presentation": "odp",
}
JENIS = {
    "pdf": "application/pdf",
    "jpg": "image/jpeg",
    "png": "image/png",
    "webp": "image/webp",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    **{akhiran: mime.decode() for mime, akhiran in _OPEN_DOCUMENT.items()},
}


@dataclass(frozen=True)
class Berkas:
    """A file as it was sent: the name the person knows it by, and its bytes."""

    nama: str
    isi: bytes


def kenali(berkas: Berkas) -> str:
    """What the file really is: an ending of `JENIS`. Raises InputError at `berkas`, saying what to send instead."""
    isi = berkas.isi
    if not isi:
        raise InputError.at("berkas", _("Berkas kosong; pilih berkas yang berisi."))
    if len(isi) > LARGEST:
        raise InputError.at(
            "berkas",
            _("Berkas lebih besar dari {n} MB; kecilkan fotonya atau bagi dokumennya.").format(n=LARGEST // 1024**2),
        )
    if isi.startswith(b"%PDF-"):
        return "pdf"
    if isi.startswith(b"\xff\xd8\xff"):
        return "jpg"
    if isi.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if isi.startswith(b"RIFF") and isi[8:12] == b"WEBP":
        return "webp"
    if isi.startswith(b"PK\x03\x04"):
        return _dokumen(isi)
    if isi[4:8] == b"ftyp":
        raise InputError.at("berkas", _("Foto HEIC atau video tidak diterima; simpan fotonya sebagai JPEG."))
    raise InputError.at(
        "berkas", _("Jenis berkas ini tidak diterima; kirim foto (JPEG, PNG), PDF, atau dokumen .docx, .xlsx, .odt.")
    )


def _dokumen(isi: bytes) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(isi)) as wadah:
            daftar = wadah.infolist()
            nama = {satu.filename for satu in daftar}
            mime = b""
            # The type is the first entry and a few letters long; nothing larger is ever unpacked.
            if "mimetype" in nama and wadah.getinfo("mimetype").file_size < 100:
                mime = wadah.read("mimetype").strip()
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError):
        raise InputError.at("berkas", _("Dokumen ini rusak; buka, simpan ulang, lalu kirim lagi.")) from None
    if len(daftar) > MOST_ENTRIES:
        raise InputError.at("berkas", _("Dokumen ini tidak wajar; simpan sebagai PDF, lalu kirim lagi."))
    if any(satu.lower().endswith("vbaproject.bin") or satu.startswith("Basic/") for satu in nama):
        raise InputError.at("berkas", _("Dokumen ini berisi makro; simpan sebagai PDF, lalu kirim lagi."))
    if mime in _OPEN_DOCUMENT:
        return _OPEN_DOCUMENT[mime]
    if "[Content_Types].xml" in nama:
        for awalan, akhiran in _OPEN_XML.items():
            if any(satu.startswith(awalan) for satu in nama):
                return akhiran
    raise InputError.at("berkas", _("Berkas ZIP tidak diterima; kirim berkas aslinya satu per satu."))


def nama_aman(nama: str, akhiran: str) -> str:
    """The name the person sees and gets back: no path, printable, with the ending that its content has."""
    bersih = "".join(huruf for huruf in nama.replace("\\", "/").rpartition("/")[2] if huruf.isprintable())
    pokok = " ".join(bersih.rpartition(".")[0].split() if "." in bersih else bersih.split())
    return f"{pokok[:100] or 'bukti'}.{akhiran}"


def simpan(berkas: Berkas, akhiran: str) -> str:
    """Put the bytes into the data folder under a name nobody can guess; returns that name."""
    nama = f"{secrets.token_hex(16)}.{akhiran}"
    folder = Path(settings.DATA_DIR) / FOLDER
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    (folder / nama).write_bytes(berkas.isi)
    return nama


def letak(nama: str) -> Path:
    """Where a stored file lies."""
    return Path(settings.DATA_DIR) / FOLDER / nama


def buang(nama: str) -> None:
    """Remove a stored file; nothing happens when it is gone already."""
    if nama:
        letak(nama).unlink(missing_ok=True)
