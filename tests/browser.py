"""Pytest plugin for journeys in a real Chromium: the fixture `browser`, axe, and a watch on foreign requests.

Chromium is looked for at MUTU_CHROMIUM, then among the system's own, then Playwright's. Without any, such tests are
skipped with a loud line at the end of the run; under MUTU_REQUIRE_BROWSER=1 they fail instead.
"""

import os
import shutil
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest

NAMES = ("/usr/bin/chromium", "chromium", "chromium-browser", "google-chrome")
ARGUMENTS = ["--no-sandbox", "--disable-gpu"]
MISSING = "NO CHROMIUM: browser journeys did not run. Install chromium, or name one in MUTU_CHROMIUM."
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def chromium_path() -> str | None:
    """The system's Chromium, or None when only Playwright's own could be tried."""
    if named := os.environ.get("MUTU_CHROMIUM"):
        return named
    return next((found for name in NAMES if (found := shutil.which(name))), None)


@pytest.fixture(scope="session")
def browser(request: pytest.FixtureRequest) -> Iterator[Any]:
    """A running Chromium (Playwright, sync). Make a page with `browser.new_page(viewport=...)` and close it."""
    # Playwright keeps an event loop in this thread; Django takes that for asynchronous code and refuses the database.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    from playwright.sync_api import Error, sync_playwright

    with sync_playwright() as playwright:
        try:
            running = playwright.chromium.launch(executable_path=chromium_path(), args=ARGUMENTS)
        except Error as error:
            if os.environ.get("MUTU_REQUIRE_BROWSER") == "1":
                pytest.fail(f"{MISSING} ({str(error).splitlines()[0]})")
            pytest.skip(MISSING)
        yield running
        running.close()


def pytest_terminal_summary(terminalreporter: Any) -> None:
    if any(MISSING in str(report.longrepr) for report in terminalreporter.stats.get("skipped", [])):
        terminalreporter.write_sep("!", MISSING, red=True, bold=True)


def assert_accessible(page: Any) -> None:
    """Run axe-core on the page as it stands; fails with each violated rule and where."""
    from axe_playwright_python.sync_playwright import Axe

    # Without the type, axe describes every element that passed as well: megabytes for a grid, and three times as slow.
    options = {"runOnly": {"type": "tag", "values": WCAG}, "resultTypes": ["violations"]}
    found = Axe().run(page, options=options).response
    lines = []
    for rule in found["violations"]:
        nodes = rule["nodes"]
        if rule["id"] == "target-size":
            nodes = [node for node in nodes if not page.evaluate(CUT_BY_ITS_FRAME, node["target"][0])]
        if nodes:
            lines.append(f"{rule['id']}: {rule['help']}\n    " + "\n    ".join(node["html"][:200] for node in nodes))
    assert found["passes"], "axe did not look at anything"
    assert not lines, f"{page.url}\n" + "\n".join(lines)


# A wide table scrolls in its own frame: a target that the frame's edge cuts is whole once it is scrolled to.
CUT_BY_ITS_FRAME = """target => {
  const node = document.querySelector(target), frame = node.closest("[role=region]");
  if (!frame || frame.scrollWidth <= frame.clientWidth) return false;
  const own = node.getBoundingClientRect(), edge = frame.getBoundingClientRect();
  return own.right > edge.right || own.left < edge.left;
}"""


def assert_no_sideways_scroll(page: Any) -> None:
    """The page fits the width of its window; only tables may scroll inside their own frame."""
    extra = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert extra <= 0, f"{page.url} is {extra} px too wide"


def watch_requests(page: Any) -> list[str]:
    """Collects the address of every request the page makes from now on; see `assert_no_foreign`."""
    seen: list[str] = []
    page.on("request", lambda request: seen.append(request.url))
    return seen


def assert_no_foreign(seen: list[str], home: str) -> None:
    """Every request went to `home` (scheme and host) or stayed inside the page."""
    host = urlsplit(home).netloc
    foreign = [url for url in seen if urlsplit(url).scheme in ("http", "https", "ws", "wss")]
    foreign = [url for url in foreign if urlsplit(url).netloc != host]
    assert seen, "nothing was watched"
    assert not foreign, f"requests to other hosts: {foreign}"


def watch_errors(page: Any) -> list[str]:
    """Collects script errors and refused resources (the CSP speaks on the console)."""
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    return errors
