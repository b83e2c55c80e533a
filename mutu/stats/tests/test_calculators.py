"""The doors of the statistics calculators: bad input with its place, warnings, and what only the program can break."""

import json
import subprocess
import sys
import time
from datetime import date
from fractions import Fraction
from typing import Any

import pytest

from mutu.regulation import registry
from mutu.regulation.explain import InputError
from mutu.stats import proportions, regression
from mutu.stats.wording import comma, figure

HARI = date(2021, 4, 24)


def run(nama: str, **isi: Any) -> dict[str, Any]:
    return registry.run(f"statistik.{nama}", isi, HARI)


def faults(nama: str, **isi: Any) -> list[str]:
    with pytest.raises(InputError) as tertangkap:
        run(nama, **isi)
    assert all(satu["pesan"].endswith(".") for satu in tertangkap.value.galat)
    return [satu["jalur"] for satu in tertangkap.value.galat]


@pytest.mark.parametrize(
    ("isi", "harap"),
    [
        ({}, ["k", "n"]),
        ({"k": 5, "n": 0}, ["n"]),
        ({"k": 11, "n": 10}, ["k"]),
        ({"k": -1, "n": 10}, ["k"]),
        ({"k": 1.5, "n": 10}, ["k"]),
        ({"k": True, "n": 10}, ["k"]),
        ({"k": "satu", "n": 10}, ["k"]),
        ({"k": float("nan"), "n": 10}, ["k"]),
        ({"k": 1, "n": float("inf")}, ["n"]),
        ({"k": 1, "n": 10_000_001}, ["n"]),
        ({"k": 1, "n": 10, "N": 9}, ["N"]),
        ({"k": 1, "n": 10, "keyakinan": 95}, ["keyakinan"]),
        ({"k": 1, "n": 10, "keyakinan": 1}, ["keyakinan"]),
        ({"k": 1, "n": 10, "keyakinan": 0}, ["keyakinan"]),
        ({"k": 1, "n": 10, "populasi": 100}, ["populasi"]),
        ({"k": 1, "n": 10, "aturan": "ktsp-2007"}, ["aturan"]),
        ({"k": 1, "n": 10, "tanggal": "kemarin"}, ["tanggal"]),
    ],
)
def test_bad_input_of_proporsi(isi: dict[str, Any], harap: list[str]) -> None:
    assert faults("proporsi", **isi) == harap


@pytest.mark.parametrize(
    ("isi", "harap"),
    [
        ({"a": [1, 2]}, ["b"]),
        ({"a": [1, 2, 3], "b": [1, 2]}, ["a"]),
        ({"a": [1], "b": [1, 2]}, ["a"]),
        ({"a": [3, 2], "b": [1, 2]}, ["a[0]"]),
        ({"a": [1, 2], "b": [0, 0]}, ["b[1]"]),
        ({"a": [1, None], "b": [0, 1]}, ["a[1]"]),
        ({"a": "72/126", "b": [0, 1]}, ["a"]),
        ({"a": [1, 2], "b": [1, 2], "keyakinan": "95"}, ["keyakinan"]),
    ],
)
def test_bad_input_of_banding(isi: dict[str, Any], harap: list[str]) -> None:
    assert faults("banding", **isi) == harap


Y = [1, 2, 4, 3, 6]


@pytest.mark.parametrize(
    ("isi", "harap"),
    [
        ({"y": Y}, ["x"]),
        ({"y": Y, "x": {}}, ["x"]),
        ({"y": Y, "x": [1, 2, 3, 4, 5]}, ["x"]),
        ({"y": [], "x": {"a": []}}, ["y"]),
        ({"y": Y, "x": {"a": [1, 2, 3]}}, ["x.a"]),
        ({"y": Y, "x": {"a": [1, 2], "b": [1, 2, 3, 4, 6, 7]}}, ["x.a", "x.b"]),
        ({"y": Y, "x": {"a": [1, 2, float("nan"), 3, 4]}}, ["x.a[2]"]),
        ({"y": [1, 2, "tiga", None, True], "x": {"a": Y}}, ["y[2]", "y[3]", "y[4]"]),
        ({"y": [5] * 5, "x": {"a": Y}}, ["y"]),
        ({"y": Y, "x": {"a": [2] * 5, "b": [3] * 5}}, ["x.a", "x.b"]),
        ({"y": Y, "x": {"konstanta": [1, 2, 3, 4, 6]}}, ["x.konstanta"]),
        ({"y": Y, "x": {" ": [1, 2, 3, 4, 6]}}, ["x"]),
        ({"y": [1, 2], "x": {"a": [1, 2]}}, ["y"]),
        ({"y": Y, "x": {f"x{i}": Y for i in range(21)}}, ["x"]),
        ({"y": Y * 1001, "x": {"a": Y * 1001}}, ["y"]),
    ],
    ids=lambda satu: str(satu)[:50],
)
def test_bad_input_of_regresi(isi: dict[str, Any], harap: list[str]) -> None:
    assert faults("regresi", **isi) == harap


