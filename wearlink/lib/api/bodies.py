"""Request bodies: declared by a serializer, validated, and nothing that was not declared.

A misspelt field that were dropped would be taken for a field that was not sent, and nobody would know.
"""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any

from rest_framework.request import Request
from rest_framework.serializers import BooleanField, ChoiceField, ListField, ListSerializer, Serializer, ValidationError

from wearlink.lib.api import aliases
from wearlink.lib.errors import FieldError, InvalidInput


class TrueOrFalse(BooleanField):
    """JSON's true or false, and neither 0, "no" nor "off": these may mean something else."""

    def to_internal_value(self, data: Any) -> bool:
        """Raise ValidationError for all else."""
        if not isinstance(data, bool):
            raise ValidationError("must be true or false.")
        return data


class NoFields(Serializer[Any]):
    """The body of a call that takes none."""


def read(serializer_class: type[Serializer[Any]], request: Request, *, partial: bool = False) -> dict[str, Any]:
    """Return the validated body. Raises InvalidInput naming each unknown field, ValidationError naming
    each wrong one.
    """
    older = aliases.of(serializer_class)
    data = request.data
    if not older or not isinstance(data, Mapping):
        return validate(serializer_class(data=data, partial=partial))
    serializer = serializer_class(data=aliases.renamed(serializer_class(), data), partial=partial)
    errors = list(aliases.doubles(serializer, data))
    if errors:
        raise InvalidInput(f"{errors[0].field}: {errors[0].message}", errors=errors)
    try:
        return validate(serializer)
    except ValidationError as error:
        raise aliases.as_given(error, serializer, data) from error


def validate(serializer: Serializer[Any]) -> dict[str, Any]:
    """Return the validated data of a serializer that was given some. Raises as read does."""
    errors = list(_unknown(serializer, serializer.initial_data))
    if errors:
        raise InvalidInput(f"{errors[0].field}: {errors[0].message}", errors=errors, code="unknown_field")
    if not serializer.is_valid():
        tell_choices(serializer)  # only now: naming all choices of a body costs more than checking it
        serializer.run_validation(serializer.initial_data)
    return dict(serializer.validated_data)


def hint(name: str, known: Iterable[str]) -> str:
    """Return what to say about an unknown name: the nearest known one, else all of them."""
    names = list(known)
    near = get_close_matches(name.replace("_", ""), [one.replace("_", "") for one in names], 1, 0.75)
    meant = next((one for one in names if near and one.replace("_", "") == near[0]), None)
    if meant is not None:
        return f"Did you mean {meant}?"
    return f"Accepted: {', '.join(names)}." if names else "None is accepted."


def tell_choices(field: Any) -> None:
    """Have the choice fields at every depth name the choices when they refuse a value."""
    if isinstance(field, ListSerializer | ListField):
        tell_choices(field.child)
    elif isinstance(field, Serializer):
        for inner in field.fields.values():
            tell_choices(inner)
    elif isinstance(field, ChoiceField):
        choices = ", ".join(map(str, field.choices))
        field.error_messages["invalid_choice"] = f"is none of the choices: {choices}."


def _unknown(serializer: Any, data: Any, path: str = "") -> Iterable[FieldError]:
    """Faults of names at every depth. What is not an object is left to the validation, which says so."""
    if isinstance(serializer, ListSerializer):
        if isinstance(data, list):
            for index, item in enumerate(data):
                yield from _unknown(serializer.child, item, f"{path}.{index}" if path else str(index))
        return
    if not isinstance(serializer, Serializer) or not isinstance(data, Mapping):
        return
    writable = {name: field for name, field in serializer.fields.items() if not field.read_only}
    for name in data:
        place = f"{path}.{name}" if path else str(name)
        if name in writable:
            yield from _unknown(writable[name], data[name], place)
        elif name in serializer.fields:
            yield FieldError(place, "cannot be changed.")
        else:
            yield FieldError(place, f"unknown field. {hint(str(name), writable)}")
