"""kill -9 of imports: after it the tables hold the whole file or nothing of it, and the same file again mends it."""

import csv
import random
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from mutu.satuan import jobs, ledger
from mutu.satuan.models import AnggotaKelas, Impor, Kelas, Pekerjaan, PesertaDidik, Sekolah, Wali
from mutu.satuan.services.imports import PUPILS, READ_SHARE, SCHOOLS, confirm_import, import_file, start_import
from mutu.satuan.sheets import PESERTA_DIDIK, SEKOLAH
from tests.contoh import Contoh, sekolah_kecil
from tests.crash.oracle import check_database
from tests.crash.victims import Deaths, Victim, open_transaction

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.lambat]

SCHOOL_KILLS = {"sqlite": 9, "postgres": 3}
PUPIL_KILLS = {"sqlite": 3, "postgres": 2}
JOB_KILLS = {"sqlite": 3, "postgres": 2}
SCHOOLS_FIRST, SCHOOLS_MORE = 2_600, 150
CLASSES, PUPILS_FIRST, PUPILS_MORE = 6, 180, 60
STRETCHES = ("whole", "opened", "writing", "writing")
"""Within which stretch of a run a kill comes, and how often."""
BEYOND = 1.4
"""A stretch is taken this much longer than usual, so that some kills come just after the commit."""
PATIENCE = 10

State = dict[str, tuple[Any, ...]]


@pytest.fixture
def start() -> Iterator[Callable[..., Victim]]:
    """Starts victims that do not outlive the test."""
    running: list[Victim] = []

    def begin(*command: str) -> Victim:
        running.append(Victim("-m", "mutu.cli", *command))
        return running[-1]

    yield begin
    for victim in running:
        victim.end()


@dataclass(frozen=True)
class Timing:
    """How long a run, its transaction, and the writing part of the transaction take, in seconds."""

    whole: float
    opened: float
    writing: float


COMMIT = Timing(whole=0, opened=0.15, writing=0.05)
"""About what the commit of a few hundred pupils takes."""


def timing(victim: Victim) -> Timing:
    """Watch one run that ends by itself."""
    begun = time.monotonic()
    seen: list[tuple[float, str]] = []
    while victim.alive:
        state = open_transaction()
        if state != "diam":
            seen.append((time.monotonic(), state))
        time.sleep(0.002)
    whole = time.monotonic() - begun
    assert victim.process.returncode == 0, victim.said()
    written = [moment for moment, state in seen if state == "tulis"]
    assert written, "no transaction was seen"
    return Timing(whole, seen[-1][0] - seen[0][0], written[-1] - written[0])


def kill_somewhere(victim: Victim, chance: random.Random, usual: Timing, stretches: Sequence[str] = STRETCHES) -> str:
    """Kill at a moment that nobody chose, in one of three stretches: the whole run, the transaction, its writing."""
    kind = chance.choice(stretches)
    if kind == "whole":
        time.sleep(chance.uniform(0, usual.whole))
        return victim.kill()
    awaited = ("tulis",) if kind == "writing" else ("tulis", "buka")
    until = time.monotonic() + PATIENCE
    while victim.alive and open_transaction() not in awaited:
        if time.monotonic() > until:
            break  # the transaction was over before it was seen
        time.sleep(0.002)
    usually = usual.writing if kind == "writing" else usual.opened
    time.sleep(chance.uniform(0, usually * BEYOND))
    return victim.kill()