@pytest.mark.parametrize(
    ("isi", "harap"),
    [
        ({"persen": [], "n": 10}, ["persen"]),
        ({"persen": [50], "n": 0}, ["n"]),
        ({"persen": [50, 101, -1], "n": 10}, ["persen[1]", "persen[2]"]),
        ({"persen": [50, "58,9"], "n": 10}, ["persen[1]"]),
        ({"persen": ["58.9 %"], "n": 10}, ["persen[0]"]),
        ({"persen": [float("nan")], "n": 10}, ["persen[0]"]),
        ({"persen": [50] * 201, "n": 10}, ["persen"]),
    ],
    ids=lambda satu: str(satu)[:50],
)
def test_bad_input_of_cacah(isi: dict[str, Any], harap: list[str]) -> None:
    assert faults("cacah", **isi) == harap


def test_a_method_holds_on_every_day_and_can_be_named() -> None:
    hasil = run("proporsi", k=1, n=10, tanggal="1945-08-17", aturan="proporsi-1")
    assert hasil == run("proporsi", k=1, n=10)
    assert hasil["aturan"]["id"] == "proporsi-1"
    assert hasil["aturan"]["berlaku"].startswith("kapan saja")
    assert all(satu["sumber"] for satu in hasil["langkah"])


def test_small_figures_keep_their_digits_in_the_steps() -> None:
    assert [figure(satu) for satu in (None, 3, 0.5, 0.00012345, 2.9373e-5, -1e-9)] == [
        "–", "3", "0.5", "0.000123", "2.94e-05", "-1.00e-09"
    ]  # fmt: skip
    assert comma(2.9373e-5) == "2,94\u00a0×\u00a010⁻⁵"
    langkah = {satu["nama"]: satu["hasil"] for satu in run("banding", a=[94, 126], b=[41, 88])["langkah"]}
    assert (langkah["p"], langkah["Selang selisih 95 %"]) == ("2.94e-05", "0,147798 – 0,401521")


def test_fields_are_the_agreed_ones() -> None:
    frame = {"langkah", "peringatan", "aturan"}
    dasar = {"p", "se", "wilson", "clopper_pearson"} | frame
    assert run("proporsi", k=1, n=10).keys() == dasar | {"wald"}
    assert run("proporsi", k=1, n=10, N=50).keys() == dasar | {"wald_fpc"}
    hasil = run("regresi", y=Y, x={"a": [2, 3, 5, 1, 7]})
    assert hasil.keys() == {"koefisien", "r2", "r2_adj", "f", "f_p", "durbin_watson"} | frame
    assert hasil["koefisien"]["a"].keys() == {"b", "se", "beta", "t", "p", "vif"}


def test_the_correction_narrows_and_more_confidence_widens() -> None:
    polos = run("proporsi", k=126, n=214)
    assert run("proporsi", k=126, n=214, N=300)["se"] < polos["se"]
    lebar = run("proporsi", k=126, n=214, keyakinan=0.99)
    for nama in ("wald", "wilson", "clopper_pearson"):
        assert lebar[nama][0] < polos[nama][0] < 126 / 214 < polos[nama][1] < lebar[nama][1]


def test_warnings_of_a_proportion() -> None:
    assert "salah satu sisi" in run("proporsi", k=2, n=10)["peringatan"][0]
    assert "melewati 0" in run("proporsi", k=1, n=10)["peringatan"][1]
    assert "Seluruh populasi" in run("proporsi", k=4, n=10, N=10)["peringatan"][0]
    tunggal = run("proporsi", k=1, n=1)
    assert (tunggal["se"], tunggal["wald"]) == (None, None)
    assert "Satu amatan" in tunggal["peringatan"][0]


def test_small_expected_counts_point_to_fisher() -> None:
    assert any("Fisher" in satu for satu in run("banding", a=[3, 10], b=[1, 9])["peringatan"])
    assert run("banding", a=[72, 126], b=[33, 88])["peringatan"] == []


