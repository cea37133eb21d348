"""The cast's Jane, whose phone posts, and a worker that drains when told to."""

import pytest

from accounts.models import EndUser
from tests import factories
from tests.providers.connecting import acme, vendor

__all__ = ["acme", "vendor"]


@pytest.fixture
def jane(db: None) -> EndUser:
    """An end user of Alice."""
    return factories.end_user(factories.alice().organization)
