"""Marks in and out by workbook: a lesson's own sheet, made from the columns of its grid.

The workbook goes the way of every import (preview, then exactly that or nothing) and writes through `save_marks`, the
one path of marks. An empty cell leaves the stored mark alone: taking a mark back is done in the grid, where it shows.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.urls import reverse

from mutu.imports.columns import Column, Sheet
from mutu.imports.kinds import Number, Text
from mutu.imports.messages import Notice, quoted
from mutu.imports.parsing import Parsed, parse, refuse_rows
from mutu.imports.plan import Plan, make_plan
from mutu.imports.template import write_template
from mutu.rapor import rules
from mutu.rapor.models import Nilai, Penilaian
from mutu.rapor.services import marks
from mutu.rapor.services.marks import Cell
from mutu.satuan import ledger
from mutu.satuan.access import can
from mutu.satuan.models import Akun, AnggotaKelas, Impor, Pembelajaran, Semester
from mutu.satuan.services.imports import Kind, PlanChanged, register_kind

KIND = "nilai"
IDENTITY = 2
"""NIS and name come first; every further column is an assessment."""
LIST_ORDER = {"uh": 0, "uts": 1, "uas": 2}


def assessments(lesson: Pembelajaran, semester: Semester) -> list[Penilaian]:
    """The columns of a lesson's grid, in the order of the sheet."""
    aturan = rules.aturan_untuk(lesson.kelas.kurikulum, semester.selesai)
    columns = list(Penilaian.objects.filter(pembelajaran=lesson, semester=semester).select_related("semester"))
    for column in columns:
        column.aturan = aturan
    order = [*rules.bentuk_rapor(aturan).ranah]
    return sorted(
        columns,
        key=lambda one: (order.index(one.ranah) if one.ranah in order else 0, LIST_ORDER[one.jenis], one.nomor),
    )


def marks_sheet(columns: list[Penilaian], aturan: rules.AturanRapor) -> Sheet:
    """The sheet of one lesson: NIS, name, then one optional column of marks (0..100) per assessment."""
    lowest, highest = aturan.skala
    return Sheet(
        name=KIND,
        title="Nilai",
        key=("nis",),
        columns=(
            Column("nis", "NIS", Text(20), titles=("Nomor Induk",), note="Sudah terisi; jangan diubah."),
            Column("nama", "Nama", Text(120), required=False, note="Hanya untuk dibaca."),
            *(
                Column(
                    f"nilai_{column.pk}",
                    column.judul,
                    Number(lowest, highest, marks.DECIMALS),
                    required=False,
                    note="Kosong berarti nilai yang tersimpan tidak berubah.",
                )
                for column in columns
            ),
        ),
    )


@dataclass(frozen=True)
class Ground:
    """What a workbook of marks is compared with: the lesson, its columns, its pupils by NIS and their marks."""

    lesson: Pembelajaran
    semester: Semester
    columns: list[Penilaian]
    sheet: Sheet
    members: dict[str, tuple[int, str]]
    stored: dict[tuple[int, int], tuple[Decimal | None, int]]

    def records(self) -> dict[str, tuple[Any, ...]]:
        """The stored state as the sheet would hold it."""
        return {
            nis: (nis, name, *(self.stored.get((column.pk, member), (None, 0))[0] for column in self.columns))
            for nis, (member, name) in self.members.items()
        }


def ground_of(lesson: Pembelajaran, semester: Semester) -> Ground:
    """Read the present state of a lesson's marks."""
    aturan = rules.aturan_untuk(lesson.kelas.kurikulum, semester.selesai)
    columns = assessments(lesson, semester)
    members = {
        nis: (pk, name)
        for pk, nis, name in AnggotaKelas.objects.filter(kelas_id=lesson.kelas_id, keluar__isnull=True).values_list(
            "pk", "peserta__nis", "peserta__nama"
        )
    }
    stored = {
        (column, member): (value, version)
        for column, member, value, version in Nilai.objects.filter(
            penilaian__pembelajaran=lesson, penilaian__semester=semester
        ).values_list("penilaian_id", "anggota_id", "nilai", "versi")
    }
    return Ground(lesson, semester, columns, marks_sheet(columns, aturan), members, stored)


