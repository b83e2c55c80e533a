"""Who did what: an append-only ledger that the database itself writes.

Triggers on every tracked table copy each change, so bulk and raw writes count as well as a form. A write outside
`record()` is refused by the trigger: it would have no author. UPDATE and DELETE on the ledger are refused too. The
sealer chains the lines with SHA-256; `verify()` names the first line that does not fit.

A model is tracked by its attribute `jejak`, a dict of three optional keys: `pribadi` names columns whose text must not
be copied, `abaikan` columns that do not count as a change, and `tambah: False` leaves inserts out where one import
brings hundreds of thousands of public rows; that import's own line carries the file's hash and the counts.
"""

from __future__ import annotations

import hashlib
import json
import threading
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import connection, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Max, Model
from django.utils import timezone

from mutu.satuan import rows
from mutu.satuan.models import Akun, EntriLedger, SegelLedger

LEDGER_TABLES = (EntriLedger._meta.db_table, SegelLedger._meta.db_table)
REFUSAL = "ledger: tulis lewat layanan (ledger.record), bukan langsung"
APPEND_ONLY = "ledger: baris tidak boleh diubah atau dihapus"
SYSTEM = "sistem"


@dataclass(frozen=True)
class Work:
    """What is being done now: the id of the piece of work, its verb and its author."""

    id: str
    verb: str
    actor: str


_now = threading.local()


def current() -> Work | None:
    """The piece of work that is open on this thread."""
    return getattr(_now, "work", None)


def actor_of(by: Akun | str) -> str:
    """How the ledger names an author: by the account's number, never by the person's name."""
    return by if isinstance(by, str) else f"akun:{by.pk}"


@contextmanager
def record(verb: str, *, by: Akun | str, details: Mapping[str, Any] | None = None) -> Iterator[dict[str, Any]]:
    """One transaction and one ledger line of the work itself; every changed row follows by trigger.

    `verb` is a stable name such as `rapor.simpan_nilai`. The yielded dict becomes the line's details: put counts and
    ids there, never names. Inside another `record` the outer one stays the author and the line.
    """
    if current() is not None:
        yield {}
        return
    notes: dict[str, Any] = dict(details or {})
    work = Work(id=str(uuid.uuid4()), verb=verb, actor=actor_of(by))
    with transaction.atomic():
        _now.work = work
        try:
            _announce(work)
            yield notes
            rows.insert(
                EntriLedger(
                    waktu=timezone.now(),
                    kerja=work.id,
                    perbuatan=work.verb,
                    pelaku=work.actor,
                    tabel="",
                    baris="",
                    aksi="kerja",
                    sesudah=notes,
                )
            )
        finally:
            _now.work = None


def _announce(work: Work) -> None:
    """Tell PostgreSQL's triggers who is at work; SQLite's ask `current()` through functions instead."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT set_config('mutu.kerja', %s, true), set_config('mutu.perbuatan', %s, true),"
                " set_config('mutu.pelaku', %s, true)",
                [work.id, work.verb, work.actor],
            )


def connect_functions(sender: Any, connection: BaseDatabaseWrapper, **kwargs: Any) -> None:
    """Give a new SQLite connection the functions that the triggers ask (signal `connection_created`)."""
    if connection.vendor != "sqlite":
        return
    for name, attribute in (("mutu_kerja", "id"), ("mutu_perbuatan", "verb"), ("mutu_pelaku", "actor")):
        connection.connection.create_function(name, 0, lambda attribute=attribute: getattr(current(), attribute, None))


def tracked_models() -> list[type[Model]]:
    """Every model whose changes the ledger keeps."""
    return [model for model in apps.get_models() if hasattr(model, "jejak")]


def _columns(model: type[Model]) -> tuple[str, list[str], list[str]]:
    private = set(model.jejak.get("pribadi", ()))  # type: ignore[attr-defined]
    ignored = set(model.jejak.get("abaikan", ()))  # type: ignore[attr-defined]
    key = str(model._meta.pk.column)
    names = [str(field.column) for field in model._meta.concrete_fields if field.column not in ignored]
    return key, [n for n in names if n not in private and n != key], [n for n in names if n in private]


def _sqlite_triggers(model: type[Model]) -> list[str]:
    table = model._meta.db_table
    key, open_columns, private = _columns(model)

    def row(prefix: str) -> str:
        return "json_object(" + ", ".join(f"'{c}', {prefix}.\"{c}\"" for c in open_columns) + ")"

    changed = " || ".join(f"CASE WHEN OLD.\"{c}\" IS NOT NEW.\"{c}\" THEN '{c} ' ELSE '' END" for c in private)
    after_update = row("NEW") if not private else f"json_set({row('NEW')}, '$._berubah', trim({changed}))"
    differs = " OR ".join(f'OLD."{c}" IS NOT NEW."{c}"' for c in open_columns + private)

    def trigger(event: str, when: str, action: str, prefix: str, before: str, after: str) -> str:
        return (
            f'CREATE TRIGGER "ledger_{table}_{action}" AFTER {event} ON "{table}" FOR EACH ROW {when} BEGIN '
            f"SELECT CASE WHEN mutu_kerja() IS NULL THEN RAISE(ABORT, '{REFUSAL}') END; "
            f'INSERT INTO "{LEDGER_TABLES[0]}" '
            "(waktu, kerja, perbuatan, pelaku, tabel, baris, aksi, sebelum, sesudah) VALUES "
            "(strftime('%Y-%m-%d %H:%M:%f', 'now'), mutu_kerja(), mutu_perbuatan(), mutu_pelaku(), "
            f"'{table}', {prefix}.\"{key}\", '{action}', {before}, {after}); END"
        )

    statements = [
        trigger("UPDATE", f"WHEN {differs}", "ubah", "NEW", row("OLD"), after_update),
        trigger("DELETE", "", "hapus", "OLD", row("OLD"), "NULL"),
    ]
    if model.jejak.get("tambah", True):  # type: ignore[attr-defined]
        statements.append(trigger("INSERT", "", "tambah", "NEW", "NULL", row("NEW")))
    return statements


POSTGRES_FUNCTIONS = f"""
CREATE OR REPLACE FUNCTION mutu_catat() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  kerja text := nullif(current_setting('mutu.kerja', true), '');
  pribadi text[] := string_to_array(TG_ARGV[1], ',');
  abaikan text[] := string_to_array(TG_ARGV[2], ',');
  lama jsonb; baru jsonb; berubah text;
