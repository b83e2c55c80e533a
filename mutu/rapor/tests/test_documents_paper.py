"""The page itself: the code of a final rapor module by module, sections that stay whole, sheets that name the pupil."""

import io
from datetime import UTC, datetime
from typing import Any

import pypdfium2
import pytest
from PIL import Image

from mutu.rapor import documents
from mutu.rapor.services import bukti
from mutu.reports.tests.samples import boxes_of, card, page_texts

WHEN = datetime(2026, 12, 19, tzinfo=UTC)
ADDRESS = "https://rapor.example/cek/69900101-7KQ2M-ABCDE-FGH23-45678?s=9f9f9f9f9f9f"
PROOF = {"id": "69900101-7KQ2M-ABCDE-FGH23-45678", "alamat": ADDRESS, "sidik": "9f" * 32}
MILLIMETRE = 72 / 25.4
SENTENCE = "mampu berpidato dalam topik-topik yang ia kenal dengan bahasa yang akurat, lancar, dan penuh percaya diri"


def whole_card(**changes: Any) -> dict[str, Any]:
    """A card with every section of the 2007 form, on two pages."""
    kinds = {
        "nilai": None,
        "pengembangan": "Pengembangan Diri",
        "sikap": "Akhlak dan Kepribadian",
        "ketidakhadiran": "Ketidakhadiran",
        "prestasi": "Catatan Prestasi",
        "catatan_khusus": "Catatan Khusus",
        "keputusan": "Keputusan",
    }
    columns = {
        "nama": "Mata Pelajaran",
        "kkm": "KKM",
        "nilai": "Angka",
        "huruf": "Huruf",
        "deskripsi": "Deskripsi Kemajuan Belajar",
    }
    won = {"nama": "Lomba pidato", "peringkat": "Juara I", "tanggal": "3 Oktober 2026"}
    return (
        card(
            judul="Laporan Hasil Belajar Peserta Didik",
            fase=None,
            bagian=[{"jenis": kind, "judul": title, "ranah": ""} for kind, title in kinds.items()],
            kolom=[{"isi": name, "judul": title} for name, title in columns.items()],
            pengembangan=[
                {"nama": name, "nilai": "A", "sebutan": "sangat baik", "keterangan": SENTENCE}
                for name in ("Pramuka", "PMR", "KIR")
            ],
            sikap=[
                {"aspek": name.lower(), "judul": name, "pakai_kategori": True, "kategori": "baik", "uraian": None}
                for name in ("Akhlak", "Kepribadian")
            ],
            prestasi=[won],
            catatan_khusus=[],
            catatan_wali=None,
            keputusan={"dasar": "Peserta didik ini ditetapkan", "kalimat": "naik ke kelas VIII (delapan)"},
            bukti=None,
        )
        | changes
    )


def render(*cards: dict[str, Any]) -> bytes:
    return documents.render_cards(cards, timestamp=WHEN)


def test_the_usual_card_is_two_pages_and_the_second_says_whose_it_is() -> None:
    first, second = page_texts(render(whole_card()))
    assert "Pengembangan Diri" not in first
    assert "Mengetahui" in second
    assert "Raynatta Adi Contoh 1 · VII-A · semester 1 · 2007/2008 · halaman 2 dari 2" in second


@pytest.mark.parametrize("paper", ["a4", "f4"])
def test_the_code_on_paper_is_the_code_module_by_module(paper: str) -> None:
    rows = list(bukti.qr_rows(ADDRESS))
    pdf = render(whole_card(bukti=PROOF | {"qr": rows}, kertas=paper))
    document = pypdfium2.PdfDocument(io.BytesIO(pdf))
    page = document[len(document) - 1]
    scale = 8
    image = page.render(scale=scale).to_pil().convert("L")
    code = dark_square(image, scale)
    left, top, right, bottom = code
    side = (right - left) / len(rows)
    assert (right - left) / scale / MILLIMETRE >= 20, "narrower than a phone reads well"
    assert abs((right - left) - (bottom - top)) < side / 2
    drawn = [
        "".join(
            "1" if image.getpixel((int(left + (x + 0.5) * side), int(top + (y + 0.5) * side))) < 128 else "0"
            for x in range(len(rows))
        )
        for y in range(len(rows))
    ]
    assert drawn == rows
    quiet = image.crop((int(left - 4 * side), int(top - 4 * side), int(right + 4 * side), int(top) - 2))
    assert quiet.getextrema() == (255, 255), "something stands in the quiet zone above the code"
    assert image.crop(code).getextrema() == (0, 255), "the code is not black on white"


