"""The people whose data the tests of reading ask for."""

from datetime import datetime

import pytest

from accounts.models import Organization
from tests.healthdata import reading
from tests.healthdata.reading import EndUserCase


@pytest.fixture
def organization(db: None) -> Organization:
    return reading.organization("Alice's clinic")


@pytest.fixture
def jane(organization: Organization) -> EndUserCase:
    """An end user of Alice's organization, in UTC, asked for with Alice's key."""
    return reading.end_user(organization)


@pytest.fixture
def seen_by_charlie(jane: EndUserCase) -> EndUserCase:
    """The same end user, asked for with the key of Charlie, who belongs to another organization."""
    return reading.with_key_of(jane, reading.organization("Charlie's gym"))


@pytest.fixture
def today(moment: datetime) -> str:
    """The UTC date, which is the local one of an end user in UTC."""
    return moment.date().isoformat()
