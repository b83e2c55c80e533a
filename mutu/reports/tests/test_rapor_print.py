"""The printed rapor, read back with a PDF reader and looked at pixel by pixel."""

import io
import json
import re

import pikepdf
import pypdfium2
import pytest
from PIL import Image, ImageChops

from mutu.reports.pdf import render
from mutu.reports.tests.samples import RAPOR, SENTENCE, STEPS, WHEN, boxes_of, card, page_sizes, page_texts

LONG = (
    "Mampu memahami teks lisan dan tulis sederhana dengan baik, SK 1 dan 2 terlampaui, SK 3 tercapai, sedangkan "
    "SK 4 belum tercapai sehingga perlu pendampingan membaca bersama orang tua atau wali."
)
NAME_80 = "Raden Ajeng Siti Nurhaliza Kusumaningtyas Wijayakusuma Prabaningrum Hadiningrat."


def print_cards(*cards: dict, **settings: object) -> bytes:
    return render(RAPOR, {"rapor": cards}, title="Rapor VII-A", timestamp=WHEN, **settings)  # type: ignore[arg-type]


def everything(pdf: bytes) -> str:
    return " ".join(page_texts(pdf))


def test_one_page_holds_twelve_subjects_and_every_part_of_the_guideline() -> None:
    (text,) = page_texts(print_cards(card()))
    for part in (
        "PEMERINTAH KABUPATEN KLATEN",
        "LAPORAN HASIL BELAJAR PESERTA DIDIK",
        "Nama Sekolah : SMP Negeri 1 Bukit Melati",
        "Alamat : Jl. Melati Raya No. 5, Klaten",
        "Nama : Raynatta Adi Contoh 1",
        "Nomor Induk : 4001",
        "Kelas : VII-A",
        "Semester : 1",
        "Tahun Pelajaran : 2007/2008",
        "Mata Pelajaran",
        "KKM",
        "Angka",
        "Huruf",
        "Deskripsi Kemajuan Belajar",
        "1 Pendidikan Agama 65 63 enam puluh tiga",
        "Muatan Lokal 11 Bahasa Jawa",
        "Sakit – Izin 4 hari Tanpa keterangan –",
        "Mengetahui: Orang Tua/Wali",
        "Jayapura, 30 Juni 2007 Wali Kelas",
        "Sri Wahyuningsih Contoh, S.Pd.",
        "Raynatta Adi Contoh 1 · VII-A · halaman 1 dari 1",
    ):
        assert part in text, part
    assert text.count(SENTENCE) == 12


@pytest.mark.parametrize("paper", ["a4", "f4"])
def test_nothing_of_twenty_subjects_with_long_names_and_texts_is_cut(paper: str) -> None:
    long = card(subjects=20, kertas=paper)
    long["peserta"]["nama"] = NAME_80
    long["sekolah"]["nama"] = "Sekolah Menengah Pertama Islam Terpadu Cendekia Nusantara Bhakti Pertiwi Mandiri Raya"
    for number, mark in enumerate(long["mapel"]):
        # Each text differs, so one that is missing cannot hide behind its neighbour.
        mark["deskripsi"] = f"[{number}] {LONG}"[:200].strip()
        mark["huruf"] = "delapan puluh delapan"
    long["mapel"][4]["deskripsi"] = ("enam ratus " + " ".join([LONG] * 4))[:600].strip()
    long["mapel"][5]["nama"] = "Keterampilan Membatik dan Menenun Kain Tradisional Nusantara bagi Muatan Lokal"
    pdf = print_cards(long)
    pages = page_texts(pdf)
    # The repeated table header stands between two rows only where a page ends; rows themselves stay whole.
    for mark in long["mapel"]:
        for text in (mark["nama"], mark["deskripsi"]):
            assert any(text in page for page in pages), text
    assert everything(pdf).count("delapan puluh delapan") == 20
    assert NAME_80 in pages[0]
    assert all("Deskripsi Kemajuan Belajar" in page for page in pages if "delapan puluh delapan" in page)
    assert inside_margins(pdf)


def test_a_word_longer_than_its_column_breaks_and_stays_searchable() -> None:
    word = "x" * 15 + "tanpaputus" * 12
    long = card()
    long["mapel"][0] |= {"nama": word, "deskripsi": word}
    long["peserta"]["nama"] = word
    pdf = print_cards(long)
    assert inside_margins(pdf)
    assert "​" not in everything(pdf)
    assert everything(pdf).replace(" ", "").count(word) >= 4


