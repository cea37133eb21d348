"""The health data of a person as a part of that person: what erasing removes and what a summary counts."""

from typing import Any

from django.apps import apps
from django.db import connection
from django.db.models import Model

from accounts import erasure
from healthdata import events, queries


def erase(user_key: int) -> int:
    """Delete every row of every table of this app that carries the key; returns how many.

    Tables are found, not listed, so that a new one cannot be forgotten. Plain DELETEs: no row of another app refers to
    these, and the constraints between them are not the database's.
    """
    return sum(_delete(model, user_key) for model in _tables())


def _tables() -> list[type[Model]]:
    models = apps.get_app_config("healthdata").get_models()
    return [model for model in models if any(field.name == "user_key" for field in model._meta.concrete_fields)]


def _delete(model: type[Model], user_key: int) -> int:
    table = connection.ops.quote_name(model._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {table} WHERE user_key = %s", [user_key])  # noqa: S608 - a name of our own
        return int(cursor.rowcount)


def summary(user_key: int) -> dict[str, Any]:
    """Counts by series and provider, and of workouts, sleep sessions and scores by provider."""
    return {
        "samples": {f"{count.provider}.{count.series}": count.n for count in queries.count(user_key)},
        **{kind: {one.provider: one.n for one in found} for kind, found in events.counts(user_key).items()},
    }


erasure.register(erasure.ErasurePart("healthdata", erase, summary))
