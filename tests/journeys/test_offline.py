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
    return [re.sub(r"<[^>]+>", "", re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", row)[1]).strip() for row in rows][::-1]


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


def pending(grid: Grid, count: int) -> None:
    expect(grid.page.locator("[data-kisi-belum]")).to_have_text(str(count))


def offline(visit: Visit, away: bool) -> None:
    """Pull the plug, or put it back; what the browser says on its console about it is no fault of ours."""
    visit.context.set_offline(away)
    visit.errors[:] = [error for error in visit.errors if "ERR_INTERNET_DISCONNECTED" not in error]


def test_marks_wait_for_the_connection_and_survive_a_closed_tab(arrive: Callable[..., Visit], size: str) -> None:
    row = {"1280x900": 5, "360x740": 9}[size]
    visit = arrive(TEACHER, size=size)
    grid = Grid(visit, "VII-B")
    was = grid.cell(row + 1, 0).input_value()
    visit.page.on("dialog", lambda dialog: dialog.accept())
    offline(visit, True)
    grid.cell(row, 0).focus()
    for typed in ("61,5", "62,5", "101"):
        grid.write(typed)
        grid.press("Enter")
    pending(grid, 3)
    expect(grid.page.locator("[data-kisi-status]")).to_contain_text("3 belum terkirim: sambungan terputus")
    grid.state(row, 0, "belum")
    visit.look()

    # The tab is closed without a connection; next time the marks are there, and go out by themselves.
    second = visit.context.new_page()
    visit.page.close()
    offline(visit, False)
    visit.page = grid.page = second
    second.goto(f"{visit.home}/")
    expect(second.locator("#belum-terkirim")).to_contain_text("3 nilai yang Anda ketik di peramban ini belum terkirim")
    visit.look()
    second.locator("#belum-terkirim").get_by_role("link").first.click()
    grid.ready()
    assert second.url == grid.url
    grid.state(row, 0, "tersimpan")
    grid.state(row + 2, 0, "ditolak")
    pending(grid, 1)
    assert grid.cell(row + 2, 0).input_value() == "101"
    assert "0 sampai 100" in grid.problems
    grid.cell(row + 2, 0).focus()
    grid.write("63,5")
    grid.press("Enter")
    grid.all_sent()
    grid.reload()
    assert [grid.cell(row + n, 0).input_value() for n in range(3)] == ["61,5", "62,5", "63,5"]
    pending(grid, 0)
    assert was != "62,5"
    second.goto(f"{visit.home}/")
    expect(second.locator("#belum-terkirim")).to_be_hidden()


def test_a_server_that_is_away_and_an_answer_that_is_lost(arrive: Callable[..., Visit]) -> None:
    visit = arrive(TEACHER)
    grid = Grid(visit, "VII-B")
    sent: list[str] = []

    def lose(route: Any) -> None:
        if route.request.method != "POST":
            return route.continue_()
        sent.append(route.request.post_data_json["kunci"])
        if len(sent) == 1:
            route.fetch()  # it arrives, but its answer does not
        return route.fulfill(status=502, body="") if len(sent) < 3 else route.continue_()

    grid.page.route("**/api/v1/rapor/pembelajaran/**", lose)
    grid.cell(14, 0).focus()
    grid.write("64,5")
    grid.press("Enter")
    expect(grid.page.locator("[data-kisi-status]")).to_contain_text("sambungan terputus")
    visit.page.get_by_role("button", name="Simpan", exact=True).click()
    grid.all_sent()
    assert len(set(sent)) == 1
    assert len(sent) == 3
    visit.errors[:] = [error for error in visit.errors if "502" not in error]
    key = "-".join(str(grid.cell(14, 0).get_attribute(name)) for name in ("data-penilaian", "data-anggota"))
    assert history(visit, key).count("64,5") == 1


def test_two_devices_offline_choose_cell_by_cell(arrive: Callable[..., Visit], size: str) -> None:
    row = {"1280x900": 16, "360x740": 20}[size]
    laptop, phone = (Grid(arrive(TEACHER, size=size), "VII-B") for _ in range(2))
    offline(phone.visit, True)
    for grid, values in ((phone, ("51,25", "52,25")), (laptop, ("71,25", "72,25"))):
        grid.cell(row, 0).focus()
        for typed in values:
            grid.write(typed)
            grid.press("Enter")
    laptop.all_sent()
    pending(phone, 2)
    offline(phone.visit, False)
    phone.state(row, 0, "bentrok")
    phone.state(row + 1, 0, "bentrok")
    for part in ("51,25", "52,25", "71,25", "72,25", "Bagas Hendrawan"):
        assert part in phone.problems
    phone.visit.look()
    # The question is still there after a reload, and nothing has been decided meanwhile.
    phone.page.on("dialog", lambda dialog: dialog.accept())
    phone.reload()
    pending(phone, 2)
    phone.page.locator("[data-kisi-masalah] li").first.get_by_role("button", name="Pakai nilai saya").click()
    phone.page.get_by_role("button", name="Pakai yang tersimpan").click()
    phone.all_sent()
    laptop.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(laptop.cell(row, 0)).to_have_value("51,25")
    for grid in (laptop, phone):
        assert [grid.cell(row + n, 0).input_value() for n in range(2)] == ["51,25", "72,25"]


def test_another_account_on_the_same_laptop_sends_nothing(arrive: Callable[..., Visit]) -> None:
    visit = arrive(TEACHER)
    grid = Grid(visit, "VII-B")
    was = grid.cell(25, 0).input_value()
    warned: list[str] = []

    def accept(dialog: Any) -> None:
        warned.append(dialog.message)
        dialog.accept()

    visit.page.on("dialog", accept)
    offline(visit, True)
    grid.cell(25, 0).focus()
    grid.write("33,25")
    grid.press("Enter")
    pending(grid, 1)
    # The connection is back, but not for marks: somebody signs out and a colleague signs in.
    visit.page.route("**/api/v1/rapor/**", lambda route: route.fulfill(status=503, body=""))
    offline(visit, False)
    with visit.page.expect_navigation(url="**/akun/login/**"):
        visit.page.get_by_role("button", name="Keluar").click()
    assert any("1 nilai belum terkirim" in message for message in warned)
    visit.page.unroute("**/api/v1/rapor/**")
    visit.errors[:] = [error for error in visit.errors if "503" not in error]
    visit.sign_in("demo-guru-bahasa")
    expect(visit.page.locator("#belum-terkirim")).to_be_hidden()
    visit.page.get_by_role("button", name="Keluar").click()
    visit.page.wait_for_url("**/akun/login/**")
    visit.sign_in(TEACHER)
    expect(visit.page.locator("#belum-terkirim")).to_contain_text("1 nilai")
    visit.page.goto(grid.url)
    grid.ready()
    grid.all_sent()
    assert (grid.cell(25, 0).input_value(), was) != ("33,25", "33,25")
    assert grid.cell(25, 0).input_value() == "33,25"
