"""Anyone, without an account: the calculators, the API page, signing in, and the switch to English."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.journeys.visit import Visit

pytestmark = [pytest.mark.peramban, pytest.mark.lambat]
ARTICLE = re.compile(r"Petunjuk Pengelolaan Rapor SMP 2007, Bab II\.\w")

# Calculator -> what to type, what comes out; then a wrong text for one control and a part of its message.
# The first is the guideline's own example: 60, 75, 65 | 55 | 65 at 2 : 1 : 1 make 63.
CALCULATORS = {
    "rapor.nilai": ({"uh": "60; 75; 65", "uts": "55", "uas": "65"}, "63", ("uts", "delapan", "uts")),
    "rapor.huruf": ({"nilai": "63"}, "enam puluh tiga", ("nilai", "101", "100")),
    "rapor.deskripsi": ({"sk[0].nilai": "60"}, "belum tercapai", ("sk[0].nilai", "７５", "75")),
}


@pytest.mark.parametrize("name", CALCULATORS)
def test_calculator(arrive: Callable[..., Visit], size: str, name: str) -> None:
    typed, expected, (control, wrong, _part) = CALCULATORS[name]
    visit = arrive(size=size)
    visit.go("/kalkulator/")
    visit.page.locator(f"main a[href$='{name}']").click()
    visit.look()
    for field, text in typed.items():
        visit.page.locator(f"[name='{field}']").fill(text)
    visit.button("Hitung")
    outcome = visit.page.locator("section[aria-labelledby=hasil]")
    expect(outcome.locator(".figure, .figure-words").first).to_contain_text(expected)
    steps = outcome.locator("ol.steps li")
    assert ARTICLE.search(steps.first.inner_text())
    shown = outcome.locator("ol.steps").inner_text()

    # The same by link, and by the API with the JSON that the page offers.
    visit.link("Tautan ke hitungan ini")
    assert outcome.locator("ol.steps").inner_text() == shown
    outcome.get_by_text("Untuk program").click()
    call, body = outcome.locator("pre").inner_text().split("\n", 1)
    address = re.search(r"/api/\S+", call)
    assert address
    answer = visit.context.request.post(visit.home + address[0], data=json.loads(body))
    assert answer.status == 200
    assert [step["nama"] for step in answer.json()["langkah"]] == outcome.locator(".step-name").all_inner_texts()

    visit.page.locator(f"[name='{control}']").fill(wrong)
    visit.button("Hitung")
    field = visit.page.locator(f"[name='{control}']")
    expect(field).to_have_attribute("aria-invalid", "true")
    assert field.input_value() == wrong
    note = visit.page.locator(f"#{str(field.get_attribute('aria-describedby')).split()[-1]}")
    expect(note).not_to_be_empty()
    assert outcome.locator(".figure, .figure-words").count() == 0
    assert "Belum ada hasil" in outcome.inner_text()


def test_api_page_sign_in_and_absence(arrive: Callable[..., Visit], size: str) -> None:
    visit = arrive(size=size)
    visit.go("/api/")
    for name in CALCULATORS:
        assert f"/api/v1/hitung/{name}" in visit.text
    visit.absent("/rapor/kelas/")
    visit.look()
    visit.page.goto(visit.home + "/")
    assert "/akun/login/" in visit.page.url
    visit.look()
    visit.assert_focus_visible()
    visit.fill(login="bukan-siapa-siapa", password="kata-sandi-yang-salah")
    visit.page.locator("main form").first.get_by_role("button", name="Masuk").click()
    expect(visit.page.locator("main [role=alert]").first).to_be_visible()
    visit.look()


# Words of the interface that no English page should show. What a school or a rule says stays Indonesian: names,
# subjects, SK, printed words, steps; so table bodies and those parts are left out of the search.
INDONESIAN = re.compile(
    r"\b(Beranda|Keluar|Masuk|Simpan|Cetak|Kelas|Nilai|Sekolah|Semua|Belum|Ubah|Tambah|Batalkan|Tahun|Mata|Wali|Peserta"
    r"|Ketidakhadiran|Pratinjau|Kembali|Hitung|Hasil|Langkah|Lengkap|Yang|Menunggu|dari|untuk|dengan|tidak|dan|atau"
    r"|sampai|Anda|Impor|Berkas|Unduh|Cari|Nama|Guru|Akun|Keadaan|Jumlah|Halaman)\b"
)
FRAME = re.compile(r"\b(Beranda|Keluar|Masuk|Hitung|Kembali|Tautan|Pilihan|Pisahkan|Batas|Lengkapi)\b")
"""For pages full of a rule's own words: what the frame around them must not say."""
DATA = (
    "[lang=id], [data-hasil], tbody, option, code, pre, ol.steps, .facts dd, .waiting-text, .waiting-detail, .subject"
)
PAGES = {
    "": (["/akun/login/"], INDONESIAN),
    "kalkulator": (["/kalkulator/", "/kalkulator/rapor.nilai", "/kalkulator/rapor.deskripsi", "/api/"], FRAME),
    "demo-operator": (["/", "/sekolah/", "/sekolah/impor/"], INDONESIAN),
    "demo-admin-sekolah": (
        ["/", "/sekolah/69900001/", "/tahun/2/", "/tahun/2/peserta/", "/kelas/2/", "/rapor/tahun/2/kkm/"],
        INDONESIAN,
    ),
    "demo-wali-7a": (["/", "/rapor/", "/rapor/kelas/2/1/", "/rapor/kelas/2/1/ketidakhadiran/"], INDONESIAN),
    "demo-guru-matematika": (["/rapor/pembelajaran/13/1/", "/rapor/pembelajaran/13/1/kolom/"], INDONESIAN),
}


@pytest.mark.parametrize("who", PAGES)
def test_english(arrive: Callable[..., Visit], who: str) -> None:
    visit = arrive(who if who.startswith("demo-") else "")
    addresses, words = PAGES[who]
    visit.page.goto(visit.home + addresses[0])
    visit.page.get_by_role("button", name="English").click()
    expect(visit.page.locator("html")).to_have_attribute("lang", "en")
    left: dict[str, set[str]] = {}
    for path in addresses:
        visit.go(path)
        interface = visit.page.evaluate(
            """data => { const copy = document.body.cloneNode(true);
            const named = [...copy.querySelectorAll("[aria-label]")].filter(node => !node.closest(data));
            const spoken = named.map(node => node.getAttribute("aria-label"));
            copy.querySelectorAll(data).forEach(node => node.remove());
            return [copy.textContent, ...spoken].join(" "); }""",
            DATA,
        )
        assert len(interface) > 200
        if found := set(words.findall(interface)):
            left[path] = found
    assert not left
