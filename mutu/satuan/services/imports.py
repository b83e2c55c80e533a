"""An import from upload to commit: preview what a file would do, then write exactly that or nothing.

The preview job reads the file, plans, and leaves in the import's folder what a person looks at: `pratinjau.json`, the
refused rows as CSV and as a workbook to mend. The commit job reads the file again, plans inside one short transaction
and goes on only if the plan is the previewed one. The command line does the same in one go.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from mutu.imports.gate import Limits, admit, unpacked_blocks
from mutu.imports.messages import FileDamaged, FileRefused, Notice
from mutu.imports.parsing import Parsed
from mutu.imports.plan import Plan
from mutu.imports.refusals import write_error_workbook, write_refusals
from mutu.satuan import ledger
from mutu.satuan.access import can, roles_of
from mutu.satuan.jobs import Handle, JobError, job, submit
from mutu.satuan.models import Akun, Impor, Pekerjaan, Sekolah, TahunPelajaran
from mutu.satuan.services import pupil_list, school_list
from mutu.satuan.services.school_list import PlanChanged

SCHOOLS, PUPILS = "sekolah", "peserta"
UPLOADED, PREVIEW, REFUSED_CSV, REFUSED_XLSX = "berkas", "pratinjau.json", "ditolak.csv", "perbaikan.xlsx"
SHOWN_ROWS = 100
"""So many rows of each outcome are kept for the preview page; the files hold all refused ones."""
LARGEST_UPLOAD = Limits().unpacked
READ_SHARE = 90
"""Percent of the bar that reading the file takes."""


@dataclass
class Outcome:
    """What one import did or would do. `notes` are sentences about the file that concern no single row."""

    parsed: Parsed
    plan: Plan
    sha256: str
    notes: list[str] = field(default_factory=list)


def folder_of(impor: Impor) -> Path:
    """Where an import keeps its files; they may hold personal data."""
    return Path(settings.UPLOAD_DIR) / str(impor.pk)


class Kind(ABC):
    """One kind of import: how its file is read, planned and written, who may handle it, and where it belongs.

    A subject registers its own kinds (`register_kind`), so that this module knows none of them.
    """

    @abstractmethod
    def read(self, impor: Impor, source: Path, *, progress: Callable[[int], None]) -> Parsed:
        """Read the file. Raises `FileRefused`."""

    @abstractmethod
    def plan(self, impor: Impor, parsed: Parsed) -> tuple[Parsed, Plan, list[str]]:
        """The file without the rows refused here, the plan, and sentences that concern no single row."""

    @abstractmethod
    def write(self, impor: Impor, parsed: Parsed, *, by: Akun, finish: Callable[[Plan], None]) -> None:
        """Write exactly the plan whose digest is `impor.sidik_rencana`, and call `finish` in the same transaction.
        Raises `PlanChanged` when the plan is another one now."""

    @abstractmethod
    def allowed(self, akun: Akun, impor: Impor) -> bool:
        """Whether the account may see and commit this import today."""

    @abstractmethod
    def home(self, impor: Impor) -> str:
        """The address of the page that the import started from."""


class SchoolsKind(Kind):
    """The ministry's list of schools; for the operator of the installation."""

    def read(self, impor: Impor, source: Path, *, progress: Callable[[int], None]) -> Parsed:
        return school_list.read_schools(source, name=impor.nama_berkas, progress=progress)

    def plan(self, impor: Impor, parsed: Parsed) -> tuple[Parsed, Plan, list[str]]:
        made = school_list.plan_schools(parsed)
        return parsed, made.plan, _notes(made)

    def write(self, impor: Impor, parsed: Parsed, *, by: Akun, finish: Callable[[Plan], None]) -> None:
        school_list.import_schools(
            parsed,
            by=by,
            digest=impor.sidik_rencana,
            sha256=impor.sha256,
            finish=lambda made: finish(made.plan),
        )

    def allowed(self, akun: Akun, impor: Impor) -> bool:
        return roles_of(akun).is_operator

    def home(self, impor: Impor) -> str:
        return reverse("sekolah-impor")