BEGIN
  IF TG_OP <> 'INSERT' THEN lama := to_jsonb(OLD) - abaikan; END IF;
  IF TG_OP <> 'DELETE' THEN baru := to_jsonb(NEW) - abaikan; END IF;
  IF TG_OP = 'UPDATE' AND lama = baru THEN RETURN NULL; END IF;
  IF kerja IS NULL THEN RAISE EXCEPTION '{REFUSAL}'; END IF;
  IF TG_OP = 'UPDATE' THEN
    SELECT string_agg(k, ' ') INTO berubah FROM unnest(pribadi) k WHERE lama -> k IS DISTINCT FROM baru -> k;
    IF cardinality(pribadi) > 0 THEN baru := baru || jsonb_build_object('_berubah', coalesce(berubah, '')); END IF;
  END IF;
  INSERT INTO {LEDGER_TABLES[0]} (waktu, kerja, perbuatan, pelaku, tabel, baris, aksi, sebelum, sesudah)
  VALUES (clock_timestamp(), kerja, current_setting('mutu.perbuatan', true), current_setting('mutu.pelaku', true),
          TG_TABLE_NAME, coalesce(baru, lama) ->> TG_ARGV[0],
          CASE TG_OP WHEN 'INSERT' THEN 'tambah' WHEN 'UPDATE' THEN 'ubah' ELSE 'hapus' END,
          lama - pribadi - TG_ARGV[0], baru - pribadi - TG_ARGV[0]);
  RETURN NULL;
END $$;
CREATE OR REPLACE FUNCTION mutu_tolak() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '{APPEND_ONLY}'; END $$;
"""


def _postgres_triggers(model: type[Model]) -> list[str]:
    table = model._meta.db_table
    key, _, private = _columns(model)
    ignored = model.jejak.get("abaikan", ())  # type: ignore[attr-defined]
    events = "INSERT OR UPDATE OR DELETE" if model.jejak.get("tambah", True) else "UPDATE OR DELETE"  # type: ignore[attr-defined]
    return [
        f'CREATE TRIGGER "ledger_{table}_baris" AFTER {events} ON "{table}" FOR EACH ROW '
        f"EXECUTE FUNCTION mutu_catat('{key}', '{','.join(private)}', '{','.join(ignored)}')"
    ]


def uninstall() -> None:
    """Take the triggers off again (before they are renewed, and where tests empty whole tables)."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'ledger_%'")
            for (name,) in cursor.fetchall():
                cursor.execute(f'DROP TRIGGER "{name}"')
        else:
            cursor.execute(
                "SELECT tgname, tgrelid::regclass::text FROM pg_trigger"
                " WHERE NOT tgisinternal AND tgname LIKE 'ledger_%%'"
            )
            for name, table in cursor.fetchall():
                cursor.execute(f'DROP TRIGGER "{name}" ON {table}')


