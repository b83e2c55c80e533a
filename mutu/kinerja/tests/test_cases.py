"""Every worked example of PK GURU runs as a test, and the pages made from them are current."""

from pathlib import Path

import pytest

from mutu.regulation import cases

SEMUA = [kasus for berkas in cases.of_package("mutu.kinerja") for kasus in berkas.kasus]


@pytest.mark.parametrize("kasus", SEMUA, ids=lambda kasus: kasus.id)
def test_case(kasus: cases.Kasus) -> None:
    cases.check(kasus)


def test_the_examples_of_the_guideline_and_the_gaps_are_there() -> None:
    """They are the reason the bands and the gap policy are what they are; losing one would go unnoticed."""
    wajib = {"kompetensi-contoh-pedoman", "kredit-iii-a", "rekap-celah-34", "rekap-celah-41", "tabel-iv-d"}
    assert wajib <= {kasus.id for kasus in SEMUA}
    assert len(SEMUA) == len({kasus.id for kasus in SEMUA}) > 100


def test_page_is_current() -> None:
    assert "kinerja.md" not in cases.stale(Path(__file__).parents[3] / "docs" / "rules")
