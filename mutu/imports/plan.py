"""The plan of an import: what would be new, changed, the same or refused, before anything is written.

`parse` reads a file; `make_plan` compares it with what is stored. A commit makes the plan again inside its
transaction and goes on only if the digest is the one the person saw.
"""

import hashlib
import io
import pickle
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

from mutu.imports.columns import Sheet
from mutu.imports.messages import Notice
from mutu.imports.parsing import Parsed, Record, parse

__all__ = ["Parsed", "Plan", "Record", "Update", "make_plan", "parse", "plan_matched"]


class Update(NamedTuple):
    """A stored record that the file changes.

    ``new`` is the record as it would be stored; ``fields`` names the columns that differ.
    """

    row: int
    key: Any
    old: Record
    new: Record
    fields: tuple[str, ...]


@dataclass
class Plan:
    """What an import would do.

    ``new`` holds pairs of row number and record; ``same`` the row numbers that change nothing; ``refused`` messages,
    of which a row may have several.
    """

    sheet: Sheet
    new: list[tuple[int, Record]] = field(default_factory=list)
    update: list[Update] = field(default_factory=list)
    same: list[int] = field(default_factory=list)
    same_records: list[Record] = field(default_factory=list, repr=False)
    refused: list[Notice] = field(default_factory=list)
    refused_rows: tuple[int, ...] = ()
    warnings: list[Notice] = field(default_factory=list)

    @property
    def counts(self) -> dict[str, int]:
        """Rows by outcome; the first four add up to the number of data rows. Warnings are counted one by one."""
        return {
            "baru": len(self.new),
            "berubah": len(self.update),
            "sama": len(self.same),
            "ditolak": len(self.refused_rows),
            "peringatan": len(self.warnings),
        }

    @cached_property
    def digest(self) -> str:
        """SHA-256 over everything the plan would write and the stored values it starts from, in hexadecimal.

        Two plans of equal content have the same digest, whoever made them; a value stored meanwhile changes it.
        """
        made = hashlib.sha256()
        made.update(f"{self.sheet.name}/{self.sheet.version}".encode())
        for part in (self.new, self.update, self.same, self.same_records, list(self.refused_rows)):
            for start in range(0, len(part), 1000):
                made.update(_canonical([_plain(item) for item in part[start : start + 1000]]))
            made.update(b"|%d|" % len(part))
        return made.hexdigest()


def _plain(item: Any) -> Any:
    return tuple(item) if isinstance(item, tuple) else item


def _canonical(value: object) -> bytes:
    """Bytes that depend on the value alone: pickling without memory of shared objects."""
    made = io.BytesIO()
    pickler = pickle.Pickler(made, protocol=5)
    pickler.fast = True
    pickler.dump(value)
    return made.getvalue()


def make_plan(parsed: Parsed, existing: Mapping[Any, Record]) -> Plan:
    """Compare parsed records with stored ones.

    ``existing`` maps the key (see `Sheet.key_of`) to the stored record, a tuple in the order of the sheet's columns
    with values of the same types, None where nothing is stored (never ``""``). A blank cell never deletes: where the
    file is blank the stored value stays, because many lists in the field are shorter than what the school knows.
    """
    sheet = parsed.sheet
    plan = Plan(
        sheet,
        refused=parsed.refused,
        refused_rows=tuple(sorted(parsed.refused_rows)),
        warnings=parsed.warnings,
    )
    if not existing:
        plan.new = list(zip(parsed.rows, parsed.records, strict=True))
        return plan
    names = sheet.names
    single = sheet.places[sheet.key[0]] if len(sheet.key) == 1 else None
    stored = existing.get
    for row, record in zip(parsed.rows, parsed.records, strict=True):
        key = record[single] if single is not None else sheet.key_of(record)
        old = stored(key)
        if old is None:
            plan.new.append((row, record))
            continue
        if old == record:
            plan.same.append(row)
            plan.same_records.append(old)
            continue
        _compare(plan, names, row, key, old, record)
    return plan


def _compare(plan: Plan, names: Sequence[str], row: int, key: Any, old: Record, record: Record) -> None:
    merged = tuple(before if given is None else given for before, given in zip(old, record, strict=True))
    fields = tuple(name for name, before, after in zip(names, old, merged, strict=True) if before != after)
    if fields:
        plan.update.append(Update(row, key, old, merged, fields))
    else:
        plan.same.append(row)
        plan.same_records.append(old)


def plan_matched(parsed: Parsed, stored: Sequence[tuple[Any, Record] | None]) -> Plan:
    """As `make_plan`, for rows whose stored record was found by other means than a key: ``stored`` gives for each
    record what the person knows it by and the stored record, or None for a new one."""
    plan = Plan(
        parsed.sheet,
        refused=parsed.refused,
        refused_rows=tuple(sorted(parsed.refused_rows)),
        warnings=parsed.warnings,
    )
    for row, record, found in zip(parsed.rows, parsed.records, stored, strict=True):
        if found is None:
            plan.new.append((row, record))
        else:
            _compare(plan, parsed.sheet.names, row, found[0], found[1], record)
    return plan