def inside_margins(pdf: bytes) -> bool:
    """True if no glyph leaves the text area (20 mm left, 15 mm right) and no cell runs into the next one."""
    millimetre = 72 / 25.4
    for page in pypdfium2.PdfDocument(io.BytesIO(pdf)):
        layer = page.get_textpage()
        width, _ = page.get_size()
        boxes = [layer.get_charbox(index) for index in range(layer.count_chars())]
        seen = [box for box in boxes if box[2] > box[0]]
        if (
            min(box[0] for box in seen) < 20 * millimetre - 1
            or max(box[2] for box in seen) > width - 15 * millimetre + 1
        ):
            return False
        # The text of column 2 must end before column 3 (KKM) begins: 20 + 8 + 40 mm.
        heads = [box[0] for start in find(layer, "KKM") for box in [layer.get_charbox(start)]]
        if heads and word_overlaps(layer, heads[0] - 3 * millimetre):
            return False
    return True


def find(layer: pypdfium2.PdfTextPage, text: str) -> list[int]:
    search, starts = layer.search(text, match_case=True), []
    while match := search.get_next():
        starts.append(match[0])
    return starts


def word_overlaps(layer: pypdfium2.PdfTextPage, edge: float) -> bool:
    """True if any glyph of the marks table crosses the vertical line ``edge`` (between name and KKM)."""
    top = max(layer.get_charbox(start)[3] for start in find(layer, "KKM"))
    ends = [layer.get_charbox(start)[3] for start in find(layer, "Ketidakhadiran")]
    bottom = ends[0] if ends else 16 * 72 / 25.4
    return any(
        box[0] < edge < box[2]
        for box in (layer.get_charbox(index) for index in range(layer.count_chars()))
        if bottom < box[1] < top
    )


def test_a_class_is_one_document_with_every_pupil_and_numbering_that_restarts() -> None:
    cards = [card(number, subjects=20 if number % 3 == 0 else 12) for number in range(1, 41)]
    for one in cards:
        if len(one["mapel"]) == 20:
            for mark in one["mapel"]:
                mark["deskripsi"] = LONG
    pdf = print_cards(*cards)
    feet = [re.search(r"Contoh (\d+) · VII-A · halaman (\d+) dari (\d+)", page) for page in page_texts(pdf)]
    assert all(feet)
    seen: dict[int, list[tuple[int, int]]] = {}
    for foot in feet:
        number, page, pages = map(int, foot.groups())  # type: ignore[union-attr]
        seen.setdefault(number, []).append((page, pages))
    assert sorted(seen) == list(range(1, 41))
    for number, pages in seen.items():
        expected = len(pages)
        assert pages == [(page, expected) for page in range(1, expected + 1)], number
        assert (expected > 1) == (number % 3 == 0), number


def test_same_data_same_bytes_and_other_data_other_bytes() -> None:
    assert print_cards(card(1), card(2)) == print_cards(card(1), card(2))
    assert print_cards(card(1)) != print_cards(card(2))


def test_the_file_says_title_language_and_structure() -> None:
    with pikepdf.open(io.BytesIO(print_cards(card(1), card(2)))) as pdf:
        assert pdf.Root.Lang == "id"
        assert pdf.Root.MarkInfo.Marked
        assert pdf.Root.ViewerPreferences.DisplayDocTitle
        metadata = pdf.open_metadata()
        assert metadata["dc:title"] == "Rapor VII-A"
        assert (metadata["pdfaid:part"], metadata["pdfaid:conformance"]) == ("2", "A")
        assert metadata["pdfuaid:part"] == "1"
        kinds = [str(node.S) for node in nodes(pdf.Root.StructTreeRoot.K)]
        # Per card: 7 heads of the marks table, the one of the group, the one of the absences.
        assert kinds.count("/TH") == 2 * 9
        assert kinds.count("/H1") == 2
        assert "/P" in kinds
        with pdf.open_outline() as outline:
            assert [entry.title for entry in outline.root] == [
                "Rapor Raynatta Adi Contoh 1",
                "Rapor Raynatta Adi Contoh 2",
            ]


def nodes(kids: pikepdf.Object) -> list[pikepdf.Object]:
    found = []
    for kid in kids if isinstance(kids, pikepdf.Array) else [kids]:
        if isinstance(kid, pikepdf.Dictionary) and "/S" in kid:
            found.append(kid)
            if "/K" in kid:
                found += nodes(kid.K)
    return found


def colourfulness(image: Image.Image) -> int:
    """The largest difference between two colour channels of any pixel; 0 for black, grey and white."""
    red, green, blue = image.split()
    return max(ImageChops.difference(*pair).getextrema()[1] for pair in ((red, green), (green, blue), (red, blue)))


