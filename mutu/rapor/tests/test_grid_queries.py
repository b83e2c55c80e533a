"""How many queries the mark grid and a save ask: a number that must not grow with the class."""

import json

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from mutu.rapor.api import Tersimpan
from mutu.rapor.models import Penilaian
from mutu.rapor.services.marks import Cell, save_marks
from mutu.satuan import ledger
from tests.contoh import Contoh, sekolah_kecil

MOST_FOR_THE_GRID = 10
MOST_FOR_A_SAVE = 16
"""BEGIN and COMMIT of SQLite among them."""


def grown(pupils: int, columns: int, npsn: str, prefix: str) -> Contoh:
    """A class with so many columns in one lesson and a mark in every cell."""
    made = sekolah_kecil(npsn, pupils, prefix)
    lesson, semester = made.matematika, made.semester
    with ledger.record("uji.kolom", by=ledger.SYSTEM):
        for number in range(4, columns - 1):
            Penilaian.objects.create(pembelajaran=lesson, semester=semester, jenis="uh", nomor=number, sk=made.sk[0])
    found = list(Penilaian.objects.filter(pembelajaran=lesson))
    assert len(found) == columns
    cells = [Cell(column.pk, member.pk, "70", 0) for column in found for member in made.anggota]
    assert save_marks(pembelajaran=lesson, semester=semester, cells=cells, by=made.akun["guru"]).all_saved
    return made


@pytest.mark.django_db
def test_the_grid_asks_few_queries_whatever_its_size() -> None:
    asked = []
    for pupils, columns, npsn in ((3, 6, "69900102"), (40, 12, "69900103")):
        made = grown(pupils, columns, npsn, f"{pupils}-")
        client = Client()
        client.force_login(made.akun["guru"], backend="django.contrib.auth.backends.ModelBackend")
        # The first request fills what the process keeps, such as the school's name; it is not the grid's.
        client.get(f"/rapor/pembelajaran/{made.matematika.pk}/1/")
        with CaptureQueriesContext(connection) as queries:
            page = client.get(f"/rapor/pembelajaran/{made.matematika.pk}/1/")
        assert page.status_code == 200
        assert page.content.count(b'name="n-') == pupils * columns
        asked.append(len(queries))
    assert asked[0] == asked[1] <= MOST_FOR_THE_GRID


@pytest.mark.django_db(transaction=True)
def test_a_save_of_one_cell_asks_few_queries() -> None:
    made = grown(40, 12, "69900103", "")
    client = Client()
    client.force_login(made.akun["guru"], backend="django.contrib.auth.backends.ModelBackend")
    cell = {"penilaian": made.uas.pk, "anggota": made.anggota[0].pk, "nilai": "80", "versi": 1}
    with CaptureQueriesContext(connection) as queries:
        answer = client.post(
            f"/api/v1/rapor/pembelajaran/{made.matematika.pk}/1/nilai",
            json.dumps({"kunci": "sebuah-kunci", "sel": [cell]}),
            content_type="application/json",
        )
    assert answer.json()["sel"][0]["status"] == "tersimpan"
    assert Tersimpan.model_validate(answer.json()).model_dump() == answer.json(), "the answer is what the API describes"
    # PostgreSQL locks the lesson's row and tells its triggers who writes: two more.
    assert len(queries) <= MOST_FOR_A_SAVE + 2 * (connection.vendor == "postgresql")


@pytest.mark.django_db
def test_numbers_beyond_the_database_are_absent_not_a_fault() -> None:
    made = sekolah_kecil("69900104", 1, "")
    client = Client(raise_request_exception=False)
    client.force_login(made.akun["guru"], backend="django.contrib.auth.backends.ModelBackend")
    beyond = 2**70
    lesson = made.matematika.pk

    def status(lesson: int, semester: int, column: int, pupil: int) -> int:
        cell = {"penilaian": column, "anggota": pupil, "nilai": "80", "versi": 0}
        return client.post(
            f"/api/v1/rapor/pembelajaran/{lesson}/{semester}/nilai",
            json.dumps({"kunci": f"kunci-{lesson}-{semester}-{column}-{pupil}"[:80], "sel": [cell]}),
            content_type="application/json",
        ).status_code

    column, pupil = made.uh[0].pk, made.anggota[0].pk
    assert status(lesson, 1, column, pupil) == 200
    assert status(beyond, 1, column, pupil) == 404
    assert status(lesson, beyond, column, pupil) == 404
    assert status(lesson, 1, beyond, pupil) == 200
    assert status(lesson, 1, column, beyond) == 200
