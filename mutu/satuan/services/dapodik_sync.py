"""What Dapodik's web service gave, compared with a school's year and written into it.

Teachers, classes with curriculum and homeroom teacher, subjects, pupils and lessons are planned together, because
each names the one before; they are written in that order, all or none. Nothing is ever deleted: who or what Dapodik
no longer lists stays. A class that has lessons keeps its curriculum, because marks may have been computed by it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from mutu.imports.columns import normal_title
from mutu.imports.messages import Notice
from mutu.imports.parsing import Parsed, Record, parse, translate
from mutu.imports.plan import Plan, plan_matched
from mutu.satuan import ledger
from mutu.satuan.access import can
from mutu.satuan.models import Akun, Guru, Impor, Kelas, MataPelajaran, Pembelajaran, TahunPelajaran
from mutu.satuan.services import people, pupil_list, years
from mutu.satuan.services.dapodik_lists import teacher_record
from mutu.satuan.services.dapodik_match import Row, class_names, match_pupils, match_teachers
from mutu.satuan.services.imports import Kind, year_of
from mutu.satuan.services.pupil_list import Stored
from mutu.satuan.services.school_list import PlanChanged
from mutu.satuan.sheets import DAPODIK_LAYANAN, GURU, PERUBAHAN, PESERTA_DIDIK

GURU_, KELAS, MAPEL, PESERTA, PEMBELAJARAN = "guru", "kelas", "mapel", "peserta", "pembelajaran"
Known = tuple[Any, Record]


def curriculum_of(text: str | None) -> str | None:
    """The curriculum that Dapodik's words name (`Kurikulum SMP 2013`, `Kurikulum Merdeka`); or None."""
    words = (text or "").casefold()
    if "merdeka" in words:
        return Kelas.Kurikulum.MERDEKA
    if "2013" in words or "k13" in words:
        return Kelas.Kurikulum.K13
    if "ktsp" in words or "2006" in words:
        return Kelas.Kurikulum.KTSP
    return None


def change(bagian: str, **values: Any) -> Record:
    """A record of `PERUBAHAN`; what is not named is None."""
    return tuple((values | {"bagian": bagian}).get(name) for name in PERUBAHAN.names)


def _wide(bagian: str, names: Sequence[str], record: Record) -> Record:
    return change(bagian, **dict(zip(names, record, strict=True)))


