"""The plan accounts for every row, and what it previews is what a commit would do."""

import csv
import io
import unicodedata
from datetime import date
from decimal import Decimal
from typing import Any

import python_calamine
from hypothesis import given, settings
from hypothesis import strategies as st

from mutu.imports.plan import Plan, make_plan, parse
from mutu.imports.refusals import neutral, write_error_workbook, write_refusals
from mutu.imports.template import write_template
from mutu.imports.tests.dates import FIRST, LAST
from mutu.imports.tests.files import GOOD, MURID, TITLES, changed, csv_file, rezipped, workbook

RECORD = ("0012345678", "Sari Melati", "P", Decimal("82.5"), 40, date(2007, 8, 17), "2007/2008")


def applied(plan: Plan, existing: dict[Any, Any]) -> dict[Any, Any]:
    stored = dict(existing)
    stored |= {MURID.key_of(record): record for _, record in plan.new}
    stored |= {update.key: update.new for update in plan.update}
    return stored


def test_new_changed_same_refused() -> None:
    rows = [
        TITLES,
        GOOD,
        changed(nisn="0000000001", nilai="90"),
        changed(nisn="0000000002", nilai=""),
        changed(nisn="7"),
    ]
    stored = {
        "0000000001": ("0000000001", *RECORD[1:]),
        "0000000002": ("0000000002", *RECORD[1:]),
    }
    plan = make_plan(parse(csv_file(rows), MURID), stored)
    assert plan.counts == {"baru": 1, "berubah": 1, "sama": 1, "ditolak": 1, "peringatan": 0}
    assert plan.new == [(2, RECORD)]
    [update] = plan.update
    assert (update.row, update.key, update.fields) == (3, "0000000001", ("nilai",))
    assert (update.old[3], update.new[3]) == (Decimal("82.5"), Decimal(90))
    assert plan.same == [4], "a blank cell deletes nothing"


def test_digest_tells_plans_apart() -> None:
    content = csv_file([TITLES, GOOD, changed(nisn="0000000001")])
    stored = {"0000000001": ("0000000001", "Lama", *RECORD[2:])}
    first = make_plan(parse(content, MURID), stored)
    assert first.digest == make_plan(parse(content, MURID), dict(stored)).digest
    meanwhile = {"0000000001": ("0000000001", "Baru", *RECORD[2:])}
    others = [
        make_plan(parse(content, MURID), meanwhile),
        make_plan(parse(content, MURID), {}),
        make_plan(parse(csv_file([TITLES, changed(nama="X"), changed(nisn="0000000001")]), MURID), stored),
        make_plan(parse(csv_file([TITLES, GOOD, changed(nisn="0000000001"), changed(nisn="1")]), MURID), stored),
    ]
    assert len({first.digest, *(other.digest for other in others)}) == 5


CELLS = {
    "nisn": st.sampled_from(["0000000001", "0000000002", "0000000003", "0000000004", "12", "", "x"]),
    "nama": st.sampled_from(["Sari", "Budi", "", " Ayu  Lestari ", "=1+1", "\u00b6"]),
    "nilai": st.sampled_from(["", "80", "80,5", "-1", "delapan", "0"]),
    "bobot": st.sampled_from(["", "0", "5", "500"]),
}
ROWS = st.lists(st.fixed_dictionaries(CELLS), min_size=1, max_size=12)


@settings(max_examples=150, deadline=None)
@given(first=ROWS, second=ROWS, as_workbook=st.booleans())
def test_every_row_is_accounted_for_and_a_second_import_changes_nothing(
    first: list[dict[str, str]], second: list[dict[str, str]], as_workbook: bool
) -> None:
    made = workbook if as_workbook else csv_file
    stored: dict[Any, Any] = {}
    for rows in (first, second):
        content = made([TITLES, *(changed(**row) for row in rows)])
        parsed = parse(content, MURID)
        plan = make_plan(parsed, stored)
        counts = plan.counts
        assert counts["baru"] + counts["berubah"] + counts["sama"] + counts["ditolak"] == len(rows) == parsed.total
        assert {notice.row for notice in plan.refused} == set(plan.refused_rows)
        taken = [row for row, _ in plan.new] + [update.row for update in plan.update] + plan.same
        assert sorted([*taken, *plan.refused_rows]) == list(range(2, len(rows) + 2))
        after = applied(plan, stored)
        again = make_plan(parse(content, MURID), after)
        assert again.counts | {"peringatan": 0} == {
            "baru": 0,
            "berubah": 0,
            "sama": len(rows) - counts["ditolak"],
            "ditolak": counts["ditolak"],
            "peringatan": 0,
        }
        stored = after


TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=20)
RECORDS = st.lists(
    st.tuples(
        st.from_regex(r"[0-9]{10}", fullmatch=True),
        TEXT.filter(lambda text: text == unicodedata.normalize("NFC", text)),
        st.sampled_from(["L", "P", None]),
        st.none() | st.decimals(0, 100, places=2),
        st.none() | st.integers(1, 100),
        st.none() | st.dates(FIRST, LAST),
        st.none() | st.integers(1990, 2050).map(lambda year: f"{year}/{year + 1}"),
    ),
    min_size=1,
    max_size=8,
    unique_by=lambda record: record[0],
)


@settings(max_examples=60, deadline=None)
@given(records=RECORDS)
def test_a_filled_template_comes_back_as_it_was(records: list[Any]) -> None:
    parsed = parse(write_template(MURID, records), MURID, name="templat.xlsx")
    assert parsed.records == records
    assert parsed.refused == []
    assert parsed.warnings == []


def test_template_explains_checks_and_repeats_itself() -> None:
    made = write_template(MURID)
    assert made == write_template(MURID)
    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(made))
    assert book.sheet_names == ["Murid", "Petunjuk"]
    assert book.get_sheet_by_name("Murid").to_python() == [TITLES]
    guide = book.get_sheet_by_name("Petunjuk").to_python()
    assert ["NISN", "ya", "Tepat 10 angka; kolom berformat Teks supaya nol di depan tidak hilang.", ""] in guide
    parts: dict[str, bytes] = {}

    def seen(name: str) -> Any:
        return lambda data: parts.setdefault(name, data)

    names = ("xl/worksheets/sheet1.xml", "xl/styles.xml", "docProps/custom.xml")
    rezipped(made, {name: seen(name) for name in names})
    assert b'type="list"' in parts[names[0]]
    assert b'numFmtId="49"' in parts[names[1]], "digits are text, so zeros survive"
    assert b"mutu_versi" in parts[names[2]]


def test_refusals_as_csv_are_harmless() -> None:
    rows = [TITLES, changed(nisn="=1+1"), changed(nisn="@x"), changed(nisn="00１2345678")]
    stream = io.StringIO(newline="")
    parsed = parse(csv_file(rows), MURID)
    assert write_refusals(parsed.refused, stream) == 3
    table = list(csv.reader(io.StringIO(stream.getvalue(), newline="")))
    assert table[0] == ["baris", "kolom", "nilai", "pesan"]
    assert [line[:3] for line in table[1:]] == [
        ["2", "NISN", "'=1+1"],
        ["3", "NISN", "'@x"],
        ["4", "NISN", "00１2345678"],
    ]
    for start in "=+-@\t\r":
        assert neutral(f"{start}1") == f"'{start}1"
    assert neutral("Sari") == "Sari"


def test_error_workbook_marks_cells_and_can_be_mended_and_imported() -> None:
    rows = [TITLES, GOOD, changed(nisn="12345"), changed(nisn="0000000007", nama="=1+1", nilai="x")]
    stream = io.BytesIO()
    assert write_error_workbook(parse(csv_file(rows), MURID), stream) == 2
    again = parse(stream.getvalue(), MURID, name="ditolak.xlsx")
    assert again.layout.ignored == ("Alasan ditolak",)
    assert [(notice.row, notice.column) for notice in again.refused] == [(2, "NISN"), (3, "Nilai")]
    parts: dict[str, bytes] = {}
    rezipped(stream.getvalue(), {"xl/comments1.xml": lambda data: parts.setdefault("note", data)})
    assert b'ref="A2"' in parts["note"]
    assert b'ref="D3"' in parts["note"]
    mended = rezipped(
        stream.getvalue(),
        {
            "xl/worksheets/sheet1.xml": lambda data: data.replace(b"<t>12345</t>", b"<t>0000012345</t>").replace(
                b"<t>x</t>", b"<t>7</t>"
            )
        },
    )
    fixed = parse(mended, MURID, name="ditolak.xlsx")
    assert [record[:2] for record in fixed.records] == [("0000012345", "Sari Melati"), ("0000000007", "=1+1")]
