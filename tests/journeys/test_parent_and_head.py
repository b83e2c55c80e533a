"""A parent sees one's own child and nothing else; the head reads everything of the school and writes no mark."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.journeys.visit import Visit

pytestmark = [pytest.mark.peramban, pytest.mark.lambat]


def test_a_parent_reads_the_childs_rapor_alone(arrive: Callable[..., Visit], size: str) -> None:
    head = arrive("demo-kepala", size=size)
    parent = arrive("demo-orang-tua", size=size)
    parent.look()
    lines = parent.page.locator("ul.waiting a").all_inner_texts()
    assert lines, "no rapor waits for the parent"
    assert all("Mahesa Yoga Saputra" in line for line in lines)
    parent.link(re.compile("Mahesa Yoga Saputra"))
    assert parent.heading == "Mahesa Yoga Saputra"
    own = re.search(r"/rapor/anggota/(\d+)/(\d)/", parent.page.url)
    assert own
    member, semester = int(own[1]), own[2]
    table = parent.page.get_by_role("region", name="Nilai mata pelajaran")
    marks = [int(text) for text in table.locator("tbody td:nth-of-type(2)").all_inner_texts()]
    assert len(marks) == 12
    path = str(parent.page.get_by_role("link", name="Cetak A4 (PDF)").get_attribute("href"))
    assert "Mahesa Yoga Saputra" in parent.pdf(path)[0]
    assert "Saputra" in parent.page.locator("main").inner_text()
    parent.link("Kenapa? Matematika")
    why = re.search(r"/rapor/kenapa/(\d+)/", parent.page.url)
    assert why
    assert "Bagas Hendrawan" not in parent.text, "the parent reads who typed the mark"
    parent.go("/rapor/")
    assert "Rapor dibagikan 19 Desember 2026" in parent.text

    # What the head can open, and the parent cannot.
    inside = [
        f"/rapor/anggota/{member + 1}/{semester}/",
        f"/rapor/anggota/{member + 1}/{semester}/rapor.pdf",
        f"/rapor/kenapa/{int(why[1]) + 400}/",
        "/rapor/pembelajaran/1/2/",
        "/rapor/kelas/1/2/",
        "/tahun/1/",
    ]
    for address in inside:
        assert head.context.request.get(head.home + address).status == 200, address
        parent.absent(address)
    head.page.goto(f"{head.home}/rapor/")
    head.page.get_by_role("link", name="VIII-A 2026/2027 semester 1").click()
    now = head.page.get_by_role("link", name="Mahesa Yoga Saputra", exact=True).get_attribute("href")
    for address in (str(now), f"{now}rapor.pdf", "/peserta/1/", "/peserta/2/", "/kelas/1/", "/sekolah/impor/"):
        parent.absent(address)
    parent.look()


def test_the_head_reads_and_signs_out(arrive: Callable[..., Visit], size: str) -> None:
    visit = arrive("demo-kepala", size=size)
    visit.look()
    visit.go("/rapor/")
    visit.link("VII-A 2025/2026 semester 2")
    assert "32 dari 32 rapor lengkap" in visit.text
    assert visit.page.get_by_role("link", name="Isi ketidakhadiran").count() == 0
    visit.link("Matematika", exact=True)
    grid = visit.page.get_by_role("region", name="Nilai Matematika")
    assert grid.locator("tbody tr").count() == 32
    assert grid.locator("input").count() == 0
    assert visit.page.get_by_role("button", name="Simpan").count() == 0
    grid.get_by_role("link", name=re.compile("^Riwayat")).first.click()
    visit.look()
    assert "Riwayat nilai" in visit.text
    visit.page.go_back()
    grid.get_by_role("link", name=re.compile("^Kenapa")).first.click()
    visit.look()
    assert visit.page.locator("ol.steps li").count() >= 5

    visit.absent("/rapor/kelas/1/2/ketidakhadiran/")
    visit.absent("/alamat/yang/tidak-ada")
    visit.look()
    visit.page.get_by_role("link", name="Ke beranda").click()
    visit.look()
    visit.page.get_by_role("banner").get_by_role("button", name="Keluar").click()
    expect(visit.page).to_have_url(re.compile("/akun/login/"))
    visit.look()
    answer = visit.page.goto(f"{visit.home}/rapor/")
    assert "/akun/login/" in visit.page.url
    assert answer.status == 200
    visit.look()
