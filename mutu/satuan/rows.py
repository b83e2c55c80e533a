"""Rows written and read by ready statements, for the paths where building a query costs more than running it.

Django builds the SQL of each `save()` and each query anew, about 0.3 ms and more; here it is built once per table and
set of columns, or once per function that builds a query. Values are prepared and converted by the fields of the model,
so both databases get and give what Django would have them. Signals are not sent.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from inspect import signature
from typing import Any, cast

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import Field, Model, QuerySet


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


Build = Callable[..., "QuerySet[Any, Any]"]
_STAND_IN = 31_101
"""Stands for the first key while SQL is built: within the range of every integer field, a constant of no query."""


def read(build: Build, *keys: int) -> list[tuple[Any, ...]]:
    """The rows of `build(*keys)`, whose SQL is built once.

    `build` is a function of a module and gives a `values_list`; it may use the keys (whole numbers that a column can
    hold) as values to compare with, each at least once, and nothing else of the query may depend on them.
    """
    sql, places, converters = _reading(build)
    connection = connections[DEFAULT_DB_ALIAS]
    with connection.cursor() as cursor:
        cursor.execute(sql, [value if index is None else keys[index] for index, value in places])
        found: list[tuple[Any, ...]] = cursor.fetchall()
    if not converters:
        return found
    rows = [list(row) for row in found]
    for column, (steps, expression) in converters.items():
        for row in rows:
            for step in steps:
                row[column] = step(row[column], expression, connection)
    return [tuple(row) for row in rows]


def marks_for(values: Sequence[Any]) -> str:
    """As many placeholders as there are values, for `IN (...)`. An empty list gives NULL, which nothing equals."""
    return ", ".join(["%s"] * len(values)) or "NULL"


@functools.cache
def _reading(build: Build) -> tuple[str, list[tuple[int | None, Any]], dict[int, tuple[list[Any], Any]]]:
    """SQL, its parameters (the place of a key, or a value that stays), and Django's converters by column."""
    stand_ins = [_STAND_IN + number for number in range(len(signature(build).parameters))]
    compiler = build(*stand_ins).query.get_compiler(DEFAULT_DB_ALIAS)
    sql, values = compiler.as_sql()
    places = [(stand_ins.index(one) if one in stand_ins else None, one) for one in values]
    if not {*range(len(stand_ins))} <= {index for index, _value in places}:
        raise TypeError(f"{build.__qualname__} does not compare with each of its keys")
    converters = compiler.get_converters([expression for expression, _sql, _alias in compiler.select])
    return sql, places, converters


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
