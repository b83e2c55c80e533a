"""The mark grid in a real Chromium, against a made-up save endpoint that keeps versions like the real one."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.template import engines
from playwright.sync_api import expect

from tests.browser import assert_accessible, assert_no_foreign, watch_errors, watch_requests

pytestmark = pytest.mark.peramban
HOME = "http://mutu.test"
NAMES = ["Bagas Wicaksono", "Citra Ayuningtyas Kusumawardhani Prawirodirdjo", "Dimas", "Eka Putri Lestari"]

PAGE = """{% extends "web/base.html" %}{% load static %}
{% block judul %}Nilai{% endblock %}
{% block kepala %}<link rel="stylesheet" href="{% static "web/grid.css" %}">{% endblock %}
{% block isi %}
{% include "web/bagian/kepala.html" with atas="2007/2008 · semester 1" judul="IPA, kelas VII-A" pengantar="KKM 65" %}
<form method="post" class="grid-form"><input type="hidden" name="csrfmiddlewaretoken" value="token-uji">
{% include "web/bagian/kisi_kepala.html" %}
<div class="grid-wrap" role="region" aria-label="Nilai IPA VII-A" tabindex="0">
<table class="grid" data-kisi data-save-url="/simpan" data-terkecil="0" data-terbesar="100" data-desimal="2">
<thead><tr><th rowspan="2" scope="col" class="name">Nama</th>
{% for sk in kolom_sk %}<th colspan="2" scope="colgroup" class="group">SK {{ sk }}</th>{% endfor %}
<th colspan="4" scope="colgroup" class="group">Rapor</th></tr>
<tr>{% for judul in kolom %}<th scope="col">{{ judul }}</th>{% endfor %}
<th scope="col" class="group">Nilai</th><th scope="col">Huruf</th><th scope="col">Status</th>
<th scope="col">Langkah</th>
</tr></thead>
<tbody>{% for anggota, nama, sel in baris %}<tr><th scope="row" class="name">{{ nama }}</th>
{% for satu in sel %}{% with penilaian=satu.0 nilai=satu.1 versi=satu.2 label=satu.3 pesan=satu.4 %}
<td>{% include "web/bagian/kisi_sel.html" %}</td>{% endwith %}{% endfor %}
<td class="number group" data-hasil="nilai" data-anggota="{{ anggota }}">–</td>
<td class="text" data-hasil="huruf" data-anggota="{{ anggota }}"></td>
<td class="text" data-hasil="status" data-anggota="{{ anggota }}"></td>
<td class="text"><a data-hasil="kenapa" data-anggota="{{ anggota }}" href="/kenapa/{{ anggota }}">Kenapa?</a></td>
</tr>{% endfor %}</tbody></table></div></form>
{% endblock %}
{% block skrip %}<script type="module" src="{% static "web/grid.js" %}"></script>{% endblock %}"""


class School:
    """The server's side: marks with versions, idempotency keys, and faults on demand."""

    def __init__(self, rows: int, columns: int) -> None:
        self.rows, self.columns = rows, columns
        self.marks: dict[tuple[int, int], tuple[str, int]] = {(1, 1): ("70", 3)}
        self.requests: list[dict[str, Any]] = []
        self.answered: dict[str, dict[str, Any]] = {}
        self.status: int | None = None
        self.offline = False
        self.loses_answers = False
        self.wrong: dict[tuple[int, int], str] = {}

    def html(self) -> str:
        names = itertools.cycle(NAMES)
        rows = []
        for member in range(1, self.rows + 1):
            name = next(names)
            cells = []
            for column in range(1, self.columns + 1):
                text, version = self.marks.get((column, member), ("", 0))
                fault = self.wrong.get((column, member), "")
                cells.append((column, text, version, f"{name} {member}, UH {column}", fault))
            rows.append((member, name, cells))
        context = {
            "baris": rows,
            "kolom": [f"UH {n}" for n in range(1, self.columns + 1)],
            "kolom_sk": range(1, self.columns // 2 + 1),
        }
        return str(engines["django"].from_string(PAGE).render(context))

    def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        if request["kunci"] in self.answered:
            return self.answered[request["kunci"]]
        cells, members = [], set()
        for cell in request["sel"]:
            key = (cell["penilaian"], cell["anggota"])
            text, version = self.marks.get(key, ("", 0))
            one = {"penilaian": key[0], "anggota": key[1], "pesan": None, "server": None}
            if cell["nilai"] == "13":
                one |= {"status": "ditolak", "nilai": text, "versi": version, "pesan": "Angka 13 ditolak peladen uji."}
            elif cell["versi"] != version:
                server = {"nilai": text, "versi": version, "oleh": "Sari Dewi", "pada": "21 November 2026 22.10"}
                one |= {"status": "bentrok", "nilai": text, "versi": version, "server": server}
            else:
                self.marks[key] = (cell["nilai"].replace(",", "."), version + 1)
                one |= {"status": "tersimpan", "nilai": self.marks[key][0], "versi": version + 1}
                members.add(key[1])
            cells.append(one)
        results = [
            {
                "anggota": member,
                "nilai": 63,
                "huruf": "enam puluh tiga",
                "status": "belum tercapai",
                "deskripsi": "",
                "kurang": [],
                "kenapa": f"/kenapa/baru/{member}",
            }
            for member in members
        ]
        self.answered[request["kunci"]] = {"sel": cells, "hasil": results}
        return self.answered[request["kunci"]]

    def serve(self, route: Any) -> None:
        path = route.request.url.removeprefix(HOME)
        if path == "/simpan" and route.request.method == "GET":
            cells = [{"penilaian": c, "anggota": m, "nilai": n, "versi": v} for (c, m), (n, v) in self.marks.items()]
            route.fulfill(status=200, content_type="application/json", body=json.dumps({"sel": cells, "hasil": []}))
        elif path == "/simpan":
            request = json.loads(route.request.post_data)
            assert route.request.headers["x-csrftoken"] == "token-uji"
            self.requests.append(request)
            if self.loses_answers:
                self.answer(request)
                route.fulfill(status=502, body="")
            elif self.offline:
                route.abort("internetdisconnected")
            elif self.status:
                route.fulfill(status=self.status, body="")
            else:
                route.fulfill(status=200, content_type="application/json", body=json.dumps(self.answer(request)))
        elif path.startswith("/static/"):
            kinds = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
            found = finders.find(path.removeprefix("/static/"))
            route.fulfill(path=found, content_type=kinds[Path(str(found)).suffix])
        else:
            csp = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'"
            headers = {"Content-Security-Policy": csp}
            route.fulfill(status=200, content_type="text/html; charset=utf-8", headers=headers, body=self.html())


class Grid:
    """One open page of the grid and what a person does on it."""

    def __init__(
        self, browser: Any, school: School, width: int = 1280, without: str = "", beside: Grid | None = None
    ) -> None:
        self.school = school
        size = {"width": width, "height": 800}
        self.context: Any = beside.context if beside else browser.new_context(viewport=size)
        if without:
            self.context.add_init_script(without)
        self.page = self.context.new_page()
        self.errors = watch_errors(self.page)
        self.requests = watch_requests(self.page)
        self.page.route("**/*", school.serve)
        self.page.goto(f"{HOME}/nilai")
        self.page.wait_for_selector("table.ready")

    def reload(self) -> None:
        """Reload, whatever the page asks."""
        self.page.once("dialog", lambda dialog: dialog.accept())
        self.page.reload()
        self.page.wait_for_selector("table.ready")

    def cell(self, column: int, member: int) -> Any:
        return self.page.locator(f"#n-{column}-{member}")

    def state(self, column: int, member: int) -> str | None:
        return self.page.locator(f"td:has(> #n-{column}-{member})").get_attribute("data-keadaan")

    def wait_state(self, column: int, member: int, state: str) -> None:
        self.page.wait_for_selector(f"td[data-keadaan={state}] > #n-{column}-{member}", timeout=8000)

    def focused(self) -> str:
        return str(self.page.evaluate("document.activeElement.id"))

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def type(self, text: str) -> None:
        self.page.keyboard.insert_text(text)

    def paste(self, text: str) -> float:
        """Paste as a spreadsheet does; returns the milliseconds that the page needed, painting included."""
        return float(
            self.page.evaluate(
                """async text => {
                    const data = new DataTransfer();
                    data.setData("text/plain", text);
                    const start = performance.now();
                    const event = new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true});
                    document.activeElement.dispatchEvent(event);
                    document.body.offsetHeight;
                    return performance.now() - start;
                }""",
                text,
            )
        )

    def wait_all_sent(self) -> None:
        expect(self.page.locator("[data-kisi-belum]")).to_have_text("0", timeout=10000)

    def wait_spoken(self, part: str) -> None:
        expect(self.page.locator("[data-kisi-status]")).to_contain_text(part)

    @property
    def unsent(self) -> int:
        return int(self.page.locator("[data-kisi-belum]").inner_text())

    @property
    def spoken(self) -> str:
        return str(self.page.locator("[data-kisi-status]").inner_text())

    @property
    def problems(self) -> str:
        return str(self.page.locator("[data-kisi-masalah]").inner_text())


@pytest.fixture
def open_grid(browser: Any) -> Any:
    opened: list[Grid] = []

    def open_one(
        rows: int = 4,
        columns: int = 4,
        width: int = 1280,
        without: str = "",
        beside: Grid | None = None,
        **settings: Any,
    ) -> Grid:
        school = beside.school if beside else School(rows, columns)
        for name, value in settings.items():
            setattr(school, name, value)
        opened.append(Grid(browser, school, width, without, beside))
        return opened[-1]

    yield open_one
    for grid in opened:
        foreign = [
            error for error in grid.errors if "ERR_INTERNET_DISCONNECTED" not in error and "status of" not in error
        ]
        grid.context.close()
        assert not foreign
        assert_no_foreign(grid.requests, HOME)


def test_keys_move_and_leaving_a_cell_saves_it(open_grid: Any) -> None:
    grid = open_grid()
    grid.cell(1, 1).focus()
    grid.press("ArrowDown", "ArrowRight")
    assert grid.focused() == "n-2-2"
    grid.type("82,5")
    grid.press("Enter")
    assert grid.focused() == "n-2-3"
    grid.wait_state(2, 2, "tersimpan")
    assert grid.school.requests[0]["sel"] == [{"penilaian": 2, "anggota": 2, "nilai": "82,5", "versi": 0}]
    assert grid.cell(2, 2).input_value() == "82,5"
    assert grid.cell(2, 2).get_attribute("data-versi") == "1"
    assert grid.page.locator("input[name=v-2-2]").input_value() == "1"
    assert grid.spoken == "Semua nilai tersimpan."
    assert grid.page.locator("[data-hasil=nilai][data-anggota='2']").inner_text() == "63"
    assert grid.page.locator("[data-hasil=kenapa][data-anggota='2']").get_attribute("href") == "/kenapa/baru/2"
    grid.press("Tab", "Shift+Tab", "ArrowUp", "ArrowLeft", "Control+ArrowRight", "Home", "Control+End")
    assert grid.focused() == "n-4-4"


def test_escape_restores_and_f2_keeps_arrows_inside_the_text(open_grid: Any) -> None:
    grid = open_grid()
    grid.cell(1, 1).focus()
    grid.type("99")
    assert grid.unsent == 1
    grid.press("Escape")
    assert grid.cell(1, 1).input_value() == "70"
    assert grid.unsent == 0
    grid.press("F2", "ArrowLeft")
    assert grid.focused() == "n-1-1"
    grid.type("5")
    grid.press("Enter")
    grid.wait_state(1, 1, "ditolak")  # 750: the arrow moved inside the text, and nothing was cut to fit
    assert "750" in grid.problems
    assert not grid.school.requests


def test_undo_redo_and_fill_down(open_grid: Any) -> None:
    grid = open_grid()
    grid.cell(1, 1).focus()
    grid.type("81")
    grid.press("Enter", "Control+d")
    assert grid.cell(1, 2).input_value() == "81"
    grid.wait_state(1, 2, "tersimpan")
    grid.press("Control+z")
    assert grid.cell(1, 2).input_value() == ""
    grid.press("Control+z")
    assert grid.cell(1, 1).input_value() == "70"
    grid.press("Control+y")
    grid.wait_state(1, 1, "tersimpan")
    grid.wait_state(1, 2, "tersimpan")
    grid.wait_all_sent()
    assert grid.school.marks[(1, 1)][0] == "81"
    assert grid.school.marks[(1, 2)][0] == ""
    grid.cell(1, 1).focus()
    grid.press("Control+Shift+D")
    grid.wait_state(1, 4, "tersimpan")
    assert [grid.school.marks[(1, member)][0] for member in (2, 3, 4)] == ["81", "81", "81"]


def test_a_pasted_block_with_a_wrong_cell(open_grid: Any) -> None:
    grid = open_grid()
    grid.cell(1, 2).focus()
    grid.paste("80\t75,5\r\n101\t\r\n60\t７５\r\n1\t2\r\n")
    grid.wait_state(1, 2, "tersimpan")
    grid.wait_state(2, 2, "tersimpan")
    assert grid.state(1, 3) == "ditolak"
    assert grid.state(2, 4) == "ditolak"
    assert grid.state(2, 3) is None
    assert grid.cell(1, 3).input_value() == "101"
    assert grid.cell(1, 3).get_attribute("aria-invalid") == "true"
    assert "101" in grid.problems
    assert "0 sampai 100" in grid.problems
    assert grid.unsent == 2
    assert (1, 3) not in grid.school.marks
    assert_accessible(grid.page)
    grid.cell(1, 3).focus()
    grid.type("100")
    grid.press("Enter")
    grid.wait_state(1, 3, "tersimpan")
    assert "101" not in grid.problems
    grid.press("Control+z", "Control+z")
    assert grid.cell(1, 2).input_value() == ""


def test_a_gap_in_a_pasted_block_takes_no_mark_back(open_grid: Any) -> None:
    grid = open_grid()
    grid.cell(1, 1).focus()
    grid.paste("\t55\r\n66\t\r\n")
    grid.wait_all_sent()
    assert grid.cell(1, 1).input_value() == "70"
    assert grid.school.marks == {(1, 1): ("70", 3), (2, 1): ("55", 1), (1, 2): ("66", 1)}


def test_a_value_the_server_refuses_stays_visible(open_grid: Any) -> None:
    grid = open_grid()
    grid.cell(3, 3).focus()
    grid.type("13")
    grid.press("Tab")
    grid.wait_state(3, 3, "ditolak")
    assert "Angka 13 ditolak peladen uji." in grid.problems
    assert grid.cell(3, 3).input_value() == "13"
    described = grid.cell(3, 3).get_attribute("aria-describedby")
    assert "ditolak" in grid.page.locator(f"#{described}").inner_text()


@pytest.mark.parametrize("choice", ["mine", "theirs"])
def test_conflict_shows_both_and_lets_the_person_choose(open_grid: Any, choice: str) -> None:
    grid = open_grid()
    grid.school.marks[(1, 1)] = ("72.5", 4)  # somebody else, meanwhile
    grid.cell(1, 1).focus()
    grid.type("90")
    grid.press("Enter")
    grid.wait_state(1, 1, "bentrok")
    for word in ("90", "72,5", "Sari Dewi", "21 November 2026 22.10"):
        assert word in grid.problems
    assert grid.unsent == 1
    assert_accessible(grid.page)
    name = "Pakai nilai saya" if choice == "mine" else "Pakai yang tersimpan"
    grid.page.get_by_role("button", name=name).click()
    grid.wait_state(1, 1, "tersimpan")
    assert grid.unsent == 0
    assert grid.cell(1, 1).input_value() == ("90" if choice == "mine" else "72,5")
    assert grid.school.marks[(1, 1)] == (("90", 5) if choice == "mine" else ("72.5", 4))


def test_offline_keeps_the_marks_and_retries_with_the_same_key(open_grid: Any) -> None:
    grid = open_grid()
    grid.school.offline = True
    grid.cell(1, 1).focus()
    grid.type("88")
    grid.press("Enter")
    grid.wait_state(1, 1, "belum")
    grid.wait_spoken("terputus")
    assert grid.unsent == 1
    assert grid.page.evaluate("window.dispatchEvent(new Event('beforeunload', {cancelable: true}))") is False
    grid.type("77")  # typed on while offline
    grid.press("Enter")
    grid.school.offline = False
    grid.wait_state(1, 1, "tersimpan")
    grid.wait_state(1, 2, "tersimpan")
    keys = [request["kunci"] for request in grid.school.requests]
    assert keys[0] == keys[1] != keys[-1]
    assert grid.school.marks[(1, 1)] == ("88", 4)
    assert grid.school.marks[(1, 2)] == ("77", 1)
    assert grid.page.evaluate("window.dispatchEvent(new Event('beforeunload', {cancelable: true}))") is True


NO_DATABASE = "Object.defineProperty(window, 'indexedDB', {value: undefined});"
NO_STORE = NO_DATABASE + "Object.defineProperty(window, 'localStorage', {get() { throw new Error('refused'); }});"


@pytest.mark.parametrize("without", ["", NO_DATABASE])
def test_unsent_marks_outlive_a_reload(open_grid: Any, without: str) -> None:
    grid = open_grid(without=without)
    grid.school.loses_answers = True
    grid.cell(1, 1).focus()
    for typed in ("88", "77", "101"):
        grid.type(typed)
        grid.press("Enter")
    grid.wait_spoken("3 belum terkirim")
    grid.school.offline, grid.school.loses_answers = True, False
    grid.reload()
    assert [grid.cell(1, member).input_value() for member in (1, 2, 3)] == ["88", "77", "101"]
    assert grid.unsent == 3
    grid.school.offline = False
    grid.page.get_by_role("button", name="Simpan", exact=True).click()
    grid.wait_state(1, 1, "tersimpan")
    assert grid.state(1, 3) == "ditolak"
    first = [request["kunci"] for request in grid.school.requests if request["sel"][0]["nilai"] == "88"]
    assert len(first) >= 3
    assert len(set(first)) == 1, "repeated under its own key"
    assert grid.school.marks[(1, 1)] == ("88", 4)
    grid.reload()
    assert grid.unsent == 1


def test_without_any_store_the_page_says_that_it_must_stay_open(open_grid: Any) -> None:
    grid = open_grid(without=NO_STORE, offline=True)
    grid.cell(1, 1).focus()
    grid.type("88")
    grid.press("Enter")
    grid.wait_spoken("jangan tutup halaman ini")


def test_two_tabs_of_one_browser_are_one_device(open_grid: Any) -> None:
    first = open_grid(offline=True)
    second = open_grid(beside=first)
    first.cell(1, 1).focus()
    first.type("81")
    first.press("Enter")
    second.wait_state(1, 1, "belum")
    assert second.cell(1, 1).input_value() == "81"
    second.cell(1, 1).focus()
    second.type("82")
    second.press("Enter")
    expect(first.cell(1, 1)).to_have_value("82")
    first.school.offline = False
    for grid in (second, first):
        grid.page.get_by_role("button", name="Simpan", exact=True).click()
        grid.wait_all_sent()
    assert first.school.marks[(1, 1)][0] == "82"
    assert first.problems == second.problems == ""


def test_a_request_that_the_server_cannot_read_is_asked_cell_by_cell(open_grid: Any) -> None:
    grid = open_grid(status=422)
    grid.cell(1, 1).focus()
    grid.paste("81\r\n82\r\n")
    grid.wait_state(1, 1, "ditolak")
    grid.wait_state(1, 2, "ditolak")
    assert [len(request["sel"]) for request in grid.school.requests] == [2, 1, 1]
    grid.school.status = None
    grid.page.get_by_role("button", name="Simpan", exact=True).click()
    grid.wait_all_sent()
    assert (grid.school.marks[(1, 1)][0], grid.school.marks[(1, 2)][0]) == ("81", "82")


def test_a_mark_for_a_column_that_is_gone_stays_until_it_is_thrown_away(open_grid: Any) -> None:
    grid = open_grid(offline=True)
    grid.cell(4, 1).focus()
    grid.type("88")
    grid.press("Enter")
    grid.wait_state(4, 1, "belum")
    grid.school.columns = 2
    grid.reload()
    assert grid.unsent == 1
    assert "88" in grid.problems
    assert_accessible(grid.page)
    grid.page.get_by_role("button", name="Buang isian ini").click()
    assert grid.unsent == 0
    grid.reload()
    assert grid.unsent == 0


def test_what_others_wrote_is_fetched_but_not_under_ones_fingers(open_grid: Any) -> None:
    grid = open_grid()
    grid.cell(2, 1).focus()
    grid.type("4")  # not committed
    grid.school.marks |= {(1, 1): ("91", 4), (2, 1): ("92", 1)}
    grid.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(grid.cell(1, 1)).to_have_value("91")
    assert grid.cell(2, 1).input_value() == "4"
    grid.press("Enter")
    grid.wait_state(2, 1, "bentrok")
    assert "92" in grid.problems


def test_a_newer_text_typed_during_a_lost_answer_goes_out_against_the_new_version(open_grid: Any) -> None:
    grid = open_grid()
    grid.school.loses_answers = True
    grid.cell(1, 1).focus()
    grid.type("60")
    grid.press("Enter")
    grid.wait_spoken("terputus")
    grid.cell(1, 1).focus()
    grid.type("61")
    grid.press("Enter")
    grid.school.loses_answers = False
    grid.wait_all_sent()
    assert grid.school.marks[(1, 1)] == ("61", 5)


def test_an_ended_session_says_so_and_save_tries_again(open_grid: Any) -> None:
    grid = open_grid()
    grid.school.status = 403
    grid.cell(2, 1).focus()
    grid.type("64")
    grid.press("Enter")
    grid.wait_spoken("Masuk lagi")
    assert grid.unsent == 1
    grid.school.status = None
    grid.page.get_by_role("button", name="Simpan", exact=True).click()
    grid.wait_state(2, 1, "tersimpan")


def test_a_form_that_came_back_with_an_error_counts_as_unsent(open_grid: Any) -> None:
    grid = open_grid(marks={(2, 2): ("abc", 0)}, wrong={(2, 2): "Bukan angka."})
    assert grid.state(2, 2) == "ditolak"
    assert grid.unsent == 1
    assert "Bukan angka." in grid.problems


def test_forty_by_fourteen_pastes_within_200_ms(open_grid: Any) -> None:
    grid = open_grid(rows=40, columns=14)
    grid.cell(1, 1).focus()
    rows = ["\t".join(str(50 + (r + c) % 50) for c in range(14)) for r in range(40)]
    taken = grid.paste("\r\n".join(rows) + "\r\n")
    assert taken <= 200, f"{taken:.0f} ms"
    # The mark that the page had not seen changed stays as it is; everything else arrives.
    grid.wait_all_sent()
    assert len(grid.school.marks) == 560


@pytest.mark.parametrize("width", [1280, 360])
def test_grid_is_accessible_and_keeps_names_in_sight(open_grid: Any, width: int) -> None:
    grid = open_grid(rows=40, columns=14, width=width)
    assert_accessible(grid.page)
    name = grid.page.locator("tbody th").first
    head = grid.page.locator("thead tr:nth-child(2) th").first
    grid.cell(1, 1).focus()
    for keys, target in [
        (["Control+ArrowRight", "Control+ArrowDown"], "n-14-40"),
        (["ArrowUp"], "n-14-39"),
        (["Home"], "n-1-39"),
        (["Control+ArrowUp"], "n-1-1"),
    ]:
        grid.press(*keys)
        assert grid.focused() == target
        cell = grid.page.locator(f"#{target}").bounding_box()
        assert cell["x"] >= name.bounding_box()["x"] + name.bounding_box()["width"], "hidden by the names"
        assert cell["x"] + cell["width"] <= width
        assert cell["y"] >= head.bounding_box()["y"] + head.bounding_box()["height"], "hidden by the headings"
        assert cell["y"] + cell["height"] <= 801  # half pixels
