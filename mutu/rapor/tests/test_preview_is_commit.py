"""Preview equals commit: 500 random workbooks of every kind, real files through the real engine and database.

What a person is shown is applied to what was stored before; that, and nothing else, must be stored after. Besides, a
blank never takes anything back, and no mark appears that stood neither in the file nor in the database. Two planted
faults show that the property would see them.
"""

from __future__ import annotations

import io
import random
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest
import xlsxwriter

from mutu.rapor import sheets
from mutu.rapor.models import Ketidakhadiran, Nilai
from mutu.rapor.services import cards, marks
from mutu.rapor.services.marks import Cell, save_marks
from mutu.rapor.sheets import lesson as lesson_sheet
from mutu.rapor.tests.erapor_files import final_marks, goal_marks, leger, term_marks
from mutu.rapor.tests.workbook_edits import edited, hide_row
from mutu.satuan import jobs, ledger
from mutu.satuan.models import AnggotaKelas, Guru, Impor, Pekerjaan, PesertaDidik
from mutu.satuan.services import dapodik, imports
from mutu.satuan.tests.dapodik_files import DAMAGES, pupil, pupil_list, teacher_list
from tests.contoh import Contoh

WORKBOOKS = 500
SEED = 20261122
GOOD = [0, 1, 55, 60, 64.5, 65, 72.25, 80, 99.99, 100, "0", "77", "72,5", "80.25", " 90 "]
BAD = [101, -1, "tuntas", "1.000", "72,555", "７５", "=1+1", "NaN", "-", "1e2"]
State = dict[tuple[str, str], str]


@dataclass
class World:
    """The small school, its marks, and the chance that moves them."""

    contoh: Contoh
    chance: random.Random

    @property
    def names(self) -> list[tuple[str, str | None]]:
        return [(one.peserta.nama, one.peserta.nisn or None) for one in self.contoh.anggota]

    def mark(self, spoiled: float = 0.15, blank: float = 0.3) -> Any:
        lot = self.chance.random()
        return self.chance.choice(BAD) if lot < spoiled else None if lot < spoiled + blank else self.chance.choice(GOOD)

    def somebody(self) -> tuple[str, str | None]:
        """A pupil of the class; now and then one whose NISN, name or both are wrong."""
        name, nisn = self.chance.choice(self.names)
        lot = self.chance.random()
        if lot < 0.08:
            return name, "0139999999"
        if lot < 0.16:
            return "Orang Lain", nisn
        return (name, None) if lot < 0.3 else (name.upper(), nisn) if lot < 0.4 else (name, nisn)

    def pupils(self) -> list[tuple[str, str | None]]:
        return [self.somebody() for _ in range(self.chance.randint(1, 6))]


@dataclass(frozen=True)
class Case:
    """One workbook: its kind, content, and what its import refers to."""

    jenis: str
    content: bytes
    rujukan: dict[str, int]
    by: str
    name: str = "acak.xlsx"


def own_workbook(world: World) -> Case:
    """The lesson's own workbook, edited; somebody else may have changed marks since it was made."""
    contoh, chance = world.contoh, world.chance
    content = sheets.workbook(contoh.matematika, contoh.semester)
    cells: dict[str, Any] = {}
    for _ in range(chance.randint(0, 8)):
        cells[f"{chance.choice('CDEFG')}{chance.randint(2, len(contoh.anggota) + 1)}"] = world.mark()
    if chance.random() < 0.15:
        cells[f"A{chance.randint(2, 4)}"] = chance.choice(["7000", "9999", None])
    content = edited(content, cells, hide_row(chance.randint(2, 4)) if chance.random() < 0.1 else None)
    if chance.random() < 0.4:
        meanwhile(world)
    return Case(sheets.KIND, content, lesson_ids(contoh), "guru")


def self_made(world: World) -> Case:
    """A workbook that somebody made by hand: columns in any order, some missing, pupils twice."""
    contoh, chance = world.contoh, world.chance
    titles = ["NIS", "Nama", *chance.sample(["UH 1", "UH 2", "UH 3", "UTS", "UAS"], chance.randint(1, 5))]
    chance.shuffle(titles)
    made = io.BytesIO()
    with xlsxwriter.Workbook(made, {"in_memory": True}) as book:
        page = book.add_worksheet("Nilai")
        page.write_row(0, 0, titles)
        for line in range(1, chance.randint(2, 6)):
            seat = chance.choice(contoh.anggota)
            known = {"NIS": seat.peserta.nis, "Nama": seat.peserta.nama if chance.random() < 0.8 else None}
            for place, title in enumerate(titles):
                value = known[title] if title in known else world.mark()
                if value is not None:
                    page.write(line, place, value)
    return Case(sheets.KIND, made.getvalue(), lesson_ids(contoh), "guru")


