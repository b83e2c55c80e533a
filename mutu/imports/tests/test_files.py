"""A corpus of bad and odd files: each is refused, or its bad rows are, with a message that names the place."""

import gzip
import io
import random
import struct
import zipfile
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from mutu.imports.gate import Limits, admit
from mutu.imports.messages import FileRefused
from mutu.imports.plan import Parsed, parse
from mutu.imports.tests.files import GOOD, MURID, TITLES, changed, csv_file, rezipped, workbook

SHEET = "xl/worksheets/sheet1.xml"


def refusal(content: bytes, name: str = "murid.xlsx", limits: Limits | None = None) -> str:
    with pytest.raises(FileRefused) as caught:
        parse(content, MURID, name=name, limits=limits)
    return str(caught.value)


def one(row: list[Any]) -> Parsed:
    return parse(csv_file([TITLES, row]), MURID)


# Files that are not what they seem.


@pytest.mark.parametrize(
    ("content", "name", "fragment"),
    [
        (b"", "a.csv", "Berkas kosong"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "a.xlsx", "Excel lama (.xls)"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "a.xlsx", "berkata sandi"),
        (b"%PDF-1.7 abc", "a.xlsx", "Berkas ini PDF"),
        (csv_file([TITLES, GOOD]), "a.xlsx", "berakhiran .xlsx, tetapi isinya teks CSV"),
        (workbook([TITLES, GOOD]), "a.csv", "berakhiran .csv, tetapi isinya buku kerja Excel"),
        (workbook([TITLES, GOOD]), "a.xls", "ganti akhirannya menjadi .xlsx"),
        (b"\x89PNG\r\n\x1a\n" + bytes(50), "a.xlsx", "gambar"),
        (b"<html><table>", "a.csv", "HTML"),
        (b"\xff\xfeN\0a\0", "a.csv", "UTF-16"),
        (b"\x01\x00\x02\x00" * 9, "a.bin", "tidak dikenali"),
        (workbook([TITLES, GOOD])[:-300], "a.xlsx", "rusak atau terpotong"),
        (gzip.compress(csv_file([TITLES, GOOD] * 500))[:-20], "a.csv.gz", "terpotong"),
        (gzip.compress(workbook([TITLES, GOOD])), "a.csv.gz", "tidak berisi CSV"),
        (gzip.compress(b"a,b\n" * 2_000_000), "a.csv.gz", "terlalu besar bila dibuka"),
    ],
)
def test_content_decides(content: bytes, name: str, fragment: str) -> None:
    assert fragment in refusal(content, name)


def zipped(**parts: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name.replace("__", "/"), data)
    return made.getvalue()


def test_zip_gate() -> None:
    good = workbook([TITLES, GOOD])
    assert "ZIP biasa" in refusal(zipped(catatan=b"halo"))
    assert "Word" in refusal(zipped(word__document=b"x"))
    assert "mengembang lebih dari 100 kali" in refusal(rezipped(good, bom=bytes(30_000_000)))
    assert "terlalu besar bila dibuka (lebih dari 1 MB)" in refusal(
        rezipped(good, besar=bytes(2_000_000)), limits=Limits(unpacked=1024 * 1024)
    )
    assert "paling banyak 200" in refusal(rezipped(good, **{f"bagian{number}": b"x" for number in range(200)}))
    assert "keluar dari foldernya" in refusal(rezipped(good, **{"../../etc/cron": b"x"}))
    assert "berkas lain di dalamnya" in refusal(rezipped(good, dalam=good))
    assert "makro" in refusal(rezipped(good, **{"xl/vbaProject.bin": b"\xd0\xcf"}))
    assert "lebih besar dari 0 MB" in refusal(good, limits=Limits(packed=100))
    assert parse(good, MURID, name="murid.xlsx").total == 1


