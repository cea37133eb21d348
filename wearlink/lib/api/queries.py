"""Query parameters: declared by a serializer, validated, and nothing that was not declared."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from django.http import QueryDict
from rest_framework.serializers import CharField, Serializer, ValidationError

from wearlink.lib.api import aliases
from wearlink.lib.api.bodies import hint, tell_choices
from wearlink.lib.errors import FieldError, InvalidInput


class NoParameters(Serializer[Any]):
    """The query of an endpoint that takes none."""


class CommaListField(CharField):
    """Several values, separated by commas, or the parameter repeated; validates to a tuple of names."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("max_length", 8000)
        super().__init__(**options)

    def to_internal_value(self, data: Any) -> tuple[str, ...]:  # type: ignore[override]
        text = super().to_internal_value(data)
        names = tuple(piece.strip() for piece in text.split(","))
        if not all(names):
            raise ValidationError("holds an empty name; separate names by single commas.")
        return names


def read(query_class: type[Serializer[Any]], parameters: QueryDict) -> Mapping[str, Any]:
    """Return the validated parameters. Raises InvalidInput naming each unknown, repeated or wrong one."""
    serializer = _reader(query_class)
    names, older = serializer.fields, aliases.of(query_class)
    unknown = [name for name in parameters if name not in names and name not in older]
    errors = [FieldError(name, f"unknown query parameter. {hint(name, names)}") for name in unknown]
    errors += aliases.doubles(serializer, parameters)
    values: dict[str, Any] = {}
    for name, given in parameters.lists():
        if len(given) > 1 and not isinstance(names.get(older.get(name, name)), CommaListField):
            errors.append(FieldError(name, "given more than once."))
        values[name] = ",".join(given)
    if errors:
        raise InvalidInput(f"{errors[0].field}: {errors[0].message}", errors=errors, code="invalid_query")
    try:
        return dict(serializer.run_validation(aliases.renamed(serializer, values) if older else values))
    except ValidationError as error:
        raise aliases.as_given(error, serializer, values) from error


@lru_cache(maxsize=256)
def _reader(query_class: type[Serializer[Any]]) -> Serializer[Any]:
    """Return the one serializer for all requests: making one copies every field, and validating changes none."""
    serializer = query_class()
    tell_choices(serializer)
    return serializer
