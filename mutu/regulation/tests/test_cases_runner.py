from pathlib import Path

import pytest

from mutu.regulation import cases

HURUF = """
kalkulator: rapor.huruf
judul: Uji
kasus:
  - id: satu
    kalimat: Kalimat.
    sumber: Buku
    tanggal: 2007-06-30
    diberikan: {nilai: 75}
    hasil: {huruf: tujuh puluh lima}
"""


def _check(lama: str = "", baru: str = "") -> None:
    assert lama in HURUF
    cases.check(cases.load(HURUF.replace(lama, baru, 1), "uji").kasus[0])


def test_a_true_case_passes() -> None:
    _check()


@pytest.mark.parametrize(
    ("lama", "baru"),
    [
        ("tujuh puluh lima", "tujuh puluh enam"),
        ("hasil: {huruf: tujuh puluh lima}", "hasil: {hurup: tujuh puluh lima}"),
        ("hasil: {huruf: tujuh puluh lima}", "galat: [nilai]"),
        ("{nilai: 75}", "{nilai: 101}"),
        ("hasil: {huruf: tujuh puluh lima}", "hasil: {}\n    langkah: [{nama: Tidak ada}]"),
    ],
)
def test_a_false_case_fails(lama: str, baru: str) -> None:
    with pytest.raises(cases.CaseFailed, match="satu"):
        _check(lama, baru)


def test_a_whole_mark_is_not_a_truth_value() -> None:
    with pytest.raises(cases.CaseFailed):
        _check("hasil: {huruf: tujuh puluh lima}", "hasil: {peringatan: false}")


PROPORSI = """
kalkulator: statistik.proporsi
judul: Uji
kasus:
  - id: satu
    kalimat: Kalimat.
    sumber: Buku
    tanggal: 2021-04-24
    diberikan: {k: 1, n: 10, keyakinan: "0.8"}
    hasil: {p: "0.1", se: "0.10", wilson: ["0.030", "0.28"]}
"""


@pytest.mark.parametrize("baru", ["p: 0", "p: sepersepuluh", 'p: "0.11"', 'p: "1e-9"', "p: null", 'p: ["0.1"]'])
def test_a_statistic_is_held_to_the_places_it_states(baru: str) -> None:
    cases.check(cases.load(PROPORSI, "uji").kasus[0])
    with pytest.raises(cases.CaseFailed, match="satu"):
        cases.check(cases.load(PROPORSI.replace('p: "0.1"', baru), "uji").kasus[0])


@pytest.mark.parametrize("baru", ['["0.030"]', '["0.030", "0.29"]', '["0.030", "0.28", "1"]', '"0.030"'])
def test_so_is_each_end_of_an_interval(baru: str) -> None:
    with pytest.raises(cases.CaseFailed, match="satu"):
        cases.check(cases.load(PROPORSI.replace('["0.030", "0.28"]', baru), "uji").kasus[0])


@pytest.mark.parametrize(
    ("lama", "baru", "pesan"),
    [
        ("    sumber: Buku\n", "", "missing sumber"),
        ("    hasil: {huruf: tujuh puluh lima}", "", "either hasil or galat"),
        ("kalimat:", "kalimah: x\n    kalimat:", "unknown kalimah"),
        ("kalkulator: rapor.huruf", "", "needs kalkulator"),
    ],
)
def test_a_case_that_lacks_a_part_is_refused(lama: str, baru: str, pesan: str) -> None:
    with pytest.raises(cases.CaseError, match=pesan):
        cases.load(HURUF.replace(lama, baru, 1), "uji")


def test_check_finds_stale_pages(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cases.main(["--write", "--folder", str(tmp_path)]) == 0
    assert cases.main(["--check", "--folder", str(tmp_path)]) == 0
    halaman = tmp_path / "rapor.md"
    assert "Bab II.B.2 (Contoh 1)" in halaman.read_text(encoding="utf-8")
    halaman.write_text(halaman.read_text(encoding="utf-8").replace("63", "64", 1), encoding="utf-8")
    (tmp_path / "lama.md").write_text("# Aturan lama\n", encoding="utf-8")
    capsys.readouterr()
    assert cases.main(["--check", "--folder", str(tmp_path)]) == 1
    assert "lama.md, rapor.md" in capsys.readouterr().err
    cases.main(["--write", "--folder", str(tmp_path)])
    assert not (tmp_path / "lama.md").exists()
    assert cases.main(["--check", "--folder", str(tmp_path)]) == 0
