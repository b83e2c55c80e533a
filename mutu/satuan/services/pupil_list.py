"""Pupils from a workbook: read it, compare it with one school's pupils in one year, write the difference.

A row names a pupil by NIS, the class by its name, and at most one guardian. What would need a person's judgement is
refused with the cure: a class that does not exist, a NISN that another pupil has, a pupil who sits elsewhere already.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from mutu.imports.messages import Notice, quoted
from mutu.imports.parsing import Parsed, Record, parse, refuse_rows
from mutu.imports.plan import Plan, make_plan
from mutu.imports.template import write_template
from mutu.satuan import ledger
from mutu.satuan.models import Akun, AnggotaKelas, Kelas, Perwalian, PesertaDidik, TahunPelajaran, Wali
from mutu.satuan.services.school_list import PlanChanged
from mutu.satuan.sheets import PESERTA_DIDIK

AT = PESERTA_DIDIK.places
DEFAULT_TIE = "orang tua"
PERSONAL = {
    "nama": "nama",
    "nisn": "nisn",
    "jenis_kelamin": "jenis_kelamin",
    "tempat_lahir": "tempat_lahir",
    "tanggal_lahir": "tanggal_lahir",
}
"""Column of the sheet -> field of PesertaDidik."""


@dataclass(frozen=True)
class Stored:
    """What the database knows of one pupil: the row, the record it makes, and the guardian who signs."""

    row: PesertaDidik
    record: Record
    tie: Perwalian | None


Prepare = Callable[[Parsed, TahunPelajaran, Mapping[str, Stored]], Parsed]


def read_pupils(source: Any, *, name: str | None = None, progress: Callable[[int], None] | None = None) -> Parsed:
    """Read a workbook of pupils. Raises `FileRefused` when nothing of it can be used."""
    return parse(source, PESERTA_DIDIK, name=name, progress=progress)


def pupil_template(tahun: TahunPelajaran) -> bytes:
    """The workbook to fill in, with the pupils of the year's classes already in it."""
    stored = stored_pupils(tahun)
    seated = [one.record for one in stored.values() if one.record[AT["kelas"]] is not None]
    seated.sort(key=lambda record: (record[AT["kelas"]], record[AT["nama"]], record[AT["nis"]]))
    return write_template(PESERTA_DIDIK, seated)


def plan_pupils(parsed: Parsed, tahun: TahunPelajaran) -> tuple[Parsed, Plan]:
    """Compare a workbook with the stored pupils; returns the workbook without the rows refused here, and the plan.

    Changes nothing in the database and nothing in `parsed`.
    """
    return plan_rows(parsed, tahun, stored_pupils(tahun))


def import_pupils(
    parsed: Parsed,
    *,
    tahun: TahunPelajaran,
    by: Akun | str,
    digest: str | None = None,
    sha256: str = "",
    finish: Callable[[Plan], None] | None = None,
    prepare: Prepare | None = None,
) -> tuple[Parsed, Plan]:
    """Write a workbook of pupils into a school's year: all rows that the plan keeps, or none.

    `prepare` makes the rows of another system's file into ours, by what is stored.

    With `digest` (of the previewed plan) the write happens only if the plan made now has the same one; otherwise
    `PlanChanged` is raised and nothing is written. `finish` runs in the same transaction, after the rows.
    """
    details = {"sha256": sha256, "tahun": tahun.pk}
    with ledger.record("peserta.impor", by=by, details=details) as notes:
        # Two imports of one school wait for each other here (SQLite has one writer anyway).
        TahunPelajaran.objects.select_for_update().get(pk=tahun.pk)
        stored = stored_pupils(tahun)
        settled, plan = plan_rows(prepare(parsed, tahun, stored) if prepare else parsed, tahun, stored)
        if digest is not None and plan.digest != digest:
            raise PlanChanged
        write_rows(plan, tahun, stored)
        notes.update(plan.counts)
        if finish is not None:
            finish(plan)
    return settled, plan


