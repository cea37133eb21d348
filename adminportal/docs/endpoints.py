"""The operations of the running schema: where the reference shows each, and the list of all of them."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from wearlink.site import schema

METHODS: Final = ("get", "post", "put", "patch", "delete")
BASE: Final = "/api/v1"
_PARAMETER: Final = re.compile(r"\{[^}]*\}")


@dataclass(frozen=True, slots=True)
class DocOperation:
    """One operation, as the schema tells it."""

    method: str
    path: str
    tag: str
    summary: str
    operation_id: str

    @property
    def address(self) -> str:
        return f"/docs/api/{self.operation_id}"

    @property
    def anchor(self) -> str:
        """Return that of its group in the list of all."""
        return self.tag.lower().replace(" ", "-")

    @property
    def short(self) -> str:
        """The path as pages write it, without the base."""
        return self.path.removeprefix(BASE)


@cache
def operations() -> tuple[DocOperation, ...]:
    """Return all operations, in the schema's order."""
    found = []
    for path, methods in schema_document()["paths"].items():
        for method in METHODS:
            if operation := methods.get(method):
                tag = operation["tags"][0]
                found.append(
                    DocOperation(method.upper(), path, tag, operation.get("summary", ""), operation["operationId"])
                )
    return tuple(found)


def tags() -> dict[str, str]:
    """Return names of the groups with their descriptions: those that the schema declares first."""
    declared = {one["name"]: one.get("description", "") for one in schema_document()["tags"]}
    return {**declared, **{one.tag: declared.get(one.tag, "") for one in operations()}}


def by_id(operation_id: str) -> DocOperation | None:
    return next((one for one in operations() if one.operation_id == operation_id), None)


def find(text: str) -> DocOperation | None:
    """Return the operation that a page calls "GET /users/{id}"; names of parameters do not matter, nor does a query."""
    method, _, path = text.partition(" ")
    return _by_shape().get((method, _shape(path.partition("?")[0])))


@cache
def _by_shape() -> Mapping[tuple[str, str], DocOperation]:
    return {(one.method, _shape(one.path)): one for one in operations()}


def _shape(path: str) -> str:
    return _PARAMETER.sub("{}", path if path.startswith(("/api/", "/v1/")) else BASE + path)


@cache
def schema_document() -> Mapping[str, Any]:
    document: Mapping[str, Any] = json.loads(schema.document(schema.JSON).plain)
    return document
