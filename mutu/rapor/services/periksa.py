"""What `mutu rapor` does: verify a signed PDF without asking anyone, and hand out the school's public key.

Knows no Django until the database is asked: with a key file given, a machine without Mutu's data can verify too.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from mutu.rapor.services import bukti

VALID, NOT_VALID = 0, 2
LARGEST = 50 * 1024 * 1024

SENTENCES = {
    "sah": "Sah: berkas ini utuh dan ditandatangani kunci yang dikenal.",
    "rusak": "Rusak: berkas ini berubah sesudah ditandatangani. Jangan dipakai.",
    "tanpa_tanda": "Tidak bertanda tangan: berkas ini bukan naskah rapor final yang utuh.",
    "kunci_tidak_dikenal": "Kunci tidak dikenal: mintalah kunci publik sekolahnya, lalu periksa lagi dengan --kunci.",
    "diganti": "Tidak berlaku lagi: berkas ini utuh, tetapi sudah diganti revisi.",
    "ditarik": "Tidak berlaku: berkas ini utuh, tetapi sudah ditarik sekolah.",
    "tidak_dikenal": "Tidak dikenal: tanda tangannya utuh, tetapi basis data sekolah tidak mempunyai rapor ini.",
    "tidak_terbaca": "Berkas tidak dapat diperiksa.",
}


@dataclass
class Laporan:
    """The answer: `hasil` (a key of SENTENCES), number and key of the file, and whether a database was asked."""

    hasil: str
    pesan: str
    id: str = ""
    kunci: str = ""
    basis_data: bool = False


def run_check(path: Path, keys: Sequence[Path], *, as_json: bool) -> int:
    """Verify a PDF. Returns 0 when it is valid, else 2.

    With `keys` nothing but the file and the keys is read; else the keys of this installation and, where it can be
    reached, its database, which knows what was replaced or withdrawn.
    """
    report = _check(path, keys)
    if as_json:
        _say(sys.stdout, json.dumps(asdict(report), ensure_ascii=False, separators=(",", ":")))
    else:
        _say(sys.stdout, report.pesan)
        if report.id:
            _say(sys.stdout, f"Nomor rapor: {report.id}")
        if report.hasil == "sah" and not report.basis_data:
            _say(sys.stdout, "Tidak dibandingkan dengan basis data; apakah sudah diganti, tanyakan kepada sekolah.")
    return VALID if report.hasil == "sah" else NOT_VALID


def _check(path: Path, keys: Sequence[Path]) -> Laporan:
    try:
        if path.stat().st_size > LARGEST:
            return Laporan("tidak_terbaca", f"Berkas {path} terlalu besar untuk sebuah rapor.")
        content = path.read_bytes()
    except OSError as error:
        return Laporan("tidak_terbaca", f"Berkas {path} tidak dapat dibaca ({error.strerror}).")
    try:
        known = bukti.read_keys(keys or [_own_public()])
    except bukti.KeyFault as error:
        return Laporan("tidak_terbaca", str(error))
    verdict = bukti.verify_file(content, known)
    report = Laporan(verdict.hasil, SENTENCES[verdict.hasil], verdict.id, verdict.kunci)
    if verdict.hasil == "sah" and not keys:
        report.basis_data, found = _stored(verdict.id)
        if found:
            report.hasil, report.pesan = found, SENTENCES[found]
    return report


def _own_public() -> Path:
    from mutu.satuan.setup import start_django

    start_django()
    from django.conf import settings

    return Path(settings.DATA_DIR) / bukti.PUBLIC_NAME


def _stored(number: str) -> tuple[bool, str]:
    """Whether the database could be asked, and what it knows against a file: diganti, ditarik, tidak_dikenal or ''."""
    from django.db import DatabaseError, connection

    from mutu.rapor.models import RaporFinal

    name = str(connection.settings_dict["NAME"])
    if connection.vendor == "sqlite" and not Path(name).is_file():
        return False, ""
    try:
        status = RaporFinal.objects.filter(pk=number).values_list("status", flat=True).first()
    except DatabaseError:
        return False, ""
    if status is None:
        return True, "tidak_dikenal"
    return True, "" if status == RaporFinal.Status.BERLAKU else str(status)


def run_key(target: Path | None) -> int:
    """Print the school's public key (PEM), or write it to a file; the fingerprint goes to the error stream."""
    from mutu.satuan.setup import start_django

    start_django()
    from django.conf import settings

    try:
        key = bukti.own_key(Path(settings.DATA_DIR))
    except bukti.KeyFault as error:
        _say(sys.stderr, str(error))
        return NOT_VALID
    pem = bukti.public_pem(key.private.public_key())
    if target is None:
        _say(sys.stdout, pem.decode().rstrip("\n"))
    else:
        try:
            target.write_bytes(pem)
        except OSError as error:
            _say(sys.stderr, f"Kunci tidak dapat ditulis ke {target} ({error.strerror}).")
            return NOT_VALID
    _say(sys.stderr, f"Sidik kunci: {key.fingerprint}")
    return VALID


def _say(stream: Any, text: str) -> None:
    # Bytes, because a Windows console or a C locale would otherwise choose an encoding that is not UTF-8.
    stream.buffer.write(text.encode("utf-8") + b"\n")
    stream.buffer.flush()