def stored_pupils(tahun: TahunPelajaran) -> dict[str, Stored]:
    """The school's pupils by NIS, each as a record of the sheet with the class of that year."""
    seats = dict(
        AnggotaKelas.objects.filter(kelas__tahun=tahun, keluar__isnull=True)
        .order_by()
        .values_list("peserta_id", "kelas__nama")
    )
    ties: dict[int, Perwalian] = {}
    rows = Perwalian.objects.filter(peserta__sekolah=tahun.sekolah).select_related("wali")
    for tie in rows.order_by("-utama", "pk"):
        ties.setdefault(tie.peserta_id, tie)
    found: dict[str, Stored] = {}
    for row in PesertaDidik.objects.filter(sekolah=tahun.sekolah).order_by("pk"):
        held = ties.get(row.pk)
        values: dict[str, Any] = {column: getattr(row, name) or None for column, name in PERSONAL.items()}
        values |= {
            "nis": row.nis,
            "kelas": seats.get(row.pk),
            "nama_wali": held.wali.nama if held else None,
            "hubungan_wali": held.hubungan if held else None,
        }
        found[row.nis] = Stored(row, tuple(values[column.name] for column in PESERTA_DIDIK.columns), held)
    return found


def plan_rows(
    parsed: Parsed, tahun: TahunPelajaran, stored: Mapping[str, Stored], more_classes: Iterable[str] = ()
) -> tuple[Parsed, Plan]:
    """As `plan_pupils`, against pupils read already; `more_classes` are made by the same import."""
    settled = _refuse(parsed, tahun, stored, more_classes)
    return settled, make_plan(settled, {nis: one.record for nis, one in stored.items()})


def _refuse(
    parsed: Parsed, tahun: TahunPelajaran, stored: Mapping[str, Stored], more_classes: Iterable[str] = ()
) -> Parsed:
    """The workbook without the rows that cannot be stored as they are, each with its reason."""
    names = [*Kelas.objects.filter(tahun=tahun).values_list("nama", flat=True), *more_classes]
    classes = {nama.casefold(): nama for nama in names}
    today = timezone.localdate()
    reasons: dict[int, list[Notice]] = {}

    def blame(at: int, column: str, text: str) -> None:
        place = parsed.layout.positions.get(column)
        title = parsed.layout.headings[place] if place is not None else PESERTA_DIDIK.columns[AT[column]].title
        value = parsed.records[at][AT[column]]
        reasons.setdefault(at, []).append(Notice(parsed.rows[at], title, quoted(value), text))

    records = list(parsed.records)
    for at, record in enumerate(records):
        wanted = record[AT["kelas"]]
        named = classes.get(str(wanted).casefold())
        if named is None:
            blame(at, "kelas", f"Kelas {wanted} belum ada pada tahun {tahun.label}. Buat kelasnya, atau betulkan nama.")
        elif named != wanted:
            records[at] = (*record[: AT["kelas"]], named, *record[AT["kelas"] + 1 :])
        known = stored.get(record[AT["nis"]])
        sits = known.record[AT["kelas"]] if known else None
        if named is not None and sits is not None and sits != named:
            blame(
                at,
                "kelas",
                f"Peserta didik ini sudah duduk di kelas {sits}. Pindahkan lewat halaman peserta didik, atau betulkan.",
            )
        born = record[AT["tanggal_lahir"]]
        if born is not None and born > today:
            blame(at, "tanggal_lahir", "Tanggal lahir ini belum terjadi. Periksa tahunnya.")
    _refuse_taken_nisn(parsed, stored, reasons, blame)

    return refuse_rows(parsed, records, reasons)


def _refuse_taken_nisn(
    parsed: Parsed,
    stored: Mapping[str, Stored],
    reasons: Mapping[int, object],
    blame: Callable[[int, str, str], None],
) -> None:
    """Refuse a NISN that another pupil keeps. Two pupils may exchange theirs; a refused row keeps what it had, which
    may take a NISN away from a further row, therefore the loop."""
    while True:
        after = {nis: one.record[AT["nisn"]] for nis, one in stored.items()}
        rows = [(at, record[AT["nis"]], record[AT["nisn"]]) for at, record in enumerate(parsed.records)]
        good = [(at, nis, nisn) for at, nis, nisn in rows if nisn is not None and at not in reasons]
        after.update({nis: nisn for _, nis, nisn in good})
        holders: dict[str, list[str]] = {}
        for nis, nisn in after.items():
            if nisn is not None:
                holders.setdefault(nisn, []).append(nis)
        clashes = [(at, nis, nisn) for at, nis, nisn in good if len(holders[nisn]) > 1]
        if not clashes:
            return
        for at, nis, nisn in clashes:
            other = next(one for one in holders[nisn] if one != nis)
            blame(at, "nisn", f"NISN ini sudah dipakai peserta didik dengan NIS {other}. Periksa angkanya.")