def write_csv(path: Path, sheet: Any, rows: list[dict[str, str]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow([column.title for column in sheet.columns])
        writer.writerows([row.get(column.name, "") for column in sheet.columns] for row in rows)
    return path


def school_rows(edition: int) -> list[dict[str, str]]:
    """A made-up list of schools: each edition adds some, and renames every third of the others."""
    rows = []
    for number in range(SCHOOLS_FIRST + edition * SCHOOLS_MORE):
        changed = edition - (edition + number) % 3
        subdistrict = 1 + number % 40
        rows.append(
            {
                "npsn": f"{70_000_000 + number}",
                "sekolah": f"SD Uji {number} edisi {max(changed, 0)}",
                "bentuk": "SD",
                "status": "N",
                "alamat_jalan": f"Jl. Uji No. {number}",
                "kode_prop": "030000",
                "propinsi": "Prov. Uji",
                "kode_kab_kota": "031000",
                "kabupaten_kota": "Kab. Uji",
                "kode_kec": f"0310{subdistrict:02}",
                "kecamatan": f"Kec. Uji {subdistrict}",
            }
        )
    return rows


def stored_schools() -> State:
    return {row[0]: row[1:] for row in Sekolah.objects.values_list("npsn", "nama", "alamat_jalan", "kecamatan__kode")}


def test_a_list_of_schools_is_imported_whole_or_not_at_all(
    engine: str, start: Callable[..., Victim], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    chance = random.Random(20261122)
    deaths, arrived = Deaths(), 0

    def run(edition: int) -> tuple[Path, State]:
        rows = school_rows(edition)
        path = write_csv(tmp_path / f"{edition}.csv", SEKOLAH, rows)
        return path, {r["npsn"]: (r["sekolah"], r["alamat_jalan"], r["kode_kec"]) for r in rows}

    path, old = run(0)
    import_file(jenis=SCHOOLS, path=path, by=ledger.SYSTEM)
    path, old = run(1)
    usual = timing(start("impor", "sekolah", str(path), "--json"))
    assert stored_schools() == old
    for edition in range(2, SCHOOL_KILLS[engine] + 2):
        path, new = run(edition)
        victim = start("impor", "sekolah", str(path), "--json")
        deaths[kill_somewhere(victim, chance, usual)] += 1
        check_database()
        stored = stored_schools()
        assert stored in (old, new), "something between the old list and the new one is stored"
        if '"baru"' in victim.said():
            assert stored == new, "the counts were told, but the rows are not there"
        arrived += stored == new
        counts = import_file(jenis=SCHOOLS, path=path, by=ledger.SYSTEM).plan.counts
        done_before = counts["sama"] == len(new)
        assert done_before == (stored == new)
        assert stored_schools() == new
        old = new
    with capsys.disabled():
        sys.stdout.write(f"\n{deaths.tell('import of schools')}; {arrived} of the lists were in\n")
    if engine == "sqlite":  # too few kills on PostgreSQL to ask for a share
        assert deaths["tulis"] + deaths["buka"] >= SCHOOL_KILLS[engine] // 3, "the kills miss the transactions"


def pupil_rows(edition: int) -> list[dict[str, str]]:
    """Made-up pupils of a school: each edition adds some and renames every third of the others, and their guardians."""
    rows = []
    for number in range(PUPILS_FIRST + edition * PUPILS_MORE):
        changed = max(edition - (edition + number) % 3, 0)
        rows.append(
            {
                "nis": f"{90_000 + number}",
                "nama": f"Peserta Uji {number} edisi {changed}",
                "jenis_kelamin": "LP"[number % 2],
                "kelas": f"VIII-{number % CLASSES}",
                "nama_wali": f"Wali Uji {number}",
                "hubungan_wali": "ibu",
            }
        )
    return rows


def expected_pupils(rows: list[dict[str, str]]) -> State:
    return {row["nis"]: (row["nama"], row["kelas"], row["nama_wali"]) for row in rows}


def stored_pupils() -> State:
    """The imported pupils with class and guardian; a pupil without them, or a guardian of nobody, would show."""
    pupils = PesertaDidik.objects.filter(nis__gte="90000", nis__lt="99999")
    found = {nis: (nama, None, None) for nis, nama in pupils.values_list("nis", "nama")}
    seated = AnggotaKelas.objects.filter(peserta__in=pupils)
    for nis, nama, kelas, wali in seated.values_list(
        "peserta__nis", "peserta__nama", "kelas__nama", "peserta__perwalian__wali__nama"
    ):
        found[nis] = (nama, kelas, wali)
    assert not Wali.objects.filter(perwalian__isnull=True).exists()
    return found


@pytest.fixture
def school(transactional_db: None) -> Contoh:
    """A school with empty classes for the pupils to come."""
    made = sekolah_kecil()
    with ledger.record("uji.kelas", by=ledger.SYSTEM):
        for number in range(CLASSES):
            Kelas.objects.create(tahun=made.tahun, tingkat=8, nama=f"VIII-{number}")
    return made


def test_pupils_are_imported_whole_or_not_at_all(
    engine: str, school: Contoh, start: Callable[..., Victim], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    chance = random.Random(20261123)
    deaths, arrived = Deaths(), 0
    arguments = ("--sekolah", school.sekolah.npsn, "--tahun", "2026/2027", "--json")

    def run(edition: int) -> tuple[Path, State]:
        rows = pupil_rows(edition)
        return write_csv(tmp_path / f"{edition}.csv", PESERTA_DIDIK, rows), expected_pupils(rows)

    path, old = run(0)
    import_file(jenis=PUPILS, path=path, tahun=school.tahun, by=ledger.SYSTEM)
    path, old = run(1)
    usual = timing(start("impor", "peserta", str(path), *arguments))
    assert stored_pupils() == old
    for edition in range(2, PUPIL_KILLS[engine] + 2):
        path, new = run(edition)
        victim = start("impor", "peserta", str(path), *arguments)
        deaths[kill_somewhere(victim, chance, usual)] += 1
        check_database()
        stored = stored_pupils()
        assert stored in (old, new), "something between the old pupils and the new ones is stored"
        if '"baru"' in victim.said():
            assert stored == new, "the counts were told, but the rows are not there"
        arrived += stored == new
        counts = import_file(jenis=PUPILS, path=path, tahun=school.tahun, by=ledger.SYSTEM).plan.counts
        assert (counts["sama"] == len(new)) == (stored == new)
        assert stored_pupils() == new
        old = new
    with capsys.disabled():
        sys.stdout.write(f"\n{deaths.tell('import of pupils')}; {arrived} of the lists were in\n")
    if engine == "sqlite":  # too few kills on PostgreSQL to ask for a share
        assert deaths["tulis"] + deaths["buka"] >= PUPIL_KILLS[engine] // 3, "the kills miss the transactions"


def test_a_confirmed_import_survives_its_worker(
    engine: str, school: Contoh, start: Callable[..., Victim], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The worker dies while it commits a previewed import; the next one brings it to its end, exactly once."""
    chance = random.Random(20261124)
    deaths = Deaths()
    old = stored_pupils()
    for edition in range(JOB_KILLS[engine]):
        rows = pupil_rows(edition)
        new = expected_pupils(rows)
        path = write_csv(tmp_path / f"{edition}.csv", PESERTA_DIDIK, rows)
        impor, checking = start_import(
            jenis=PUPILS,
            chunks=[path.read_bytes()],
            nama_berkas="peserta.csv",
            sekolah=school.sekolah,
            tahun=school.tahun,
            by=school.akun["admin"],
        )
        jobs.work_once()
        checking.refresh_from_db()
        assert checking.status == Pekerjaan.Status.SELESAI, checking.pesan
        impor.refresh_from_db()
        row = confirm_import(impor=impor, by=school.akun["admin"])
        victim = start("worker")
        _wait_until_read(row, victim)
        deaths[kill_somewhere(victim, chance, COMMIT, ("opened", "writing"))] += 1

        check_database()
        stored = stored_pupils()
        assert stored in (old, new)
        impor.refresh_from_db()
        assert (impor.status == Impor.Status.DITERAPKAN) == (stored == new), "the rows and their import disagree"
        finish_after(row)
        row.refresh_from_db()
        impor.refresh_from_db()
        assert row.status == Pekerjaan.Status.SELESAI, row.pesan
        assert impor.status == Impor.Status.DITERAPKAN
        assert stored_pupils() == new
        old = new
    with capsys.disabled():
        sys.stdout.write(f"\n{deaths.tell('commit of a previewed import')}\n")


def _wait_until_read(row: Pekerjaan, victim: Victim) -> None:
    """Until the job has read its file: the commit comes next."""
    until = time.monotonic() + PATIENCE
    while not Pekerjaan.objects.filter(pk=row.pk, selesai_bagian__gte=READ_SHARE).exists():
        assert time.monotonic() < until, victim.said()
        time.sleep(0.002)


def finish_after(row: Pekerjaan) -> None:
    """What happens a minute after a worker's death: its lease runs out, the sweeper puts the job back, it is done."""
    Pekerjaan.objects.filter(pk=row.pk, status=Pekerjaan.Status.JALAN).update(
        sewa_sampai=timezone.now() - timedelta(seconds=1)
    )
    jobs.sweep()
    while jobs.work_once():
        pass
