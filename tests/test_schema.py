"""The API against its own OpenAPI document: schemathesis calls every operation with whatever the schema allows."""

from collections.abc import Iterable, Iterator
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from accounts import authentication
from tests import factories
from tests.openapi import document

CHECKS = (not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance)

schema = schemathesis.openapi.from_dict(document())
APPLICATION = get_wsgi_application()


def read_and_closed(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """Answer as a server would, which closes what it has sent; schemathesis leaves files of answers open."""
    response = APPLICATION(environ, start_response)
    try:
        return [b"".join(response)]
    finally:
        response.close()


schema.app = read_and_closed


@pytest.fixture(autouse=True)
def _one_connection() -> Iterator[None]:
    """Requests share the test's transaction, as with Django's own test client."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def alice(db: None) -> Any:
    return factories.alice()


@pytest.fixture
def headers(alice: Any) -> dict[str, dict[str, str]]:
    """Ways in, by the beginning of the path they are for."""
    token = {"Authorization": f"Bearer {authentication.dashboard_token(alice)}"}
    key = {"X-WearLink-API-Key": factories.api_key(alice.organization)}
    return {"/api/v1/auth": token, "/api/v1/developer": token, "/api/v1/organization": token, "": key}


@pytest.fixture
def jane(alice: Any) -> Any:
    return factories.end_user(alice.organization, email="jane@example.com")


def is_a_page(case: Any) -> bool:
    """Return whether the operation answers people: programs that come there by mistake get JSON,
    whatever is described.
    """
    return str(case.operation.path).endswith("/callback")


@pytest.mark.slow
@schema.parametrize()
@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
def test_every_operation_answers_as_documented(case: Any, headers: dict[str, dict[str, str]], jane: Any) -> None:
    if "user_id" in case.path_parameters:
        case.path_parameters["user_id"] = str(jane.id)
    way_in = next(way for begin, way in headers.items() if case.operation.full_path.startswith(begin))
    response = case.call(headers={**way_in, "Accept-Encoding": "identity"})  # its transport unpacks nothing
    checks = [one for one in CHECKS if not (is_a_page(case) and one is content_type_conformance)]
    case.validate_response(response, checks=checks)
    assert response.status_code < 500


FOR_PHONES = schema.include(path_regex="^/api/v1/(sdk|nutrition)/")


@pytest.mark.slow
@FOR_PHONES.parametrize()
@settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck))
def test_every_operation_of_phones_answers_as_documented(case: Any, jane: Any) -> None:
    if "user_id" in case.path_parameters:
        case.path_parameters["user_id"] = str(jane.id)
    way_in = {"Authorization": f"Bearer {authentication.sdk_token(jane)}", "Accept-Encoding": "identity"}
    response = case.call(headers=way_in)
    case.validate_response(response, checks=CHECKS)
    assert response.status_code < 500