class PupilsKind(Kind):
    """The pupils of one school year; for the school's operator."""

    def read(self, impor: Impor, source: Path, *, progress: Callable[[int], None]) -> Parsed:
        return pupil_list.read_pupils(source, name=impor.nama_berkas, progress=progress)

    def plan(self, impor: Impor, parsed: Parsed) -> tuple[Parsed, Plan, list[str]]:
        return *pupil_list.plan_pupils(parsed, year_of(impor)), []

    def write(self, impor: Impor, parsed: Parsed, *, by: Akun, finish: Callable[[Plan], None]) -> None:
        pupil_list.import_pupils(
            parsed, tahun=year_of(impor), by=by, digest=impor.sidik_rencana, sha256=impor.sha256, finish=finish
        )

    def allowed(self, akun: Akun, impor: Impor) -> bool:
        return impor.sekolah is not None and can(akun, "tata", impor.sekolah)

    def home(self, impor: Impor) -> str:
        return reverse("peserta-impor", args=[year_of(impor).pk])


_kinds: dict[str, Kind] = {SCHOOLS: SchoolsKind(), PUPILS: PupilsKind()}


def register_kind(name: str, kind: Kind) -> None:
    """Make one more kind of import known (at import time of the module that holds it)."""
    _kinds[name] = kind


def kind_of(impor: Impor) -> Kind:
    """How this import is done."""
    return _kinds[impor.jenis]


def may_handle(akun: Akun, impor: Impor) -> bool:
    """Whether the account may see and commit this import today."""
    return kind_of(impor).allowed(akun, impor)


def start_import(
    *,
    jenis: str,
    chunks: Iterable[bytes],
    nama_berkas: str,
    sekolah: Sekolah | None = None,
    tahun: TahunPelajaran | None = None,
    rujukan: dict[str, int] | None = None,
    by: Akun,
) -> tuple[Impor, Pekerjaan]:
    """Keep an uploaded file and queue its preview; `rujukan` holds the ids that its kind needs.

    Raises `ValidationError` when the file is larger than anything useful.
    """
    impor = Impor(
        jenis=jenis, sekolah=sekolah, tahun=tahun, akun=by, nama_berkas=nama_berkas[-200:], rujukan=rujukan or {}
    )
    folder = folder_of(impor)
    folder.mkdir(parents=True, mode=0o700)
    digest, size = hashlib.sha256(), 0
    try:
        with (folder / UPLOADED).open("wb") as target:
            for chunk in chunks:
                size += len(chunk)
                if size > LARGEST_UPLOAD:
                    raise ValidationError({"berkas": _("Berkas terlalu besar. Bagilah menjadi beberapa berkas.")})
                digest.update(chunk)
                target.write(chunk)
        impor.sha256 = digest.hexdigest()
        with ledger.record("impor.unggah", by=by, details={"impor": str(impor.pk), "sha256": impor.sha256}):
            impor.save()
            row = submit(
                "impor.periksa",
                title=_("Memeriksa berkas"),
                by=by,
                data={"impor": str(impor.pk)},
                key=f"periksa:{impor.pk}",
            )
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return impor, row


def confirm_import(*, impor: Impor, by: Akun) -> Pekerjaan:
    """Queue the commit of a previewed import. Raises `ValidationError` when there is nothing to commit."""
    if impor.status != Impor.Status.PRATINJAU:
        raise ValidationError(_("Impor ini tidak menunggu persetujuan. Muat ulang halamannya."))
    return submit(
        "impor.terapkan",
        title=_("Menerapkan impor"),
        by=by,
        data={"impor": str(impor.pk)},
        key=f"terapkan:{impor.pk}",
    )


def discard_import(*, impor: Impor, by: Akun) -> None:
    """Give up an import that was not committed; its file is deleted."""
    with ledger.record("impor.batal", by=by, details={"impor": str(impor.pk)}):
        open_states = [Impor.Status.DIPERIKSA, Impor.Status.PRATINJAU, Impor.Status.DITOLAK]
        given_up = Impor.objects.filter(pk=impor.pk, status__in=open_states).update(status=Impor.Status.BATAL)
    if given_up:
        shutil.rmtree(folder_of(impor), ignore_errors=True)


