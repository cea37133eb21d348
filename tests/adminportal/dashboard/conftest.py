"""Developers in front of the portal."""

from typing import Any

import pytest
from django.test import Client

from accounts.models import Developer
from tests import factories


def signed_in(developer: Developer) -> Client:
    """Return a browser in which this developer has signed in at the portal's door."""
    client = Client(headers={"Accept": "text/html"})
    answer = client.post("/dashboard/login", {"email": developer.email, "password": factories.PASSWORD})
    assert answer.status_code == 302, answer.content
    return client


@pytest.fixture
def browser_of_alice(alice: Developer) -> Client:
    """Alice, the owner of Alpha."""
    return signed_in(alice)


@pytest.fixture
def text() -> Any:
    """Return a function that gives the text of an answer."""
    return lambda answer: answer.content.decode()
