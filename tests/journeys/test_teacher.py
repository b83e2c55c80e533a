"""A subject teacher in rapor week: marks by keyboard, by paste and without script, and the answer to "kenapa?"."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.journeys.visit import Visit

pytestmark = [pytest.mark.peramban, pytest.mark.lambat]
TEACHER = "demo-guru-matematika"
WEIGHT_LIMIT = 60 * 1024


class Grid:
    """The open mark grid as a teacher meets it: rows of pupils, columns of assessments."""

    def __init__(self, visit: Visit, lesson: str) -> None:
        self.visit, self.page = visit, visit.page
        visit.page.goto(f"{visit.home}/rapor/")
        row = visit.page.locator("tbody tr", has_text=lesson).first
        with visit.page.expect_navigation():
            row.get_by_role("link").first.click()
        self.url = str(visit.page.url)
        self.ready()

    def ready(self) -> None:
        if self.visit.script:
            self.page.wait_for_selector("table[data-kisi].ready")

    def reload(self) -> None:
        self.page.reload()
        self.ready()

    def cell(self, row: int, column: int) -> Any:
        return self.page.locator("table[data-kisi] tbody tr").nth(row).locator("input[data-penilaian]").nth(column)

    def state(self, row: int, column: int, state: str) -> None:
        """Wait until the cell says so."""
        cell = self.page.locator("table[data-kisi] tbody tr").nth(row).locator("td:has(> input)").nth(column)
        expect(cell).to_have_attribute("data-keadaan", state)

    def result(self, row: int, name: str) -> Any:
        return self.page.locator("table[data-kisi] tbody tr").nth(row).locator(f"[data-hasil={name}]")

    def is_here(self, row: int, column: int) -> None:
        expect(self.cell(row, column)).to_be_focused()

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def write(self, text: str) -> None:
        self.page.keyboard.insert_text(text)

    def all_sent(self) -> None:
        expect(self.page.locator("[data-kisi-belum]")).to_have_text("0")
        expect(self.page.locator("[data-kisi-status]")).to_have_text("Semua nilai tersimpan.")

    @property
    def problems(self) -> str:
        return str(self.page.locator("[data-kisi-masalah]").inner_text())


def paste(grid: Grid, text: str) -> None:
    """Ctrl+V with what a spreadsheet puts on the clipboard."""
    origin = grid.visit.home
    grid.visit.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=origin)
    grid.page.evaluate("text => navigator.clipboard.writeText(text)", text)
    grid.press("Control+v")


def test_marks_by_keyboard_and_paste(arrive: Callable[..., Visit], size: str) -> None:
    top = {"1280x900": 2, "360x740": 12}[size]
    visit = arrive(TEACHER, size=size)
    visit.look()
    visit.assert_focus_visible()
    visit.go("/rapor/")
    grid = Grid(visit, "VII-A")
    before = grid.result(top, "nilai").inner_text()

    # Arrows, Enter, Tab and Esc; every mark with the keyboard alone.
    grid.cell(top - 1, 0).focus()
    grid.press("ArrowDown")
    grid.is_here(top, 0)
    grid.write("41,5")
    grid.press("Tab")
    grid.is_here(top, 1)
    grid.write("40")
    grid.press("ArrowRight")
    grid.write("42")
    grid.press("Enter")
    grid.is_here(top + 1, 2)
    kept = grid.cell(top + 1, 2).input_value()
    grid.write("99")
    grid.press("Escape")
    assert grid.cell(top + 1, 2).input_value() == kept
    grid.all_sent()
    grid.state(top, 0, "tersimpan")
    after = grid.result(top, "nilai").inner_text()
    assert int(after) < int(before)
    expect(grid.result(top, "status")).to_have_text("belum tercapai")
    expect(grid.result(top, "deskripsi")).to_contain_text("belum tercapai")
    assert grid.result(top, "huruf").inner_text() != ""

    # Ctrl+Z takes back what was saved, and that is saved as well.
    grid.cell(top, 3).focus()
    uts = grid.cell(top, 3).input_value()
    grid.write("7")
    grid.press("Enter")
    grid.all_sent()
    grid.press("Control+z")
    assert grid.cell(top, 3).input_value() == uts
    grid.all_sent()

    # A block from a spreadsheet, with comma decimals.
    grid.cell(top + 2, 0).focus()
    paste(grid, "81,25\t82\t83\r\n71\t72,5\t73\r\n")
    grid.state(top + 3, 2, "tersimpan")
    grid.all_sent()

    # What is no mark stays where it was typed, with the reason, and is never taken for 0.
    for column, wrong in enumerate(("101", "delapan", "７５")):
        grid.cell(top + 4, column).focus()
        grid.write(wrong)
        grid.press("Enter")
        grid.state(top + 4, column, "ditolak")
        assert grid.cell(top + 4, column).input_value() == wrong
        assert wrong in grid.problems
    assert "0 sampai 100" in grid.problems
    visit.look()
    visit.page.on("dialog", lambda dialog: dialog.accept())
    grid.reload()
    assert grid.cell(top, 0).input_value() == "41,5"
    assert [grid.cell(top + 2, c).input_value() for c in range(3)] == ["81,25", "82", "83"]
    assert [grid.cell(top + 3, c).input_value() for c in range(3)] == ["71", "72,5", "73"]
    # What is no mark is still there to be mended, and still not the server's.
    assert [grid.cell(top + 4, c).input_value() for c in range(3)] == ["101", "delapan", "７５"]
    assert "0 sampai 100" in grid.problems
    sheet = json.loads(visit.fetch(str(grid.page.locator("table[data-kisi]").get_attribute("data-save-url"))))
    pupil = int(str(grid.cell(top + 4, 0).get_attribute("data-anggota")))
    stored = [cell["nilai"] for cell in sheet["sel"] if cell["anggota"] == pupil]
    assert len(stored) >= 3
    assert not {"0", "", "101", "delapan", "７５"} & set(stored)
    assert grid.result(top, "nilai").inner_text() == after

    # Kenapa: the marks, the steps, the article.
    grid.result(top, "kenapa").click()
    visit.look()
    assert f"{after} (" in visit.text
    steps = visit.page.locator("ol.steps li")
    expect(steps.first).to_contain_text("Rata-rata ulangan harian")
    expect(steps.first).to_contain_text("41,5 + 40 + 42")
    assert re.search(r"Petunjuk Pengelolaan Rapor SMP 2007, Bab \S+", steps.first.inner_text())
    expect(visit.page.get_by_role("region", name="Nilai yang dipakai")).to_contain_text("Bagas Hendrawan")
    visit.link("UH 1")
    assert visit.page.get_by_role("region", name="Riwayat nilai").locator("tbody tr").count() >= 2


def test_two_windows_write_the_same_cell(arrive: Callable[..., Visit], size: str) -> None:
    row = {"1280x900": 20, "360x740": 26}[size]
    first, second = (Grid(arrive(TEACHER, size=size), "VII-A") for _ in range(2))
    for choice, button, stays in ((0, "Pakai nilai saya", "66"), (1, "Pakai yang tersimpan", "55,5")):
        first.cell(row + choice, 0).focus()
        first.write("55,5")
        first.press("Enter")
        first.all_sent()
        second.cell(row + choice, 0).focus()
        second.write("66")
        second.press("Enter")
        second.state(row + choice, 0, "bentrok")
        for part in ("66", "55,5", "Bagas Hendrawan"):
            assert part in second.problems
        second.visit.look()
        second.page.get_by_role("button", name=button).click()
        second.state(row + choice, 0, "tersimpan")
        second.all_sent()
        first.reload()
        assert first.cell(row + choice, 0).input_value() == stays


def test_without_script_the_plain_form_saves(arrive: Callable[..., Visit], size: str) -> None:
    row = {"1280x900": 3, "360x740": 6}[size]
    visit = arrive(TEACHER, size=size, script=False)
    grid = Grid(visit, "VII-B")
    visit.look()
    grid.cell(row, 0).fill("64,25")
    grid.cell(row, 1).fill("101")
    visit.button("Simpan")
    assert "1 nilai tersimpan, 1 belum" in visit.text
    assert grid.cell(row, 0).input_value() == "64,25"
    wrong = grid.cell(row, 1)
    assert wrong.input_value() == "101"
    assert wrong.get_attribute("aria-invalid") == "true"
    note = visit.page.locator(f"#{wrong.get_attribute('aria-describedby')}").inner_text()
    assert "101" in note or "100" in note
    wrong.fill("77")
    visit.button("Simpan")
    assert "1 nilai tersimpan." in visit.text
    visit.page.goto(grid.url)
    assert [grid.cell(row, c).input_value() for c in range(2)] == ["64,25", "77"]
    expect(grid.result(row, "nilai")).not_to_have_text("")


def test_pages_are_light(arrive: Callable[..., Visit]) -> None:
    visit = arrive(TEACHER)
    grid = Grid(visit, "VII-A")
    assert grid.page.locator("table[data-kisi] tbody tr").count() == 36
    weights = {path: visit.weight(path) for path in ("/", "/rapor/", grid.url.removeprefix(visit.home))}
    assert max(weights.values()) <= WEIGHT_LIMIT, weights
