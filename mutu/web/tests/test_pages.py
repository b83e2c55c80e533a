"""Every page that the web part owns, looked at by Chromium and axe: wide, narrow, dark, English, without an account."""

import datetime
import gzip
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from playwright.sync_api import expect

from mutu.satuan import ledger, menunggu
from mutu.satuan.menunggu import Line
from mutu.satuan.models import Peran
from tests.browser import (
    assert_accessible,
    assert_no_foreign,
    assert_no_sideways_scroll,
    watch_errors,
    watch_requests,
)

pytestmark = [pytest.mark.peramban, pytest.mark.django_db(transaction=True)]

PAGES = [
    "/akun/login/",
    "/akun/password/reset/",
    "/kalkulator/",
    "/kalkulator/rapor.nilai",
    "/kalkulator/rapor.nilai?bobot.cara=rasio&uh=60;delapan;65&uts=101&uas=65",
    "/kalkulator/rapor.deskripsi",
    "/kalkulator/rapor.huruf",
    "/api/",
    "/tidak-ada",
]
# What a page may weigh on a slow line, compressed: HTML, styles and scripts together.
PAGE_LIMIT = 60 * 1024


@pytest.fixture
def people() -> None:
    """Two demo accounts; the operator has work waiting."""
    User = get_user_model()
    with ledger.record("uji.siapkan", by=ledger.SYSTEM):
        for username, nama, role in [("demo-operator", "Ratna Wulandari", "operator"), ("demo-baru", "Joko", "")]:
            akun = User.objects.create_user(username, password="sandi-uji-panjang", nama=nama)
            if role:
                Peran.objects.create(akun=akun, jenis=role, dari=datetime.date(2020, 1, 1))


@pytest.fixture
def visit(browser: Any, live_server: Any) -> Any:
    contexts = []

    def open_one(path: str, *, width: int = 1280, dark: bool = False, script: bool = True) -> Any:
        context = browser.new_context(
            viewport={"width": width, "height": 900},
            color_scheme="dark" if dark else "light",
            java_script_enabled=script,
        )
        contexts.append(context)
        page = context.new_page()
        page.seen, page.faults = watch_requests(page), watch_errors(page)
        page.goto(live_server.url + path)
        return page

    yield open_one
    for context in contexts:
        for page in context.pages:
            assert_no_foreign(page.seen, live_server.url)
            assert [fault for fault in page.faults if "status of" not in fault] == []
        context.close()


@pytest.mark.parametrize("path", PAGES)
def test_page_is_accessible_at_every_width(visit: Any, settings: Any, people: None, path: str) -> None:
    settings.DEMO = True
    for width, dark in [(1280, False), (360, True), (320, False)]:
        page = visit(path, width=width, dark=dark)
        assert_accessible(page)
        assert_no_sideways_scroll(page)
        assert page.locator("h1").count() == 1
        assert page.evaluate("document.documentElement.lang") == "id"


def test_home_shows_what_waits_and_an_empty_state(
    visit: Any, settings: Any, people: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.DEMO = True
    late, soon = datetime.date(2007, 12, 22), datetime.date(2007, 12, 15)
    provided = [
        Line("Rapor menunggu diperiksa", "/kalkulator/", 40, late, "VII-A dan VII-B"),
        Line("Nilai UTS belum lengkap", "/kalkulator/rapor.nilai", 4, soon),
    ]
    monkeypatch.setattr(menunggu, "_providers", {"operator": [lambda akun: provided], "guru": [lambda akun: 1 / 0]})
    for width in (1280, 360):
        page = visit("/", width=width)
        assert "/akun/login/" in page.url
        page.get_by_role("button", name="Ratna Wulandari").click()
        lines = page.locator(".waiting a")
        assert lines.count() == 2
        assert "Nilai UTS belum lengkap" in lines.nth(0).inner_text()
        assert "15 Desember 2007" in lines.nth(0).inner_text()
        assert_accessible(page)
        assert_no_sideways_scroll(page)
        page.get_by_role("button", name="Keluar").click()
        page.get_by_role("button", name="Joko").click()
        assert "belum punya peran" in page.locator("main").inner_text()
        assert_accessible(page)


def test_sign_in_by_keyboard_without_script(visit: Any, people: None) -> None:
    page = visit("/akun/login/", script=False)
    page.keyboard.press("Tab")
    assert page.locator(":focus").inner_text() == "Langsung ke isi"
    page.get_by_label("Nama pengguna").fill("demo-operator")
    page.get_by_label("Sandi").fill("keliru")
    page.keyboard.press("Enter")
    expect(page.locator(".summary")).to_be_visible()
    page.get_by_label("Sandi").fill("sandi-uji-panjang")
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_contain_text("Ratna Wulandari")


def test_calculator_without_script(visit: Any) -> None:
    page = visit("/kalkulator/rapor.nilai", script=False)
    assert page.locator(".figure").inner_text().endswith("63")
    page.get_by_label("Ulangan harian", exact=True).first.fill("60; 75; delapan")
    page.get_by_role("button", name="Hitung").last.click()
    assert "nilai ke-3" in page.locator("#f-uh-galat").inner_text()
    page.get_by_role("link", name="nilai ke-3").click()
    assert page.url.endswith("#f-uh")
    page.get_by_label("Ulangan harian", exact=True).first.fill("80; 80,5")
    page.get_by_role("button", name="Hitung").last.click()
    figure = page.locator(".figure").inner_text()
    page.get_by_role("link", name="Tautan ke hitungan ini").click()
    assert "tanggal=" in page.url
    assert page.locator(".figure").inner_text() == figure


def test_english_is_one_tap_away_and_stays(visit: Any) -> None:
    page = visit("/kalkulator/")
    page.get_by_role("button", name="English").click()
    assert page.locator("h1").inner_text() == "Calculators"
    page.goto(page.url.replace("/kalkulator/", "/akun/login/"))
    assert page.evaluate("document.documentElement.lang") == "en"
    assert_accessible(page)


@pytest.mark.parametrize("path", ["/kalkulator/rapor.nilai", "/akun/login/"])
def test_page_is_light(visit: Any, path: str) -> None:
    page = visit(path)
    bodies = [page.request.get(url).body() for url in dict.fromkeys(page.seen)]
    assert sum(len(gzip.compress(body)) for body in bodies) <= PAGE_LIMIT