@pytest.mark.parametrize("mark", [0, 30, 64, 65, 100])
def test_marks_are_black_whatever_their_value(mark: int) -> None:
    # Bab II.C.2.c: angka and huruf in black ink.
    one = card()
    for subject in one["mapel"]:
        subject["nilai"] = mark
    pdf = print_cards(one)
    page = pypdfium2.PdfDocument(io.BytesIO(pdf))[0]
    image = page.render(scale=2).to_pil().convert("RGB")
    height = page.get_size()[1]
    columns = boxes_of(pdf, "Angka")[0], boxes_of(pdf, "Deskripsi Kemajuan Belajar")[0]
    absences = boxes_of(pdf, "Ketidakhadiran")[0]
    area = image.crop(
        (
            int(columns[0][1] * 2),
            int((height - columns[0][2]) * 2),
            int(columns[1][1] * 2),
            int((height - absences[4]) * 2),
        )
    )
    assert colourfulness(area) == 0
    assert area.convert("L").getextrema()[0] < 40
    # The check above can see colour: the woven band of the letterhead has some.
    assert colourfulness(image) > 40


def test_the_signature_block_never_splits() -> None:
    for extra in range(30):
        one = card()
        one["mapel"][0]["deskripsi"] = "kalimat pengisi baris " * 2 * extra or "-"
        pages = page_texts(print_cards(one))
        holders = [page for page in pages if "Mengetahui" in page]
        assert len(holders) == 1
        for part in ("Ketidakhadiran", "Orang Tua/Wali", "Jayapura, 30 Juni 2007", "Wali Kelas", "S.Pd."):
            assert part in holders[0]


def test_nip_is_printed_only_when_there_is_one() -> None:
    without, empty, given = card(), card(), card()
    empty["tanda_tangan"]["wali_kelas"]["nip"] = ""
    given["tanda_tangan"]["wali_kelas"]["nip"] = "131291766"
    assert "NIP" not in everything(print_cards(without))
    assert "NIP" not in everything(print_cards(empty))
    assert "S.Pd. NIP 131291766" in everything(print_cards(given))


def test_paper_comes_from_the_card_else_from_the_call() -> None:
    assert page_sizes(print_cards(card(kertas="f4"), card(kertas="a4"))) == [(215, 330), (210, 297)]
    unsaid = card()
    del unsaid["kertas"]
    assert page_sizes(print_cards(unsaid, paper="f4")) == [(215, 330)]


def test_hostile_text_prints_as_it_stands() -> None:
    hostile = r'#let x = 1 $a^2$ *b* _c_ <d> @e `f` // g /* h */ [i] {j} \u{41} ~ -- "k" #panic() https://l.example'
    one = card()
    one["peserta"]["nama"] = hostile
    one["mapel"][0] |= {"nama": hostile, "deskripsi": hostile, "huruf": "*tujuh*"}
    one["sekolah"]["kop"] = [hostile]
    one["tanda_tangan"]["wali_kelas"]["nama"] = "#strong[Ibu]"
    text = everything(print_cards(one))
    assert text.count(hostile) == 5  # letterhead, identity, subject, description, foot
    assert "*tujuh*" in text
    assert "#strong[Ibu]" in text


def test_a_gap_is_named_and_never_zero_or_dash() -> None:
    one = card(subjects=1, draf=True)
    one["mapel"][0] |= {"nilai": None, "huruf": None, "deskripsi": None}
    one["ketidakhadiran"]["sakit"] = None
    (text,) = page_texts(print_cards(one))
    assert "1 Pendidikan Agama 65 belum diisi belum diisi belum diisi" in text
    assert "Sakit belum diisi Izin 4 hari" in text


def test_a_draft_says_so_in_the_background_and_in_words() -> None:
    draft, final = print_cards(card(draf=True)), print_cards(card())
    assert "DRAF: belum disahkan, bukan rapor resmi" in everything(draft)
    assert len(re.findall(r"\bDRAF\b|D ?R ?A ?F", everything(draft))) == 2
    assert "DRAF" not in everything(final)


def test_the_appendix_shows_each_step_with_its_source() -> None:
    one = card(lampiran=[{"mapel": "Matematika", "nilai": 63, "langkah": STEPS}])
    pdf = print_cards(one)
    pages = page_texts(pdf)
    assert len(pages) == 2
    assert "Bagaimana nilai ini terjadi" not in pages[0]
    assert "Bagaimana nilai ini terjadi" in pages[1]
    assert "Petunjuk Pengelolaan Rapor SMP (Depdiknas, 2007), Bab II" in pages[1]
    for step in STEPS:
        assert f"{step['nama']} {step['rumus']} {step['hasil']} {step['sumber']}" in pages[1]
    assert "halaman 2 dari 2" in pages[1]


def test_semester_2_prints_no_decision_yet() -> None:
    text = everything(print_cards(card(semester=2)))
    assert "Semester : 2" in text
    assert "naik ke kelas" not in text.lower()


def test_the_sample_is_plain_json() -> None:
    assert json.loads(json.dumps(card())) == card()
