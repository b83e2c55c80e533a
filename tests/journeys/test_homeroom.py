"""The homeroom teacher: who is missing what, absences, preview, one rapor on paper and the class as a job."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable

import pypdfium2
import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import Server
from tests.journeys.visit import Visit

pytestmark = [pytest.mark.peramban, pytest.mark.lambat]
HOMEROOM = "demo-wali-7a"
PUPILS = 36
JOB_MS = 60_000


def open_board(visit: Visit) -> str:
    """From what waits for the homeroom teacher to the board of the class; returns its address."""
    visit.link("Rapor kelas VII-A")
    assert visit.heading == "Kelas VII-A"
    return str(visit.page.url)


def test_board_absences_and_preview(arrive: Callable[..., Visit], size: str) -> None:
    visit = arrive(HOMEROOM, size=size)
    visit.look()
    board = open_board(visit)
    rows = visit.page.locator("table.board tbody tr")
    assert rows.count() == PUPILS
    unfinished = rows.filter(has_text="belum")
    found = re.search(r"(\d+) dari 36 rapor lengkap", visit.text)
    assert found
    assert unfinished.count() == PUPILS - int(found[1])
    for summary in unfinished.locator("summary").all():
        summary.click()
    gaps = unfinished.last.inner_text()
    assert "Matematika: UAS (Bagas Hendrawan, S.Pd.)" in gaps
    assert "Ketidakhadiran" in gaps
    visit.look()

    visit.link("Isi ketidakhadiran")
    empty = visit.page.locator("input[name^=sakit-][value='']").first
    member = str(empty.get_attribute("name")).removeprefix("sakit-")
    visit.fill(**{f"sakit-{member}": "dua", f"izin-{member}": "3", f"tanpa_keterangan-{member}": "–"})
    visit.button("Simpan")
    wrong = visit.page.locator(f"[name=sakit-{member}]")
    expect(wrong).to_have_attribute("aria-invalid", "true")
    assert wrong.input_value() == "dua"
    assert "bilangan bulat 0 sampai" in visit.page.locator(f"#p-sakit-{member}").inner_text()
    visit.fill(**{f"sakit-{member}": "2"})
    visit.button("Simpan")
    assert "Ketidakhadiran tersimpan." in visit.text
    visit.go(f"/rapor/anggota/{member}/1/")
    days = dict(
        zip(
            visit.page.locator("dl.facts dt").all_inner_texts(),
            visit.page.locator("dl.facts dd").all_inner_texts(),
            strict=True,
        )
    )
    assert (days["Sakit"], days["Izin"], days["Tanpa keterangan"]) == ("2 hari", "3 hari", "–")

    visit.page.goto(board)
    complete = rows.filter(has_text="lengkap").first
    name = complete.locator("th a").inner_text()
    on_board = list(complete.locator("td.number").all_inner_texts())
    visit.link(name)
    assert visit.heading == name
    compare_paper_with_page(visit, name, on_board)


def compare_paper_with_page(visit: Visit, name: str, on_board: list[str]) -> None:
    """The PDF holds the name and, for each subject, KKM, mark and words as the preview shows them."""
    table = visit.page.get_by_role("region", name="Nilai mata pelajaran").locator("tbody tr")
    shown = [
        (row.locator("th").inner_text().split("\n")[0], *row.locator("td").all_inner_texts()[:4]) for row in table.all()
    ]
    assert [mark for _subject, _kkm, mark, *_words in shown] == on_board
    for form in ("Cetak A4 (PDF)", "PDF dengan penjelasan nilai"):
        path = visit.page.get_by_role("link", name=form).get_attribute("href")
        pages = visit.pdf(str(path))
        paper = " ".join(pages)
        assert name in pages[0]
        assert "DRAF" in pages[0], "complete, and not final yet"
        for subject, kkm, mark, words, description in shown:
            assert f"{subject} {kkm} {mark} {words} {description}" in paper, subject
    assert "Bab II.B.2" in paper


@pytest.mark.parametrize("form", ["pdf", "zip"])
def test_printing_the_class_is_a_job(arrive: Callable[..., Visit], server: Server, size: str, form: str) -> None:
    visit = arrive(HOMEROOM, size=size)
    open_board(visit)
    names = visit.page.locator("table.board tbody th").all_inner_texts()
    assert len(names) == PUPILS
    box = visit.page.locator("details.print-box:has(select)")
    if box.get_attribute("open") is None:
        box.locator("summary").click()
    visit.page.locator("[name=bentuk]").select_option(form)
    visit.page.locator("[name=kertas]").select_option({"1280x900": "a4", "360x740": "f4"}[size])
    with server.worker_held():
        visit.button("Cetak")
        assert visit.heading == "Cetak rapor VII-A semester 1"
        job = visit.page.url
        expect(visit.page.locator("progress")).to_be_visible()
        visit.page.reload()
        assert visit.page.url == job
        expect(visit.page.locator("progress")).to_be_visible()
        visit.look()
    fetch = visit.page.get_by_role("link", name=re.compile(r"^Unduh "))
    expect(fetch).to_be_visible(timeout=JOB_MS)
    visit.look()
    visit.page.reload()
    content = visit.fetch(str(fetch.get_attribute("href")))
    if form == "zip":
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            cards = [archive.read(entry) for entry in archive.namelist()]
    else:
        cards = [content]
    texts = [" ".join(page.get_textpage().get_text_range().split()) for one in cards for page in documents(one)]
    firsts = [text for text in texts if "LAPORAN HASIL BELAJAR PESERTA DIDIK" in text]
    assert len(firsts) == PUPILS
    assert (len(cards) == PUPILS) == (form == "zip")
    assert all(f"Nama : {name} Nomor Induk" in text for name, text in zip(names, firsts, strict=True))


def documents(content: bytes) -> pypdfium2.PdfDocument:
    """The pages of a PDF."""
    return pypdfium2.PdfDocument(content)
