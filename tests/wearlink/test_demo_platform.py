"""The demo's other tenants: every section of the administrator's portal has something to show."""

from typing import Any

import pytest
from django.test import Client

from accounts.models import Developer, Organization
from adminportal.models import Announcement
from adminportal.platform import overview
from billing.figures import finance
from billing.models import Invoice
from nutrition.review_queue import quality, review
from tests import factories
from wearlink.demo import neighbours
from wearlink.lib import clock

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(settings: Any) -> Developer:
    settings.ADMIN_MFA = False
    return factories.developer(factories.organization("WearLink"), "Ada", is_superuser=True)


def test_the_neighbours_are_made_once_and_leave_things_to_do(admin: Developer) -> None:
    assert neighbours.make(admin)
    found = overview.things_to_do(clock.now())
    assert {name: n for name, n in found.items() if n} == {
        "pending_nutrition_reviews": 6, "open_support_tickets": 2, "locked_developers": 1, "failed_login_bursts": 1,
        "unverified_accounts": 1,
    }  # fmt: skip
    assert not neighbours.make(admin)
    assert Organization.objects.count() == 7
    assert Announcement.objects.filter(is_active=True).count() == 1


def test_money_and_reviews_have_a_history(admin: Developer) -> None:
    neighbours.make(admin)
    summary = finance.summary(clock.now())
    assert (summary["mrr_usd"], summary["active_subscriptions"]) == (598, 2)
    assert Invoice.objects.filter(status="refunded").count() == 1
    found = quality.quality(30)
    assert found["reviewed"] == 60
    shares = [one["share"] for one in found["calibration"]]
    assert None not in shares
    assert shares[0] < 0.7 < shares[-1]
    assert all(row.log.image.s3_key for row in review.queue())


def test_nobody_can_sign_in_as_a_neighbour(admin: Developer) -> None:
    neighbours.make(admin)
    for owner in Developer.objects.exclude(pk=admin.pk):
        answer = Client().post("/admin/login/", {"email": owner.email, "password": factories.PASSWORD})
        assert answer.status_code in (401, 429)
