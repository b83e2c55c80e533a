"""Every worked example of the statistics calculators runs as a test."""

import pytest

from mutu.regulation import cases

SEMUA = [kasus for berkas in cases.of_package("mutu.stats") for kasus in berkas.kasus]


@pytest.mark.parametrize("kasus", SEMUA, ids=lambda kasus: kasus.id)
def test_case(kasus: cases.Kasus) -> None:
    cases.check(kasus)


def test_every_calculator_has_its_examples() -> None:
    assert {kasus.pintu for kasus in SEMUA} == {
        "statistik.proporsi",
        "statistik.banding",
        "statistik.regresi",
        "statistik.cacah",
    }
