import json
from datetime import date
from decimal import Decimal

import pytest

from mutu.regulation import registry
from mutu.regulation.explain import InputError

HARI = date(2007, 6, 30)


@pytest.mark.parametrize("nama", registry.names())
def test_each_calculator_describes_itself_and_runs_its_example(nama: str) -> None:
    kalkulator = registry.describe(nama)
    assert kalkulator.judul
    assert kalkulator.uraian.endswith(".")
    skema = registry.schema(nama)
    json.dumps(skema)
    assert skema["additionalProperties"] is False
    assert skema["examples"] == [kalkulator.contoh]
    assert skema["properties"].keys() >= kalkulator.contoh.keys()
    hasil = registry.run(nama, dict(kalkulator.contoh), HARI)
    json.dumps(hasil)
    assert hasil["aturan"].keys() == {"id", "berlaku", "sumber"}
    assert isinstance(hasil["peringatan"], list)
    assert hasil["langkah"]
    assert all(satu.keys() == {"nama", "hasil", "rumus", "sumber"} and satu["sumber"] for satu in hasil["langkah"])


@pytest.mark.parametrize("nama", registry.names())
def test_each_calculator_refuses_an_unknown_field(nama: str) -> None:
    with pytest.raises(InputError) as tertangkap:
        registry.run(nama, {**registry.describe(nama).contoh, "niali": 1}, HARI)
    assert tertangkap.value.galat == [
        {"jalur": "niali", "pesan": "Isian “niali” tidak dikenal; hapus atau perbaiki namanya."}
    ]


@pytest.mark.parametrize("nama", ["rapor.nila", "rapor", "", "tak.ada", "../rapor.nilai", "rapor.huruf "])
def test_an_unknown_name_names_the_known_ones(nama: str) -> None:
    with pytest.raises(InputError) as tertangkap:
        registry.run(nama, {}, HARI)
    assert tertangkap.value.galat[0]["jalur"] == "nama"
    assert "rapor." in tertangkap.value.galat[0]["pesan"]


@pytest.mark.parametrize("isi", [None, [], [1], "teks", 75, True])
def test_the_payload_is_an_object(isi: object) -> None:
    with pytest.raises(InputError) as tertangkap:
        registry.run("rapor.huruf", isi, HARI)
    assert tertangkap.value.galat[0]["jalur"] == ""


def test_path() -> None:
    assert registry.path(("uh", 2)) == "uh[2]"
    assert registry.path(("sk", 0, "nilai")) == "sk[0].nilai"
    assert registry.path(()) == ""


def test_json_stays_exact() -> None:
    hasil = registry.load_json('{"a": 0.1, "b": 7, "c": 1e400, "d": ' + "9" * 5000 + "}")
    assert hasil["a"] == Decimal("0.1")
    assert type(hasil["b"]) is int
    assert isinstance(hasil["c"], Decimal)
    assert isinstance(hasil["d"], Decimal)
    assert registry.load_json(b"\xef\xbb\xbf{}") == {}
    assert registry.load_json('{"a": "\\ud83d\\ude00"}') == {"a": "😀"}


@pytest.mark.parametrize(
    ("teks", "jalur", "kata"),
    [
        ("", "", "JSON"),
        ("{", "", "baris 1 kolom"),
        ("{'a': 1}", "", "JSON"),
        ('{"a": NaN}', "", "NaN"),
        ('{"a": -Infinity}', "", "Infinity"),
        ('{"uh": 1, "uh": 2}', "uh", "dua kali"),
        ('{"a": {"b": 1, "b": 1}}', "b", "dua kali"),
        ('{"a": 1e99999999999999999999}', "", "terlalu panjang"),
        ("[" * 100_000, "", "terlalu dalam"),
        ('{"a": "\\ud800"}', "", "setengah karakter"),
        ('{"\\udfff": 1}', "", "setengah karakter"),
        (b'{"a": "\xff"}', "", "UTF-8"),
        ("{}{}", "", "JSON"),
    ],
    ids=lambda satu: repr(satu)[:20],
)
def test_json_refuses(teks: str | bytes, jalur: str, kata: str) -> None:
    with pytest.raises(InputError) as tertangkap:
        registry.load_json(teks)
    assert tertangkap.value.galat[0]["jalur"] == jalur
    assert kata in tertangkap.value.galat[0]["pesan"]
