"""The catalogue tool: each kind of fault is found, and a complete catalogue reaches the page."""

import re
from pathlib import Path

import pytest
from django.test import Client
from django.utils import translation
from django.utils.translation import gettext, ngettext, pgettext

from mutu.web import bahasa

CODE = 'from django.utils.translation import gettext as _\nx = _("Simpan {n} nilai")\ny = _("Keluar")\n'
PAGE = '{% load i18n %}{% translate "Masuk" %}{% blocktranslate %}Halaman {{ n }}{% endblocktranslate %}'


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    part = tmp_path / "mutu" / "satu"
    (part / "templates").mkdir(parents=True)
    (part / "kode.py").write_text(CODE)
    (part / "templates" / "satu.html").write_text(PAGE)
    (part / "tests").mkdir()
    (part / "tests" / "test_satu.py").write_text('_("Hanya di uji")')
    monkeypatch.setattr(bahasa, "ROOT", tmp_path)
    monkeypatch.setattr(bahasa.registry, "names", list)  # this small project has no calculator
    monkeypatch.setattr(bahasa, "PO", tmp_path / "en" / "django.po")
    monkeypatch.setattr(bahasa, "MO", tmp_path / "en" / "django.mo")
    return part


ENGLISH = {
    "Keluar": "Sign out",
    "Masuk": "Sign in",
    "Simpan {n} nilai": "Save {n} marks",
    "Halaman %(n)s": "Page %(n)s",
}


def _translate(english: dict[str, str]) -> None:
    text = bahasa.PO.read_text()
    for source, target in english.items():
        text = text.replace(f'msgid "{source}"\nmsgstr ""', f'msgid "{source}"\nmsgstr "{target}"')
    bahasa.PO.write_text(text)


def test_code_and_templates_are_found_and_tests_are_not(project: Path) -> None:
    assert {message.id for message in bahasa.collect() if message.id} == set(ENGLISH)


def test_a_complete_catalogue_passes_and_each_fault_is_named(project: Path) -> None:
    assert bahasa.main(["--extract"]) == 0
    assert bahasa.main(["--check"]) == 1
    _translate(ENGLISH)
    assert bahasa.faults() == ["django.mo is older than django.po; run --compile"]
    assert bahasa.main(["--compile"]) == 0
    assert bahasa.main(["--check"]) == 0

    complete = bahasa.PO.read_text()
    bahasa.PO.write_text(complete.replace("Save {n} marks", "Save {jumlah} marks"))
    assert "other placeholders: Simpan {n} nilai" in bahasa.faults()
    bahasa.PO.write_text(complete.replace("Save {n} marks", "Save marks"))
    assert "other placeholders: Simpan {n} nilai" in bahasa.faults()
    bahasa.PO.write_text(complete.replace('msgid "Keluar"', '#, fuzzy\nmsgid "Keluar"'))
    assert "fuzzy: Keluar" in bahasa.faults()
    bahasa.PO.write_text(complete.replace('msgstr "Sign in"', 'msgstr " "'))
    assert "not translated: Masuk" in bahasa.faults()
    bahasa.PO.write_text(complete)
    (project / "kode.py").write_text(CODE.replace("Keluar", "Pergi"))
    assert {"not in the catalogue: Pergi", "no longer in the code: Keluar"} <= set(bahasa.faults())


def test_extracting_again_keeps_what_was_translated_and_changes_nothing(project: Path) -> None:
    bahasa.main(["--extract"])
    _translate(ENGLISH)
    before = bahasa.PO.read_bytes()
    bahasa.main(["--extract"])
    assert bahasa.PO.read_bytes() == before


def test_the_english_of_mutu_is_complete_and_compiled() -> None:
    assert len(bahasa.stored()) > 600
    assert bahasa.faults() == []


def test_what_people_see_in_english_comes_from_the_catalogue(client: Client, db: None) -> None:
    client.cookies["django_language"] = "en"
    page = client.get("/akun/login/").content.decode()
    assert '<html lang="en">' in page
    assert "Skip to content" in page
    assert not {"Masuk", "Langsung ke isi", "Kalkulator"} & set(re.findall(r">\s*([^<>]+?)\s*<", page))


def test_a_word_in_two_senses_has_two_translations() -> None:
    with translation.override("en"):
        assert [gettext("Selesai"), pgettext("tanggal", "Selesai")] == ["Done", "End"]
        counted = "%(n)s mata pelajaran belum diajukan"
        one_and_four = [ngettext(counted, counted, n) for n in (1, 4)]
        assert one_and_four == ["%(n)s subject not yet submitted", "%(n)s subjects not yet submitted"]
    with translation.override("id"):
        assert pgettext("banyak", "Guru") == "Guru"


def test_the_words_of_the_calculators_are_collected() -> None:
    texts = {message.id for message in bahasa.collect() if message.id}
    assert "Nilai dengan huruf" in texts
    assert "Bobot ulangan tengah semester" in texts, "a field of a part"
    assert "MasukanBobot" not in texts, "the name of a part is no word for people"