def preview_of(impor: Impor) -> dict[str, Any]:
    """What the preview page shows; empty when the files were deleted already."""
    try:
        found: dict[str, Any] = json.loads((folder_of(impor) / PREVIEW).read_text())
    except FileNotFoundError:
        return {}
    return found


@job("impor.periksa")
def preview(handle: Handle) -> None:
    """Read the uploaded file, plan, and keep counts, digest and refused rows. Safe to run again."""
    impor = _import_of(handle)
    folder = folder_of(impor)
    try:
        outcome = _read(impor, handle)
    except FileRefused as refusal:
        _write_json(folder / PREVIEW, {"galat": [_notice(notice) for notice in refusal.notices]})
        Impor.objects.filter(pk=impor.pk, status=Impor.Status.DIPERIKSA).update(status=Impor.Status.DITOLAK)
        return
    with (folder / REFUSED_CSV).open("w", encoding="utf-8-sig", newline="") as stream:
        write_refusals(outcome.parsed.refused, stream)
    with (folder / REFUSED_XLSX).open("wb") as binary:
        write_error_workbook(outcome.parsed, binary)
    _write_json(folder / PREVIEW, _preview(outcome))
    handle.progress(100, 100, force=True)
    Impor.objects.filter(pk=impor.pk, status=Impor.Status.DIPERIKSA).update(
        status=Impor.Status.PRATINJAU, sidik_rencana=outcome.plan.digest, hasil=outcome.plan.counts
    )


@job("impor.terapkan")
def commit(handle: Handle) -> None:
    """Read the file again and write what the preview showed, all or nothing. Run again after a crash it does nothing
    more: the transaction that writes the rows also marks the import as done."""
    impor = _import_of(handle)
    if impor.status == Impor.Status.DITERAPKAN:
        return
    by = handle.by
    if by is None or not may_handle(by, impor):
        raise JobError(_("Anda tidak lagi berhak menerapkan impor ini. Tidak ada yang tersimpan."))

    def finish(plan: Any) -> None:
        waiting = Impor.objects.filter(pk=impor.pk, status=Impor.Status.PRATINJAU)
        if not waiting.update(status=Impor.Status.DITERAPKAN, diterapkan=timezone.now()):
            raise JobError(_("Impor ini sudah diterapkan atau dibatalkan. Tidak ada yang berubah."))

    try:
        parsed = _parse(impor, handle)
        kind_of(impor).write(impor, parsed, by=by, finish=finish)
    except ValidationError as error:
        raise JobError(" ".join(error.messages)) from None
    except (FileRefused, PlanChanged) as refusal:
        Impor.objects.filter(pk=impor.pk, status=Impor.Status.PRATINJAU).update(status=Impor.Status.BATAL)
        raise JobError(str(refusal)) from None
    (folder_of(impor) / UPLOADED).unlink(missing_ok=True)


def import_file(
    *,
    jenis: str,
    path: Path,
    tahun: TahunPelajaran | None = None,
    progress: Callable[[int], None] | None = None,
    by: Akun | str,
) -> Outcome:
    """Read a file, plan and commit in one go, as the command line does. Raises `FileRefused`; then nothing changed."""
    if jenis == SCHOOLS:
        parsed = school_list.read_schools(path, progress=progress)
        sha256 = _sha256(path)
        made = school_list.import_schools(parsed, by=by, sha256=sha256)
        return Outcome(parsed, made.plan, sha256, _notes(made))
    if tahun is None:
        raise ValueError("an import of pupils needs the school year")
    parsed = pupil_list.read_pupils(path, progress=progress)
    sha256 = _sha256(path)
    settled, plan = pupil_list.import_pupils(parsed, tahun=tahun, by=by, sha256=sha256)
    return Outcome(settled, plan, sha256)


def _import_of(handle: Handle) -> Impor:
    found = Impor.objects.select_related("sekolah", "tahun__sekolah").filter(pk=handle.input["impor"]).first()
    if found is None:
        raise JobError(_("Impor ini sudah tidak ada. Unggah berkasnya sekali lagi."))
    return found