def workbook(lesson: Pembelajaran, semester: Semester) -> bytes:
    """The workbook to fill in, with the class and the marks known already."""
    ground = ground_of(lesson, semester)
    rows = [
        tuple(_typed(value) if isinstance(value, Decimal) else value for value in record)
        for record in ground.records().values()
    ]
    return write_template(ground.sheet, rows)


def _typed(value: Decimal) -> int | float:
    """A mark as a spreadsheet number; two decimals survive a float unharmed."""
    return int(value) if value == value.to_integral_value() else float(value)


def plan_marks(parsed: Parsed, ground: Ground) -> tuple[Parsed, Plan]:
    """Compare a workbook with the stored marks. A pupil of another class, or a name that belongs to another NIS, is
    refused with its reason."""
    reasons: dict[int, list[Notice]] = {}
    records = list(parsed.records)
    for at, record in enumerate(records):
        known = ground.members.get(record[0])
        if known is None:
            reasons[at] = [
                Notice(parsed.rows[at], "NIS", quoted(record[0]), "NIS ini tidak ada di kelas ini. Periksa angkanya.")
            ]
        elif record[1] is not None and record[1].casefold() != known[1].casefold():
            reasons[at] = [
                Notice(
                    parsed.rows[at],
                    "Nama",
                    quoted(record[1]),
                    "nama ini bukan pemilik NIS pada baris ini; barisnya mungkin tergeser. Betulkan NIS atau nama.",
                )
            ]
        else:
            # The name only guards the row; it is never written.
            records[at] = (record[0], None, *record[IDENTITY:])
    settled = refuse_rows(parsed, records, reasons)
    return settled, make_plan(settled, ground.records())


def import_marks(
    parsed: Parsed,
    *,
    lesson: Pembelajaran,
    semester: Semester,
    digest: str,
    sha256: str,
    by: Akun,
    finish: Callable[[Plan], None],
) -> None:
    """Write a workbook of marks, all rows of the previewed plan or none. Raises PlanChanged when a mark, a column or
    the class changed since the preview."""
    with ledger.record("rapor.impor_nilai", by=by, details={"pembelajaran": lesson.pk, "sha256": sha256}) as notes:
        Pembelajaran.objects.select_for_update(of=("self",)).order_by().values_list("pk").get(pk=lesson.pk)
        ground = ground_of(lesson, semester)
        _settled, plan = plan_marks(parsed, ground)
        if plan.digest != digest:
            raise PlanChanged
        cells = []
        places = ground.sheet.places
        for update in plan.update:
            member = ground.members[update.key][0]
            for name in update.fields:
                column = int(name.removeprefix("nilai_"))
                version = ground.stored.get((column, member), (None, 0))[1]
                cells.append(Cell(column, member, marks.show_mark(update.new[places[name]]), version))
        if cells:
            marks.save_marks(pembelajaran=lesson, semester=semester, cells=cells, by=by, all_or_nothing=True)
        notes.update(plan.counts)
        finish(plan)


def _target(impor: Impor) -> tuple[Pembelajaran, Semester]:
    lesson = Pembelajaran.objects.select_related("kelas__tahun", "mapel", "guru").get(pk=impor.rujukan["pembelajaran"])
    return lesson, Semester.objects.get(pk=impor.rujukan["semester"])


class MarksKind(Kind):
    """How an import of marks reads, plans, writes, and who may handle it."""

    def read(self, impor: Impor, source: Any, *, progress: Callable[[int], None]) -> Parsed:
        return parse(source, ground_of(*_target(impor)).sheet, name=impor.nama_berkas, progress=progress)

    def plan(self, impor: Impor, parsed: Parsed) -> tuple[Parsed, Plan, list[str]]:
        return *plan_marks(parsed, ground_of(*_target(impor))), []

    def write(self, impor: Impor, parsed: Parsed, *, by: Akun, finish: Callable[[Plan], None]) -> None:
        lesson, semester = _target(impor)
        import_marks(
            parsed,
            lesson=lesson,
            semester=semester,
            digest=impor.sidik_rencana,
            sha256=impor.sha256,
            by=by,
            finish=finish,
        )

    def allowed(self, akun: Akun, impor: Impor) -> bool:
        return can(akun, "isi", _target(impor)[0])

    def home(self, impor: Impor) -> str:
        lesson, semester = _target(impor)
        return reverse("rapor-kisi", args=[lesson.pk, semester.nomor])


register_kind(KIND, MarksKind())
