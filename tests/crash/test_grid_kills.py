"""kill -9 of the web server while two teachers save: nothing acknowledged is lost, nothing is half saved.

Each client keeps its own list of what was acknowledged. After a kill the stored marks must be that list, or that list
with the one request whose answer never came: old or new, never between. The request is then sent again.
"""

import json
import random
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from mutu.rapor.models import MapelTingkat, Nilai, Penilaian, StandarKompetensi
from mutu.rapor.services.marks import show_mark
from mutu.satuan import ledger
from mutu.satuan.models import Akun, Pembelajaran, Semester
from tests.contoh import Contoh, sekolah_kecil
from tests.crash.oracle import check_database, check_history, check_results
from tests.crash.victims import HOST, Deaths, Server

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.lambat]

PUPILS = 36
KILLS = {"sqlite": 26, "postgres": 6}
LONGEST_LIFE = 0.6
"""Seconds of saving before the kill; a batch takes about a tenth of it."""
TOKEN = "k" * 32

Place = tuple[int, int]


@dataclass
class Batch:
    """One request: its key, its cells as sent, and what the marks and versions are once it is saved."""

    key: str
    cells: list[dict[str, Any]]

    @property
    def after(self) -> dict[Place, tuple[str, int]]:
        return {(cell["penilaian"], cell["anggota"]): (cell["nilai"], cell["versi"] + 1) for cell in self.cells}


@dataclass
class Teacher:
    """A client that saves one batch after another and writes down what was acknowledged."""

    akun: Akun
    lesson: Pembelajaran
    columns: list[int]
    pupils: list[int]
    chance: random.Random
    acknowledged: dict[Place, tuple[str, int]] = field(default_factory=dict)
    answers: int = 0
    in_doubt: Batch | None = None
    sent: int = 0
    faults: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        client = Client()
        client.force_login(self.akun, backend="django.contrib.auth.backends.ModelBackend")
        session = client.cookies[settings.SESSION_COOKIE_NAME].value
        self.headers = {
            "Content-Type": "application/json",
            "X-CSRFToken": TOKEN,
            "Cookie": f"{settings.SESSION_COOKIE_NAME}={session}; {settings.CSRF_COOKIE_NAME}={TOKEN}",
        }

    def next_batch(self) -> Batch:
        """The whole class in one column, or at times a single cell; every cell gets a value it did not have."""
        self.sent += 1
        column = self.chance.choice(self.columns)
        pupils = self.pupils if self.chance.random() < 0.8 else [self.chance.choice(self.pupils)]
        cells = []
        for place, pupil in enumerate(pupils):
            hundredths = (self.sent * 101 + place * 37) % 10_001
            value = f"{hundredths // 100},{hundredths % 100:02}".rstrip("0").rstrip(",")
            version = self.acknowledged.get((column, pupil), ("", 0))[1]
            cells.append({"penilaian": column, "anggota": pupil, "nilai": value, "versi": version})
        return Batch(f"{self.akun.username}-{self.sent:06}", cells)

    def send(self, line: HTTPConnection, batch: Batch) -> Any:
        """Send a batch and note its acknowledgement. Raises OSError or HTTPException when no answer comes."""
        self.in_doubt = batch
        body = json.dumps({"kunci": batch.key, "sel": batch.cells})
        line.request("POST", f"/api/v1/rapor/pembelajaran/{self.lesson.pk}/1/nilai", body, self.headers)
        response = line.getresponse()
        text = response.read()
        if response.status != 200:
            self.faults.append(f"{response.status}: {text[:300]!r}")
            return None
        answer = json.loads(text)
        told = {(cell["penilaian"], cell["anggota"]): (cell["nilai"], cell["versi"]) for cell in answer["sel"]}
        if told != batch.after or {cell["status"] for cell in answer["sel"]} != {"tersimpan"}:
            self.faults.append(f"another answer than asked for: {text[:300]!r}")
        self.acknowledged.update(batch.after)
        self.answers += 1
        self.in_doubt = None
        return answer

    def save_until_cut(self, port: int) -> None:
        """Save without pause until the server dies."""
        line = HTTPConnection(HOST, port, timeout=30)
        try:
            while not self.faults:
                self.send(line, self.next_batch())
        except (OSError, HTTPException):
            pass
        finally:
            line.close()

    def stored(self) -> dict[Place, tuple[str, int]]:
        """The marks of this teacher's lesson as they lie in the database."""
        rows = Nilai.objects.filter(penilaian__pembelajaran=self.lesson)
        return {(c, p): (show_mark(n), v) for c, p, n, v in rows.values_list("penilaian", "anggota", "nilai", "versi")}

    def check(self) -> None:
        """Old or new, never between."""
        assert not self.faults, self.faults
        stored = self.stored()
        if stored == self.acknowledged:
            return
        assert self.in_doubt is not None, "something acknowledged was lost, or something came from nowhere"
        assert stored == self.acknowledged | self.in_doubt.after, "half a batch is stored, or an acknowledged mark lost"

    def send_again(self, port: int) -> None:
        """Send the unanswered request once more, twice: saved exactly once, and the same answer each time."""
        batch = self.in_doubt
        if batch is None:
            return
        line = HTTPConnection(HOST, port, timeout=30)
        try:
            first = self.send(line, batch)
            second = self.send(line, batch)
        finally:
            line.close()
        assert first == second, self.faults
        assert self.stored() == self.acknowledged