def year_of(impor: Impor) -> TahunPelajaran:
    """The school year that an import belongs to. Raises `JobError` where it names none."""
    if impor.tahun is None:
        raise JobError(_("Impor ini tidak menyebut tahun pelajaran. Unggah berkasnya sekali lagi."))
    return impor.tahun


def _parse(impor: Impor, handle: Handle) -> Parsed:
    path = folder_of(impor) / UPLOADED
    if not path.is_file() or _sha256(path) != impor.sha256:
        raise JobError(_("Berkas unggahan sudah tidak ada. Unggah sekali lagi."))
    expected = _expected_lines(path, impor.nama_berkas)

    def progress(rows: int) -> None:
        share = READ_SHARE * rows // expected if expected else READ_SHARE // 2
        handle.progress(min(share, READ_SHARE), 100, _("%(jumlah)d baris dibaca") % {"jumlah": rows})

    parsed = kind_of(impor).read(impor, path, progress=progress)
    handle.progress(READ_SHARE, 100, force=True)
    return parsed


def _read(impor: Impor, handle: Handle) -> Outcome:
    parsed = _parse(impor, handle)
    settled, plan, notes = kind_of(impor).plan(impor, parsed)
    return Outcome(settled, plan, impor.sha256, notes)


def _expected_lines(path: Path, name: str) -> int:
    """How many lines a text file has, for the progress bar; 0 for a workbook, which tells its length only when read."""
    try:
        source = admit(path, name)
    except FileDamaged:  # a workbook; whether it can be mended is found out when it is read
        return 0
    if not source.container.startswith("csv"):
        return 0
    with source.open() as stream:
        if source.container == "csv.gz":
            return sum(block.count(b"\n") for block in unpacked_blocks(stream, Limits()))
        return sum(block.count(b"\n") for block in iter(lambda: stream.read(1 << 20), b""))


def _notes(made: school_list.SchoolPlan) -> list[str]:
    notes = []
    if made.spellings:
        codes = ", ".join(sorted(made.spellings)[:5])
        notes.append(
            _(
                "%(jumlah)d kode wilayah ditulis dengan lebih dari satu nama (antara lain %(kode)s). Yang dipakai nama "
                "yang sudah tersimpan; bila belum ada, nama yang paling sering muncul."
            )
            % {"jumlah": len(made.spellings), "kode": codes}
        )
    if made.renamed:
        notes.append(_("%(jumlah)d wilayah berganti nama menurut berkas ini.") % {"jumlah": len(made.renamed)})
    return notes


def _preview(outcome: Outcome) -> dict[str, Any]:
    sheet = outcome.plan.sheet
    titles = {column.name: column.title for column in sheet.columns}
    at = {column.name: place for place, column in enumerate(sheet.columns)}
    shown = [column.name for column in sheet.columns][:6]
    return {
        "kolom": [titles[name] for name in shown],
        "baru": [
            {"baris": row, "isi": [_shown(record[at[name]]) for name in shown]}
            for row, record in outcome.plan.new[:SHOWN_ROWS]
        ],
        "berubah": [
            {
                "baris": update.row,
                "kunci": _shown(update.key),
                "ubahan": [
                    [titles[name], _shown(update.old[at[name]]), _shown(update.new[at[name]])] for name in update.fields
                ],
            }
            for update in outcome.plan.update[:SHOWN_ROWS]
        ],
        "ditolak": [_notice(notice) for notice in outcome.parsed.refused[:SHOWN_ROWS]],
        "peringatan": [_notice(notice) for notice in outcome.plan.warnings[:SHOWN_ROWS]],
        "catatan": outcome.notes,
    }


def _shown(value: Any) -> str:
    if value is None:
        return ""
    return value.strftime("%d/%m/%Y") if hasattr(value, "strftime") else str(value)


def _notice(notice: Notice) -> dict[str, Any]:
    return {"baris": notice.row, "kolom": notice.column, "nilai": notice.value, "pesan": notice.text}


def _write_json(path: Path, content: object) -> None:
    path.write_text(json.dumps(content, ensure_ascii=False))


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
