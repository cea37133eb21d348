"""Rows of a model by statements that are prepared once: compiling them costs the ORM more than the database takes.

For what computes a day's figures (`make bench`, numbers: cold day, explain) and what begins a store call (small_posts).
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, LiteralString, TypeVar

from django.db import connection
from django.db.models import Model

from wearlink.lib.postgres import prepared

AnyModel = TypeVar("AnyModel", bound=Model)


@lru_cache(maxsize=16)
def _select(model: type[Model], condition: str) -> tuple[str, tuple[str, ...]]:
    fields = model._meta.concrete_fields
    names = ", ".join(f'"{field.column}"' for field in fields)
    statement = f'SELECT {names} FROM "{model._meta.db_table}" WHERE {condition}'  # noqa: S608 - our own names
    return statement, tuple(field.attname for field in fields)


def whole_rows(model: type[AnyModel], condition: LiteralString, parameters: Sequence[Any]) -> list[AnyModel]:
    """Return the rows that meet a condition written in SQL; for models whose columns need no conversion."""
    statement, names = _select(model, condition)
    with prepared() as cursor:
        cursor.execute(statement, parameters)
        return [model.from_db(connection.alias, names, row) for row in cursor.fetchall()]
