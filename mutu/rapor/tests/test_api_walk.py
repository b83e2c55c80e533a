"""Schemathesis walks the API by its own description: as anyone, and as a teacher of the small school.

Each operation gets requests of the described shape and requests against it, some at made-up numbers and some at things
that are there. Whatever comes back must be described: status, content type, headers and body; nothing may end in 5xx.
"""

from __future__ import annotations

from typing import Any

import pytest
from django.core import signals
from django.core.wsgi import get_wsgi_application
from django.test import Client
from hypothesis import HealthCheck, Phase, given, settings

from mutu.rapor.models import Nilai, NilaiRapor
from mutu.rapor.services.marks import Cell, save_marks
from mutu.satuan.models import EntriLedger
from tests.contoh import Contoh

schemathesis = pytest.importorskip("schemathesis")

pytestmark = [pytest.mark.django_db, pytest.mark.lambat]
EXAMPLES = 12
TOKEN = "a" * 32
# Refusals that a well-shaped request may meet: a version, a lock, a mark out of range, another page's account.
REFUSALS = ["2xx", "304", "401", "403", "404", "412", "422", "423", "428", "429"]


@pytest.fixture
def described(contoh: Contoh, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The description of the API as Schemathesis reads it, over the WSGI application."""
    from ninja.throttling import SimpleRateThrottle

    # As Django's own test client: the connection holds the test's transaction.
    for signal in (signals.request_started, signals.request_finished):
        monkeypatch.setattr(signal, "receivers", [])
        signal.sender_receivers_cache.clear()
    monkeypatch.setattr(SimpleRateThrottle, "allow_request", lambda *_args: True)
    from schemathesis.config import ChecksConfig, PositiveDataAcceptanceConfig, ProjectConfig, ProjectsConfig

    checks = ChecksConfig(positive_data_acceptance=PositiveDataAcceptanceConfig(expected_statuses=REFUSALS))
    config = schemathesis.config.SchemathesisConfig(
        projects=ProjectsConfig(default=ProjectConfig(checks=checks)), suppress_health_check=[]
    )
    return schemathesis.openapi.from_wsgi("/api/v1/openapi.json", get_wsgi_application(), config=config)


def real_places(contoh: Contoh) -> dict[str, int]:
    """Numbers of things that are there, with a mark in the first cell."""
    cells = [Cell(one.pk, contoh.anggota[0].pk, "70", 0) for one in (*contoh.uh, contoh.uts, contoh.uas)]
    save_marks(pembelajaran=contoh.matematika, semester=contoh.semester, cells=cells, by=contoh.akun["guru"])
    return {
        "pembelajaran": contoh.matematika.pk,
        "semester": 1,
        "penilaian": contoh.uh[0].pk,
        "anggota": contoh.anggota[0].pk,
        "nilai_rapor": NilaiRapor.objects.get(anggota=contoh.anggota[0]).pk,
        "akun": contoh.akun["guru"].pk,
    }


def walk(described: Any, cookies: dict[str, str], places: dict[str, int] | None) -> dict[str, set[int]]:
    """Send examples of every operation; returns the statuses that each gave."""
    seen: dict[str, set[int]] = {}
    for found in described.get_all_operations():
        operation = found.ok()
        name = f"{operation.method.upper()} {operation.path}"
        seen[name] = set()
        for mode in (schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE):
            cases = operation.as_strategy(generation_mode=mode, cookies=cookies)
            seen[name] |= _examples(cases, places, name)
    return seen


def _examples(cases: Any, places: dict[str, int] | None, name: str) -> set[int]:
    statuses = set()

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(cases)
    def run(case: Any) -> None:
        statuses.add(_send(case, places, name))

    run()
    return statuses


def _send(case: Any, places: dict[str, int] | None, name: str) -> int:
    if places is not None:
        own = {key: places[key] for key in case.path_parameters if key in places}
        case.path_parameters.update(own)
        if "PUT" in name and "If-Match" in case.headers:
            model = NilaiRapor if "nilai_rapor" in own else Nilai
            version = model.objects.order_by("pk").values_list("versi", flat=True)[0]
            case.headers["If-Match"] = f'"{version}"'
        if "X-Mutu-Akun" in case.headers:
            case.headers["X-Mutu-Akun"] = str(places["akun"])
    # The WSGI transport of Schemathesis does not unpack what the server compresses.
    headers = {"Accept-Encoding": "identity", "X-CSRFToken": TOKEN}
    return int(case.call_and_validate(headers=headers).status_code)


def inner(seen: dict[str, set[int]]) -> dict[str, set[int]]:
    """What the operations of the rapor answered."""
    return {name: statuses for name, statuses in seen.items() if "/rapor/" in name}


def test_anyone(described: Any) -> None:
    before = EntriLedger.objects.count()
    seen = walk(described, {"csrftoken": TOKEN}, None)
    assert len(inner(seen)) == 8
    assert set().union(*inner(seen).values()) == {401}
    assert all(200 in statuses for name, statuses in seen.items() if "/hitung/" in name)
    assert EntriLedger.objects.count() == before


def test_a_teacher(described: Any, contoh: Contoh) -> None:
    client = Client()
    client.force_login(contoh.akun["guru"], backend="django.contrib.auth.backends.ModelBackend")
    cookies = {"sessionid": client.cookies["sessionid"].value, "csrftoken": TOKEN}
    astray = inner(walk(described, cookies, None))
    assert all(statuses & {403, 404} and not statuses & {200, 401} for statuses in astray.values()), astray
    inside = inner(walk(described, cookies, real_places(contoh)))
    card = "GET /api/v1/rapor/anggota/{anggota}/{semester}/rapor"
    assert inside.pop(card) == {404}, "the subject teacher prints no rapor"
    assert all(200 in statuses for statuses in inside.values()), inside
    writes = [statuses for name, statuses in inside.items() if name.startswith("PUT")]
    assert all({422, 428} <= statuses for statuses in writes), inside


def test_the_homeroom_teacher_reads_cards(described: Any, contoh: Contoh) -> None:
    client = Client()
    client.force_login(contoh.akun["wali"], backend="django.contrib.auth.backends.ModelBackend")
    cookies = {"sessionid": client.cookies["sessionid"].value, "csrftoken": TOKEN}
    only = described.include(path_regex="/rapor$")
    assert 200 in walk(only, cookies, real_places(contoh))["GET /api/v1/rapor/anggota/{anggota}/{semester}/rapor"]