@dataclass
class Sync:
    """The plan of one fetch, and what writing it takes: by place in the file the stored rows and the references."""

    parsed: Parsed
    tahun: TahunPelajaran
    settled: Parsed = field(init=False)
    plan: Plan = field(init=False)
    pupils: Plan = field(init=False)
    stored: dict[str, Stored] = field(init=False)
    teachers: dict[int, Guru | None] = field(default_factory=dict)
    classes: dict[int, Kelas | None] = field(default_factory=dict)
    subjects: dict[int, MataPelajaran | None] = field(default_factory=dict)
    lessons: dict[int, tuple[int, int]] = field(default_factory=dict)
    leads: dict[int, int] = field(default_factory=dict)
    records: list[Record | None] = field(init=False)
    known: dict[int, Known] = field(default_factory=dict)
    reasons: dict[int, list[Notice]] = field(default_factory=lambda: defaultdict(list))
    warnings: list[Notice] = field(default_factory=list)

    def __post_init__(self) -> None:
        rows = range(len(self.parsed.records))
        self.records = [None] * len(rows)
        self.places: dict[str, list[int]] = defaultdict(list)
        self.by_key: dict[tuple[str, str], int] = {}
        for at in rows:
            row = Row(self.parsed, at)
            self.places[row["bagian"]].append(at)
            self.by_key[row["bagian"], row["kunci"]] = at
        self._plan_teachers()
        self._plan_classes()
        self._plan_subjects()
        self._plan_pupils()
        self._plan_lessons()
        self.settled = translate(self.parsed, PERUBAHAN, self.records, self.reasons, self.warnings)
        place_of = {row: at for at, row in enumerate(self.parsed.rows)}
        self.plan = plan_matched(self.settled, [self.known.get(place_of[row]) for row in self.settled.rows])

    def _refuse(self, row: Row, name: str, text: str) -> None:
        self.reasons[row.at].append(row.notice(name, text))

    def _warn(self, row: Row, name: str, text: str) -> None:
        self.warnings.append(row.notice(name, text))

    def _plan_teachers(self) -> None:
        made = match_teachers(self.parsed, self.places[GURU_], self.tahun.sekolah)
        self.reasons.update(made.reasons)
        self.teachers = made.teachers
        for at, guru in made.teachers.items():
            record = made.records[at]
            if record is not None:
                self.records[at] = _wide(GURU_, GURU.names, record)
            if guru is not None:
                self.known[at] = (guru.nama, _wide(GURU_, GURU.names, teacher_record(guru)))

    def _teacher(self, row: Row, stored: Guru | None) -> str | None:
        """The name of the teacher whom the row names, or None where nothing changes; the place goes into `leads`."""
        key = row["kunci_guru"]
        if key is None:
            return None
        at = self.by_key.get((GURU_, key))
        if at is None or at in self.reasons:
            text = _("Guru ini tidak ada di antara guru yang diambil; yang tersimpan tidak diubah.")
            self._warn(row, "guru", text)
            return None
        found = self.teachers[at]
        if stored is not None and found is not None and found.pk == stored.pk:
            return None
        self.leads[row.at] = at
        return str(Row(self.parsed, at)["nama"])

    def _plan_classes(self) -> None:
        stored = {kelas.nama: kelas for kelas in self.tahun.kelas.select_related("wali_kelas")}
        by_name = class_names(list(stored))
        busy = set(Pembelajaran.objects.filter(kelas__tahun=self.tahun).values_list("kelas_id", flat=True))
        seen: dict[str, list[int]] = defaultdict(list)
        longest = Kelas._meta.get_field("nama").max_length or 0
        for at in self.places[KELAS]:
            row = Row(self.parsed, at)
            seen[normal_title(row["nama"])].append(at)
            kelas = stored.get(by_name.get(normal_title(row["nama"]), ""))
            self.classes[at] = kelas
            kurikulum = curriculum_of(row["kurikulum"])
            if kelas is None:
                if kurikulum is None or row["tingkat"] is None:
                    text = _("Kurikulum atau tingkat kelas ini tidak dikenal. Buat kelasnya di Mutu, lalu ambil lagi.")
                    self._refuse(row, "kurikulum", text)
                if len(row["nama"]) > longest:
                    text = _("Nama kelas lebih dari %(batas)d huruf. Pendekkan di Dapodik.") % {"batas": longest}
                    self._refuse(row, "nama", text)
                lead = self._teacher(row, None)
                self.records[at] = change(
                    KELAS, nama=row["nama"], guru=lead, tingkat=row["tingkat"], kurikulum=kurikulum
                )
                continue
            if kurikulum is None or (kurikulum != kelas.kurikulum and kelas.pk in busy):
                text = _(
                    "Kurikulum kelas ini tetap %(ada)s: kelas yang sudah berisi mata pelajaran diubah di halamannya."
                )
                self._warn(row, "kurikulum", text % {"ada": kelas.get_kurikulum_display()})
                kurikulum = None
            if row["tingkat"] not in (None, kelas.tingkat):
                self._warn(row, "tingkat", _("Tingkat tersimpan %(ada)d; tidak diubah.") % {"ada": kelas.tingkat})
            lead = self._teacher(row, kelas.wali_kelas)
            self.records[at] = change(KELAS, nama=kelas.nama, guru=lead, kurikulum=kurikulum)
            self.known[at] = (
                kelas.nama,
                change(
                    KELAS,
                    nama=kelas.nama,
                    guru=kelas.wali_kelas.nama if kelas.wali_kelas else None,
                    tingkat=kelas.tingkat,
                    kurikulum=kelas.kurikulum,
                ),
            )
        for rows in seen.values():
            for at in rows if len(rows) > 1 else ():
                self._refuse(Row(self.parsed, at), "nama", _("Dua kelas bernama sama. Bedakan namanya di Dapodik."))

    def _class_name(self, at: int) -> str:
        kelas = self.classes[at]
        return kelas.nama if kelas else str(Row(self.parsed, at)["nama"])

    def _plan_subjects(self) -> None:
        stored = {normal_title(mapel.nama): mapel for mapel in self.tahun.sekolah.mapel.all()}
        longest = MataPelajaran._meta.get_field("nama").max_length or 0
        for at in self.places[MAPEL]:
            row = Row(self.parsed, at)
            mapel = stored.get(normal_title(row["nama"]))
            self.subjects[at] = mapel
            self.records[at] = change(MAPEL, nama=mapel.nama if mapel else row["nama"])
            if mapel is not None:
                self.known[at] = (mapel.nama, change(MAPEL, nama=mapel.nama))
            elif len(row["nama"]) > longest:
                text = _("Nama mata pelajaran lebih dari %(batas)d huruf. Buat di Mutu dengan nama pendek.")
                self._refuse(row, "nama", text % {"batas": longest})

    def _plan_pupils(self) -> None:
        places = self.places[PESERTA]
        parsed = self.parsed
        part = replace(
            parsed,
            rows=[parsed.rows[at] for at in places],
            records=[parsed.records[at] for at in places],
            refused=[],
            refused_rows={},
            warnings=[],
        )
        names = {normal_title(Row(parsed, at)["nama"]): self._class_name(at) for at in self.classes}
        self.stored = pupil_list.stored_pupils(self.tahun)
        missing: dict[int, list[Notice]] = defaultdict(list)
        for at in range(len(places)):
            row = Row(part, at)
            for name in ("jenis_kelamin", "kelas"):
                if row[name] is None:
                    text = _("Kosong di Dapodik, padahal wajib. Lengkapi di Dapodik, lalu ambil lagi.")
                    missing[at].append(row.notice(name, text))
            group = self.by_key.get((KELAS, row["kunci_kelas"] or ""))
            if row["kelas"] is not None and (group is None or group in self.reasons):
                missing[at].append(row.notice("kelas", _("Kelas ini sendiri ditolak. Lihat alasannya di baris kelas.")))
        made = match_pupils(part, [at for at in range(len(places)) if at not in missing], self.stored, names)
        made.reasons.update(missing)
        asked = translate(part, PESERTA_DIDIK, made.records, made.reasons, made.warnings)
        settled, self.pupils = pupil_list.plan_rows(asked, self.tahun, self.stored, names.values())
        at_row = {parsed.rows[at]: at for at in places}
        for notice in settled.refused:
            self.reasons[at_row[notice.row]].append(notice)
        self.warnings.extend(settled.warnings)
        width = PESERTA_DIDIK.names
        for row_number, record in self.pupils.new:
            self.records[at_row[row_number]] = _wide(PESERTA, width, record)
        for update in self.pupils.update:
            name = update.old[width.index("nama")]
            self.records[at_row[update.row]] = _wide(PESERTA, width, update.new)
            self.known[at_row[update.row]] = (name, _wide(PESERTA, width, update.old))
        for row_number, record in zip(self.pupils.same, self.pupils.same_records, strict=True):
            wide = _wide(PESERTA, width, record)
            self.records[at_row[row_number]] = wide
            self.known[at_row[row_number]] = (record[width.index("nama")], wide)

    def _plan_lessons(self) -> None:
        stored = {
            (one.kelas_id, one.mapel_id): one
            for one in Pembelajaran.objects.filter(kelas__tahun=self.tahun).select_related("guru")
        }
        seen: dict[tuple[int, int], list[int]] = defaultdict(list)
        for at in self.places[PEMBELAJARAN]:
            row = Row(self.parsed, at)
            group = self.by_key.get((KELAS, row["kunci_kelas"] or ""))
            subject = self.by_key.get((MAPEL, normal_title(row["nama"])[:60]))
            if group is None or subject is None or group in self.reasons or subject in self.reasons:
                self._refuse(row, "nama", _("Kelas atau mata pelajarannya sendiri ditolak. Lihat alasannya di sana."))
                continue
            seen[group, subject].append(at)
            self.lessons[at] = (group, subject)
            kelas, mapel = self.classes[group], self.subjects[subject]
            lesson = stored.get((kelas.pk, mapel.pk)) if kelas and mapel else None
            lead = self._teacher(row, lesson.guru if lesson else None)
            where = {"nama": mapel.nama if mapel else row["nama"], "kelas": self._class_name(group)}
            self.records[at] = change(PEMBELAJARAN, guru=lead, **where)
            if lesson is not None:
                guru = lesson.guru.nama if lesson.guru else None
                self.known[at] = (f"{where['nama']} {where['kelas']}", change(PEMBELAJARAN, guru=guru, **where))
        for rows in seen.values():
            for at in rows if len(rows) > 1 else ():
                text = _("Mata pelajaran ini dua kali di kelas yang sama. Tetapkan gurunya di halaman kelas.")
                self._refuse(Row(self.parsed, at), "nama", text)

    def write(self, *, by: Akun) -> None:
        """Store what the plan says; the caller holds the transaction."""
        place_of = {row: at for at, row in enumerate(self.parsed.rows)}
        new = [(place_of[row], record) for row, record in self.plan.new]
        changed = [(place_of[update.row], update) for update in self.plan.update]
        at_name = {name: at for at, name in enumerate(PERUBAHAN.names)}

        def facts(record: Record, *names: str) -> dict[str, Any]:
            return {name: record[at_name[name]] or "" for name in names}

        for at, record in new:
            if record[0] == GURU_:
                self.teachers[at] = people.create_teacher(
                    sekolah=self.tahun.sekolah, by=by, **facts(record, "nama", "nip", "nuptk")
                )
        for at, update in changed:
            guru = self.teachers.get(at)
            if update.new[0] == GURU_ and guru is not None:
                people.edit_teacher(guru=guru, by=by, **facts(update.new, "nama", "nip", "nuptk"))
        for at, record in new:
            if record[0] == KELAS:
                self.classes[at] = self._store_class(
                    Kelas(tahun=self.tahun, kurikulum=record[at_name["kurikulum"]]),
                    record[at_name["nama"]], record[at_name["tingkat"]], at, by,
                )  # fmt: skip
            elif record[0] == MAPEL:
                self.subjects[at] = years.create_subject(
                    sekolah=self.tahun.sekolah, nama=record[at_name["nama"]], by=by
                )
        for at, update in changed:
            kelas = self.classes.get(at)
            if update.new[0] == KELAS and kelas is not None:
                kelas.kurikulum = update.new[at_name["kurikulum"]]
                self._store_class(kelas, kelas.nama, kelas.tingkat, at, by)
        pupil_list.write_rows(self.pupils, self.tahun, self.stored)
        for at, record in [*new, *((at, update.new) for at, update in changed)]:
            if record[0] == PEMBELAJARAN:
                group, subject = self.lessons[at]
                kelas, mapel = self.classes[group], self.subjects[subject]
                if kelas is not None and mapel is not None:
                    guru = self.teachers[self.leads[at]] if at in self.leads else None
                    years.assign_teacher(kelas=kelas, mapel=mapel, guru=guru, by=by)

    def _store_class(self, kelas: Kelas, nama: str, tingkat: int, at: int, by: Akun) -> Kelas:
        lead = self.teachers[self.leads[at]] if at in self.leads else kelas.wali_kelas
        return years.edit_class(kelas=kelas, nama=nama, tingkat=tingkat, wali_kelas=lead, by=by)


