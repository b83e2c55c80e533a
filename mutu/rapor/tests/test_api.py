"""The API of marks and rapor: versions, keys, locks, and that denial looks like absence."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from mutu.rapor.models import AjuanNilai, Nilai, NilaiRapor, Rapor
from mutu.rapor.services.marks import Cell, mark_history, save_marks
from mutu.satuan import ledger
from tests.contoh import Contoh

pytestmark = pytest.mark.django_db
API = "/api/v1/rapor"


class Program:
    """A program that speaks to the API as one account."""

    def __init__(self, contoh: Contoh, role: str) -> None:
        self.client = Client(raise_request_exception=True)
        self.client.force_login(contoh.akun[role], backend="django.contrib.auth.backends.ModelBackend")

    def get(self, path: str, **headers: str) -> Any:
        return self.client.get(API + path, headers=headers)

    def put(self, path: str, body: Any, tag: str | None = None, key: str | None = None) -> Any:
        wanted = {"If-Match": tag, "Idempotency-Key": key}
        headers = {name: value for name, value in wanted.items() if value is not None}
        return self.client.put(API + path, json.dumps(body), content_type="application/json", headers=headers)


@pytest.fixture
def guru(contoh: Contoh) -> Program:
    return Program(contoh, "guru")


def cell_path(contoh: Contoh, column: int = 0, pupil: int = 0) -> str:
    return f"/penilaian/{contoh.uh[column].pk}/nilai/{contoh.anggota[pupil].pk}"


def write(contoh: Contoh, value: str, version: int, column: int = 0, pupil: int = 0) -> None:
    """Somebody at the grid writes."""
    result = save_marks(
        pembelajaran=contoh.matematika,
        semester=contoh.semester,
        cells=[Cell(contoh.uh[column].pk, contoh.anggota[pupil].pk, value, version)],
        by=contoh.akun["guru"],
    )
    assert result.all_saved


def stored(contoh: Contoh, column: int = 0, pupil: int = 0) -> tuple[str, int] | None:
    mark = Nilai.objects.filter(penilaian=contoh.uh[column], anggota=contoh.anggota[pupil]).first()
    return (f"{mark.nilai:f}", mark.versi) if mark else None


def complete(contoh: Contoh) -> NilaiRapor:
    """All marks of the first pupil."""
    cells = [Cell(one.pk, contoh.anggota[0].pk, "70", 0) for one in (*contoh.uh, contoh.uts, contoh.uas)]
    save_marks(
        pembelajaran=contoh.matematika, semester=contoh.semester, cells=cells, by=contoh.akun["guru"]
    )  # fmt: skip
    return NilaiRapor.objects.get(anggota=contoh.anggota[0], pembelajaran=contoh.matematika)


def reasons(answer: Any) -> str:
    return " ".join(one["pesan"] for one in answer.json()["galat"])


def test_a_mark_is_read_with_its_version_and_written_against_it(contoh: Contoh, guru: Program) -> None:
    path = cell_path(contoh)
    before = guru.get(path)
    assert (before.json()["nilai"], before.json()["versi"], before["ETag"]) == ("", 0, '"0"')
    written = guru.put(path, {"nilai": "72,5"}, before["ETag"])
    assert written.status_code == 200
    assert (written.json()["nilai"], written.json()["versi"], written["ETag"]) == ("72,5", 1, '"1"')
    assert written.json()["hasil"]["anggota"] == contoh.anggota[0].pk
    after = guru.get(path)
    assert after.json() == {
        "penilaian": contoh.uh[0].pk,
        "anggota": contoh.anggota[0].pk,
        "nilai": "72,5",
        "versi": 1,
        "oleh": str(contoh.akun["guru"]),
        "pada": after.json()["pada"],
        "terkunci": None,
    }
    assert guru.get(path, **{"If-None-Match": after["ETag"]}).status_code == 304
    assert guru.get(path, **{"If-None-Match": 'W/"1"'}).status_code == 304
    assert guru.get(path, **{"If-None-Match": '"0"'}).status_code == 200


@pytest.mark.parametrize("tag", [None, "*"])
def test_a_write_without_a_version_is_asked_for_one(contoh: Contoh, guru: Program, tag: str | None) -> None:
    write(contoh, "60", 0)
    answer = guru.put(cell_path(contoh), {"nilai": "90"}, tag)
    assert answer.status_code == 428
    assert "If-Match" in reasons(answer)
    assert stored(contoh) == ("60.00", 1)


@pytest.mark.parametrize("tag", ['"1"', 'W/"1"', '"99"', "1", '"tanpa angka"', '"99999999999999999999"'])
def test_a_stale_write_shows_what_is_there_now(contoh: Contoh, guru: Program, tag: str) -> None:
    write(contoh, "60", 0)
    write(contoh, "65", 1)
    answer = guru.put(cell_path(contoh), {"nilai": "90"}, tag)
    assert answer.status_code == 412
    assert answer["ETag"] == '"2"'
    body = answer.json()
    assert (body["nilai"], body["versi"], body["oleh"]) == ("65", 2, str(contoh.akun["guru"]))
    assert body["pada"]
    assert stored(contoh) == ("65.00", 2)
    assert guru.put(cell_path(contoh), {"nilai": "90"}, answer["ETag"]).status_code == 200
    assert stored(contoh) == ("90.00", 3)


def test_a_version_of_a_mark_that_never_was_is_stale(contoh: Contoh, guru: Program) -> None:
    answer = guru.put(cell_path(contoh), {"nilai": "90"}, '"4"')
    assert (answer.status_code, answer.json()["versi"], answer.json()["nilai"]) == (412, 0, "")
    assert stored(contoh) is None


def test_the_same_key_gets_the_same_answer_and_no_second_effect(contoh: Contoh, guru: Program) -> None:
    path = cell_path(contoh)
    first = guru.put(path, {"nilai": "70"}, '"0"', "kunci-pertama")
    write(contoh, "71", 1)
    again = guru.put(path, {"nilai": "70"}, '"0"', "kunci-pertama")
    assert (again.status_code, again.json(), again["ETag"]) == (200, first.json(), first["ETag"])
    assert stored(contoh) == ("71.00", 2)
    for body, tag in (({"nilai": "75"}, '"0"'), ({"nilai": "70"}, '"2"')):
        other = guru.put(path, body, tag, "kunci-pertama")
        assert other.status_code == 422
        assert "kunci baru" in reasons(other)
    assert guru.put(path, {"nilai": "70"}, '"2"', "pendek").status_code == 422
    assert [line["nilai"] for line in mark_history(contoh.uh[0], contoh.anggota[0])] == ["71", "70"]


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ({"nilai": "101"}, "nilai"),
        ({"nilai": "delapan"}, "nilai"),
        ({"nilai": "７５"}, "nilai"),
        ({"nilai": 75}, "nilai"),
        ({"nilai": None}, "nilai"),
        ({"nilai": "7" * 41}, "nilai"),
        ({}, "nilai"),
        ({"nilai": "75", "versi": 3}, "versi"),
        ([], ""),
    ],
)
def test_what_is_no_mark_is_refused_with_its_place(contoh: Contoh, guru: Program, body: Any, place: str) -> None:
    answer = guru.put(cell_path(contoh), body, '"0"')
    assert answer.status_code == 422
    assert [one["jalur"] for one in answer.json()["galat"]] in ([place], ["isi"])
    assert reasons(answer)
    assert stored(contoh) is None


def test_a_body_that_is_no_json_is_refused(contoh: Contoh, guru: Program) -> None:
    path = API + cell_path(contoh)
    answer = guru.client.put(path, "{", content_type="application/json", headers={"If-Match": '"0"'})
    assert answer.status_code == 400
    assert "JSON" in reasons(answer)


@pytest.mark.parametrize("state", [Rapor.Status.DIPERIKSA, Rapor.Status.FINAL, "diajukan"])
def test_a_locked_mark_says_why(contoh: Contoh, guru: Program, state: str) -> None:
    write(contoh, "60", 0)
    with ledger.record("uji.kunci", by=ledger.SYSTEM):
        if state == "diajukan":
            AjuanNilai.objects.create(
                pembelajaran=contoh.matematika,
                semester=contoh.semester,
                status=AjuanNilai.Status.DIAJUKAN,
                pada=timezone.now(),
            )
        else:
            Rapor.objects.create(anggota=contoh.anggota[0], semester=contoh.semester, status=state, pada=timezone.now())
    reason = guru.get(cell_path(contoh)).json()["terkunci"]
    assert reason
    answer = guru.put(cell_path(contoh), {"nilai": "90"}, '"1"', "kunci-terkunci")
    assert answer.status_code == 423
    assert reasons(answer) == reason
    assert stored(contoh) == ("60.00", 1)
    other = guru.put(cell_path(contoh, pupil=1), {"nilai": "90"}, '"0"')
    assert other.status_code == (423 if state == "diajukan" else 200)


def test_the_grid_keeps_a_locked_cell_with_its_reason_and_saves_the_others(contoh: Contoh, guru: Program) -> None:
    with ledger.record("uji.kunci", by=ledger.SYSTEM):
        Rapor.objects.create(
            anggota=contoh.anggota[0], semester=contoh.semester, status=Rapor.Status.FINAL, pada=timezone.now()
        )
    cells = [
        {"penilaian": contoh.uh[0].pk, "anggota": pupil.pk, "nilai": "80", "versi": 0} for pupil in contoh.anggota
    ]  # fmt: skip
    answer = guru.client.post(
        f"{API}/pembelajaran/{contoh.matematika.pk}/1/nilai",
        json.dumps({"kunci": "kunci-kisi-uji", "sel": cells}),
        content_type="application/json",
    ).json()
    assert [cell["status"] for cell in answer["sel"]] == ["ditolak", "tersimpan", "tersimpan"]
    assert "final" in answer["sel"][0]["pesan"]
    assert (stored(contoh), stored(contoh, pupil=1)) == (None, ("80.00", 1))


def test_the_sheet_of_a_lesson_and_its_tag(contoh: Contoh, guru: Program) -> None:
    write(contoh, "60", 0)
    path = f"/pembelajaran/{contoh.matematika.pk}/1/nilai"
    answer = guru.get(path)
    sheet = answer.json()
    assert [column["judul"] for column in sheet["kolom"]] == ["UH 1", "UH 2", "UH 3", "UTS", "UAS"]
    assert [pupil["anggota"] for pupil in sheet["peserta"]] == [one.pk for one in contoh.anggota]
    assert sheet["sel"] == [
        {"penilaian": contoh.uh[0].pk, "anggota": contoh.anggota[0].pk, "nilai": "60", "versi": 1}
    ]  # fmt: skip
    assert [row["anggota"] for row in sheet["hasil"]] == [contoh.anggota[0].pk]
    assert guru.get(path, **{"If-None-Match": answer["ETag"]}).status_code == 304
    write(contoh, "61", 1)
    assert guru.get(path, **{"If-None-Match": answer["ETag"]}).status_code == 200
    assert guru.get(f"/pembelajaran/{contoh.matematika.pk}/3/nilai").status_code == 404


def test_marks_typed_by_another_account_are_not_taken(contoh: Contoh, guru: Program) -> None:
    path = f"{API}/pembelajaran/{contoh.matematika.pk}/1/nilai"
    cell = {"penilaian": contoh.uh[0].pk, "anggota": contoh.anggota[0].pk, "nilai": "80", "versi": 0}
    for typed_by, status in ((contoh.akun["wali"].pk, 403), (contoh.akun["guru"].pk, 200)):
        answer = guru.client.post(
            path,
            json.dumps({"kunci": f"kunci-{typed_by}-uji", "sel": [cell]}),
            content_type="application/json",
            headers={"X-Mutu-Akun": str(typed_by)},
        )
        assert answer.status_code == status
        assert (stored(contoh) is not None) == (status == 200)
    assert guru.client.get(path, headers={"X-Mutu-Akun": "x"}).status_code == 403


def test_a_page_that_is_not_ours_writes_nothing(contoh: Contoh) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(contoh.akun["guru"], backend="django.contrib.auth.backends.ModelBackend")
    answer = strict.put(
        API + cell_path(contoh), '{"nilai": "80"}', content_type="application/json", headers={"If-Match": '"0"'}
    )
    assert answer.status_code == 403
    assert "X-CSRFToken" in reasons(answer)
    assert stored(contoh) is None


def test_a_description_is_written_against_its_version(contoh: Contoh, guru: Program) -> None:
    row = complete(contoh)
    path = f"/nilai/{row.pk}/deskripsi"
    before = guru.get(path)
    assert (before.json()["teks"], before.json()["bawaan"]) == ("", row.deskripsi)
    assert guru.put(path, {"teks": "Rajin."}).status_code == 428
    words = {"teks": "Rajin berlatih dan berani bertanya."}
    written = guru.put(path, words, before["ETag"], "kunci-deskripsi")
    assert (written.status_code, written.json()["teks"]) == (200, words["teks"])
    assert written["ETag"] == f'"{row.versi + 1}"'
    again = guru.put(path, words, before["ETag"], "kunci-deskripsi")
    assert (again.status_code, again.json()) == (200, written.json())
    assert guru.put(path, {"teks": "Lain."}, before["ETag"], "kunci-deskripsi").status_code == 422
    stale = guru.put(path, {"teks": "Lain."}, before["ETag"])
    assert stale.status_code == 412
    assert (stale.json()["teks"], stale["ETag"]) == (words["teks"], written["ETag"])
    row.refresh_from_db()
    assert (row.deskripsi_manual, row.versi) == (words["teks"], written.json()["versi"])
    with ledger.record("uji.kunci", by=ledger.SYSTEM):
        Rapor.objects.create(
            anggota=contoh.anggota[0], semester=contoh.semester, status=Rapor.Status.FINAL, pada=timezone.now()
        )
    locked = guru.put(path, {"teks": "Lain."}, written["ETag"])
    assert locked.status_code == 423
    assert "final" in reasons(locked)


def test_the_rapor_of_a_pupil_is_what_is_printed(contoh: Contoh) -> None:
    complete(contoh)
    wali = Program(contoh, "wali")
    path = f"/anggota/{contoh.anggota[0].pk}/1/rapor"
    answer = wali.get(path)
    card = answer.json()
    assert answer.status_code == 200
    assert card["anggota"] == contoh.anggota[0].pk
    assert {row["nama"]: row["nilai"] for row in card["mapel"]} == {"Matematika": 70, "Bahasa Indonesia": None}
    assert card["draf"] is True
    assert wali.get(path, **{"If-None-Match": answer["ETag"]}).status_code == 304
    assert wali.get(f"/anggota/{contoh.anggota[0].pk}/3/rapor").status_code == 404
    with ledger.record("uji.tanggal", by=ledger.SYSTEM):
        contoh.semester.tanggal_rapor = contoh.semester.mulai.replace(year=2020)
        contoh.semester.save()
    guardian = Program(contoh, "orang_tua")
    assert guardian.get(path).status_code == 404, "a draft never leaves the school"
    assert guardian.get(f"/anggota/{contoh.anggota[1].pk}/1/rapor").status_code == 404
