"""Work offline for a lesson: marks wait in the browser, arrive once, and meet other marks by a person's choice."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.journeys.test_teacher import TEACHER, Grid
from tests.journeys.visit import Visit

pytestmark = [pytest.mark.peramban, pytest.mark.lambat]
INTERLEAVE = Path(__file__).with_name("interleave.js").read_text()
RUNS = 200
STEPS = 24


def history(visit: Visit, key: str) -> list[str]:
    """Every value that the ledger has for a cell, oldest first."""
    page = visit.fetch("/rapor/riwayat/{}/{}/".format(*key.split("-"))).decode()
    body = page[page.index("<tbody") : page.index("</tbody>")]
    rows = re.findall(r"<tr>(.*?)</tr>", body, flags=re.DOTALL)
    return [re.sub(r"<[^>]+>", "", re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", row)[0]).strip() for row in rows][::-1]


def test_two_hundred_interleavings_of_two_devices(arrive: Callable[..., Visit]) -> None:
    visit = arrive(TEACHER)
    grid = Grid(visit, "VII-A")
    table = grid.page.locator("table[data-kisi]")
    cells = [
        "{}-{}".format(*(grid.cell(row, column).get_attribute(name) for name in ("data-penilaian", "data-anggota")))
        for row, column in ((33, 0), (33, 1), (34, 0))
    ]
    before = {key: history(visit, key) for key in cells}
    found = grid.page.evaluate(
        INTERLEAVE,
        {
            "url": table.get_attribute("data-save-url"),
            "account": table.get_attribute("data-akun"),
            "cells": cells,
            "seeds": list(range(1, RUNS + 1)),
            "steps": STEPS,
        },
    )
    assert found["faults"] == []
    totals = found["totals"]
    assert totals["kirim"] > 5 * RUNS
    assert min(totals["bentrok"], totals["hilang"], totals["ulang"], totals["muat"]) > RUNS, totals
    for key in cells:
        taken = sorted((one["versi"], one["nilai"]) for one in found["accepted"] if one["key"] == key)
        first, last = found["begin"][key]["versi"], found["end"][key]["versi"]
        assert [version for version, _value in taken] == list(range(first + 1, last + 1))
        shown = [value if value != "–" else "" for value in history(visit, key)]
        assert shown[len(before[key]) :] == [value for _version, value in taken]
