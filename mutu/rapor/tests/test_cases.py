"""Every worked example of the rapor runs as a test, and the pages made from them are current."""

from pathlib import Path

import pytest

from mutu.regulation import cases

SEMUA = [kasus for berkas in cases.of_package("mutu.rapor") for kasus in berkas.kasus]


@pytest.mark.parametrize("kasus", SEMUA, ids=lambda kasus: kasus.id)
def test_case(kasus: cases.Kasus) -> None:
    cases.check(kasus)


def test_the_three_examples_of_the_guideline_are_there() -> None:
    """They are the reason the rounding is what it is; losing one would go unnoticed."""
    assert {"contoh-1", "contoh-2", "contoh-3"} <= {kasus.id for kasus in SEMUA}
    assert len(SEMUA) > 30


def test_pages_are_current() -> None:
    assert cases.stale(Path(__file__).parents[3] / "docs" / "rules") == []