def write_rows(plan: Plan, tahun: TahunPelajaran, stored: Mapping[str, Stored]) -> None:
    """Store what the plan says; the caller holds the transaction."""
    classes = {kelas.nama: kelas for kelas in Kelas.objects.filter(tahun=tahun)}
    pupils = [PesertaDidik(sekolah=tahun.sekolah, nis=record[AT["nis"]], **_fields(record)) for _, record in plan.new]
    changed = [update for update in plan.update if set(update.fields) & set(PERSONAL)]
    # First without their NISN: two pupils may exchange theirs, and each is unique at every moment.
    moving = [stored[update.key].row.pk for update in changed if "nisn" in update.fields]
    PesertaDidik.objects.filter(pk__in=moving).update(nisn="")
    for update in changed:
        row = stored[update.key].row
        for name, value in _fields(update.new).items():
            setattr(row, name, value)
    PesertaDidik.objects.bulk_update(
        [stored[update.key].row for update in changed], list(PERSONAL.values()), batch_size=200
    )
    PesertaDidik.objects.bulk_create(pupils, batch_size=500)

    newcomers = [(pupil, record) for pupil, (_, record) in zip(pupils, plan.new, strict=True)]
    moved = [(stored[update.key].row, update.new) for update in plan.update if "kelas" in update.fields]
    _seat([(pupil, classes[record[AT["kelas"]]]) for pupil, record in newcomers + moved])
    _add_guardians(tahun, [(pupil, record) for pupil, record in newcomers if record[AT["nama_wali"]]])
    for update in plan.update:
        if {"nama_wali", "hubungan_wali"} & set(update.fields):
            _change_guardian(tahun, stored[update.key], update.new)


def _fields(record: Record) -> dict[str, Any]:
    """The record's cells as fields; blank text is "" in the database, a blank date is NULL."""
    values = {name: record[AT[column]] for column, name in PERSONAL.items()}
    return {name: value if value is not None or name == "tanggal_lahir" else "" for name, value in values.items()}


def _seat(pairs: list[tuple[PesertaDidik, Kelas]]) -> None:
    """Let pupils without a class sit in one; a seat that had ended opens again."""
    wanted = {(kelas.pk, pupil.pk) for pupil, kelas in pairs}
    ended = {
        (seat.kelas_id, seat.peserta_id): seat
        for seat in AnggotaKelas.objects.filter(
            kelas__in={kelas.pk for _, kelas in pairs}, peserta__in=[pupil.pk for pupil, _ in pairs]
        ).order_by()
        if (seat.kelas_id, seat.peserta_id) in wanted
    }
    AnggotaKelas.objects.filter(pk__in=[seat.pk for seat in ended.values()]).update(keluar=None)
    AnggotaKelas.objects.bulk_create(
        [AnggotaKelas(kelas=kelas, peserta=pupil) for pupil, kelas in pairs if (kelas.pk, pupil.pk) not in ended],
        batch_size=500,
    )


def _add_guardians(tahun: TahunPelajaran, rows: list[tuple[PesertaDidik, Record]]) -> None:
    people = [Wali(sekolah=tahun.sekolah, nama=record[AT["nama_wali"]]) for _, record in rows]
    Wali.objects.bulk_create(people, batch_size=500)
    Perwalian.objects.bulk_create(
        [
            Perwalian(peserta=pupil, wali=wali, hubungan=record[AT["hubungan_wali"]] or DEFAULT_TIE)
            for (pupil, record), wali in zip(rows, people, strict=True)
        ],
        batch_size=500,
    )


def _change_guardian(tahun: TahunPelajaran, one: Stored, record: Record) -> None:
    """Follow a changed guardian: a guardian of this pupil alone gets the new name; one of siblings is left as is."""
    tie = one.tie
    if tie is None:
        _add_guardians(tahun, [(one.row, record)])
        return
    if tie.wali.nama != record[AT["nama_wali"]]:
        if tie.wali.perwalian.count() == 1:
            tie.wali.nama = record[AT["nama_wali"]]
            tie.wali.save(update_fields=["nama"])
        else:
            tie.wali = Wali.objects.create(sekolah=tahun.sekolah, nama=record[AT["nama_wali"]])
    tie.hubungan = record[AT["hubungan_wali"]] or DEFAULT_TIE
    tie.save(update_fields=["wali", "hubungan"])
