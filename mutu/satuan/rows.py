"""Rows written by ready statements, for the paths where building a query costs more than running it.

Django builds the SQL of each `save()` anew, about 0.3 ms; here it is built once per table and set of columns. Values
are prepared by the fields of the model, so both databases get what Django would give them. Signals are not sent.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any, cast

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import Field, Model


def insert(row: Model) -> None:
    """INSERT one row and give it its key, as `save(force_insert=True)` does for a model without parents."""
    sql, fields = _insertion(type(row))
    connection = connections[DEFAULT_DB_ALIAS]
    values = [field.get_db_prep_save(field.pre_save(row, True), connection) for field in fields]
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        row.pk = cursor.fetchone()[0]
    row._state.adding, row._state.db = False, connection.alias


def update(rows: Sequence[Model], names: Sequence[str]) -> None:
    """UPDATE these fields of rows of one model, each row by its key."""
    if not rows:
        return
    sql, fields = _renewal(type(rows[0]), tuple(names))
    connection = connections[DEFAULT_DB_ALIAS]
    values = [[field.get_db_prep_save(getattr(row, field.attname), connection) for field in fields] for row in rows]
    with connection.cursor() as cursor:
        cursor.executemany(sql, values)


def marks_for(values: Sequence[Any]) -> str:
    """As many placeholders as there are values, for `IN (...)`. An empty list gives NULL, which nothing equals."""
    return ", ".join(["%s"] * len(values)) or "NULL"


@functools.cache
def _insertion(model: type[Model]) -> tuple[str, list[Field[Any, Any]]]:
    fields = [field for field in model._meta.concrete_fields if not field.primary_key]
    columns = ", ".join(f'"{field.column}"' for field in fields)
    table, key = model._meta.db_table, model._meta.pk.column
    # Names of the schema alone; every value goes by placeholder.
    return f'INSERT INTO "{table}" ({columns}) VALUES ({marks_for(fields)}) RETURNING "{key}"', fields  # noqa: S608


@functools.cache
def _renewal(model: type[Model], names: tuple[str, ...]) -> tuple[str, list[Field[Any, Any]]]:
    fields = [cast("Field[Any, Any]", model._meta.get_field(name)) for name in names]
    columns = ", ".join(f'"{field.column}" = %s' for field in fields)
    key = model._meta.pk
    # Names of the schema alone; every value goes by placeholder.
    return f'UPDATE "{model._meta.db_table}" SET {columns} WHERE "{key.column}" = %s', [*fields, key]  # noqa: S608
