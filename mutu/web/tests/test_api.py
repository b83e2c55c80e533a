"""The API: the calculators' door, its refusals, its description, and the rule that every operation has a policy."""

import json
from typing import Any

import pytest
from django.core.cache import cache
from django.core.exceptions import ImproperlyConfigured
from django.test import Client
from ninja import NinjaAPI, Router
from ninja.security import django_auth

from mutu.regulation import registry
from mutu.satuan.access import public, signed_in
from mutu.web import api

MARK = {"bobot": {"cara": "rasio", "uh": 2, "uts": 1, "uas": 1}, "uh": [60, 75, 65], "uts": 55, "uas": 65, "kkm": 65}


@pytest.fixture(autouse=True)
def _fresh_counters() -> None:
    cache.clear()


def post(client: Client, name: str, body: str | bytes) -> Any:
    return client.post(f"/api/v1/hitung/{name}", data=body, content_type="application/json")


def test_the_guideline_example_comes_back_with_its_steps(client: Client) -> None:
    answer = post(client, "rapor.nilai", json.dumps(MARK))
    assert answer.status_code == 200
    result = answer.json()
    assert (result["nilai"], result["huruf"], result["tuntas"]) == (63, "enam puluh tiga", False)
    assert result["langkah"][0]["sumber"]
    assert result["aturan"]["id"] == "ktsp-2007"


@pytest.mark.parametrize(
    ("body", "path"),
    [
        (json.dumps(MARK | {"uh": [60, "delapan"]}), "uh[1]"),
        (json.dumps(MARK | {"uts": 101}), "uts"),
        (json.dumps(MARK | {"bonus": 5}), "bonus"),
        ('{"uh": [NaN]}', ""),
        ("{", ""),
        (b"\xff\xfe", ""),
        ("[1]", ""),
        ("", ""),
    ],
)
def test_wrong_input_names_its_place(client: Client, body: str | bytes, path: str) -> None:
    answer = post(client, "rapor.nilai", body)
    assert answer.status_code == 422
    assert path in [fault["jalur"] for fault in answer.json()["galat"]]
    assert all(fault["pesan"] for fault in answer.json()["galat"])


def test_decimals_are_read_exactly(client: Client) -> None:
    # As a float this is 79.99999999999999999 = 80; read exactly it stays below.
    answer = post(client, "rapor.huruf", '{"nilai": 79.99999999999999999}')
    assert answer.status_code == 422


def test_an_unknown_calculator_is_a_fault_of_the_name(client: Client) -> None:
    answer = post(client, "rapor.nila", "{}")
    assert answer.status_code == 404
    assert answer.json()["galat"][0]["jalur"] == "nama"
    assert "rapor.nilai" in answer.json()["galat"][0]["pesan"]


@pytest.mark.parametrize("size", [1024 * 1024 + 1, 6 * 1024 * 1024])
def test_a_large_body_is_refused(client: Client, size: int) -> None:
    answer = post(client, "rapor.huruf", b" " * size)
    assert answer.status_code == 413
    assert answer.json()["galat"][0]["pesan"]


def test_a_foreign_page_needs_no_token_and_get_is_no_way_in() -> None:
    strict = Client(enforce_csrf_checks=True)
    assert post(strict, "rapor.huruf", '{"nilai": 75}').status_code == 200
    assert strict.get("/api/v1/hitung/rapor.huruf").status_code == 405


def test_requests_are_counted_per_address_whatever_a_header_claims(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    operation = next(one for path, one in api.operations(api.api) if "hitung" in path)
    monkeypatch.setattr(operation.throttle_objects[0], "num_requests", 2)

    def ask(address: str, claimed: str) -> int:
        return client.post(
            "/api/v1/hitung/rapor.huruf",
            data='{"nilai": 75}',
            content_type="application/json",
            REMOTE_ADDR=address,
            HTTP_X_FORWARDED_FOR=claimed,
        )

    assert [ask("10.0.0.1", f"1.1.1.{n}").status_code for n in range(3)] == [200, 200, 429]
    refused = ask("10.0.0.1", "9.9.9.9")
    assert refused.json()["galat"][0]["jalur"] == ""
    assert int(refused["Retry-After"]) > 0
    assert ask("10.0.0.2", "1.1.1.1").status_code == 200
    assert api.CALCULATIONS_PER_MINUTE == 120


def test_the_description_lists_each_calculator_and_every_reference_resolves(client: Client) -> None:
    schema = client.get("/api/v1/openapi.json").json()
    for name in registry.names():
        operation = schema["paths"][f"/api/v1/hitung/{name}"]["post"]
        content = operation["requestBody"]["content"]["application/json"]
        assert content["example"] == dict(registry.describe(name).contoh)
        answer = post(client, name, json.dumps(content["example"]))
        assert answer.status_code == 200
    text = json.dumps(schema)
    for part in text.split('"$ref": "')[1:]:
        target: Any = schema
        for step in part.partition('"')[0].removeprefix("#/").split("/"):
            target = target[step]
        assert target


def test_the_page_for_people_needs_no_script(client: Client) -> None:
    answer = client.get("/api/")
    page = answer.content.decode()
    assert "/api/v1/hitung/rapor.nilai" in page
    assert "<script" not in page


def test_every_operation_has_a_policy() -> None:
    found = list(api.operations(api.api))
    assert found
    assert api.checked(api.api) is api.api


def _with(view: Any, **options: Any) -> NinjaAPI:
    root = NinjaAPI(urls_namespace=f"uji-{id(view)}", docs_url=None, openapi_url=None)
    router = Router(**options)
    router.get("/satu")(view)
    root.add_router("/uji", router)
    return root


def test_an_operation_without_a_policy_stops_the_start() -> None:
    def bare(request: Any) -> int:
        return 1

    with pytest.raises(ImproperlyConfigured, match="/uji/satu has no policy"):
        api.checked(_with(bare))
    assert api.checked(_with(public(lambda request: 1)))


def test_an_operation_for_accounts_must_ask_for_a_sign_in() -> None:
    @signed_in
    def closed(request: Any) -> int:
        return 1

    with pytest.raises(ImproperlyConfigured, match="asks for no sign-in"):
        api.checked(_with(closed))
    assert api.checked(_with(closed, auth=django_auth))
