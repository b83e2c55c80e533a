"""Marks in and out by workbook: a lesson's own sheet, made from the columns of its grid.

The workbook goes the way of every import (preview, then exactly that or nothing) and writes through `save_marks`, the
one path of marks. An empty cell leaves the stored mark alone: taking a mark back is done in the grid, where it shows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from typing import Any, NamedTuple

from django.urls import reverse
from django.utils.translation import gettext as _

from mutu.imports.columns import Column, Sheet
from mutu.imports.kinds import Number, Text
from mutu.imports.messages import FileRefused, Notice, quoted
from mutu.imports.parsing import Parsed, parse, refuse_rows
from mutu.imports.plan import Plan, make_plan
from mutu.imports.template import write_template
from mutu.imports.workbooks import read_state
from mutu.rapor import rules
from mutu.rapor.models import Nilai, Penilaian
from mutu.rapor.services import marks
from mutu.rapor.services.keadaan import KunciNilai, kunci_nilai
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


class _Unknown(Enum):
    """What a workbook that tells nothing of a mark held when it was made."""

    UNKNOWN = 0


UNKNOWN = _Unknown.UNKNOWN
Base = Mapping[tuple[str, int], "Decimal | None"]
"""NIS and column -> the mark as it was when the workbook was made."""


class _Row(NamedTuple):
    """One row of a workbook: its number in the file, and whom it means."""

    number: int
    nis: str
    member: int


@dataclass(frozen=True)
class Ground:
    """What a workbook of marks is compared with: the lesson, its columns, its pupils by NIS and their marks."""

    lesson: Pembelajaran
    semester: Semester
    columns: list[Penilaian]
    sheet: Sheet
    members: dict[str, tuple[int, str]]
    stored: dict[tuple[int, int], tuple[Decimal | None, int]]
    locks: KunciNilai

    def settle(
        self, row: _Row, given: Sequence[Decimal | None], base: Base, refused: list[Notice], warnings: list[Notice]
    ) -> list[Decimal | None]:
        """The marks of one row that are to be written (None: leave it), judged against the stored ones."""
        settled: list[Decimal | None] = []
        for column, mark in zip(self.columns, given, strict=True):
            now = self.stored.get((column.pk, row.member), (None, 0))[0]
            before = base.get((row.nis, column.pk), UNKNOWN)
            keep: Decimal | None = mark
            if mark is None or mark == now:
                keep = None
            elif before is not UNKNOWN and mark == before:
                text = _("nilai ini diubah menjadi %(kini)s sesudah lembar diunduh; yang tersimpan dipakai.")
                warnings.append(self._notice(row, column, mark, text % {"kini": marks.show_mark(now) or "–"}))
                keep = None
            elif before is not UNKNOWN and now != before:
                text = _(
                    "nilai ini diubah orang lain menjadi %(kini)s sesudah lembar diunduh. Putuskan nilainya di kisi, "
                    "atau unduh lembar baru."
                )
                refused.append(self._notice(row, column, mark, text % {"kini": marks.show_mark(now) or "–"}))
            elif locked := self.locks.pesan(row.member):
                refused.append(self._notice(row, column, mark, locked))
            settled.append(keep)
        return settled

    def _notice(self, row: _Row, column: Penilaian, mark: Decimal, text: str) -> Notice:
        return Notice(row.number, column.judul, marks.show_mark(mark), text)

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
    sheet = marks_sheet(columns, aturan)
    return Ground(lesson, semester, columns, sheet, members, stored, kunci_nilai(lesson, semester))


def workbook(lesson: Pembelajaran, semester: Semester) -> bytes:
    """The workbook to fill in, with the class and the marks known already."""
    ground = ground_of(lesson, semester)
    rows = [
        tuple(_typed(value) if isinstance(value, Decimal) else value for value in record)
        for record in ground.records().values()
    ]
    return write_template(ground.sheet, rows, locked=("nis", "nama"), state=_state(ground))


def _state(ground: Ground) -> list[list[str]]:
    """What the workbook carries unseen: which lesson and semester it is for, and each mark as it is now."""
    lesson, semester = ground.lesson, ground.semester
    return [
        [
            "sasaran",
            str(lesson.pk),
            str(semester.pk),
            f"{lesson}, {lesson.kelas.tahun.label} semester {semester.nomor}",
        ],
        ["kolom", *(str(column.pk) for column in ground.columns)],
        *([nis, *map(marks.show_mark, record[IDENTITY:])] for nis, record in ground.records().items()),
    ]


def base_of(parsed: Parsed) -> dict[tuple[str, int], Decimal | None]:
    """The marks as they were when the workbook was made; empty where it does not tell."""
    if len(parsed.state) < 2 or parsed.state[1][:1] != ["kolom"]:
        return {}
    try:
        columns = [int(cell) for cell in parsed.state[1][1:] if cell]
        return {
            (row[0], column): Decimal(cell.replace(",", ".")) if cell else None
            for row in parsed.state[2:]
            for column, cell in zip(columns, [*row[1:], *[""] * len(columns)], strict=False)
        }
    except (ValueError, ArithmeticError):
        return {}


def check_target(state: Sequence[Sequence[str]], lesson: Pembelajaran, semester: Semester) -> None:
    """Refuse a workbook that was made for another lesson, class, year or semester. Raises `FileRefused`."""
    told = list(state[0]) if state else []
    if told[:1] == ["sasaran"] and told[1:3] != [str(lesson.pk), str(semester.pk)]:
        text = _("Lembar ini dibuat untuk %(lain)s, bukan untuk %(ini)s. Unggah di halaman yang sesuai.")
        here = f"{lesson}, {lesson.kelas.tahun.label} semester {semester.nomor}"
        raise FileRefused(text % {"lain": " ".join(told[3:]) or "–", "ini": here})


def _typed(value: Decimal) -> int | float:
    """A mark as a spreadsheet number; two decimals survive a float unharmed."""
    return int(value) if value == value.to_integral_value() else float(value)


def plan_marks(parsed: Parsed, ground: Ground) -> tuple[Parsed, Plan]:
    """Compare a workbook with the stored marks.

    Refused with their reason are a pupil of another class, a name that belongs to another NIS, a mark that may no
    longer be changed, and a mark that somebody else changed after the workbook was made, where the workbook holds a
    third value. A mark that the workbook left as it was follows the stored one, with a warning.
    """
    base = base_of(parsed)
    reasons: dict[int, list[Notice]] = {}
    warnings: list[Notice] = []
    records = list(parsed.records)
    for at, record in enumerate(records):
        found: list[Notice] = []
        known = ground.members.get(record[0])
        if known is None:
            text = _("NIS ini tidak ada di kelas ini. Periksa angkanya.")
            found.append(Notice(parsed.rows[at], "NIS", quoted(record[0]), text))
        elif record[1] is not None and record[1].casefold() != known[1].casefold():
            text = _("nama ini bukan pemilik NIS pada baris ini; barisnya mungkin tergeser. Betulkan NIS atau nama.")
            found.append(Notice(parsed.rows[at], "Nama", quoted(record[1]), text))
        else:
            row = _Row(parsed.rows[at], record[0], known[0])
            # The name only guards the row; it is never written.
            records[at] = (record[0], None, *ground.settle(row, record[IDENTITY:], base, found, warnings))
        if found:
            reasons[at] = found
    settled = refuse_rows(parsed, records, reasons)
    kept = set(settled.rows)
    settled.warnings = [*settled.warnings, *(notice for notice in warnings if notice.row in kept)]
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
    prepare: Callable[[], Parsed] | None = None,
) -> None:
    """Write a workbook of marks, all rows of the previewed plan or none; `prepare` makes a file of another system into
    one of ours. Raises PlanChanged when a mark, a column or the class changed since the preview."""
    with ledger.record("rapor.impor_nilai", by=by, details={"pembelajaran": lesson.pk, "sha256": sha256}) as notes:
        Pembelajaran.objects.select_for_update(of=("self",)).order_by().values_list("pk").get(pk=lesson.pk)
        ground = ground_of(lesson, semester)
        _settled, plan = plan_marks(prepare() if prepare else parsed, ground)
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
            try:
                marks.save_marks(pembelajaran=lesson, semester=semester, cells=cells, by=by, all_or_nothing=True)
            except marks.NotSaved:
                raise PlanChanged from None
        notes.update(plan.counts)
        finish(plan)


def target_of(impor: Impor) -> tuple[Pembelajaran, Semester]:
    """The lesson and semester that an import of marks is for."""
    lesson = Pembelajaran.objects.select_related("kelas__tahun", "mapel", "guru").get(pk=impor.rujukan["pembelajaran"])
    return lesson, Semester.objects.get(pk=impor.rujukan["semester"])


class MarksKind(Kind):
    """How an import of marks reads, plans, writes, and who may handle it."""

    def read(self, impor: Impor, source: Any, *, progress: Callable[[int], None]) -> Parsed:
        lesson, semester = target_of(impor)
        # First of all: a workbook of another lesson has other columns, and that would say less.
        check_target(read_state(source, impor.nama_berkas), lesson, semester)
        return parse(source, ground_of(lesson, semester).sheet, name=impor.nama_berkas, progress=progress)

    def plan(self, impor: Impor, parsed: Parsed) -> tuple[Parsed, Plan, list[str]]:
        return *plan_marks(parsed, ground_of(*target_of(impor))), []

    def write(self, impor: Impor, parsed: Parsed, *, by: Akun, finish: Callable[[Plan], None]) -> None:
        lesson, semester = target_of(impor)
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
        return can(akun, "isi", target_of(impor)[0])

    def home(self, impor: Impor) -> str:
        lesson, semester = target_of(impor)
        return reverse("rapor-kisi", args=[lesson.pk, semester.nomor])


register_kind(KIND, MarksKind())
