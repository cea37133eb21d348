"""A part that is down is a 503 in the one shape, wherever it is missed."""

from collections.abc import Callable

import pytest
import redis
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.urls import path

from wearlink.lib.errors import Unavailable

raised: dict[str, Exception] = {
    "closed": InterfaceError("the connection is closed"),
    "gone": OperationalError("server closed the connection unexpectedly"),
    "cache": redis.ConnectionError("refused"),
    "partner": Unavailable("The partner does not answer."),
    "bug": ZeroDivisionError(),
}


def plain(request: HttpRequest, name: str) -> HttpResponse:
    """Return a view that knows nothing of the API."""
    raise raised[name]


class Stumbling:
    """A middleware that misses the database."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        raise raised["gone"]


urlpatterns = [path("plain/<str:name>", plain)]
handler500 = "wearlink.lib.api.errors.server_error"
pytestmark = pytest.mark.urls(__name__)


@pytest.fixture
def calling() -> Client:
    return Client(raise_request_exception=False, headers={"X-Request-ID": "a-request-of-mine"})


@pytest.mark.parametrize(
    ("name", "detail"),
    [
        ("closed", "The database does not answer. Please try again."),
        ("gone", "The database does not answer. Please try again."),
        ("cache", "The cache does not answer. Please try again."),
        ("partner", "The partner does not answer."),
    ],
)
def test_a_plain_view_answers_as_the_api_does(calling: Client, name: str, detail: str) -> None:
    answer = calling.get(f"/plain/{name}")
    assert answer.status_code == 503
    assert answer.json() == {"detail": detail, "code": "unavailable", "request_id": "a-request-of-mine"}
    assert answer["Retry-After"] == "5"


def test_a_middleware_that_misses_the_database_is_no_fault_of_ours(calling: Client) -> None:
    logs = "wearlink.lib.monitoring.logs.RequestLogMiddleware"
    with override_settings(MIDDLEWARE=[logs, f"{__name__}.Stumbling"]):
        answer = calling.get("/plain/bug")
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")


def test_a_fault_of_ours_stays_a_500_that_can_be_found(calling: Client) -> None:
    answer = calling.get("/plain/bug")
    assert (answer.status_code, answer.json()["code"]) == (500, "server_error")
    assert answer.json()["request_id"] == answer["X-Request-ID"] == "a-request-of-mine"
