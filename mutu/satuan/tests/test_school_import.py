"""The list of schools: every row is accounted for, a second run changes nothing, and nothing is ever half saved."""

import csv
import io
from collections.abc import Sequence
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from mutu.imports.messages import FileRefused
from mutu.satuan import ledger
from mutu.satuan.models import EntriLedger, Sekolah, Wilayah
from mutu.satuan.services import school_list

pytestmark = pytest.mark.django_db

TITLES = (
    "npsn", "sekolah", "bentuk", "status", "alamat_jalan", "kode_prop", "propinsi", "kode_kab_kota", "kabupaten_kota",
    "kode_kec", "kecamatan", "lintang", "bujur",
)  # fmt: skip


def line(npsn: str, name: str = "SMP UJI", **other: str) -> list[str]:
    """One row of the list, good unless told otherwise."""
    cells = dict(zip(TITLES, [npsn, name, "SMP", "N", "Jl. Uji 1", "990000", "Prov. Uji", "990100", "Kab. Uji",
                              "990101", "Kec. Uji", "-7.5", "110.5"], strict=True))  # fmt: skip
    return list((cells | other).values())


def table(rows: Sequence[Sequence[str]]) -> bytes:
    """The rows as a CSV file."""
    text = io.StringIO()
    csv.writer(text).writerows([TITLES, *rows])
    return text.getvalue().encode()


def run(*rows: Sequence[str], **more: Any) -> school_list.SchoolPlan:
    """Import the rows."""
    return school_list.import_schools(school_list.read_schools(table(rows)), by=ledger.SYSTEM, **more)


GOOD = [line("10000001", "SMP SATU"), line("10000002", "SMP DUA"), line("10000003", "SMP TIGA")]


def test_every_row_is_counted_and_a_second_run_changes_nothing() -> None:
    rows = [*GOOD, line("123"), line("10000004", lintang="99"), line("10000005"), line("10000005")]
    first = run(*rows).counts
    assert first == {"baru": 4, "berubah": 0, "sama": 0, "ditolak": 3, "peringatan": 1}
    assert Sekolah.objects.count() == 4
    kept = Sekolah.objects.get(npsn="10000004")
    assert kept.lintang is None
    assert kept.bujur is None
    before = list(Sekolah.objects.order_by("pk").values())
    assert run(*rows).counts == {"baru": 0, "berubah": 0, "sama": 4, "ditolak": 3, "peringatan": 1}
    assert list(Sekolah.objects.order_by("pk").values()) == before


def test_places_are_made_from_their_codes_from_the_province_down() -> None:
    run(*GOOD)
    place = Sekolah.objects.get(npsn="10000001").kecamatan
    assert (place.kode, place.nama, place.tingkat) == ("990101", "Kec. Uji", 3)
    assert place.induk is not None
    assert place.induk.induk is not None
    assert (place.induk.kode, place.induk.induk.kode, place.induk.induk.induk) == ("990100", "990000", None)
    assert Wilayah.objects.count() == 3


def test_a_changed_row_changes_only_that_school_and_the_ledger_names_it() -> None:
    run(*GOOD)
    counts = run(line("10000001", "SMP SATU BARU", alamat_jalan=""), *GOOD[1:]).counts
    assert counts == {"baru": 0, "berubah": 1, "sama": 2, "ditolak": 0, "peringatan": 0}
    changed = Sekolah.objects.get(npsn="10000001")
    assert changed.nama == "SMP SATU BARU"
    assert changed.alamat_jalan == "Jl. Uji 1", "a blank cell never deletes"
    lines = EntriLedger.objects.filter(perbuatan="sekolah.impor", tabel="satuan_sekolah")
    assert [entry.baris for entry in lines] == [str(changed.pk)]


def test_the_ledger_carries_hash_and_counts() -> None:
    run(*GOOD, line("123"), sha256="ab" * 32)
    entry = EntriLedger.objects.get(perbuatan="sekolah.impor", aksi="kerja")
    assert entry.sesudah == {
        "sha256": "ab" * 32, "baru": 3, "berubah": 0, "sama": 0, "ditolak": 1, "peringatan": 0, "wilayah_baru": 3,
    }  # fmt: skip


def test_two_spellings_of_a_place_never_flip() -> None:
    rare, often = "KAB. UJI", "Kabupaten Ujian"
    rows = [line("10000001", kabupaten_kota=rare), *(line(f"1000001{n}", kabupaten_kota=often) for n in range(3))]
    assert run(*rows).spellings == {"990100": (rare, often)}
    assert Wilayah.objects.get(kode="990100").nama == often
    # A shorter list that knows only the rare spelling renames once; the full list then keeps what is stored.
    assert run(rows[0]).counts["berubah"] == 1
    assert Wilayah.objects.get(kode="990100").nama == rare
    assert run(*rows).counts["sama"] == 4
    assert run(rows[0]).counts["sama"] == 1


