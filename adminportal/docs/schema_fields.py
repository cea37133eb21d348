"""Shapes of the OpenAPI document as rows of a page: a field's name, its kind and bounds in words, its own fields."""

import html
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.utils.safestring import SafeString, mark_safe

Shape = Mapping[str, Any]
DEEPEST: Final = 4  # levels of fields within fields
ENUM_SHOWN: Final = 12
CODE: Final = re.compile(r"`([^`]+)`")
FORMATS: Final = {
    "uuid": "UUID",
    "date-time": "date and time",
    "date": "date",
    "email": "e-mail address",
    "uri": "address",
    "double": "number",
    "binary": "file",
}
PLURALS: Final = {"object": "objects", "text": "texts", "number": "numbers", "whole number": "whole numbers"}
TYPES: Final = {"string": "text", "integer": "whole number", "boolean": "true or false", "null": "null"}


@dataclass(frozen=True, slots=True)
class SchemaField:
    """A parameter or a field of a body; depth 0 is outermost."""

    depth: int
    name: str
    kind: str
    bounds: str
    is_required: bool
    text: SafeString


class SchemaReader:
    """Reads shapes of one document."""

    def __init__(self, document: Shape) -> None:
        self._shapes: Shape = document["components"]["schemas"]

    def resolved(self, shape: Shape) -> Shape:
        """Return the shape itself, where this one only names it or adds words to it."""
        if "$ref" in shape:
            return {**self.resolved(self._shapes[_name(shape)]), **_without(shape, "$ref")}
        if len(shape.get("allOf", ())) == 1:
            return {**self.resolved(shape["allOf"][0]), **_without(shape, "allOf")}
        return shape

    def fields(self, shape: Shape, depth: int = 0, within: tuple[str, ...] = ()) -> Iterator[SchemaField]:
        """Yield what a body holds, each field followed by its own fields."""
        name = _name(shape)
        if name in within or depth > DEEPEST:
            return
        found = self.resolved(shape)
        within = (*within, name) if name else within
        for field, one in found.get("properties", {}).items():
            yield self.field(field, one, depth, is_required=field in found.get("required", ()))
            for inner in self._within(one):
                yield from self.fields(inner, depth + 1, within)
        if not depth:
            for inner in self._within(found):
                yield from self.fields(inner, depth, within)

    def field(self, name: str, shape: Shape, depth: int = 0, *, is_required: bool = False) -> SchemaField:
        found = self.resolved(shape)
        return SchemaField(
            depth, name, self.kind(shape), _bounds(found), is_required, _words(found.get("description", ""))
        )

    def kind(self, shape: Shape) -> str:
        """Say what kind of value it is."""
        found = self.resolved(shape)
        for among in ("oneOf", "anyOf"):
            if among in found:
                kinds = dict.fromkeys(self.kind(one) for one in found[among])
                return " or ".join(kinds)
        if "enum" in found:
            return "choice"
        types = found.get("type", "object")
        words = [self._kind(one, found) for one in ([types] if isinstance(types, str) else types)]
        return " or ".join(words)

    def _kind(self, name: str, found: Shape) -> str:
        if name == "array":
            inner = self.kind(found.get("items", {}))
            return f"list of {PLURALS.get(inner, inner)}"
        if name == "object" and isinstance(found.get("additionalProperties"), Mapping) and "properties" not in found:
            return f"object of {self.kind(found['additionalProperties'])} by key"
        if name == "string":
            return FORMATS.get(found.get("format", ""), TYPES[name])
        return TYPES.get(name, name)

    def _within(self, shape: Shape) -> Iterator[Shape]:
        """Yield the shapes that have fields of their own beneath a field."""
        found = self.resolved(shape)
        if found.get("properties") and shape is not found:
            yield shape
        elif found.get("properties"):
            return
        elif isinstance(found.get("items"), Mapping):
            yield from self._inner(found["items"])
        elif isinstance(found.get("additionalProperties"), Mapping):
            yield from self._inner(found["additionalProperties"])
        else:
            for one in (*found.get("oneOf", ()), *found.get("anyOf", ())):
                yield from self._inner(one)

    def _inner(self, shape: Shape) -> Iterator[Shape]:
        if self.resolved(shape).get("properties"):
            yield shape
        else:
            yield from self._within(shape)


def _words(text: str) -> SafeString:
    """Render a line of Markdown, of which descriptions use code alone."""
    return mark_safe(CODE.sub(r"<code>\1</code>", html.escape(text)))


def _name(shape: Shape) -> str:
    return str(shape.get("$ref", "")).rpartition("/")[2]


def _without(shape: Shape, key: str) -> dict[str, Any]:
    return {name: value for name, value in shape.items() if name != key}


def _bounds(shape: Shape) -> str:
    """Say what a value may be; nothing where anything may be."""
    parts = []
    if "enum" in shape:
        values = [str(one) for one in shape["enum"] if one is not None]
        more = f" and {len(values) - ENUM_SHOWN} more" if len(values) > ENUM_SHOWN else ""
        parts.append(", ".join(values[:ENUM_SHOWN]) + more)
    low, high = shape.get("minimum"), shape.get("maximum")
    if low is not None and high is not None:
        parts.append(f"{low:,} to {high:,}")
    elif high is not None:
        parts.append(f"at most {high:,}")
    elif low is not None:
        parts.append(f"at least {low:,}")
    if "maxLength" in shape:
        parts.append(f"at most {shape['maxLength']:,} characters")
    if "maxItems" in shape:
        parts.append(f"at most {shape['maxItems']:,} entries")
    if shape.get("default") not in (None, ""):
        parts.append(f"default {_plain(shape['default'])}")
    return "; ".join(parts)


def _plain(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
