"""Dapodik's own lists as imports: "Daftar Peserta Didik" into a year's classes, the list of teachers into a school.

The files go the way of every import (preview, then exactly that or nothing). Columns that a rapor does not need are
neither converted nor kept, and the preview names them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from mutu.imports.messages import listed
from mutu.imports.parsing import Parsed, parse, translate
from mutu.imports.plan import Plan, plan_matched
from mutu.satuan import ledger
from mutu.satuan.access import can
from mutu.satuan.models import Akun, Guru, Impor, Kelas, Sekolah, TahunPelajaran
from mutu.satuan.services import people, pupil_list
from mutu.satuan.services.dapodik_match import DAPODIK_NAMES, Row, class_names, match_pupils, match_teachers
from mutu.satuan.services.imports import Kind, year_of
from mutu.satuan.services.pupil_list import Stored
from mutu.satuan.services.school_list import PlanChanged
from mutu.satuan.sheets import DAPODIK_GURU, DAPODIK_PESERTA, GURU, PESERTA_DIDIK

SHOWN_COLUMNS = 80


def unread(parsed: Parsed) -> list[str]:
    """The sentence that names the columns that were not read; none where all were."""
    if not parsed.layout.ignored:
        return []
    names = listed(list(dict.fromkeys(parsed.layout.ignored)), SHOWN_COLUMNS)
    return [
        _("%(jumlah)d kolom tidak dibaca dan tidak disimpan, karena rapor tidak memerlukannya: %(nama)s.")
        % {"jumlah": len(parsed.layout.ignored), "nama": names}
    ]


def prepare_pupils(parsed: Parsed, tahun: TahunPelajaran, stored: Mapping[str, Stored]) -> Parsed:
    """Dapodik's rows as rows of pupils of this school."""
    classes = class_names(list(Kelas.objects.filter(tahun=tahun).values_list("nama", flat=True)))
    made = match_pupils(parsed, range(len(parsed.records)), stored, classes)
    return translate(parsed, PESERTA_DIDIK, made.records, made.reasons, made.warnings, DAPODIK_NAMES)


class PupilList(Kind):
    """Dapodik's list of pupils; for the school's operator."""

    def read(self, impor: Impor, source: Path, *, progress: Callable[[int], None]) -> Parsed:
        return parse(source, DAPODIK_PESERTA, name=impor.nama_berkas, progress=progress)

    def plan(self, impor: Impor, parsed: Parsed) -> tuple[Parsed, Plan, list[str]]:
        tahun = year_of(impor)
        stored = pupil_list.stored_pupils(tahun)
        made = pupil_list.plan_rows(prepare_pupils(parsed, tahun, stored), tahun, stored)
        return *made, unread(parsed)

    def write(self, impor: Impor, parsed: Parsed, *, by: Akun, finish: Callable[[Plan], None]) -> None:
        pupil_list.import_pupils(
            parsed,
            tahun=year_of(impor),
            by=by,
            digest=impor.sidik_rencana,
            sha256=impor.sha256,
            finish=finish,
            prepare=prepare_pupils,
        )

    def allowed(self, akun: Akun, impor: Impor) -> bool:
        return impor.sekolah is not None and can(akun, "tata", impor.sekolah)

    def home(self, impor: Impor) -> str:
        return reverse("peserta-dapodik", args=[year_of(impor).pk])


def plan_teachers(parsed: Parsed, sekolah: Sekolah) -> tuple[Parsed, Plan, dict[int, Guru | None], list[str]]:
    """Compare a list of teachers with the school's: the file without refused rows, the plan, the stored teacher by
    row number, and sentences about the file."""
    made = match_teachers(parsed, range(len(parsed.records)), sekolah)
    settled = translate(parsed, GURU, made.records, made.reasons, made.warnings)
    by_row = {parsed.rows[at]: guru for at, guru in made.teachers.items()}
    found = [by_row[row] for row in settled.rows]
    plan = plan_matched(settled, [(guru.nama, teacher_record(guru)) if guru else None for guru in found])
    notes = []
    for at in range(len(parsed.records)):
        duty = Row(parsed, at)["tugas_tambahan"]
        if at not in made.reasons and duty and "kepala sekolah" in duty.casefold():
            notes.append(
                _("Menurut berkas, %(nama)s bertugas sebagai %(tugas)s. Perannya diatur di halaman akun sekolah.")
                % {"nama": Row(parsed, at)["nama"], "tugas": duty}
            )
    return settled, plan, by_row, [*notes, *unread(parsed)]


def teacher_record(guru: Guru) -> tuple[Any, ...]:
    """A stored teacher as a record of `GURU`."""
    return (guru.nama, guru.nip or None, guru.nuptk or None)


def write_teachers(
    plan: Plan, sekolah: Sekolah, by_row: Mapping[int, Guru | None], *, by: Akun | str
) -> dict[int, Guru]:
    """Store what the plan says; the caller holds the transaction. Returns the teachers by row number."""
    written = {}
    for row, (nama, nip, nuptk) in plan.new:
        written[row] = people.create_teacher(sekolah=sekolah, nama=nama, nip=nip or "", nuptk=nuptk or "", by=by)
    for update in plan.update:
        guru = by_row[update.row]
        if guru is not None:
            nama, nip, nuptk = update.new
            written[update.row] = people.edit_teacher(guru=guru, nama=nama, nip=nip or "", nuptk=nuptk or "", by=by)
    return written


class TeacherList(Kind):
    """Dapodik's list of teachers; for the school's operator."""

    def read(self, impor: Impor, source: Path, *, progress: Callable[[int], None]) -> Parsed:
        return parse(source, DAPODIK_GURU, name=impor.nama_berkas, progress=progress)

    def plan(self, impor: Impor, parsed: Parsed) -> tuple[Parsed, Plan, list[str]]:
        settled, plan, _by_row, notes = plan_teachers(parsed, _school_of(impor))
        return settled, plan, notes

    def write(self, impor: Impor, parsed: Parsed, *, by: Akun, finish: Callable[[Plan], None]) -> None:
        sekolah = _school_of(impor)
        with ledger.record("guru.impor", by=by, details={"sha256": impor.sha256, "sekolah": sekolah.pk}) as notes:
            Sekolah.objects.select_for_update(of=("self",)).order_by().values_list("pk").get(pk=sekolah.pk)
            _settled, plan, by_row, _sentences = plan_teachers(parsed, sekolah)
            if plan.digest != impor.sidik_rencana:
                raise PlanChanged
            write_teachers(plan, sekolah, by_row, by=by)
            notes.update(plan.counts)
            finish(plan)

    def allowed(self, akun: Akun, impor: Impor) -> bool:
        return impor.sekolah is not None and can(akun, "tata", impor.sekolah)

    def home(self, impor: Impor) -> str:
        return reverse("guru-dapodik", args=[_school_of(impor).npsn])


def _school_of(impor: Impor) -> Sekolah:
    if impor.sekolah is None:
        raise ValueError("an import from Dapodik belongs to a school")
    return impor.sekolah
