"""e-Rapor's leger of a class: its marks are compared with ours and never written; S, I and A are taken when asked."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path

from django.urls import reverse
from django.utils.translation import gettext as _

from mutu.imports.columns import Column, Sheet, normal_title
from mutu.imports.kinds import Digits, Number, Text, Whole
from mutu.imports.messages import Notice, quoted
from mutu.imports.parsing import Parsed, Record, parse, translate
from mutu.imports.plan import Plan, plan_matched
from mutu.rapor import rules
from mutu.rapor.models import Ketidakhadiran, NilaiRapor
from mutu.rapor.services import cards, marks
from mutu.rapor.services.keadaan import kunci_pribadi
from mutu.rapor.sheets.erapor import check_class, match_members
from mutu.satuan import ledger
from mutu.satuan.access import can
from mutu.satuan.models import Akun, AnggotaKelas, Impor, Kelas, Pembelajaran, Semester
from mutu.satuan.services.dapodik_lists import unread
from mutu.satuan.services.imports import Kind, PlanChanged, register_kind

KIND = "erapor_leger"
IDENTITY = ("nama", "nisn", *cards.ABSENCE)


class Days(Whole):
    """A number of days; a dash is none, as on the printed card."""

    def convert(self, raw: str | float | int | date | datetime | time | timedelta) -> int:
        return 0 if isinstance(raw, str) and raw.strip() in ("-", "–") else super().convert(raw)


def leger_sheet(lessons: list[Pembelajaran], aturan: rules.AturanRapor) -> Sheet:
    """The leger of one class: a column per subject by its name, and the three counters of absence."""
    taken = {normal_title(title) for title in ("Nama Peserta Didik", "NISN", "S", "I", "A", *IDENTITY)}
    return Sheet(
        name=KIND,
        title="Leger",
        columns=(
            Column("nama", "Nama Peserta Didik", Text(120)),
            Column("nisn", "NISN", Digits(10, "NISN", pad=True), required=False),
            *(
                Column(name, title, Days(0, cards.MAX_DAYS), required=False)
                for name, title in zip(cards.ABSENCE, ("S", "I", "A"), strict=True)
            ),
            *(
                Column(f"mapel_{lesson.pk}", lesson.mapel.nama, Number(*aturan.skala, marks.DECIMALS), required=False)
                for lesson in lessons
                if normal_title(lesson.mapel.nama) not in taken
            ),
        ),
        key=("nama", "nisn"),
        unique=(("nisn",),),
        ignore_unknown=True,
        merged_rows=True,
    )


ABSENCES = Sheet(
    name="ketidakhadiran",
    title="Ketidakhadiran",
    columns=(
        Column("nis", "NIS", Text(20)),
        Column("nama", "Nama", Text(120)),
        *(
            Column(name, title, Days(0, cards.MAX_DAYS), required=False)
            for name, title in zip(cards.ABSENCE, ("Sakit", "Izin", "Tanpa keterangan"), strict=True)
        ),
    ),
    key=("nis",),
)


def target_of(impor: Impor) -> tuple[Kelas, Semester]:
    """The class and semester that a leger is for."""
    kelas = Kelas.objects.select_related("tahun", "wali_kelas").get(pk=impor.rujukan["kelas"])
    return kelas, Semester.objects.get(pk=impor.rujukan["semester"])


class EraporLedger(Kind):
    """A leger of e-Rapor for one class and semester; for its homeroom teacher."""

    def read(self, impor: Impor, source: Path, *, progress: Callable[[int], None]) -> Parsed:
        kelas, semester = target_of(impor)
        lessons = list(Pembelajaran.objects.filter(kelas=kelas).select_related("mapel"))
        sheet = leger_sheet(lessons, rules.aturan_untuk(kelas.kurikulum, semester.selesai))
        parsed = parse(source, sheet, name=impor.nama_berkas, progress=progress)
        check_class(parsed, kelas, semester)
        return parsed

    def _plan(
        self, impor: Impor, parsed: Parsed
    ) -> tuple[Parsed, Plan, dict[int, AnggotaKelas], dict[int, Ketidakhadiran], list[str]]:
        kelas, semester = target_of(impor)
        wanted = bool(impor.rujukan.get("absen"))
        found, reasons, warnings = match_members(parsed, kelas)
        stored = {row.anggota_id: row for row in Ketidakhadiran.objects.filter(semester=semester, anggota__kelas=kelas)}
        locked = kunci_pribadi(semester, [one.pk for one in found.values()])
        places = parsed.sheet.places
        records: list[Record | None] = []
        by_row: dict[int, AnggotaKelas] = {}
        for at, record in enumerate(parsed.records):
            member = found.get(at)
            if member is None:
                records.append(None)
                continue
            by_row[parsed.rows[at]] = member
            days = [record[places[name]] if wanted else None for name in cards.ABSENCE]
            now = stored.get(member.pk)
            changed = any(
                day is not None and day != getattr(now, name, None)
                for day, name in zip(days, cards.ABSENCE, strict=True)
            )
            if changed and (fault := locked.get(member.pk) or (now and now.dari_harian and self._added_up())):
                reasons[at].append(Notice(parsed.rows[at], "S, I, A", quoted(record[places["nama"]]), fault))
            records.append((member.peserta.nis, member.peserta.nama, *days))
        warnings += self._differences(parsed, semester, found)
        settled = translate(parsed, ABSENCES, records, reasons, warnings)
        known = []
        for row in settled.rows:
            member = by_row[row]
            now = stored.get(member.pk)
            before = (member.peserta.nis, member.peserta.nama, *(getattr(now, name, None) for name in cards.ABSENCE))
            known.append((member.peserta.nama, before))
        notes = [_("Nilai di leger hanya dibandingkan; tidak ada nilai yang berubah karenanya.")]
        if not wanted:
            notes.append(_("S, I, dan A tidak diambil, karena tidak diminta."))
        return settled, plan_matched(settled, known), by_row, stored, [*notes, *unread(parsed)]

    @staticmethod
    def _added_up() -> str:
        return _("Angka ini dijumlahkan dari kehadiran harian; ubah pada harinya.")

    @staticmethod
    def _differences(parsed: Parsed, semester: Semester, found: dict[int, AnggotaKelas]) -> list[Notice]:
        """One warning for each mark of the file that is another one here."""
        ours = {
            (lesson, member): mark
            for lesson, member, mark in NilaiRapor.objects.filter(
                semester=semester, anggota_id__in=[one.pk for one in found.values()]
            ).values_list("pembelajaran_id", "anggota_id", "nilai")
        }
        said = []
        for at, member in sorted(found.items()):
            for name, place in parsed.sheet.places.items():
                given = parsed.records[at][place]
                if not name.startswith("mapel_") or given is None:
                    continue
                mark = ours.get((int(name.removeprefix("mapel_")), member.pk))
                if mark is None or Decimal(mark) != given:
                    title = parsed.layout.headings[parsed.layout.positions[name]]
                    text = _("leger e-Rapor %(lain)s, di sini %(ini)s (%(nama)s).")
                    here = _("belum ada") if mark is None else str(mark)
                    values = {"lain": marks.show_mark(given), "ini": here, "nama": member.peserta.nama}
                    said.append(Notice(parsed.rows[at], title, marks.show_mark(given), text % values))
        return said

    def plan(self, impor: Impor, parsed: Parsed) -> tuple[Parsed, Plan, list[str]]:
        settled, plan, _by_row, _stored, notes = self._plan(impor, parsed)
        return settled, plan, notes

    def write(self, impor: Impor, parsed: Parsed, *, by: Akun, finish: Callable[[Plan], None]) -> None:
        kelas, semester = target_of(impor)
        with ledger.record("rapor.impor_leger", by=by, details={"kelas": kelas.pk, "sha256": impor.sha256}) as notes:
            Kelas.objects.select_for_update(of=("self",)).order_by().values_list("pk").get(pk=kelas.pk)
            _settled, plan, by_row, stored, _sentences = self._plan(impor, parsed)
            if plan.digest != impor.sidik_rencana:
                raise PlanChanged
            rows = []
            for update in plan.update:
                member = by_row[update.row]
                now = stored.get(member.pk)
                sakit, izin, tanpa = update.new[2:]
                rows.append(cards.Absence(member.pk, sakit, izin, tanpa, now.versi if now else 0))
            if rows and cards.save_absences(kelas=kelas, semester=semester, rows=rows, by=by):
                raise PlanChanged
            notes.update(plan.counts)
            finish(plan)

    def allowed(self, akun: Akun, impor: Impor) -> bool:
        return can(akun, "wali", target_of(impor)[0])

    def home(self, impor: Impor) -> str:
        kelas, semester = target_of(impor)
        return reverse("rapor-erapor-leger", args=[kelas.pk, semester.nomor])


register_kind(KIND, EraporLedger())
