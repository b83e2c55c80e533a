"""What `render` promises whatever the template."""

import io
import threading
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pikepdf
import pytest

from mutu.reports.pdf import RenderError, render
from mutu.reports.tests.samples import RAPOR, WHEN, card, page_texts

PLAIN = """
#set document(title: sys.inputs.title, date: auto)
#set text(lang: sys.inputs.lang, font: "Libertinus Serif")
#json(bytes(sys.inputs.at("data"))).join(" ")
"""


@pytest.fixture
def plain(tmp_path: Path) -> Path:
    template = tmp_path / "plain.typ"
    template.write_text(PLAIN)
    return template


def test_a_template_outside_the_package_gets_data_title_and_language(plain: Path) -> None:
    pdf = render(plain, ["satu", "dua"], title="Judul", lang="en", timestamp=WHEN)
    assert page_texts(pdf) == ["satu dua"]
    with pikepdf.open(io.BytesIO(pdf)) as file:
        assert file.Root.Lang == "en"
        assert file.open_metadata()["dc:title"] == "Judul"


def test_the_timestamp_is_the_date_in_the_file_and_the_only_clock(plain: Path) -> None:
    here = datetime(2007, 12, 22, 10, 0, tzinfo=timezone(timedelta(hours=7)))
    pdf = render(plain, ["x"], title="Judul", timestamp=here)
    assert pdf == render(plain, ["x"], title="Judul", timestamp=WHEN)
    with pikepdf.open(io.BytesIO(pdf)) as file:
        assert str(file.docinfo["/CreationDate"]).startswith("D:20071222030000")
    assert pdf != render(plain, ["x"], title="Judul", timestamp=WHEN + timedelta(seconds=1))


def test_a_timestamp_without_zone_and_a_number_that_json_lacks_are_refused(plain: Path) -> None:
    with pytest.raises(ValueError, match="time zone"):
        render(plain, ["x"], title="Judul", timestamp=datetime(2007, 12, 22))
    with pytest.raises(ValueError, match="JSON"):
        render(plain, [float("nan")], title="Judul", timestamp=WHEN)


def test_standards_are_those_asked_for(plain: Path) -> None:
    with pikepdf.open(io.BytesIO(render(plain, ["x"], title="J", timestamp=WHEN, standards=()))) as file:
        assert "pdfaid:part" not in file.open_metadata()


@pytest.mark.parametrize(("character", "code"), [("😀", "U+1F600"), ("王", "U+738B"), ("\x01", "U+0001")])
def test_a_character_without_glyph_is_named_with_its_place(character: str, code: str) -> None:
    cards = [card(1), card(2)]
    cards[1]["mapel"][2]["deskripsi"] = f"baik {character} sekali"
    with pytest.raises(RenderError) as caught:
        render(RAPOR, {"rapor": cards}, title="Rapor", timestamp=WHEN)
    message = str(caught.value)
    assert code in message
    assert "rapor ke-2 › mapel ke-3 › deskripsi" in message
    assert "Hapus atau ganti" in message
    # The text around the character may be personal and stays out of messages and logs.
    assert "sekali" not in message


def test_a_faulty_template_is_told_from_faulty_data(tmp_path: Path) -> None:
    template = tmp_path / "faulty.typ"
    template.write_text("#set document(title: sys.inputs.title)\n#panic(sys.inputs.data)")
    with pytest.raises(RenderError, match="templatnya bermasalah") as caught:
        render(template, ["rahasia"], title="J", timestamp=WHEN)
    assert "rahasia" not in str(caught.value)
    assert caught.value.detail


def test_a_failure_leaves_the_next_document_untouched(plain: Path) -> None:
    good = render(plain, ["x"], title="J", timestamp=WHEN)
    with pytest.raises(RenderError):
        render(plain, ["😀"], title="J", timestamp=WHEN)
    assert render(plain, ["x"], title="J", timestamp=WHEN) == good


def test_an_edited_template_is_read_again(plain: Path) -> None:
    render(plain, ["satu"], title="J", timestamp=WHEN)
    plain.write_text(PLAIN + "\nbaru")
    assert "baru" in page_texts(render(plain, ["satu"], title="J", timestamp=WHEN))[0]


def test_threads_do_not_mix_their_documents() -> None:
    alone = {n: render(RAPOR, {"rapor": [card(n)]}, title=f"R{n}", timestamp=WHEN) for n in range(8)}
    together: dict[int, bytes] = {}

    def work(mine: range) -> None:
        for n in mine:
            together[n] = render(RAPOR, {"rapor": [card(n)]}, title=f"R{n}", timestamp=WHEN)

    threads = [threading.Thread(target=work, args=(range(start, 8, 4),)) for start in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert together == alone


def test_months_and_zone_do_not_depend_on_the_machine(plain: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = render(plain, ["x"], title="J", timestamp=WHEN)
    monkeypatch.setenv("TZ", "Asia/Jayapura")
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1")
    assert render(plain, ["x"], title="J", timestamp=WHEN.astimezone(UTC)) == before