def teachers(school: Contoh, chance: random.Random) -> list[Teacher]:
    """Two teachers of one class, each with four columns in a lesson of their own."""
    with ledger.record("uji.kolom", by=ledger.SYSTEM):
        terms = MapelTingkat.objects.get(mapel=school.bahasa.mapel)
        sk = StandarKompetensi.objects.create(mapel_tingkat=terms, semester=1, nomor=1, uraian="Uraian SK 1")
        for number, (kind, standard) in enumerate([("uh", sk), ("uh", sk), ("uts", None), ("uas", None)], start=1):
            Penilaian.objects.create(
                pembelajaran=school.bahasa, semester=school.semester, jenis=kind, nomor=number, sk=standard
            )
    pupils = [member.pk for member in school.anggota]
    return [
        Teacher(
            school.akun[name],
            lesson,
            list(Penilaian.objects.filter(pembelajaran=lesson).values_list("pk", flat=True)),
            pupils,
            random.Random(chance.random()),
        )
        for name, lesson in (("guru", school.matematika), ("guru_lain", school.bahasa))
    ]


def check_all(people: list[Teacher], semester: Semester) -> None:
    """The whole oracle of the grid."""
    check_database()
    for person in people:
        person.check()
        check_results(person.lesson, semester)
    check_history()


@pytest.fixture
def servers() -> Iterator[list[Server]]:
    """Servers of this test; whatever happens they do not outlive it."""
    running: list[Server] = []
    yield running
    for server in running:
        server.end()


def one_life(server: Server, people: list[Teacher], chance: random.Random, deaths: Deaths) -> None:
    """Let the teachers save on a ready server and kill it at a moment that nobody chose."""
    writers = [threading.Thread(target=person.save_until_cut, args=(server.port,)) for person in people]
    for writer in writers:
        writer.start()
    time.sleep(chance.uniform(0, LONGEST_LIFE))
    deaths[server.kill()] += 1
    for writer in writers:
        writer.join(30)
        assert not writer.is_alive()


def test_nothing_acknowledged_is_lost_and_nothing_is_half_saved(
    engine: str, servers: list[Server], capsys: pytest.CaptureFixture[str]
) -> None:
    chance = random.Random(20261121)
    school = sekolah_kecil(pupils=PUPILS)
    people = teachers(school, chance)
    deaths, arrived = Deaths(), 0
    servers.append(Server())
    for kill in range(KILLS[engine]):
        server = servers[-1]
        server.wait_ready()
        if kill + 1 < KILLS[engine]:
            servers.append(Server())  # boots while its forerunner lives its short life
        for person in people:
            person.send_again(server.port)
        one_life(server, people, chance, deaths)
        check_all(people, school.semester)
        arrived += sum(person.in_doubt is not None and person.stored() != person.acknowledged for person in people)
    answered = sum(person.answers for person in people)
    with capsys.disabled():
        sys.stdout.write(
            f"\n{deaths.tell('grid')}; {answered} acknowledged batches; {arrived} saved but not answered\n"
        )
    assert answered >= KILLS[engine]
    assert deaths["tulis"] + deaths["buka"] >= KILLS[engine] // 4, "the kills miss the transactions"