def erapor(world: World) -> Case:
    """One of e-Rapor's mark templates."""
    contoh, chance = world.contoh, world.chance
    plain = [value for value in BAD if value != "=1+1"]

    def mark() -> Any:
        value = world.mark()
        return chance.choice(plain) if value == "=1+1" else value

    shape = chance.randrange(3)
    if shape == 0:
        content = final_marks([(one, mark()) for one in world.pupils()], goals=chance.randint(1, 3))
    elif shape == 1:
        content = term_marks([(one, mark(), mark()) for one in world.pupils()])
    else:
        rows = [(one, [mark() for _ in range(4)]) for one in world.pupils()]
        content = goal_marks(rows, codes=chance.choice(["kolom", "baris"]))
    chosen = {"kolom": contoh.uas.pk, "kolom_non_tes": contoh.uts.pk if chance.random() < 0.5 else 0}
    return Case(sheets.erapor.KIND, content, lesson_ids(contoh) | chosen, "guru")


def leger_file(world: World) -> Case:
    """A leger of the class, absences asked for."""
    contoh, chance = world.contoh, world.chance

    def day() -> Any:
        return chance.choice([None, 0, 1, 7, 200, "-", "3", 201, -1, "satu", 1.5])

    rows = [(one, (world.mark(0, 0.5), None), (day(), day(), day())) for one in world.pupils()]
    rujukan = {"kelas": contoh.kelas.pk, "semester": contoh.semester.pk, "absen": 1}
    return Case(sheets.leger.KIND, leger(("Matematika", "Prakarya"), rows), rujukan, "wali")


def dapodik_pupils(world: World) -> Case:
    """Dapodik's list of pupils: known and new ones, lost zeros, missing numbers, a damaged container."""
    chance = world.chance
    rows = []
    for _ in range(chance.randint(1, 5)):
        stored = chance.choice(list(PesertaDidik.objects.all()[:12]))
        number = chance.randint(1, 40)
        new = chance.random() < 0.5
        nama = f"Baru Uji {number}" if new else stored.nama
        nisn: Any = f"00300000{number:02}" if new else stored.nisn or None
        nipd: Any = f"08{number:02}" if new else stored.nis
        if chance.random() < 0.2:
            nipd = chance.choice([None, int(nipd), "7000"])
        if chance.random() < 0.2:
            nisn = chance.choice([None, int(nisn) if nisn else None, "123", "0130000001"])
        more = {"Rombel Saat Ini": chance.choice(["VII A", "VII-A", "vii a", "IX Z"])} if chance.random() < 0.3 else {}
        more |= {"Tempat Lahir": chance.choice(["Klaten", "Bayat", None]), "JK": chance.choice(["L", "P", "P", "X"])}
        rows.append(pupil(nama, nipd, nisn, **more))
    content = pupil_list(rows, top=chance.randint(2, 6))
    if chance.random() < 0.3:
        harmless = [name for name in DAMAGES if "Ayu" not in name and name not in ("huruf tak terlihat", "tanda dan")]
        content = DAMAGES[chance.choice(harmless)](content)
    return Case(dapodik.PUPILS, content, {}, "admin")


def dapodik_teachers(world: World) -> Case:
    """Dapodik's list of teachers."""
    chance = world.chance
    rows = []
    for _ in range(chance.randint(1, 5)):
        number = chance.randint(1, 15)
        rows.append(
            {
                "Nama": chance.choice([f"Guru Acak {number}", f"Guru Acak {number}, S.Pd."]),
                "NUPTK": chance.choice([None, f"{number:016}", f"{number:016}", "123"]),
                "NIP": chance.choice([None, f"19800101200501{number:04}"]),
                "Jenis PTK": chance.choice(["Guru Mapel", "Guru BK", "Tenaga Perpustakaan", None]),
            }
        )
    return Case(dapodik.TEACHERS, teacher_list(rows), {}, "admin")


MAKERS: tuple[tuple[Callable[[World], Case], int], ...] = (
    (own_workbook, 8), (self_made, 4), (erapor, 4), (leger_file, 2), (dapodik_pupils, 4), (dapodik_teachers, 2),
)  # fmt: skip


def lesson_ids(contoh: Contoh) -> dict[str, int]:
    return {"pembelajaran": contoh.matematika.pk, "semester": contoh.semester.pk}


