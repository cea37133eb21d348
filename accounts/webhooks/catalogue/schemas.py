"""JSON Schemas of event data, written down or read off the serializers that describe the same objects in REST."""

from collections.abc import Mapping, Sequence
from typing import Any

from rest_framework import serializers

DIALECT = "https://json-schema.org/draft/2020-12/schema"
Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
UUID: Schema = {"type": "string", "format": "uuid"}
MOMENT: Schema = {"type": "string", "format": "date-time"}
WHOLE: Schema = {"type": "integer"}
_PLAIN: Sequence[tuple[type[serializers.Field[Any, Any, Any, Any]], Schema]] = (
    (serializers.UUIDField, UUID),
    (serializers.DateTimeField, MOMENT),
    (serializers.DateField, {"type": "string", "format": "date"}),
    (serializers.BooleanField, {"type": "boolean"}),
    (serializers.IntegerField, WHOLE),
    (serializers.FloatField, {"type": "number"}),
    (serializers.CharField, TEXT),
)


def of_object(properties: Mapping[str, Schema], description: str = "", optional: Sequence[str] = ()) -> Schema:
    """Return an object whose properties are all there, but for the optional ones; more may come with time."""
    schema: Schema = {"$schema": DIALECT, "type": "object", "properties": dict(properties)}
    schema["required"] = [name for name in properties if name not in optional]
    return schema | ({"description": description} if description else {})


def of_serializer(serializer: "serializers.Serializer[Any]", **more: Schema) -> Schema:
    """Return the object that a serializer describes, and further properties."""
    found = {name: _field(field) for name, field in serializer.fields.items()}
    return {"type": "object", "properties": {**more, **found}, "required": [*more, *found]}


def nullable(schema: Schema) -> Schema:
    """Return the same schema with null allowed."""
    return {**schema, "type": [schema["type"], "null"]}


def array(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def _field(field: "serializers.Field[Any, Any, Any, Any]") -> Schema:
    schema = _shape(field)
    if field.allow_null:
        schema = nullable(schema)
    return schema | ({"description": str(field.help_text)} if field.help_text else {})


def _shape(field: "serializers.Field[Any, Any, Any, Any]") -> Schema:
    if isinstance(field, serializers.ListSerializer | serializers.ListField):
        return array(_field(field.child) if field.child else {})
    if isinstance(field, serializers.BaseSerializer):
        return of_serializer(field)  # type: ignore[arg-type]
    if isinstance(field, serializers.DictField):
        return {"type": "object", "additionalProperties": _field(field.child)}
    if isinstance(field, serializers.ChoiceField):
        return {"type": "string", "enum": list(field.choices)}
    for kind, schema in _PLAIN:
        if isinstance(field, kind):
            return dict(schema)
    raise TypeError(f"{type(field).__name__} has no JSON Schema here")
