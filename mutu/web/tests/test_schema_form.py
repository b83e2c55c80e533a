"""The form that a schema makes, and what it reads back: nothing guessed, nothing turned into 0."""

from typing import Any

import pytest
from django.test import Client

from mutu.regulation import registry
from mutu.web import schema_form
from mutu.web.schema_form import build, example_query, split_numbers

SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["cara", "uh", "sk"],
    "properties": {
        "cara": {"title": "Cara", "enum": ["rasio", "rata"]},
        "uh": {"title": "UH", "type": "array", "items": {"anyOf": [{"type": "number"}, {"type": "string"}]}},
        "sk": {"type": "array", "items": {"$ref": "#/$defs/SK"}},
        "kkm": {"anyOf": [{"anyOf": [{"type": "integer"}, {"type": "string"}]}, {"type": "null"}]},
        "lulus": {"type": "boolean"},
        "x": {"type": "object", "additionalProperties": {"type": "array", "items": {"type": "number"}}},
        "tanggal": {"anyOf": [{"type": "string", "format": "date"}, {"type": "null"}]},
        "pilihan": {"anyOf": [{"$ref": "#/$defs/Pilihan"}, {"type": "null"}]},
    },
    "$defs": {
        "SK": {
            "type": "object",
            "required": ["nomor"],
            "properties": {"nomor": {"type": "integer"}, "nilai": {"type": "number"}},
        },
        "Pilihan": {"type": "object", "properties": {"akhir": {"enum": ["tengah"]}}},
    },
}


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("60, 75, 65", ["60", "75", "65"]),
        ("60; 75,5", ["60", "75,5"]),
        ("60, 75,5", ["60", "75,5"]),
        ("60 75 65", ["60", "75", "65"]),
        ("60,75,65", ["60", "75", "65"]),
        ("60\n75,5", ["60", "75,5"]),
        ("60\t75", ["60", "75"]),
        ("60", ["60"]),
        ("60.5", ["60.5"]),
        ("60,75", None),
        ("60; delapan;", ["60", "delapan"]),
    ],
)
def test_a_typed_list_is_split_only_where_it_is_clear(text: str, parts: list[str] | None) -> None:
    assert split_numbers(text) == parts


def test_every_kind_of_part_becomes_a_control_and_a_value() -> None:
    form = build(
        SCHEMA,
        {
            "cara": "rasio",
            "uh": "60; 75,5; delapan",
            "sk[1].nomor": "1",
            "sk[1].nilai": "80,25",
            "sk[7].nomor": "2",
            "kkm": "70",
            "lulus": "false",
            "x": '{"a": [1, 2]}',
            "tanggal": "2007-06-30",
        },
    )
    assert form.payload == {
        "cara": "rasio",
        "uh": ["60", "75.5", "delapan"],
        "sk": [{"nomor": "1", "nilai": "80.25"}, {"nomor": "2"}],
        "kkm": "70",
        "lulus": False,
        "x": {"a": [1, 2]},
        "tanggal": "2007-06-30",
    }
    kinds = {node.name: node.kind for node in form.nodes}
    assert kinds == {
        "cara": "pilihan",
        "uh": "daftar",
        "sk": "baris",
        "kkm": "angka",
        "lulus": "logis",
        "x": "json",
        "tanggal": "tanggal",
        "pilihan": "kelompok",
    }
    assert [node.name for node in form.extra] == ["pilihan", "tanggal"]


def test_an_empty_form_sends_nothing_and_no_zero() -> None:
    form = build(SCHEMA, {})
    assert form.payload == {}
    assert len(next(node for node in form.nodes if node.name == "sk").rows) == schema_form.EMPTY_ROWS


