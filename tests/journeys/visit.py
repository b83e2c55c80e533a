"""One person's browser window, and what holds on every page it sees."""

from __future__ import annotations

import gzip
import os
import re
from pathlib import Path
from typing import Any

import pypdfium2

from tests.browser import (
    assert_accessible,
    assert_no_foreign,
    assert_no_sideways_scroll,
    watch_errors,
    watch_requests,
)

PICTURES = os.environ.get("MUTU_GAMBAR", "")
"""A folder for a picture of every page looked at; empty: none are taken."""

WAIT_MS = 15_000


class Visit:
    """A window of one size, signed in as one person of the demo school."""

    def __init__(self, browser: Any, home: str, *, size: str = "1280x900", script: bool = True) -> None:
        width, height = (int(part) for part in size.split("x"))
        self.home, self.size = home, size
        self.context = browser.new_context(
            viewport={"width": width, "height": height}, java_script_enabled=script, accept_downloads=True
        )
        self.context.set_default_timeout(WAIT_MS)
        self.page = self.context.new_page()
        self.script = script
        self.username = ""
        self.errors = watch_errors(self.page)
        self.requests = watch_requests(self.page)
        self.looked = 0
        self.expected_refusals = 0

    def sign_in(self, username: str) -> None:
        """One tap on the sign-in page."""
        self.page.goto(f"{self.home}/akun/login/")
        self.page.locator(f"button[name=username][value={username}]").click()
        self.page.wait_for_url(f"{self.home}/")
        self.username = username

    def go(self, path: str) -> None:
        """Open an address of this server and look at it."""
        answer = self.page.goto(path if path.startswith("http") else self.home + path)
        assert answer.status == 200, f"{self.page.url}: {answer.status}"
        self.look()

    def absent(self, path: str) -> None:
        """The address answers with the page that says it is not there."""
        answer = self.page.goto(path if path.startswith("http") else self.home + path)
        assert answer.status == 404, f"{self.page.url}: {answer.status}"
        assert "Halaman ini tidak ada" in self.heading
        self.expected_refusals += 1

    def link(self, name: str | re.Pattern[str], **options: Any) -> None:
        """Follow a link of the page's main part and look at where it leads."""
        with self.page.expect_navigation():
            self.page.locator("main").get_by_role("link", name=name, **options).first.click()
        self.page.wait_for_load_state()
        self.look()

    def button(self, name: str | re.Pattern[str]) -> None:
        """Press a button of a plain form and look at the answer."""
        with self.page.expect_navigation():
            self.page.get_by_role("button", name=name, exact=isinstance(name, str)).first.click()
        self.look()

    def fill(self, **fields: str) -> None:
        """Fill fields of a form by name."""
        for name, text in fields.items():
            self.page.locator(f"[name={name}]").fill(text)

    def download(self, name: str | re.Pattern[str], folder: Path) -> Path:
        """Fetch the file behind a link."""
        with self.page.expect_download() as waiting:
            self.page.get_by_role("link", name=name).first.click()
        target = folder / waiting.value.suggested_filename
        waiting.value.save_as(target)
        return target

    def fetch(self, path: str) -> bytes:
        """The bytes behind an address, as this person gets them."""
        answer = self.context.request.get(path if path.startswith("http") else self.home + path)
        assert answer.status == 200, f"{path}: {answer.status}"
        return bytes(answer.body())

    def pdf(self, path: str) -> list[str]:
        """The text of each page of a PDF, spaces and line ends made one space."""
        pages = pypdfium2.PdfDocument(self.fetch(path))
        return [" ".join(page.get_textpage().get_text_range().split()) for page in pages]

    @property
    def heading(self) -> str:
        """The page's one h1."""
        assert self.page.locator("h1").count() == 1, self.page.url
        return str(self.page.locator("h1").inner_text())

    @property
    def text(self) -> str:
        """The main part of the page as it is read."""
        return str(self.page.locator("main").inner_text())

    def look(self) -> None:
        """What holds on every page: one heading, axe is content, nothing sticks out sideways."""
        self.page.wait_for_load_state()
        self.looked += 1
        if PICTURES:
            name = re.sub(r"\W+", "-", self.page.url.removeprefix(self.home))[:60]
            place = Path(PICTURES) / f"{self.size}-{self.username or 'tamu'}-{self.looked:02}{name}.png"
            self.page.screenshot(path=place, full_page=True)
        assert self.heading
        assert_no_sideways_scroll(self.page)
        if self.script:
            assert_accessible(self.page)

    def assert_focus_visible(self, steps: int = 12) -> None:
        """The element that the Tab key reaches shows a ring of at least 2 px, each time."""
        self.page.evaluate("document.activeElement.blur()")
        for _step in range(steps):
            self.page.keyboard.press("Tab")
            seen = self.page.evaluate(
                """() => { const e = document.activeElement, s = getComputedStyle(e);
                return [e.outerHTML.slice(0, 120), s.outlineStyle, parseFloat(s.outlineWidth), s.boxShadow]; }"""
            )
            assert (seen[1] != "none" and seen[2] >= 2) or seen[3] != "none", f"{self.page.url}: {seen}"

    def weight(self, path: str) -> int:
        """Bytes of HTML, CSS and JS of a page, gzipped."""
        bodies: list[Any] = []
        kinds = ("document", "stylesheet", "script")
        self.page.on(
            "response", lambda answer: bodies.append(answer) if answer.request.resource_type in kinds else None
        )
        self.page.goto(self.home + path, wait_until="networkidle")
        assert any(answer.request.resource_type == "stylesheet" for answer in bodies)
        return sum(len(gzip.compress(answer.body(), 6)) for answer in bodies)

    def assert_clean(self) -> None:
        """No page asked another host, no script failed, the CSP refused nothing; pages meant to be absent aside."""
        assert_no_foreign(self.requests, self.home)
        loud = [error for error in self.errors if "status of 404" not in error and "status of 422" not in error]
        assert not loud, loud
        assert sum("status of 404" in error for error in self.errors) <= self.expected_refusals, self.errors
