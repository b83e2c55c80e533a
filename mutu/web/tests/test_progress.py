"""The progress of a job in a real Chromium: it moves by itself, ends by itself, and htmx obeys the strict CSP."""

from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.template import engines

from mutu.satuan.models import Pekerjaan
from tests.browser import assert_accessible, assert_no_foreign, watch_errors, watch_requests

pytestmark = pytest.mark.peramban
HOME = "http://mutu.test"
CSP = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'"
PART = '{% include "web/bagian/kemajuan.html" %}'
PAGE = (
    '{% extends "web/base.html" %}{% block judul %}Cetak{% endblock %}'
    '{% block isi %}<h1>Cetak</h1>{% include "web/bagian/kemajuan.html" %}{% endblock %}'
    '{% block skrip %}{% include "web/bagian/htmx.html" %}{% endblock %}'
)


def test_progress_moves_and_ends_by_itself(browser: Any) -> None:
    work = Pekerjaan(judul="Rapor VII-A", status="jalan", selesai_bagian=4, jumlah_bagian=10)
    asked = []

    def serve(route: Any) -> None:
        path = route.request.url.removeprefix(HOME)
        if path.startswith("/static/"):
            found = finders.find(path.removeprefix("/static/"))
            kinds = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
            route.fulfill(path=found, content_type=kinds[Path(found).suffix])
            return
        if path == "/kemajuan":
            asked.append(route.request.headers["hx-request"])
            work.selesai_bagian += 3
            if work.selesai_bagian >= work.jumlah_bagian:
                work.status, work.berkas, work.nama_unduhan = "selesai", "x/rapor.pdf", "rapor.pdf"
        context = {"pekerjaan": work, "url_kemajuan": "/kemajuan", "url_batal": "/batal", "url_hasil": "/hasil"}
        html = engines["django"].from_string(PART if path == "/kemajuan" else PAGE).render(context)
        headers = {"Content-Security-Policy": CSP}
        route.fulfill(status=200, content_type="text/html; charset=utf-8", headers=headers, body=html)

    page = browser.new_page(viewport={"width": 360, "height": 700})
    errors, seen = watch_errors(page), watch_requests(page)
    page.route("**/*", serve)
    page.goto(f"{HOME}/cetak")
    assert "40 %: 4 dari 10, tinggal 6" in page.locator(".progress").inner_text()
    assert_accessible(page)
    page.get_by_role("link", name="Unduh rapor.pdf").wait_for()
    assert_accessible(page)
    count = len(asked)
    assert count == 2
    page.wait_for_timeout(1500)
    assert len(asked) == count, "a finished job is still asked for"
    assert errors == []
    assert_no_foreign(seen, HOME)
    page.close()
