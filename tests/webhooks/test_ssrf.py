"""No address that a customer may think of leads inward, even if it got into the table."""

import itertools
import socket
from typing import Any

import pytest
from pytest_django import Settings

from accounts.models import Developer
from accounts.webhooks.models import Attempt, Delivery, Endpoint
from tests.webhooks import making
from tests.webhooks.receiver import Customer, CustomerReply
from wearlink.lib.net import egress

pytestmark = pytest.mark.django_db
State = Delivery.State
PUBLIC = "93.184.215.14"
NAMES = {
    "inner.example.com": ["127.0.0.1"],
    "inner6.example.com": ["::1"],
    "mapped.example.com": ["::ffff:127.0.0.1"],
    "mixed.example.com": [PUBLIC, "127.0.0.1"],
    "metadata.example.com": ["169.254.169.254"],
    "localhost": ["127.0.0.1"],
}
HOSTS = [
    *("127.0.0.1", "127.1", "127.0.0.1.", "2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1", "017700000001", "0"),
    *(
        "[::1]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[::127.0.0.1]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
    ),
    *("10.0.0.1", "169.254.169.254", "192.168.1.1", "[fe80::1]", "[fc00::1]", "localhost.", "LOCALHOST"),
    *("user:secret@inner.example.com", "inner.example.com@127.0.0.1", *NAMES),
]


@pytest.fixture
def outside(settings: Settings, monkeypatch: pytest.MonkeyPatch, receiver: Customer) -> Customer:
    """Production's rules, but for http and the port that the local server happens to have."""
    settings.EGRESS_ALLOW_LOOPBACK = False
    settings.WEBHOOK_ALLOW_HTTP = True
    monkeypatch.setattr(egress, "PORTS", egress.PORTS | {receiver.server.server_address[1]})
    return receiver


def resolve(monkeypatch: pytest.MonkeyPatch, names: dict[str, Any]) -> None:
    """Names resolve as told, literals as ever."""
    real = socket.getaddrinfo

    def answer(host: str, port: int, *arguments: Any, **options: Any) -> Any:
        found = names.get(host.rstrip(".").lower())
        if found is None:
            return real(host, port, *arguments, **options)
        addresses = found() if callable(found) else found
        return [(0, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]

    monkeypatch.setattr(socket, "getaddrinfo", answer)


@pytest.mark.parametrize("host", HOSTS)
def test_no_spelling_of_an_inner_address_is_called(
    alice: Developer, outside: Customer, monkeypatch: pytest.MonkeyPatch, host: str
) -> None:
    resolve(monkeypatch, NAMES)
    endpoint = making.endpoint(alice.organization, "https://customer.example.com/", "connection.*")
    Endpoint.objects.update(url=f"http://{host}:{outside.server.server_address[1]}/hook")
    making.emit(alice.organization)
    making.deliver()
    assert outside.got == []
    attempt = Attempt.objects.get(endpoint_key=endpoint.key)
    assert (attempt.succeeded, attempt.status_code) == (False, 0)
    assert attempt.error


def test_a_name_that_answers_differently_the_second_time_gains_nothing(
    alice: Developer, outside: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = itertools.chain([["127.0.0.1"]], itertools.repeat([PUBLIC]))
    asked: list[list[str]] = []

    def rebinding() -> list[str]:
        asked.append(next(answers))
        return asked[-1]

    resolve(monkeypatch, {"rebinding.example.com": rebinding})
    making.endpoint(alice.organization, "https://rebinding.example.com/", "connection.*")
    Endpoint.objects.update(url=f"http://rebinding.example.com:{outside.server.server_address[1]}/hook")
    making.emit(alice.organization)
    making.deliver()
    assert len(asked) == 1  # judged and connected by one answer
    assert outside.got == []


def test_a_redirect_inward_is_not_followed(alice: Developer, receiver: Customer) -> None:
    url = receiver.answers("/hook", CustomerReply(307, {"Location": f"{receiver.url}/inner"}))
    making.endpoint(alice.organization, url, "connection.*")
    making.emit(alice.organization)
    making.deliver()
    assert [one.path for one in receiver.got] == ["/hook"]


@pytest.mark.parametrize(("host", "state"), [("10.0.0.1", State.FAILED), ("inner.example.com", State.PENDING)])
def test_an_address_that_can_never_be_called_is_given_up_at_once_and_a_name_may_still_be_mended(
    alice: Developer, outside: Customer, monkeypatch: pytest.MonkeyPatch, host: str, state: int
) -> None:
    resolve(monkeypatch, NAMES)
    making.endpoint(alice.organization, "https://customer.example.com/", "connection.*")
    Endpoint.objects.update(url=f"http://{host}:{outside.server.server_address[1]}/hook")
    making.emit(alice.organization)
    making.deliver()
    assert making.only_delivery().state == state