def test_a_fault_lands_on_the_nearest_control() -> None:
    form = build(SCHEMA, {"uh": "60; delapan", "sk[0].nomor": "x"})
    summary = form.place(
        [
            {"jalur": "uh[1]", "pesan": "bukan angka"},
            {"jalur": "sk[0].nomor", "pesan": "bukan bilangan"},
            {"jalur": "sk[0].entah", "pesan": "tidak dikenal"},
            {"jalur": "lain", "pesan": "tidak dikenal"},
        ]
    )
    assert summary == [
        ("f-uh", "UH: nilai ke-2: bukan angka"),
        ("f-sk-0-nomor", "Nomor: bukan bilangan"),
        ("f-sk", "Sk: tidak dikenal"),
        ("", "lain: tidak dikenal"),
    ]


def test_a_strangers_parameter_is_said_and_passed_over() -> None:
    form = build(SCHEMA, {"uh": "60", "fbclid": "x", "sk[0].nomor": "1", "sk[0].entah": "2"})
    assert form.unknown == ["fbclid", "sk[0].entah"]
    assert form.payload == {"uh": ["60"], "sk": [{"nomor": "1"}]}


def test_too_many_rows_are_a_fault_and_not_cut_off() -> None:
    form = build(SCHEMA, {f"sk[{n}].nomor": "1" for n in range(schema_form.MAX_ROWS + 1)})
    assert [fault["jalur"] for fault in form.faults] == ["sk"]


def test_an_unclear_list_is_a_fault_and_not_a_guess() -> None:
    form = build(SCHEMA, {"uh": "60,75"})
    assert "uh" not in form.payload
    assert form.faults[0]["jalur"] == "uh"


@pytest.mark.parametrize("name", registry.names())
def test_each_calculators_example_survives_the_form(name: str) -> None:
    example = registry.describe(name).contoh
    form = build(registry.schema(name), example_query(example))
    assert form.faults == []
    assert _as_text(form.payload) == _as_text(example)


def _as_text(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _as_text(part) for key, part in value.items() if part is not None}
    return [_as_text(part) for part in value] if isinstance(value, list) else str(value)


@pytest.mark.parametrize("name", registry.names())
def test_each_calculator_has_a_page_that_shows_its_example(client: Client, name: str) -> None:
    answer = client.get(f"/kalkulator/{name}")
    assert answer.status_code == 200
    assert answer.context["hasil"]["utama"]
    again = client.get(answer.context["tautan"])
    assert again.context["hasil"] == answer.context["hasil"]


def test_an_unknown_calculator_has_no_page(client: Client) -> None:
    assert client.get("/kalkulator/rapor.entah").status_code == 404


def test_more_rows_keep_what_was_typed(client: Client) -> None:
    answer = client.get("/kalkulator/rapor.deskripsi?sk[0].nomor=1&sk[0].nilai=80&_tambah=sk")
    node = next(node for node in answer.context["form"].nodes if node.name == "sk")
    assert len(node.rows) == 1 + schema_form.MORE_ROWS
    assert node.rows[0][1].text == "80"
    assert "hasil" not in answer.context


def test_statistics_are_read_with_a_comma_and_a_table_of_rows_has_its_head(client: Client) -> None:
    facts = client.get("/kalkulator/statistik.regresi").context["hasil"]
    assert facts["utama"][0][0] == "r2"
    name, columns, rows = facts["lain"][0]
    assert (name, columns) == ("koefisien", ["", "b", "se", "beta", "t", "p", "vif"])
    assert [row[0] for row in rows] == ["konstanta", "jam_pelatihan", "supervisi"]
    page = client.get("/kalkulator/statistik.banding").content.decode()
    assert "<dd>0,004679</dd>" in page
    assert "0.00467913" not in page
    small = client.get("/kalkulator/statistik.banding?a=94;126&b=41;88").content.decode()
    assert small.count("2,94\u00a0×\u00a010⁻⁵") == 2, "as a figure, and in the steps"


def test_a_list_stands_large_where_nothing_single_does(client: Client) -> None:
    facts = client.get("/kalkulator/statistik.cacah").context["hasil"]
    assert facts["utama"] == [("cacah", "126; 88")]
    assert [name for name, _columns, _rows in facts["lain"]] == ["cocok"]
