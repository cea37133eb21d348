"""An installation that takes payments, and the vendor that takes them."""

from collections.abc import Iterator
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import Developer
from tests import factories
from tests.billing.razorpay_server import KEY_ID, KEY_SECRET, WEBHOOK_SECRET, Razorpay, serving
from wearlink.lib import clock


@pytest.fixture(autouse=True)
def _configured(settings: Any) -> None:
    """Every test has keys; Razorpay is where nobody answers."""
    settings.RAZORPAY_KEY_ID, settings.RAZORPAY_KEY_SECRET = KEY_ID, KEY_SECRET
    settings.RAZORPAY_WEBHOOK_SECRET, settings.RAZORPAY_WEBHOOK_SECRET_PREVIOUS = WEBHOOK_SECRET, ""
    settings.RAZORPAY_API_URL = "http://127.0.0.1:9"


@pytest.fixture
def razorpay(settings: Any) -> Iterator[Razorpay]:
    with serving(Razorpay(now=clock.now_ms() // 1000)) as server:
        settings.RAZORPAY_API_URL = server.url
        yield server


@pytest.fixture
def alice(db: None) -> Developer:
    """The owner of an organization."""
    return factories.alice()


@pytest.fixture
def owner(alice: Developer) -> APIClient:
    """Alice in the dashboard."""
    return factories.dashboard_client(alice)