def dark_square(image: Image.Image, scale: int) -> tuple[int, int, int, int]:
    """Where the code lies: the dark area between the left margin and its own width, below the signatures."""
    document_top = int(image.height * 0.3)
    strip = image.crop((int(20 * MILLIMETRE * scale), document_top, int(48 * MILLIMETRE * scale), image.height))
    # The footer stands below the text area.
    strip = strip.crop((0, 0, strip.width, strip.height - int(14 * MILLIMETRE * scale)))
    dark = strip.point(lambda grey: 255 if grey < 128 else 0)
    rows = [y for y in range(dark.height) if dark.crop((0, y, dark.width, y + 1)).getbbox()]
    # The code is the lowest unbroken run of rows with ink.
    bottom = top = rows[-1]
    for y in reversed(rows):
        if top - y > 1:
            break
        top = y
    box = dark.crop((0, top, dark.width, bottom + 1)).getbbox()
    assert box
    x = int(20 * MILLIMETRE * scale)
    return x + box[0], document_top + top, x + box[2], document_top + bottom + 1


def test_number_address_and_hash_stand_beside_the_code() -> None:
    text = page_texts(render(whole_card(bukti=PROOF | {"qr": list(bukti.qr_rows(ADDRESS))})))[-1]
    assert PROOF["id"] in text
    assert ADDRESS in text.replace(" ", "")
    assert PROOF["sidik"] in text.replace(" ", "")
    assert "Keaslian" not in page_texts(render(whole_card()))[-1]


@pytest.mark.parametrize("activities", [3, 12, 40])
def test_however_long_it_gets_nothing_is_lost_and_the_signatures_stand_with_the_decision(activities: int) -> None:
    rows = [
        {"nama": f"Kegiatan {number}.", "nilai": "A", "sebutan": "sangat baik", "keterangan": SENTENCE}
        for number in range(activities)
    ]
    pages = page_texts(render(whole_card(pengembangan=rows)))
    text = " ".join(pages)
    assert all(f"Kegiatan {number}." in text for number in range(activities))
    assert text.count(SENTENCE) == activities
    (last,) = [page for page in pages if "Mengetahui" in page]
    for part in ("Keputusan", "Catatan Khusus", "naik ke kelas VIII (delapan)", "Wali Kelas"):
        assert part in last


def test_a_short_table_is_never_cut_in_two() -> None:
    won = {"nama": "Lomba pidato", "peringkat": "Juara I", "tanggal": "3 Oktober 2026"}
    for extra in range(16, 48, 2):
        # So many achievements that the personal part flows instead of moving as one piece.
        one = whole_card(prestasi=[won] * 30)
        one["mapel"][0]["deskripsi"] = "kalimat pengisi baris " * extra or "-"
        pages = page_texts(render(one))
        holders = [page for page in pages if "Jenis kegiatan" in page]
        assert len(holders) == 1, extra
        assert holders[0].count(SENTENCE) == 3


def test_the_title_of_a_second_mark_is_repeated_with_its_table() -> None:
    one = whole_card()
    other = {"nilai": 81, "huruf": None, "predikat": "A", "deskripsi": SENTENCE * 3}
    one["mapel"] = [row | {"predikat": "B", "ranah": {"keterampilan": other}} for row in one["mapel"]]
    one["kolom"] = [column for column in one["kolom"] if column["isi"] != "huruf"]
    one["bagian"][:1] = [
        {"jenis": "nilai", "judul": "Pengetahuan", "ranah": ""},
        {"jenis": "nilai", "judul": "Keterampilan", "ranah": "keterampilan"},
    ]
    pages = page_texts(render(one))
    with_marks = [page for page in pages if "81" in page]
    assert len(with_marks) > 1
    assert all("Keterampilan" in page for page in with_marks)


def test_two_marks_in_columns_of_their_own_align_on_both_papers() -> None:
    for paper in ("a4", "f4"):
        boxes = boxes_of(render(whole_card(kertas=paper)), "63")
        rights = {round(box[3], 1) for box in boxes}
        assert len(rights) == 1, paper


def test_without_a_card_there_is_nothing_to_print() -> None:
    with pytest.raises(ValueError, match="no card"):
        render()
