"""The OpenAPI document as something to generate clients from: everything described, examples true, names telling."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from jsonschema.validators import validator_for
from rest_framework.test import APIClient

from tests import factories
from tests.openapi import document

HTTP = {"get", "post", "put", "patch", "delete"}
TOO_SHORT = re.compile(r"\W*\w{0,2}\W*")


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in document()["paths"].items():
        for method in HTTP & set(methods):
            yield method, path, methods[method]


def schemas() -> dict[str, Any]:
    found: dict[str, Any] = document()["components"]["schemas"]
    return found


def test_every_model_property_and_parameter_is_described() -> None:
    silent = [name for name, one in schemas().items() if not name.endswith("Enum") and not one.get("description")]
    for name, one in schemas().items():
        for field, schema in one.get("properties", {}).items():
            if TOO_SHORT.fullmatch(schema.get("description", "")):
                silent.append(f"{name}.{field}")
    for _, _, operation in operations():
        silent += [
            f"{operation['operationId']} {one['name']}"
            for one in operation.get("parameters", [])
            if TOO_SHORT.fullmatch(one.get("description", ""))
        ]
    assert silent == []


def test_names_of_models_would_not_collide_with_those_of_a_program() -> None:
    """Generated clients import models by name, beside those of their own libraries."""
    usual = {"Request", "Response", "Error", "Message", "Token", "Link", "Problem", "Check", "App", "Test", "Warning"}
    assert usual & {name.removesuffix("Request") for name in schemas()} == set()


def test_bodies_say_that_nothing_else_is_taken() -> None:
    lax = {"SyncRequest", "SyncDataRequest", "SyncRecordRequest", "SyncSleepRequest", "SyncWorkoutRequest"}
    lax |= {"SyncValueRequest", "SyncSourceRequest"}  # newer phones talk to older servers
    for name, one in schemas().items():
        if name.endswith("Request") and "properties" in one:
            assert (one.get("additionalProperties") is False) == (name not in lax), name


def examples() -> Iterator[Any]:
    for method, path, operation in operations():
        places = [("asked", operation.get("requestBody", {}).get("content", {}))]
        places += [(status, one.get("content", {})) for status, one in operation["responses"].items()]
        for place, content in places:
            for kind, body in content.items():
                for name, example in body.get("examples", {}).items():
                    if "json" in kind:
                        where = f"{method} {path} {place} {name}"
                        yield pytest.param(body["schema"], example["value"], id=where)


@pytest.mark.parametrize(("schema", "example"), list(examples()))
def test_every_example_is_what_its_schema_says(schema: dict[str, Any], example: Any) -> None:
    whole = {**schema, "components": document()["components"]}
    assert validator_for(whole, Draft202012Validator) is Draft202012Validator
    faults = Draft202012Validator(whole, format_checker=Draft202012Validator.FORMAT_CHECKER).iter_errors(example)
    assert [f"{'.'.join(map(str, one.absolute_path))}: {one.message[:200]}" for one in faults] == []


def documented_error(path: str, method: str, status: int) -> dict[str, Any]:
    content = document()["paths"][path][method]["responses"][str(status)]["content"]["application/json"]
    (example,) = content["examples"].values()
    value: dict[str, Any] = example["value"]
    return value


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("method", "path", "status", "sent"),
    [
        ("get", "/api/v1/users", 400, {"path": "/api/v1/users?colour=red"}),
        ("get", "/api/v1/users", 401, {"headers": {"X-WearLink-API-Key": "sk-wrong"}}),
        ("get", "/api/v1/users/{user_id}", 404, {}),
        ("post", "/api/v1/users", 400, {"data": "{"}),
        ("post", "/api/v1/sdk/users/{user_id}/sync", 404, {"data": "{}"}),
    ],
)
def test_examples_of_errors_are_what_the_call_answers(method: str, path: str, status: int, sent: Any) -> None:
    client = APIClient() if "headers" in sent else factories.key_client(factories.alice().organization)
    url = sent.pop("path", path).format(user_id="550e8400-e29b-41d4-a716-446655440000")
    answer = client.generic(method.upper(), url, content_type="application/json", **sent)
    shown = documented_error(path, method, status)
    body = answer.json()
    assert (answer.status_code, body["code"], body["detail"]) == (status, shown["code"], shown["detail"])