def meanwhile(world: World) -> None:
    """Somebody else changes one mark."""
    contoh, chance = world.contoh, world.chance
    column, seat = chance.choice([*contoh.uh, contoh.uts, contoh.uas]), chance.choice(contoh.anggota)
    stored = Nilai.objects.filter(penilaian=column, anggota=seat).first()
    cell = Cell(column.pk, seat.pk, chance.choice(["50", "61", "73,5"]), stored.versi if stored else 0)
    save_marks(pembelajaran=contoh.matematika, semester=contoh.semester, cells=[cell], by=contoh.akun["guru"])


def _text(value: Any) -> str:
    """A value as the preview shows it, figures without needless zeros."""
    if value is None:
        return ""
    shown = value.strftime("%d/%m/%Y") if hasattr(value, "strftime") else str(value)
    try:
        return marks.show_mark(Decimal(shown)) if "." in shown else shown
    except ArithmeticError:
        return shown


def snapshot(contoh: Contoh, jenis: str) -> State:
    """Everything that imports of this kind may write: (whom the preview names, which column) -> value."""
    if jenis in (sheets.KIND, sheets.erapor.KIND):
        found = Nilai.objects.select_related("penilaian__semester", "anggota__peserta")
        return {(one.anggota.peserta.nis, one.penilaian.judul): _text(one.nilai) for one in found}
    if jenis == sheets.leger.KIND:
        titles = ("Sakit", "Izin", "Tanpa keterangan")
        return {
            (row.anggota.peserta.nama, title): _text(getattr(row, name))
            for row in Ketidakhadiran.objects.select_related("anggota__peserta")
            for name, title in zip(cards.ABSENCE, titles, strict=True)
            if getattr(row, name) is not None
        }
    if jenis == dapodik.PUPILS:
        seats = dict(AnggotaKelas.objects.filter(keluar=None).values_list("peserta_id", "kelas__nama"))
        columns = {"NIS": "nis", "NISN": "nisn", "Nama": "nama", "Jenis Kelamin": "jenis_kelamin",
                   "Tempat Lahir": "tempat_lahir", "Tanggal Lahir": "tanggal_lahir"}  # fmt: skip
        state = {
            (one.nis, title): _text(getattr(one, name))
            for one in PesertaDidik.objects.all()
            for title, name in columns.items()
        }
        state |= {(one.nis, "Kelas"): seats.get(one.pk, "") for one in PesertaDidik.objects.all()}
        for one in PesertaDidik.objects.prefetch_related("perwalian__wali"):
            for tie in one.perwalian.all():
                state |= {(one.nis, "Nama Wali"): tie.wali.nama, (one.nis, "Hubungan Wali"): tie.hubungan}
        return {place: value for place, value in state.items() if value}
    return {
        (one.nama, title): value
        for one in Guru.objects.all()
        for title, value in (("Nama", one.nama), ("NIP", one.nip), ("NUPTK", one.nuptk))
        if value
    }


def promised(before: State, shown: dict[str, Any], jenis: str) -> State:
    """What the page promises to be stored, from what was stored before and what it shows."""
    after = dict(before)
    for one in shown["berubah"]:
        key = one["kunci"]
        renamed = None
        for title, old, new in one["ubahan"]:
            assert before.get((key, title), "") == _text_shown(old), (
                key,
                title,
                "the old value shown is the stored one",
            )
            after[key, title] = _text_shown(new)
            if jenis == dapodik.TEACHERS and title == "Nama":
                renamed = new
        if renamed is not None:
            for title in ("Nama", "NIP", "NUPTK"):
                if (key, title) in after:
                    after[renamed, title] = after.pop((key, title))
    for one in shown["baru"]:
        record = dict(zip(shown["kolom"], one["isi"], strict=True))
        key = record["Nama"] if jenis == dapodik.TEACHERS else record["NIS"]
        assert not any(place[0] == key for place in before), "what is shown as new was not there"
        after |= {(key, title): value for title, value in record.items() if value}
    return after


def _text_shown(value: str) -> str:
    return _text(Decimal(value)) if value.replace(".", "", 1).isdigit() and "." in value else value


HIDDEN_WHEN_NEW = {"Tanggal Lahir", "Nama Wali", "Hubungan Wali"}
"""The preview of a new row shows its first six columns; these come after them."""


