"""Class runs and ZIPs."""

import io
import zipfile
from pathlib import Path

import pikepdf
import psutil
import pytest

from mutu.reports import batches
from mutu.reports.batches import Member, render_class, safe_name, write_zip, zip_members
from mutu.reports.tests.samples import RAPOR, WHEN, card, page_texts


def run(count: int, pages_each: int = 1) -> list[batches.Batch]:
    cards = [card(number, subjects=1) for number in range(count)]
    return list(render_class(RAPOR, cards, key="rapor", title="Rapor", timestamp=WHEN, pages_each=pages_each))


def test_a_class_is_one_document() -> None:
    (batch,) = run(40)
    assert (batch.first, batch.last) == (0, 39)
    assert len(page_texts(batch.pdf)) == 40


def test_a_long_run_is_cut_into_even_documents_and_loses_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "MOST_PAGES", 10)
    runs = run(23)
    assert [(one.first, one.last) for one in runs] == [(0, 6), (7, 14), (15, 22)]
    pages = [text for one in runs for text in page_texts(one.pdf)]
    assert [f"Contoh {number} · VII-A · halaman 1 dari 1" in page for number, page in enumerate(pages)] == [True] * 23
    assert [one.first for one in run(10, pages_each=4)] == [0, 2, 4, 6, 8]
    assert [one.first for one in run(2, pages_each=99)] == [0, 1]


def test_nobody_gives_no_document() -> None:
    assert run(0) == []
    with pytest.raises(ValueError, match="pages_each"):
        run(1, pages_each=0)


def members(*names: str) -> list[Member]:
    cards = []
    for number, name in enumerate(names):
        cards.append(card(number, subjects=1))
        cards[-1]["peserta"]["nama"] = name
    return list(
        zip_members(
            RAPOR,
            cards,
            key="rapor",
            name=lambda one: f"{one['kelas']} {one['peserta']['nama']}",
            title=lambda one: f"Rapor {one['peserta']['nama']}",
            timestamp=WHEN,
        )
    )


def test_each_file_is_one_tagged_card_with_its_own_title() -> None:
    found = members("Ani Contoh", "Budi Contoh")
    assert [one.name for one in found] == ["VII-A Ani Contoh.pdf", "VII-A Budi Contoh.pdf"]
    for one, name in zip(found, ("Ani", "Budi"), strict=True):
        assert one.pdf is not None
        assert len(page_texts(one.pdf)) == 1
        with pikepdf.open(io.BytesIO(one.pdf)) as file:
            assert "/StructTreeRoot" in file.Root
            assert file.Root.Lang == "id"
            assert file.open_metadata()["dc:title"] == f"Rapor {name} Contoh"


def test_equal_names_get_a_number() -> None:
    assert [one.name for one in members("Ani", "ani", "Ani")] == [
        "VII-A Ani.pdf",
        "VII-A ani (2).pdf",
        "VII-A Ani (3).pdf",
    ]


def test_one_bad_card_does_not_hold_up_the_others() -> None:
    found = members("Ani", "Budi 😀", "Citra")
    assert [one.pdf is None for one in found] == [False, True, False]
    assert "U+1F600" in str(found[1].error)
    target = io.BytesIO()
    assert write_zip(target, found, timestamp=WHEN) == [found[1]]
    with zipfile.ZipFile(target) as archive:
        assert archive.namelist() == ["VII-A Ani.pdf", "VII-A Citra.pdf"]
        assert archive.read("VII-A Ani.pdf") == found[0].pdf
        assert archive.testzip() is None


def test_the_same_members_give_the_same_archive() -> None:
    first, second = io.BytesIO(), io.BytesIO()
    write_zip(first, members("Ani"), timestamp=WHEN)
    write_zip(second, members("Ani"), timestamp=WHEN)
    assert first.getvalue() == second.getvalue()
    with zipfile.ZipFile(first) as archive:
        assert archive.infolist()[0].date_time == (2007, 12, 22, 3, 0, 0)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("../../etc/passwd", "-..-etc-passwd"),
        ("C:\\Windows\\a", "C--Windows-a"),
        ("Ani\x00\n\tContoh", "Ani Contoh"),
        ("Ani\u202efdp.exe", "Ani fdp.exe"),
        ("  . ", "tanpa nama"),
        ("", "tanpa nama"),
        ("con", "_con"),
        ("NUL.txt", "_NUL.txt"),
        ("Nur'aini Ø 王", "Nur'aini Ø 王"),
    ],
)
def test_file_names_are_safe(text: str, name: str) -> None:
    assert safe_name(text) == name
    assert Path(safe_name(text)).name == safe_name(text)


def test_long_file_names_are_cut() -> None:
    assert len(safe_name("panjang " * 100)) <= 120
    assert len(safe_name("王" * 300).encode()) <= 240


def test_memory_stays_flat_over_a_long_run() -> None:
    # Without release_memory each of these documents leaves about 40 MB behind until the tenth after it.
    process = psutil.Process()
    cards = [card(number) for number in range(60)]

    def one_class(turn: int) -> int:
        for one in cards:
            one["peserta"]["nama"] = f"Ani {turn}"
            for subject in one["mapel"]:
                subject["deskripsi"] = f"{turn} {one['peserta']['nomor_induk']} {subject['nama']}"
        list(render_class(RAPOR, cards, key="rapor", title="Rapor", timestamp=WHEN))
        return process.memory_info().rss >> 20

    first = one_class(0)
    assert max(one_class(turn) for turn in range(1, 6)) - first < 60
