"""The ministry's list of schools: read the file, compare it with what is stored, write the difference.

The list is long (215,372 rows in 2019), so rows stay tuples from the file to the table and never become model
objects. Nothing is locked while the file is read; the plan is made again inside the transaction that writes it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice
from operator import itemgetter
from typing import Any, NamedTuple

from django.db import connection
from django.utils.translation import gettext

from mutu.imports.memory import without_collection
from mutu.imports.parsing import Parsed, Record, parse
from mutu.imports.plan import Plan, make_plan
from mutu.satuan import ledger
from mutu.satuan.models import Akun, Sekolah, Wilayah
from mutu.satuan.sheets import SEKOLAH

AT = SEKOLAH.places
SMALL_LIST = 2_000
"""Up to so many rows the stored schools are looked up by NPSN; above, reading the whole table is quicker."""
NPSN_AT_ONCE = 500
ROWS_PER_STATEMENT = 500
"""Times ten columns this stays well under SQLite's limit of 32,766 values."""

SCHOOL_TABLE = Sekolah._meta.db_table
PLACE_TABLE = Wilayah._meta.db_table
SCHOOL_COLUMNS = (
    "npsn", "nama", "bentuk", "status", "alamat_jalan", "desa_kelurahan", "kabkota_id", "kecamatan_id", "lintang",
    "bujur",
)  # fmt: skip
PLACE_COLUMNS = ("kode", "kode_kemendagri", "nama", "tingkat", "induk_id", "berlaku_dari", "berlaku_sampai")


class Level(NamedTuple):
    """One level of places: its code and name in a record, and the code of the place above it."""

    tingkat: int
    code: int
    name: int
    above: int | None


LEVELS = (
    Level(Wilayah.Tingkat.PROVINSI, AT["kode_prop"], AT["propinsi"], None),
    Level(Wilayah.Tingkat.KABKOTA, AT["kode_kab_kota"], AT["kabupaten_kota"], AT["kode_prop"]),
    Level(Wilayah.Tingkat.KECAMATAN, AT["kode_kec"], AT["kecamatan"], AT["kode_kab_kota"]),
)


PLACE_CELLS = tuple(cell for level in LEVELS for cell in (level.code, level.name))


class StoredPlace(NamedTuple):
    """A place as the database has it."""

    id: int
    nama: str
    induk_id: int | None