class Service(Kind):
    """A fetch from Dapodik's web service; for the school's operator."""

    def read(self, impor: Impor, source: Path, *, progress: Callable[[int], None]) -> Parsed:
        return parse(source, DAPODIK_LAYANAN, name=impor.nama_berkas, progress=progress)

    def plan(self, impor: Impor, parsed: Parsed) -> tuple[Parsed, Plan, list[str]]:
        made = Sync(parsed, year_of(impor))
        return (
            made.settled,
            made.plan,
            [_("Tidak ada yang dihapus: yang tidak ada di Dapodik tetap tersimpan di sini.")],
        )

    def write(self, impor: Impor, parsed: Parsed, *, by: Akun, finish: Callable[[Plan], None]) -> None:
        tahun = year_of(impor)
        with ledger.record("dapodik.ambil", by=by, details={"tahun": tahun.pk, "sha256": impor.sha256}) as notes:
            TahunPelajaran.objects.select_for_update(of=("self",)).order_by().values_list("pk").get(pk=tahun.pk)
            made = Sync(parsed, tahun)
            if made.plan.digest != impor.sidik_rencana:
                raise PlanChanged
            made.write(by=by)
            notes.update(made.plan.counts)
            finish(made.plan)

    def allowed(self, akun: Akun, impor: Impor) -> bool:
        return impor.sekolah is not None and can(akun, "tata", impor.sekolah)

    def home(self, impor: Impor) -> str:
        return reverse("dapodik-layanan", args=[year_of(impor).pk])
