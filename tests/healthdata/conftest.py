"""The people whose data the tests of reading ask for.

This file is loaded before Django is set up, so it fetches what needs models only when a fixture is used.
"""

from importlib import import_module
from typing import Any

import pytest

from wearlink.lib import clock


@pytest.fixture
def reading(db: None) -> Any:
    """The module tests.healthdata.reading."""
    return import_module("tests.healthdata.reading")


@pytest.fixture
def organization(reading: Any) -> Any:
    """Alice's organization."""
    return reading.organization("Alice's clinic")


@pytest.fixture
def jane(reading: Any, organization: Any) -> Any:
    """An end user of Alice's organization, in UTC, asked for with Alice's key."""
    return reading.end_user(organization)


@pytest.fixture
def seen_by_charlie(reading: Any, jane: Any) -> Any:
    """The same end user, asked for with the key of Charlie, who belongs to another organization."""
    return reading.with_key_of(jane, reading.organization("Charlie's gym"))


@pytest.fixture
def today() -> str:
    """The UTC date, which is the local one of an end user in UTC."""
    return clock.now().date().isoformat()
