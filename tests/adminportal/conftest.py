"""The platform's own people, and a tenant of theirs."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import Developer, EndUser
from tests import factories


@pytest.fixture(autouse=True)
def _password_is_enough(settings: Any) -> None:
    """Let the password be enough, as in the embedded run; tests of the second factor ask for it."""
    settings.ADMIN_MFA = False


@pytest.fixture
def root(db: None, settings: Any) -> Developer:
    settings.ROOT_ADMIN_EMAIL = "Root@example.com"
    return factories.developer(factories.organization("Platform"), "Root", is_superuser=True)


@pytest.fixture
def admin(root: Developer) -> Developer:
    """A superuser who is not the root."""
    return factories.developer(root.organization, "Ada", role="member", is_superuser=True)


@pytest.fixture
def admins(admin: Developer) -> APIClient:
    return factories.dashboard_client(admin)


@pytest.fixture
def alice(db: None) -> Developer:
    """The owner of a tenant called Alpha."""
    return factories.alice()


@pytest.fixture
def jane(alice: Developer) -> EndUser:
    """An end user of Alpha."""
    return factories.end_user(alice.organization, first_name="Jane", email="jane@example.com", external_id="j-1")
