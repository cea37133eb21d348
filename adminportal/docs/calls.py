"""One call of the API as its page shows it: who may make it, what it takes, what it answers, and a form to try it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

from django.utils.safestring import SafeString, mark_safe

from adminportal.docs import endpoints, pages, rendering
from adminportal.docs.endpoints import DocOperation
from adminportal.docs.schema_fields import SchemaField, SchemaReader

CALLERS: Final = {
    "ApiKey": "your server with an API key",
    "Dashboard": "a developer who is signed in",
    "SDK": "an end user's app with its token",
}
JSON: Final = "application/json"
MULTIPART: Final = "multipart/form-data"
FORMS: Final = (MULTIPART, "application/x-www-form-urlencoded")
FILE: Final = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class CallParameter:
    """A parameter of the path, the query or a header."""

    place: str
    field: SchemaField
    choices: Sequence[str]


@dataclass(frozen=True, slots=True)
class CallBody:
    """A body, or an answer's, of one media type."""

    kind: str
    fields: Sequence[SchemaField]
    example: str
    coloured: SafeString
    text: SafeString

    @property
    def is_form(self) -> bool:
        """Tell whether it is sent field by field."""
        return self.kind in FORMS

    @property
    def is_file(self) -> bool:
        return self.kind == FILE


@dataclass(frozen=True, slots=True)
class CallAnswer:
    """The documented answer of a call that succeeds."""

    status: str
    phrase: str
    text: SafeString
    bodies: Sequence[CallBody]


@dataclass(frozen=True, slots=True)
class CallError:
    status: str
    text: str
    code: str  # of the example in the schema


@dataclass(frozen=True, slots=True)
class CallPage:
    """The page of one call."""

    operation: DocOperation
    text: SafeString
    callers: str
    parameters: Sequence[CallParameter]
    bodies: Sequence[CallBody]
    answers: Sequence[CallAnswer]
    errors: Sequence[CallError]


def page(operation: DocOperation) -> CallPage:
    """Put together the page of an operation of the running schema."""
    document = endpoints.schema_document()
    reader = SchemaReader(document)
    specification = document["paths"][operation.path][operation.method.lower()]
    answers, errors = _answers(reader, specification["responses"])
    return CallPage(
        operation=operation,
        text=_text(specification.get("description", "")),
        callers=_callers(specification.get("security")),
        parameters=[_parameter(reader, one) for one in specification.get("parameters", ())],
        bodies=_bodies(reader, specification.get("requestBody", {}).get("content", {})),
        answers=answers,
        errors=errors,
    )


def _parameter(reader: SchemaReader, parameter: Mapping[str, Any]) -> CallParameter:
    shape = parameter["schema"]
    field = reader.field(
        parameter["name"],
        {**shape, "description": parameter.get("description", "")},
        is_required=parameter.get("required", False),
    )
    choices = tuple(str(one) for one in reader.resolved(shape).get("enum", ()))
    return CallParameter(parameter["in"], field, choices)


def _bodies(reader: SchemaReader, content: Mapping[str, Any]) -> list[CallBody]:
    return [_body(reader, kind, body) for kind, body in content.items()]


def _body(reader: SchemaReader, kind: str, body: Mapping[str, Any]) -> CallBody:
    shape = body.get("schema", {})
    examples = [one["value"] for one in body.get("examples", {}).values() if "value" in one]
    example = ""
    if examples:
        example = examples[0] if isinstance(examples[0], str) else json.dumps(examples[0], indent=2, ensure_ascii=False)
    fields = list(reader.fields(shape))
    if kind == MULTIPART:
        fields = [one for one in fields if not one.depth]
    text = _text("" if fields else reader.resolved(shape).get("description", ""))
    return CallBody(kind, fields, example, mark_safe(rendering.colour(example, "json")), text)


def _answers(reader: SchemaReader, responses: Mapping[str, Any]) -> tuple[list[CallAnswer], list[CallError]]:
    good, bad = [], []
    for status, one in responses.items():
        content = one.get("content", {})
        if status >= "400":
            bad.append(CallError(status, one.get("description", ""), _code(content)))
        else:
            text = _text(one.get("description", ""))
            good.append(CallAnswer(status, HTTPStatus(int(status)).phrase, text, _bodies(reader, content)))
    return good, bad


def _code(content: Mapping[str, Any]) -> str:
    for example in content.get(JSON, {}).get("examples", {}).values():
        code = example.get("value", {}).get("code")
        if code:
            return str(code)
    return ""


def _callers(security: Any) -> str:
    """Say who may make the call."""
    if not security:
        return "anybody"
    return ", or ".join(CALLERS.get(name, name) for one in security for name in one)


def _text(markdown: str) -> SafeString:
    """Render a description with its code and links to other calls."""
    return mark_safe(rendering.render(markdown, "docs", pages.address).html)
