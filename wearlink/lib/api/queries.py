"""Query parameters: declared by a serializer, validated, and nothing that was not declared."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from django.http import QueryDict
from rest_framework.serializers import Serializer

from wearlink.lib.errors import FieldError, InvalidInput


class NoParameters(Serializer[Any]):
    """The query of an endpoint that takes none."""


def read(query_class: type[Serializer[Any]], parameters: QueryDict) -> Mapping[str, Any]:
    """The validated parameters. Raises InvalidInput naming each unknown, repeated or wrong one."""
    serializer = _reader(query_class)
    names = serializer.fields
    known = f"Accepted: {', '.join(names)}." if names else "This endpoint takes none."
    errors = [FieldError(name, f"unknown query parameter. {known}") for name in parameters if name not in names]
    errors += [FieldError(name, "given more than once.") for name, values in parameters.lists() if len(values) > 1]
    if errors:
        raise InvalidInput(f"{errors[0].field}: {errors[0].message}", errors=errors, code="invalid_query")
    return dict(serializer.run_validation(parameters.dict()))


@lru_cache(maxsize=256)
def _reader(query_class: type[Serializer[Any]]) -> Serializer[Any]:
    """One serializer serves all requests: making one copies every field, and validating changes none."""
    return query_class()
