"""The health data of an end user as a part of an erasure: what it removes and what a summary counts."""

from typing import Any, Final

from django.apps import apps
from django.db import connection
from django.db.models import Model, QuerySet

from accounts.deletion import erasure
from accounts.deletion.erasure import ErasedUser, Rows
from healthdata import queries
from healthdata.queries import events

LARGE: Final = 5_000  # rows, above which a worker deletes them


def erase(user: ErasedUser) -> Rows:
    """Delete every row of every table of this app that carries the key.

    Tables are found, not listed, so that a new one cannot be forgotten. Plain DELETEs: no row of another app refers to
    these, and the constraints between them are not the database's.
    """
    return {model._meta.label: _delete(model, user.key) for model in _tables()}


def is_large(user_key: int) -> bool:
    """Return whether one of the tables has more rows of the end user than a call should wait for; counts no further."""
    return any(_rows(model, user_key).order_by()[LARGE:].exists() for model in _tables())


def erase_slice(user: ErasedUser, rows: int) -> Rows:
    """Delete up to so many rows of the first table that has any."""
    for model in _tables():
        count = _delete(model, user.key, rows)
        if count:
            return {model._meta.label: count}
    return {}


def _tables() -> list[type[Model]]:
    models = apps.get_app_config("healthdata").get_models()
    return [model for model in models if any(field.name == "user_key" for field in model._meta.concrete_fields)]


def _rows(model: type[Model], user_key: int) -> "QuerySet[Model]":
    return model._default_manager.filter(user_key=user_key)


def _delete(model: type[Model], user_key: int, most: int | None = None) -> int:
    table = connection.ops.quote_name(model._meta.db_table)
    where = "user_key = %s"
    if most is not None:
        where = f"ctid = ANY(ARRAY(SELECT ctid FROM {table} WHERE user_key = %s LIMIT {most:d}))"  # noqa: S608
    # Written out: `make bench`, erasure of that user.
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {table} WHERE {where}", [user_key])  # noqa: S608 - names of our own
        return int(cursor.rowcount)


def summary(user_key: int) -> dict[str, Any]:
    """Return counts by series and provider, and of workouts, sleep sessions and scores by provider."""
    return {
        "samples": {f"{count.provider}.{count.series}": count.n for count in queries.count(user_key)},
        **{kind: {one.provider: one.n for one in found} for kind, found in events.counts(user_key).items()},
    }


erasure.register(
    erasure.ErasurePart(
        name="healthdata",
        erase=erase,
        tables=tuple(model._meta.label for model in _tables()),
        summary=summary,
        is_large=is_large,
        slice=erase_slice,
    )
)
