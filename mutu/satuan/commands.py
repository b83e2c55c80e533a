"""What `mutu impor` does: set the database up if need be, import one file, and tell the counts.

Knows nothing of Django until the database is ready, so that a wrong file name is answered at once.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from mutu.satuan.setup import ensure_database

if TYPE_CHECKING:
    from mutu.satuan.models import TahunPelajaran
    from mutu.satuan.services.imports import Outcome

DONE, UNREADABLE, NO_DATABASE = 0, 2, 3
SHOWN_REFUSALS = 10


def run_import(
    kind: str, path: Path, *, npsn: str = "", year: str = "", report: Path | None = None, as_json: bool = False
) -> int:
    """Import a file of schools or pupils; returns the exit code: 0 committed (also when rows were refused),
    2 when the file or an argument cannot be used, 3 when the database cannot be reached. Then nothing was changed."""
    if not path.is_file():
        return _fail(UNREADABLE, f"Berkas {path} tidak ada. Periksa nama dan letaknya.")
    if report is not None and not (
        report.parent.is_dir() and os.access(report.parent, os.W_OK) and not report.is_dir()
    ):
        return _fail(UNREADABLE, f"Laporan tidak dapat ditulis ke {report}. Pilih folder lain.")
    from django.core.exceptions import ValidationError
    from django.db import OperationalError

    from mutu.imports.messages import FileRefused

    try:
        ensure_database()
        tahun = _year(npsn, year) if kind == "peserta" else None
        outcome = _import(kind, path, tahun)
    except OperationalError as error:
        return _fail(NO_DATABASE, f"Basis data tidak dapat dipakai: {str(error).strip()}. Tidak ada yang berubah.")
    except ValidationError as error:
        return _fail(UNREADABLE, *error.messages)
    except FileRefused as refusal:
        return _fail(UNREADABLE, *map(str, refusal.notices), "Berkas tidak diimpor; tidak ada yang berubah.")
    if report is not None:
        _write_report(report, outcome)
    _tell(outcome, report, as_json)
    return DONE


def _year(npsn: str, label: str) -> TahunPelajaran:
    from django.core.exceptions import ValidationError

    from mutu.satuan.models import TahunPelajaran
    from mutu.satuan.services.years import parse_year

    found = TahunPelajaran.objects.select_related("sekolah").filter(sekolah__npsn=npsn, mulai=parse_year(label)).first()
    if found is None:
        raise ValidationError(f"Sekolah {npsn} belum mempunyai tahun pelajaran {label}. Buat dahulu lewat halamannya.")
    return found


def _import(kind: str, path: Path, tahun: TahunPelajaran | None) -> Outcome:
    from mutu.satuan import ledger
    from mutu.satuan.services.imports import import_file

    tell = _progress() if sys.stderr.isatty() else None
    try:
        return import_file(jenis=kind, path=path, tahun=tahun, progress=tell, by=ledger.SYSTEM)
    finally:
        if tell is not None:
            sys.stderr.write("\r\x1b[K")


def _progress() -> Callable[[int], None]:
    def tell(rows: int) -> None:
        sys.stderr.write(f"\r{rows:,} baris dibaca".replace(",", "."))
        sys.stderr.flush()

    return tell


def _write_report(report: Path, outcome: Outcome) -> None:
    """Write the refused rows beside the report's place and put them there at once, so that it is never half."""
    from mutu.imports.refusals import write_refusals

    part = report.with_name(f"{report.name}.sebagian")
    with part.open("w", encoding="utf-8-sig", newline="") as stream:
        write_refusals(outcome.parsed.refused, stream)
    part.replace(report)


def _tell(outcome: Outcome, report: Path | None, as_json: bool) -> None:
    counts = outcome.plan.counts
    if as_json:
        _say(sys.stdout, json.dumps(counts, ensure_ascii=False, separators=(",", ":")))
    else:
        total = sum(number for name, number in counts.items() if name != "peringatan")
        _say(sys.stdout, f"{_dotted(total)} baris: " + ", ".join(f"{_dotted(n)} {name}" for name, n in counts.items()))
    for note in outcome.notes:
        _say(sys.stderr, note)
    if not counts["ditolak"]:
        return
    where = f"; alasannya ada di {report}" if report is not None else "; pakai --laporan untuk daftarnya"
    _say(sys.stderr, f"{_dotted(counts['ditolak'])} baris ditolak{where}.")
    if report is None:
        for notice in outcome.parsed.refused[:SHOWN_REFUSALS]:
            _say(sys.stderr, f"  {notice}")


def _dotted(number: int) -> str:
    return f"{number:,}".replace(",", ".")


def _say(stream: object, text: str) -> None:
    # Bytes, because a Windows console or a C locale would otherwise choose an encoding that is not UTF-8.
    buffer = stream.buffer  # type: ignore[attr-defined]
    buffer.write(text.encode("utf-8") + b"\n")
    buffer.flush()


def _fail(code: int, *sentences: str) -> int:
    for sentence in sentences:
        _say(sys.stderr, sentence)
    return code