@dataclass
class SchoolPlan:
    """What the list would change. `spellings` names each code that the file writes in more than one way."""

    plan: Plan
    new_places: dict[int, list[tuple[str, str, str | None]]] = field(default_factory=dict)
    renamed: dict[str, str] = field(default_factory=dict)
    spellings: dict[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def counts(self) -> dict[str, int]:
        """Rows by outcome; the first four account for every row of the file."""
        return self.plan.counts


class PlanChanged(Exception):
    """What is stored is no longer what the preview was compared with; nothing was written."""

    def __init__(self) -> None:
        super().__init__(
            gettext(
                "Data berubah sejak pratinjau, jadi impor ini tidak diterapkan dan tidak ada yang tersimpan. "
                "Unggah berkasnya sekali lagi untuk pratinjau yang baru."
            )
        )


def read_schools(source: Any, *, name: str | None = None, progress: Callable[[int], None] | None = None) -> Parsed:
    """Read a list of schools. Raises `FileRefused` when nothing of it can be used."""
    return parse(source, SEKOLAH, name=name, progress=progress)


def plan_schools(parsed: Parsed) -> SchoolPlan:
    """Compare a list with the stored schools. Changes nothing in the database and nothing in `parsed`."""
    stored = _stored_places()
    result = SchoolPlan(Plan(SEKOLAH))
    records = _settle_names(parsed.records, stored, result)
    existing = _stored_schools(records, stored)
    settled = Parsed(
        parsed.sheet, parsed.layout, parsed.rows, records, parsed.refused, parsed.refused_rows, parsed.warnings
    )
    result.plan = make_plan(settled, existing)
    return result


def import_schools(
    parsed: Parsed,
    *,
    by: Akun | str,
    digest: str | None = None,
    sha256: str = "",
    finish: Callable[[SchoolPlan], None] | None = None,
) -> SchoolPlan:
    """Write a list of schools: all rows that the plan keeps, or none.

    With `digest` (of the previewed plan) the write happens only if the plan made now has the same one; otherwise
    `PlanChanged` is raised and nothing is written. `finish` runs in the same transaction, after the rows.
    """
    with without_collection(), ledger.record("sekolah.impor", by=by, details={"sha256": sha256}) as notes:
        made = plan_schools(parsed)
        if digest is not None and made.plan.digest != digest:
            raise PlanChanged
        _write(made)
        notes.update(made.counts, wilayah_baru=sum(map(len, made.new_places.values())))
        if finish is not None:
            finish(made)
    return made


def _stored_places() -> dict[str, StoredPlace]:
    rows = Wilayah.objects.filter(berlaku_sampai__isnull=True).order_by()
    found = rows.values_list("kode", "id", "nama", "induk_id")
    return {kode: StoredPlace(pk, nama, induk_id) for kode, pk, nama, induk_id in found}


def _settle_names(records: list[Record], stored: Mapping[str, StoredPlace], result: SchoolPlan) -> list[Record]:
    """Give each place one name, and note which places are new or renamed.

    The stored name stays as long as the file knows it too, also in other capitals: two lists that spell a place in
    two ways would otherwise rename it to and fro. Otherwise the most frequent spelling counts, and among equally
    frequent ones the first in the file.
    """
    replace: list[tuple[Level, dict[tuple[str, str], str]]] = []
    # One walk over the long list; the levels then count the few thousand different places.
    places = Counter(map(itemgetter(*PLACE_CELLS), records))
    for level in LEVELS:
        code_at, name_at = PLACE_CELLS.index(level.code), PLACE_CELLS.index(level.name)
        seen: Counter[tuple[str, str]] = Counter()
        for cells, times in places.items():
            seen[cells[code_at], cells[name_at]] += times
        spellings: defaultdict[str, list[tuple[str, int]]] = defaultdict(list)
        for (code, name), count in seen.items():
            spellings[code].append((name, count))
        chosen: dict[str, str] = {}
        for code, names in spellings.items():
            place = stored.get(code)
            if place is not None and place.nama.casefold() in {name.casefold() for name, _ in names}:
                chosen[code] = place.nama
            else:
                # max() keeps the first of equals, and a Counter keeps the order of the file.
                chosen[code] = max(names, key=itemgetter(1))[0]
                if place is not None:
                    result.renamed[code] = chosen[code]
            if len(names) > 1:
                result.spellings[code] = tuple(name for name, _ in names)
        other = {pair: chosen[pair[0]] for pair in seen if pair[1] != chosen[pair[0]]}
        if other:
            replace.append((level, other))
        fresh = set(chosen).difference(stored)
        if fresh:
            above_at = None if level.above is None else PLACE_CELLS.index(level.above)
            above = {} if above_at is None else {cells[code_at]: cells[above_at] for cells in places}
            result.new_places[level.tingkat] = [(code, chosen[code], above.get(code)) for code in sorted(fresh)]
    if not replace:
        return records
    settled = list(records)
    for level, other in replace:
        for at, pair in enumerate(map(itemgetter(level.code, level.name), records)):
            if pair in other:
                cells = list(settled[at])
                cells[level.name] = other[pair]
                settled[at] = tuple(cells)
    return settled


def _stored_schools(records: Sequence[Record], stored: Mapping[str, StoredPlace]) -> dict[str, Record]:
    """The stored schools as records of the sheet, by NPSN; at least those that the file names."""
    places = {place.id: (kode, place) for kode, place in stored.items()}
    schools = Sekolah.objects.order_by().values_list(
        "npsn", "nama", "bentuk", "status", "alamat_jalan", "kabkota_id", "kecamatan_id", "lintang", "bujur"
    )
    if len(records) <= SMALL_LIST:
        wanted = [record[AT["npsn"]] for record in records]
        parts: Iterable[Any] = (
            schools.filter(npsn__in=wanted[start : start + NPSN_AT_ONCE])
            for start in range(0, len(wanted), NPSN_AT_ONCE)
        )
    elif not schools.exists():
        return {}
    else:
        parts = [schools]
    found: dict[str, Record] = {}
    for part in parts:
        for npsn, nama, bentuk, status, alamat, kabkota_id, kecamatan_id, lintang, bujur in part.iterator(5_000):
            district_code, district = places[kabkota_id]
            subdistrict_code, subdistrict = places[kecamatan_id]
            province_code, province = places[district.induk_id or 0]
            found[npsn] = (
                npsn, nama, bentuk, status, alamat or None, province_code, province.nama, district_code,
                district.nama, subdistrict_code, subdistrict.nama, lintang, bujur,
            )  # fmt: skip
    return found


def _write(made: SchoolPlan) -> None:
    for kode, nama in made.renamed.items():
        Wilayah.objects.filter(kode=kode, berlaku_sampai__isnull=True).update(nama=nama)
    ids = _write_places(made.new_places)

    def rows(records: Iterable[Record]) -> Iterator[tuple[Any, ...]]:
        for npsn, nama, bentuk, status, alamat, _, _, district, _, subdistrict, _, lintang, bujur in records:
            yield npsn, nama, bentuk, status, alamat or "", "", ids[district], ids[subdistrict], lintang, bujur

    if made.plan.new:
        insert_rows(SCHOOL_TABLE, SCHOOL_COLUMNS, rows(record for _, record in made.plan.new))
    if made.plan.update:
        with connection.cursor() as cursor:
            cursor.executemany(
                f"UPDATE {SCHOOL_TABLE} SET nama = %s, bentuk = %s, status = %s, alamat_jalan = %s,"  # noqa: S608
                " kabkota_id = %s, kecamatan_id = %s, lintang = %s, bujur = %s WHERE npsn = %s",
                [(*cells[1:5], *cells[6:], cells[0]) for cells in rows(update.new for update in made.plan.update)],
            )


def _write_places(new_places: Mapping[int, Sequence[tuple[str, str, str | None]]]) -> dict[str, int]:
    """Insert new places from the top down; returns the id of every current place by its code."""
    open_places = Wilayah.objects.filter(berlaku_sampai__isnull=True).order_by()
    ids = dict(open_places.values_list("kode", "id"))
    for tingkat in sorted(new_places):
        insert_rows(
            PLACE_TABLE,
            PLACE_COLUMNS,
            [
                (kode, "", nama, int(tingkat), ids[above] if above else None, None, None)
                for kode, nama, above in new_places[tingkat]
            ],
        )
        ids = dict(open_places.values_list("kode", "id"))
    return ids


def insert_rows(table: str, columns: Sequence[str], rows: Iterable[tuple[Any, ...]]) -> None:
    """Insert many rows the quickest way the engine offers; defaults of the model are not applied."""
    names = ", ".join(columns)
    with connection.cursor() as cursor, connection.wrap_database_errors:
        if connection.vendor == "postgresql":
            with cursor.cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
            return
        # The driver itself: Django's cursor would keep a second copy of all rows while it looks at the first. Many
        # rows per statement, because SQLite writes down the next number of the table once per statement.
        write = connection.connection.execute
        statement = f"INSERT INTO {table} ({names}) VALUES "  # noqa: S608
        one = "(" + ", ".join("?" * len(columns)) + ")"
        many = statement + ", ".join([one] * ROWS_PER_STATEMENT)
        left = iter(rows)
        while block := list(islice(left, ROWS_PER_STATEMENT)):
            text = many if len(block) == ROWS_PER_STATEMENT else statement + ", ".join([one] * len(block))
            write(text, list(chain.from_iterable(block)))
