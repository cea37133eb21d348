"""Plans give limits; usage is counted a day."""

import pytest

from accounts import audit
from accounts.limits import HOBBY
from accounts.models import AuditEntry, Developer, Organization
from billing import plans
from tests import factories
from wearlink.lib.errors import InvalidInput

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice() -> Developer:
    return factories.alice()


def test_a_new_organization_has_the_hobby_limits() -> None:
    organization = Organization.objects.create(name="New")
    assert organization.limits == HOBBY == plans.find("hobby").limits


@pytest.mark.parametrize(
    ("plan", "a_minute", "photos", "cents"),
    [
        ("hobby", 6000, 20, 0),
        ("developer", 30000, 500, 9_900),
        ("scale", 120000, 5000, 49_900),
        ("enterprise", None, None, None),
    ],
)
def test_the_four_plans(plan: str, a_minute: int | None, photos: int | None, cents: int | None) -> None:
    found = plans.find(plan)
    assert (found.limits.requests_per_minute, found.limits.photos_per_day) == (a_minute, photos)
    assert (found.price_usd_cents, found.limits.plan) == (cents, plan)


def test_a_new_plan_holds_from_the_next_call_on(
    alice: Developer, django_capture_on_commit_callbacks: pytest.FixtureRequest
) -> None:
    client = factories.key_client(alice)
    assert client.get("/api/v1/users")["X-RateLimit-Limit"] == "6000"
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        plans.apply(alice.organization, "scale", audit.SYSTEM)
    assert client.get("/api/v1/users")["X-RateLimit-Limit"] == "120000"
    entry = AuditEntry.objects.get(action="billing.plan_changed")
    assert entry.data == {"from": "hobby", "to": "scale"}
    plans.apply(alice.organization, "scale", audit.SYSTEM)
    assert AuditEntry.objects.filter(action="billing.plan_changed").count() == 1


def test_an_unknown_plan_is_refused(alice: Developer) -> None:
    with pytest.raises(InvalidInput, match="hobby, developer, scale, enterprise"):
        plans.apply(alice.organization, "gold", audit.SYSTEM)