def test_equally_frequent_spellings_take_the_first() -> None:
    run(line("10000001", kecamatan="Kec. Bebelan"), line("10000002", kecamatan="Kec. Babelan"))
    assert Wilayah.objects.get(kode="990101").nama == "Kec. Bebelan"


def test_commit_is_refused_when_data_changed_since_the_preview() -> None:
    run(*GOOD)
    parsed = school_list.read_schools(table([line("10000001", "SMP LAIN"), *GOOD[1:]]))
    digest = school_list.plan_schools(parsed).plan.digest
    with ledger.record("uji.ubah", by=ledger.SYSTEM):
        Sekolah.objects.filter(npsn="10000002").update(nama="DIUBAH ORANG LAIN")
    with pytest.raises(school_list.PlanChanged, match="Data berubah sejak pratinjau"):
        school_list.import_schools(parsed, by=ledger.SYSTEM, digest=digest)
    assert Sekolah.objects.get(npsn="10000001").nama == "SMP SATU"
    fresh = school_list.plan_schools(parsed).plan.digest
    school_list.import_schools(parsed, by=ledger.SYSTEM, digest=fresh)
    assert Sekolah.objects.get(npsn="10000001").nama == "SMP LAIN"


@pytest.mark.django_db(transaction=True)
def test_nothing_is_half_saved_when_the_commit_fails_in_the_middle() -> None:
    run(*GOOD)
    before = (list(Sekolah.objects.values()), list(Wilayah.objects.values()), EntriLedger.objects.count())
    # More rows than one statement takes, and the last of them breaks a constraint of the table itself.
    parsed = school_list.read_schools(table([line(f"2{n:07d}", kode_kec="990102") for n in range(1200)]))
    parsed.records[-1] = ("1", *parsed.records[-1][1:])
    with pytest.raises(DatabaseError, match="sekolah_npsn_8_angka"):
        school_list.import_schools(parsed, by=ledger.SYSTEM)
    assert (list(Sekolah.objects.values()), list(Wilayah.objects.values()), EntriLedger.objects.count()) == before


@pytest.mark.django_db(transaction=True)
def test_a_failing_end_of_the_transaction_takes_the_rows_back() -> None:
    def fail(plan: object) -> None:
        assert Sekolah.objects.count() == 3
        raise RuntimeError

    with pytest.raises(RuntimeError):
        run(*GOOD, finish=fail)
    assert not Sekolah.objects.exists()


@pytest.mark.parametrize(
    ("cells", "column", "words"),
    [
        ({"npsn": "1234567"}, "npsn", "8 angka"),
        ({"npsn": "NP567838"}, "npsn", "tanpa huruf"),
        ({"npsn": "１２３４５６７８"}, "npsn", "12345678"),
        ({"sekolah": ""}, "sekolah", "kosong"),
        ({"bentuk": "Kursus"}, "bentuk", "salah satu dari"),
        ({"status": "X"}, "status", "salah satu dari"),
        ({"kode_prop": "990001"}, "kode_prop", "0000"),
        ({"kode_kab_kota": "980100"}, "kode_kab_kota", "bukan bagian"),
        ({"kode_kec": "990201"}, "kode_kec", "bukan bagian"),
        ({"kode_kec": "990100"}, "kode_kec", "bukan bagian"),
        ({"kode_kab_kota": "990000", "kode_kec": "990001"}, "kode_kab_kota", "bukan bagian"),
        ({"lintang": "1e400"}, "lintang", "bilangan"),
        ({"lintang": "NaN"}, "lintang", "bilangan"),
    ],
)
def test_a_bad_cell_refuses_its_row_alone_and_says_why(cells: dict[str, str], column: str, words: str) -> None:
    row = dict(zip(TITLES, line("10000009"), strict=True)) | cells
    made = run(*GOOD, list(row.values()))
    assert made.counts["baru"] == 3
    assert made.counts["ditolak"] == 1
    notice = made.plan.refused[0]
    assert (notice.row, notice.column) == (5, column)
    assert words in notice.text
    assert Sekolah.objects.count() == 3


def test_a_file_without_the_columns_changes_nothing() -> None:
    with pytest.raises(FileRefused, match="kolom"):
        school_list.read_schools(b"nama,umur\nSari,7\n")
    assert not Sekolah.objects.exists()


def test_addresses_as_long_as_the_column_fit_the_database() -> None:
    run(line("10000001", "S" * 120, alamat_jalan="J" * 160))
    assert Sekolah.objects.get().alamat_jalan == "J" * 160


@pytest.mark.django_db(transaction=True)
def test_rows_between_one_statement_and_the_next_are_all_written() -> None:
    for size in (1, school_list.ROWS_PER_STATEMENT, school_list.ROWS_PER_STATEMENT + 1):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("DELETE FROM satuan_wilayah")
            rows = [(f"{n:06d}", "", "N", 1, None, None, None) for n in range(size)]
            school_list.insert_rows("satuan_wilayah", school_list.PLACE_COLUMNS, iter(rows))
        assert Wilayah.objects.count() == size