def test_encrypted_and_lying_entries() -> None:
    good = bytearray(workbook([TITLES, GOOD]))
    with zipfile.ZipFile(io.BytesIO(bytes(good))) as archive:
        directory = archive.start_dir
    locked = bytearray(good)
    struct.pack_into("<H", locked, directory + 8, 1)
    assert "berkata sandi" in refusal(bytes(locked))
    lying = bytearray(good)
    declared = struct.unpack_from("<I", lying, directory + 24)[0]
    struct.pack_into("<I", lying, directory + 24, declared // 2)
    assert "rusak" in refusal(bytes(lying)) or "tidak jujur" in refusal(bytes(lying))


@pytest.mark.parametrize(
    "prologue",
    [
        b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
        b'<!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>',
        b"<!DOCTYPE html>",
    ],
)
def test_document_types_and_entities(prologue: bytes) -> None:
    content = rezipped(
        workbook([TITLES, GOOD]), {"xl/sharedStrings.xml": lambda data: data.replace(b"?>", b"?>" + prologue, 1)}
    )
    assert "DTD" in refusal(content)


def test_other_xml_encodings_are_refused() -> None:
    def declared(name: bytes) -> bytes:
        return rezipped(workbook([TITLES, GOOD]), {SHEET: lambda data: data.replace(b"UTF-8", name, 1)})

    for name in (b"UTF-7", b"windows-1252", b"tiada"):
        assert "bukan UTF-8" in refusal(declared(name)) or "tidak utuh" in refusal(declared(name))


def test_damaged_files_never_raise_anything_else() -> None:
    chance = random.Random(20190601)
    seeds = [workbook([TITLES, GOOD]), csv_file([TITLES, GOOD]), gzip.compress(csv_file([TITLES, GOOD]))]
    refused = 0
    for turn in range(900):
        content = bytearray(seeds[turn % 3])
        for _ in range(chance.randint(1, 6)):
            content[chance.randrange(len(content))] = chance.randrange(256)
        try:
            parse(bytes(content), MURID)
        except FileRefused:
            refused += 1
    assert refused > 300


def test_a_far_cell_does_not_fill_the_memory() -> None:
    content = workbook([TITLES, GOOD], lambda sheet, book: sheet.write(1_048_575, 16_383, "x"))
    assert "ada isi sampai sel XFD1048576" in refusal(content)


# Layout.


def test_header_anywhere_columns_in_any_order() -> None:
    rows = [["DAFTAR MURID", ""], ["SMP Contoh", ""], ["", ""], [" nama\nSISWA ", "n.i.s.n"], ["Sari", "0012345678"]]
    for content in (csv_file(rows), workbook(rows)):
        parsed = parse(content, MURID)
        assert parsed.layout.header_row == 4
        assert parsed.records == [("0012345678", "Sari", None, None, None, None, None)]
        assert parsed.rows == [5]


def test_header_problems() -> None:
    assert "Baris 1, kolom Hobi: kolom H tidak dikenal" in refusal(csv_file([[*TITLES, "Hobi"], [*GOOD, "x"]]), "")
    assert "Baris 1, kolom NISN: kolom wajib ini tidak ada" in refusal(csv_file([TITLES[1:], GOOD[1:]]), "")
    assert "judul ini terdapat dua kali (kolom B dan H)" in refusal(
        csv_file([[*TITLES, "NAMA siswa"], [*GOOD, "x"]]), ""
    )
    assert "Baris judul kolom tidak ditemukan" in refusal(csv_file([["a", "b"], ["c", "d"]]), "")
    assert "hanya berisi judul kolom (baris 1)" in refusal(csv_file([TITLES]), "")
    assert "hanya berisi judul kolom (baris 1)" in refusal(workbook([TITLES]))


def test_untitled_cells_and_wrong_widths() -> None:
    [notice] = parse(csv_file([[*TITLES, ""], [*GOOD, "catatan"]]), MURID).refused
    assert str(notice).startswith("Baris 2, kolom H: kolom ini tidak berjudul")
    cut = csv_file([TITLES, GOOD, changed(nisn="0012345679")])[:-20]
    assert "tanda kutip" in refusal(cut, "")
    unquoted = (
        ",".join(TITLES) + "\n0012345678,Sari,P\n0012345679,Melati, Sari,P,80,40,17/08/2007,2007/2008\n"
    ).encode()
    first, second = parse(unquoted, MURID).refused
    assert str(first).startswith("Baris 2: hanya 3 sel, padahal judulnya 7 kolom")
    assert str(second).startswith("Baris 3: ada 8 sel, padahal judulnya 7 kolom")


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize("packed", [False, True])
def test_text_shapes(delimiter: str, end: str, encoding: str, packed: bool) -> None:
    content = csv_file([TITLES, changed(nama="Siti Nur’aini"), ["", *[""] * 6]], delimiter, end, encoding)
    parsed = parse(gzip.compress(content) if packed else content, MURID, name="a.csv.gz" if packed else "a.csv")
    assert parsed.records == [("0012345678", "Siti Nur’aini", "P", Decimal("82.5"), 40, date(2007, 8, 17), "2007/2008")]
    assert parsed.total == 1


def test_other_encodings_are_not_guessed() -> None:
    assert "bukan UTF-8" in refusal(csv_file([TITLES, changed(nama="Zoë")], encoding="cp1252"), "a.csv")


# Workbooks.


def test_hidden_rows_columns_and_sheets() -> None:
    rows = [TITLES, GOOD, changed(nisn="0012345679")]
    parsed = parse(workbook(rows, lambda sheet, book: sheet.set_row(1, None, None, {"hidden": True})), MURID)
    assert [str(notice)[:34] for notice in parsed.refused] == ["Baris 2: baris ini tersembunyi (mu"]
    assert parsed.rows == [3]
    message = refusal(workbook(rows, lambda sheet, book: sheet.set_column(1, 1, None, None, {"hidden": True})))
    assert "Baris 1: kolom tersembunyi: B (Nama Lengkap)" in message

    def more(sheet: Any, book: Any) -> None:
        book.add_worksheet("Rahasia").hide()
        book.add_worksheet("Catatan").write(0, 0, "x")

    warnings = [str(notice) for notice in parse(workbook(rows, more), MURID).warnings]
    assert warnings == [
        "Lembar tersembunyi Rahasia tidak dibaca. Tampilkan bila perlu.",
        "Lembar Catatan tidak dibaca, hanya lembar Murid.",
    ]


def test_two_tables_are_not_chosen_between() -> None:
    def more(sheet: Any, book: Any) -> None:
        book.add_worksheet("VII-B").write_row(0, 0, TITLES)

    assert "Beberapa lembar memuat tabel yang sama: VII-A, VII-B" in refusal(
        workbook([TITLES, GOOD], more, name="VII-A")
    )


def test_merged_cells() -> None:
    rows = [TITLES, GOOD, changed(nisn="0012345679"), changed(nisn="0012345670")]
    parsed = parse(workbook(rows, lambda sheet, book: sheet.merge_range(1, 1, 2, 1, "Sari")), MURID)
    assert {str(notice).split(". ")[0] for notice in parsed.refused} == {
        "Baris 2, kolom Nama Lengkap: sel gabungan B2:B3",
        "Baris 3, kolom Nama Lengkap: sel gabungan B2:B3",
    }
    assert parsed.rows == [4]
    titled = [["DAFTAR MURID"], *rows]
    assert not parse(workbook(titled, lambda sheet, book: sheet.merge_range("A1:G1", "DAFTAR MURID")), MURID).refused
    assert "sel judul B1:C1 digabung" in refusal(
        workbook(rows, lambda sheet, book: sheet.merge_range("B1:C1", "Nama Lengkap"))
    )


def computed(content: bytes) -> bytes:
    """A workbook as a spreadsheet program saves it: it no longer asks for a first computation."""
    return rezipped(content, {"xl/workbook.xml": lambda data: data.replace(b' fullCalcOnLoad="1"', b"")})


def test_formulas() -> None:
    def formula(value: Any) -> bytes:
        return workbook([TITLES, GOOD], lambda sheet, book: sheet.write_formula(1, 3, "=40+41", None, value))

    parsed = parse(computed(formula(81)), MURID)
    assert parsed.records[0][3] == Decimal(81)
    assert "1 sel berisi rumus" in str(parsed.warnings[0])
    for content in (computed(formula("")), formula(81)):
        [notice] = parse(content, MURID).refused
        assert str(notice).startswith("Baris 2, kolom Nilai: rumus tanpa nilai tersimpan")
    [notice] = parse(computed(formula("#DIV/0!")), MURID).refused
    assert str(notice).startswith("Baris 2, kolom Nilai: rumus menghasilkan galat")


def test_a_row_of_nothing_but_uncomputed_formulas_is_not_blank() -> None:
    def formulas(sheet: Any, book: Any) -> None:
        for line in (2, 40):
            for place in range(len(TITLES)):
                sheet.write_formula(line, place, "=A2", None, "")

    parsed = parse(computed(workbook([TITLES, GOOD], formulas)), MURID)
    assert sorted(parsed.refused_rows) == [3, 41]
    assert parsed.rows == [2]


def test_typed_cells() -> None:
    row = [1234567890, "Sari", "p", 82.5, 40.0, None, "2007/2008"]

    def dated(sheet: Any, book: Any) -> None:
        sheet.write_datetime(1, 5, datetime(2007, 8, 17), book.add_format({"num_format": "dd/mm/yyyy"}))

    parsed = parse(workbook([TITLES, row], dated), MURID)
    assert parsed.records == [("1234567890", "Sari", "P", Decimal("82.5"), 40, date(2007, 8, 17), "2007/2008")]
    [notice] = parse(workbook([TITLES, [12345678, *row[1:]]]), MURID).refused
    assert str(notice).startswith(
        "Baris 2, kolom NISN: NISN harus 10 angka, di sini hanya 8 (terbaca sebagai bilangan)"
    )
    assert "nilainya 0012345678: ubah format kolom menjadi Teks" in str(notice)
    [notice] = parse(workbook([TITLES, changed(lahir=39311)]), MURID).refused
    assert str(notice).startswith("Baris 2, kolom Tanggal Lahir: berisi bilangan, bukan tanggal")
    as_date = workbook(
        [TITLES, GOOD],
        lambda sheet, book: sheet.write_datetime(1, 1, datetime(2007, 1, 7), book.add_format({"num_format": "d-m"})),
    )
    [notice] = parse(as_date, MURID).refused
    assert str(notice).startswith("Baris 2, kolom Nama Lengkap: sel berisi tanggal atau jam")
    [notice] = parse(workbook([TITLES, changed(nisn=True)]), MURID).refused
    assert "tanpa huruf" in str(notice)


# Cells.


@pytest.mark.parametrize(
    ("name", "cell", "start"),
    [
        ("nisn", "001234567", "NISN harus 10 angka, di sini hanya 9"),
        ("nisn", "00123456789", "NISN harus 10 angka, di sini 11"),
        ("nisn", "００１２３４５６７８", "angkanya bukan angka biasa. Ketik ulang sebagai 0012345678"),
        ("nisn", "1.2E+09", "NISN harus 10 angka tanpa huruf"),
        ("nisn", "  ", "kosong, padahal wajib diisi"),
        ("nama", "", "kosong, padahal wajib diisi"),
        ("nama", "x" * 41, "teks 41 huruf, paling banyak 40"),
        ("nama", "Sa\u200bri", "ada huruf yang tidak terlihat (U+200B)"),
        ("jk", "X", "harus salah satu dari: L, P"),
        ("nilai", "101", "harus antara 0 dan 100"),
        ("nilai", "-1", "harus antara 0 dan 100"),
        ("nilai", "delapan", "bukan bilangan"),
        ("nilai", "NaN", "bukan bilangan"),
        ("nilai", "inf", "bukan bilangan"),
        ("nilai", "1e400", "harus bilangan, bukan bentuk pangkat sepuluh"),
        ("nilai", "７５", "angkanya bukan angka biasa. Ketik ulang sebagai 75"),
        ("nilai", "1.234,5", "harus bilangan tanpa pemisah ribuan"),
        ("nilai", "82,555", "paling banyak 2 angka di belakang koma"),
        ("nilai", "9" * 400, "bukan bilangan"),
        ("bobot", "1_0", "bukan bilangan bulat"),
        ("bobot", "7,5", "harus bilangan bulat, tanpa koma"),
        ("bobot", "101", "harus antara 0 dan 100"),
        ("lahir", "31/02/2007", "tanggal 31 bulan 2 tahun 2007 tidak ada"),
        ("lahir", "17/8/07", "bukan tanggal yang dikenali"),
        ("lahir", "17/08/1907", "tanggal harus antara 01/01/1990 dan 31/12/2020"),
        ("tahun", "2007/2009", "tahun pelajaran harus dua tahun berurutan. Ketik 2007/2008"),
        ("tahun", "2007", "bukan tahun pelajaran"),
    ],
)
def test_bad_cells(name: str, cell: str, start: str) -> None:
    parsed = one(changed(**{name: cell}))
    [notice] = parsed.refused
    title = TITLES[MURID.places[name]]
    assert str(notice).startswith(f"Baris 2, kolom {title}: {start}")
    assert parsed.records == []
    assert parsed.refused_rows[2][MURID.places[name]] == cell


@pytest.mark.parametrize(
    ("name", "cell", "value"),
    [
        ("nama", "  Siti\t Nur   Aini ", "Siti Nur Aini"),
        ("nama", "=HYPERLINK(1)", "=HYPERLINK(1)"),
        ("jk", "laki-LAKI", "L"),
        ("jk", "", None),
        ("nilai", "75", Decimal(75)),
        ("nilai", "0", Decimal(0)),
        ("nilai", "7.25", Decimal("7.25")),
        ("nilai", " ", None),
        ("lahir", "2007-08-17", date(2007, 8, 17)),
        ("lahir", "17 Agustus 2007", date(2007, 8, 17)),
        ("lahir", "17-08-2007", date(2007, 8, 17)),
        ("lahir", "1 Nop 2007", date(2007, 11, 1)),
        ("tahun", "2007 / 2008", "2007/2008"),
        ("tahun", "2007-2008", "2007/2008"),
    ],
)
def test_good_cells(name: str, cell: str, value: Any) -> None:
    parsed = one(changed(**{name: cell}))
    assert parsed.refused == []
    assert parsed.records[0][MURID.places[name]] == value


def test_several_bad_cells_of_a_row_are_all_named() -> None:
    parsed = one(changed(nisn="12", nilai="x", bobot="y"))
    assert [notice.column for notice in parsed.refused] == ["NISN", "Nilai", "Bobot"]
    assert parsed.total == 1


def test_repeated_keys_are_all_refused() -> None:
    rows = [TITLES, GOOD, changed(nisn="0012345679"), changed(nama="Lain"), changed(nilai="x")]
    parsed = parse(csv_file(rows), MURID)
    assert parsed.rows == [3]
    told = {notice.row: str(notice) for notice in parsed.refused if notice.column == "NISN"}
    assert told[2].startswith("Baris 2, kolom NISN: NISN 0012345678 juga terdapat di baris 4, 5.")
    assert told[4].startswith("Baris 4, kolom NISN: NISN 0012345678 juga terdapat di baris 2, 5.")
    assert told[5].startswith("Baris 5, kolom NISN: NISN 0012345678 juga terdapat di baris 2, 4.")
    assert parsed.total == 4


def test_a_warning_keeps_the_row_without_the_doubtful_cell() -> None:
    parsed = one(changed(bobot="0"))
    assert [str(notice) for notice in parsed.warnings] == ["Baris 2, kolom Bobot: bobot 0 tidak dihitung. Isi bobot."]
    assert parsed.records[0][MURID.places["bobot"]] is None


def test_one_bad_row_among_thousands_is_found_in_every_place() -> None:
    rows = [changed(nisn=f"{number:010d}") for number in range(2500)]
    for at in (0, 1023, 1024, 1700, 2499):
        bad = list(rows)
        bad[at] = changed(nisn="12345", nama="\x07")
        parsed = parse(csv_file([TITLES, *bad]), MURID)
        assert sorted(parsed.refused_rows) == [at + 2]
        assert len(parsed.records) == 2499


def test_representations_hold_no_rows() -> None:
    assert "Sari" not in repr(one(list(GOOD)))


def test_a_path_is_read_like_bytes(tmp_path: Any) -> None:
    path = tmp_path / "murid.csv"
    path.write_bytes(csv_file([TITLES, GOOD]))
    assert parse(path, MURID).records == one(list(GOOD)).records
    assert admit(path).name == "murid.csv"
    with pytest.raises(FileRefused, match="tidak dapat dibuka"):
        parse(tmp_path / "hilang.csv", MURID)


# OpenDocument spreadsheets.


def ods(rows: str, *, visible: bool = True, columns: str = "") -> bytes:
    """A spreadsheet with one table named Murid; ``rows`` is the XML of its rows."""
    content = (
        '<?xml version="1.0"?><office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
        'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
        'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" '
        'xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0" '
        'xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0">'
        '<office:automatic-styles><style:style style:name="ta1" style:family="table">'
        f'<style:table-properties table:display="{str(visible).lower()}"/></style:style></office:automatic-styles>'
        f'<office:body><office:spreadsheet><table:table table:name="Murid" table:style-name="ta1">{columns}{rows}'
        "</table:table></office:spreadsheet></office:body></office:document-content>"
    )
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
        archive.writestr("content.xml", content)
    return made.getvalue()


def ods_row(cells: list[Any], more: str = "", cell_more: str = "") -> str:
    made = "".join(
        f'<table:table-cell office:value-type="string" {cell_more if at == 0 else ""}><text:p>{cell}</text:p>'
        "</table:table-cell>"
        for at, cell in enumerate(cells)
    )
    return f"<table:table-row {more}>{made}</table:table-row>"


def test_ods() -> None:
    head = ods_row(TITLES)
    parsed = parse(ods(head + ods_row(GOOD)), MURID, name="a.ods")
    assert parsed.records == one(list(GOOD)).records
    second = ods_row(changed(nisn="0000000002"))
    hidden = parse(ods(head + ods_row(GOOD, 'table:visibility="filter"') + second), MURID)
    assert str(hidden.refused[0]).startswith("Baris 2: baris ini tersembunyi")
    assert hidden.rows == [3]
    merged = parse(ods(head + ods_row(GOOD, "", 'table:number-rows-spanned="2"') + second), MURID)
    assert [notice.row for notice in merged.refused] == [2, 3]
    assert "sel gabungan A2:A3" in str(merged.refused[0])
    unknown = head + ods_row(GOOD).replace("<text:p>82,5</text:p>", "").replace(
        'office:value-type="string" ><', 'table:formula="of:=1+1"><'
    )
    assert "rumus tanpa nilai tersimpan" in str(parse(ods(unknown), MURID).refused[0])
    error = parse(ods(head + ods_row(GOOD, "", 'calcext:value-type="error" table:formula="of:=1/0"')), MURID)
    assert str(error.refused[0]).startswith("Baris 2, kolom NISN: rumus menghasilkan galat")
    column = '<table:table-column/><table:table-column table:visibility="collapse"/>'
    assert "kolom tersembunyi: B (Nama Lengkap)" in refusal(ods(head + ods_row(GOOD), columns=column), "a.ods")
    assert "tidak mempunyai lembar yang terlihat" in refusal(ods(head, visible=False), "a.ods")
    far = ods_row(["x"], 'table:number-rows-repeated="1000000"', 'table:number-columns-repeated="9000"')
    assert "Lembar terlalu luas" in refusal(ods(head + far), "a.ods")