def install(**kwargs: Any) -> None:
    """Put the triggers on every tracked table, anew after each migration: SQLite drops them when it alters a table."""
    existing = set(connection.introspection.table_names())
    if not set(LEDGER_TABLES) <= existing:
        return
    models = [model for model in tracked_models() if model._meta.db_table in existing]
    with transaction.atomic():
        uninstall()
        with connection.cursor() as cursor:
            if connection.vendor == "sqlite":
                for table in LEDGER_TABLES:
                    for event in ("UPDATE", "DELETE"):
                        cursor.execute(
                            f'CREATE TRIGGER "ledger_{table}_{event.lower()}_ditolak" BEFORE {event} ON "{table}" '
                            f"BEGIN SELECT RAISE(ABORT, '{APPEND_ONLY}'); END"
                        )
                for model in models:
                    for statement in _sqlite_triggers(model):
                        cursor.execute(statement)
            else:
                cursor.execute(POSTGRES_FUNCTIONS.replace("%", "%%"))
                for table in LEDGER_TABLES:
                    cursor.execute(
                        f'CREATE TRIGGER "ledger_{table}_ditolak" BEFORE UPDATE OR DELETE OR TRUNCATE ON "{table}" '
                        "FOR EACH STATEMENT EXECUTE FUNCTION mutu_tolak()"
                    )
                for model in models:
                    for statement in _postgres_triggers(model):
                        cursor.execute(statement)


def missing_triggers() -> list[str]:
    """Tracked tables that have no trigger (for `mutu doctor`): somebody changed the database by hand."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(
                "SELECT DISTINCT tbl_name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'ledger_%'"
            )
        else:
            cursor.execute(
                "SELECT DISTINCT relname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid"
                " WHERE NOT tgisinternal AND tgname LIKE 'ledger_%%'"
            )
        found = {name for (name,) in cursor.fetchall()}
    wanted = {model._meta.db_table for model in tracked_models()} | set(LEDGER_TABLES)
    return sorted(wanted - found)


def _line(entry: EntriLedger, before: str) -> str:
    """The chain hash of one line."""
    content = [
        entry.pk, entry.waktu.isoformat(), entry.kerja, entry.perbuatan, entry.pelaku,
        entry.tabel, entry.baris, entry.aksi, entry.sebelum, entry.sesudah,
    ]  # fmt: skip
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(f"{before}{text}".encode()).hexdigest()


def seal(limit: int = 20_000) -> int:
    """Chain the lines that are not chained yet, in their order; returns how many. Run by the worker each minute."""
    with transaction.atomic():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                # Waits for writers on their way: a lower number must not appear after a higher one was sealed.
                cursor.execute(f"LOCK TABLE {LEDGER_TABLES[0]} IN SHARE MODE")
        last = SegelLedger.objects.order_by("-entri").first()
        before = last.sidik if last else ""
        seals = []
        entries = EntriLedger.objects.filter(pk__gt=last.entri if last else 0).order_by("pk")[:limit]
        for entry in entries.iterator(chunk_size=2000):
            before = _line(entry, before)
            seals.append(SegelLedger(entri=entry.pk, sidik=before))
        SegelLedger.objects.bulk_create(seals, batch_size=2000)
    return len(seals)


@dataclass(frozen=True)
class Verdict:
    """What `verify` found: lines checked, the head hash, lines not yet sealed, and the first line that does not fit."""

    checked: int
    head: str
    unsealed: int
    first_bad: int | None
    reason: str


def verify() -> Verdict:
    """Walk the chain from its first line and compare each hash."""
    before, checked = "", 0
    seals = SegelLedger.objects.order_by("entri").iterator(chunk_size=5000)
    last = SegelLedger.objects.aggregate(last=Max("entri"))["last"] or 0
    entries = EntriLedger.objects.filter(pk__lte=last).order_by("pk").iterator(chunk_size=5000)
    unsealed = EntriLedger.objects.filter(pk__gt=last).count()
    for entry in entries:
        sealed = next(seals, None)
        if sealed is None or sealed.entri > entry.pk:
            return Verdict(checked, before, unsealed, entry.pk, "baris disisipkan setelah disegel")
        if sealed.entri < entry.pk:
            return Verdict(checked, before, unsealed, sealed.entri, "baris hilang")
        before = _line(entry, before)
        if before != sealed.sidik:
            return Verdict(checked, before, unsealed, entry.pk, "isi baris tidak cocok dengan segelnya")
        checked += 1
    if (left := next(seals, None)) is not None:
        return Verdict(checked, before, unsealed, left.entri, "baris hilang")
    return Verdict(checked, before, unsealed, None, "")


def history(model: type[Model], pk: Any) -> list[EntriLedger]:
    """The changes of one row, oldest first."""
    return list(EntriLedger.objects.filter(tabel=model._meta.db_table, baris=str(pk)).order_by("pk"))