def run(world: World, maker: Callable[[World], Case]) -> str:
    """Make one workbook, look at its preview, commit it, and compare. Returns how it ended."""
    contoh = world.contoh
    case = maker(world)
    by = contoh.akun[case.by]
    impor, _job = imports.start_import(
        jenis=case.jenis, chunks=[case.content], nama_berkas=case.name, sekolah=contoh.sekolah, tahun=contoh.tahun,
        rujukan=case.rujukan, by=by,
    )  # fmt: skip
    before = snapshot(contoh, case.jenis)
    assert jobs.work_once()
    impor.refresh_from_db()
    assert snapshot(contoh, case.jenis) == before, "a preview writes nothing"
    shown = imports.preview_of(impor)
    if impor.status == Impor.Status.DITOLAK:
        assert shown["galat"]
        return "ditolak"
    disturbed = world.chance.random() < 0.08 and case.jenis in (sheets.KIND, sheets.erapor.KIND)
    if disturbed:
        meanwhile(world)
        before = snapshot(contoh, case.jenis)
    imports.confirm_import(impor=impor, by=by)
    assert jobs.work_once()
    impor.refresh_from_db()
    after = snapshot(contoh, case.jenis)
    if impor.status == Impor.Status.BATAL:
        assert disturbed, Pekerjaan.objects.latest("dibuat").pesan
        assert after == before, "a stopped import writes nothing"
        return "berhenti"
    assert impor.status == Impor.Status.DITERAPKAN, Pekerjaan.objects.latest("dibuat").pesan
    if disturbed:
        return "tidak terganggu"
    wanted = promised(before, shown, case.jenis)
    new = {one["isi"][0] for one in shown["baru"]}
    after_shown = {
        place: value for place, value in after.items() if not (place[0] in new and place[1] in HIDDEN_WHEN_NEW)
    }
    assert after_shown == wanted, case.jenis
    assert all(after.get(place) for place in before if case.jenis != dapodik.TEACHERS), "a blank takes nothing back"
    if case.jenis in (sheets.KIND, sheets.erapor.KIND):
        known = {_text(Decimal(str(one).strip().replace(",", "."))) for one in GOOD} | set(before.values())
        assert set(after.values()) <= {_plain(one) for one in known}, "no mark out of nothing"
    return "diterapkan"


def _plain(text: str) -> str:
    return text.replace(",0", "") if text.endswith(",0") else text


@pytest.fixture
def world(contoh: Contoh, settings: Any, tmp_path: Any) -> World:
    settings.UPLOAD_DIR, settings.OUTPUT_DIR = tmp_path / "unggahan", tmp_path / "keluaran"
    with ledger.record("uji.nisn", by=ledger.SYSTEM):
        for number, seat in enumerate(contoh.anggota, start=1):
            seat.peserta.nisn = f"013000000{number}"
            seat.peserta.save()
    return World(contoh, random.Random(SEED))


def draw(world: World) -> Callable[[World], Case]:
    makers, weights = zip(*MAKERS, strict=True)
    return world.chance.choices(makers, weights)[0]


@pytest.mark.lambat
@pytest.mark.django_db
def test_500_workbooks(world: World) -> None:
    ends: dict[tuple[str, str], int] = {}
    for number in range(WORKBOOKS):
        maker = draw(world)
        try:
            end = run(world, maker)
        except AssertionError as error:
            raise AssertionError(f"workbook {number} of seed {SEED}, {maker.__name__}: {error}") from error
        ends[maker.__name__, end] = ends.get((maker.__name__, end), 0) + 1
    assert sum(ends.values()) == WORKBOOKS
    for maker, _weight in MAKERS:
        assert ends.get((maker.__name__, "diterapkan"), 0) >= 15, ends
    assert sum(count for (_name, end), count in ends.items() if end == "berhenti") >= 3, ends


def until_seen(world: World, most: int = 60) -> None:
    for _ in range(most):
        run(world, own_workbook)


@pytest.mark.django_db
def test_a_commit_that_forgets_a_cell_is_seen(world: World, monkeypatch: Any) -> None:
    def forgetful(*, cells: list[Cell], **more: Any) -> Any:
        return save_marks(cells=cells[:-1], **more)

    monkeypatch.setattr(lesson_sheet.marks, "save_marks", forgetful)
    with pytest.raises(AssertionError, match="nilai"):
        until_seen(world)


@pytest.mark.django_db
def test_a_blank_read_as_zero_is_seen(world: World, monkeypatch: Any) -> None:
    settle = lesson_sheet.Ground.settle

    def zealous(self: Any, row: Any, given: Any, *rest: Any) -> Any:
        return settle(self, row, [Decimal("0.01") if one is None else one for one in given], *rest)

    monkeypatch.setattr(lesson_sheet.Ground, "settle", zealous)
    with pytest.raises(AssertionError, match="no mark out of nothing"):
        until_seen(world)