def test_warnings_of_a_regression() -> None:
    contoh = registry.describe("statistik.regresi").contoh
    assert registry.run("statistik.regresi", dict(contoh), HARI)["peringatan"] == []
    dekat = run("regresi", y=Y * 5, x={"a": [1, 2, 3, 4, 5] * 5, "b": [1, 2, 3, 4, 6] * 5})["peringatan"]
    assert [satu for satu in dekat if satu.startswith("Kolinearitas: VIF")]
    assert any("Amatan sedikit" in satu for satu in run("regresi", y=Y, x={"a": [2, 3, 5, 1, 7]})["peringatan"])
    naik = [Fraction(satu) for satu in range(40)]
    pencilan = regression.fit([satu + 500 * (satu == 20) + satu % 3 for satu in naik], {"a": naik})
    assert any("amatan ke-21;" in satu for satu in pencilan.peringatan)


def test_a_perfect_fit_has_no_t_and_says_so() -> None:
    hasil = run("regresi", y=[3, 5, 7, 9, 11], x={"a": [1, 2, 3, 4, 5]})
    assert (hasil["r2"], hasil["f"], hasil["durbin_watson"]) == (1.0, None, None)
    assert hasil["koefisien"]["a"] == {"b": 2.0, "se": 0.0, "beta": 1.0, "t": None, "p": None, "vif": 1.0}
    assert any("cocok sempurna" in satu for satu in hasil["peringatan"])


def test_every_dependent_column_is_left_out_wherever_it_stands() -> None:
    y, a, b = Y * 4, [1, 2, 3, 4, 6] * 4, [5, 1, 4, 2, 2] * 4
    jumlah = [satu + lain for satu, lain in zip(a, b, strict=True)]
    hasil = run("regresi", y=y, x={"a": a, "kembar": a, "b": b, "jumlah": jumlah})
    assert [nama for nama, satu in hasil["koefisien"].items() if satu["b"] is None] == ["kembar", "jumlah"]
    tanpa = run("regresi", y=y, x={"a": a, "b": b})
    assert hasil["koefisien"]["b"] == tanpa["koefisien"]["b"]
    assert hasil["f"] == tanpa["f"]


def test_trailing_zeros_of_a_percentage_count() -> None:
    """14.7 is 5 of 34 (14.705…) at one decimal; at two decimals no count of 34 gives 14.70."""
    assert run("cacah", persen=["14.7", "14.70"], n=34)["cocok"] == [True, False]
    masukan = registry.load_json('{"persen": [14.70, 14.7, 15], "n": 34}')
    assert run("cacah", **masukan)["cocok"] == [False, True, True]


def test_a_test_that_proves_nothing_says_so() -> None:
    assert run("cacah", persen=["58.9"], n=214)["peringatan"] == []
    assert "tidak membuktikan" in run("cacah", persen=["58.9"], n=1000)["peringatan"][0]
    assert "tidak membuktikan" in run("cacah", persen=["59"], n=100)["peringatan"][0]


def test_parts_of_a_whole_must_add_up() -> None:
    """Of 80, 50 % is 40 and 51 % is 41: each exists, but they are not the two parts of 80."""
    hasil = run("cacah", persen=[50, 51], n=80)
    assert (hasil["cacah"], hasil["cocok"]) == ([40, 41], [True, True])
    assert hasil["peringatan"] == ["Persentasenya berjumlah 100, tetapi cacahnya tidak dapat berjumlah 80."]
    assert run("cacah", persen=[50, 49], n=80)["peringatan"][0].endswith("berjumlah 80.")
    assert run("cacah", persen=[50, 50], n=80)["peringatan"] == []


def test_largest_inputs_stay_quick() -> None:
    """The limits are what bounds the work of a stranger's request."""
    mulai = time.process_time()
    proportions.compare((4_000_000, 10_000_000), (4_100_000, 10_000_000))
    proportions.proportion(4_000_000, 10_000_000)
    n, k = regression.MAX_AMATAN, regression.MAX_PEUBAH
    kolom = {f"x{j}": [Fraction((i * (j + 3) ** 2) % 4999, 4) for i in range(n)] for j in range(k)}
    regression.fit([Fraction(i % 13) for i in range(n)], kolom)
    assert time.process_time() - mulai < 5


def test_no_engine_is_loaded() -> None:
    """The base install has no numpy: the calculators work without it."""
    kode = (
        "import sys; from mutu import cli; cli.main(['hitung', 'statistik.regresi', '--skema'], standalone_mode=False);"
        "bad = {'django', 'numpy', 'scipy'} & set(sys.modules); sys.exit(f'{bad}' if bad else 0)"
    )
    hasil = subprocess.run([sys.executable, "-c", kode], capture_output=True, text=True)
    assert hasil.returncode == 0, hasil.stderr
    assert json.loads(hasil.stdout)["examples"]
