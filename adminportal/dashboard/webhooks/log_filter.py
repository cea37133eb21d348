"""The filters of the logs as their addresses hold them, read as queries of the API."""

from collections.abc import Mapping
from datetime import UTC
from typing import Any, Final

from django.http import HttpRequest
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from rest_framework.exceptions import ValidationError
from rest_framework.serializers import Serializer

from wearlink.lib.api import bodies
from wearlink.lib.api.errors import flatten
from wearlink.lib.errors import InvalidInput

ROWS: Final = 50


def asked_for(request: HttpRequest, *names: str) -> dict[str, str]:
    """Return what the address says of these; empty values are left out."""
    return {name: request.GET[name] for name in (*names, "cursor") if request.GET.get(name)}


def read(query_class: type[Serializer[Any]], asked: Mapping[str, str]) -> Mapping[str, Any]:
    """Return the query; times without a zone are the page's. Raises InvalidInput, ValidationError."""
    query = {**asked, "limit": str(ROWS)}
    for name in ("start_time", "end_time"):
        found = parse_datetime(query.get(name, ""))
        if found is not None and found.tzinfo is None:
            query[name] = timezone.make_aware(found).astimezone(UTC).isoformat()
    return bodies.validate(query_class(data=query))


def fault_of(error: InvalidInput | ValidationError) -> str:
    """Return the faults in words."""
    if isinstance(error, InvalidInput):
        return error.detail
    first = flatten(error.detail)[0]
    return f"{first.field.replace('_', ' ')}: {first.message}"
