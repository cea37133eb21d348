"""The five first steps of a new organization. Each is read off what is there; nothing is ticked by hand."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Max, Min
from django.urls import reverse

from accounts.models import ApiKey, DailyUsage, EndUser, MonthlyUsage, Organization
from accounts.usage import SAMPLES_STORED
from accounts.webhooks.models import Endpoint
from providers import registry
from providers.models import Connection


@dataclass(frozen=True, slots=True)
class Step:
    """One step. `done` says what was found, empty while it is open; `at` when, where that is known."""

    name: str
    title: str
    done: str
    at: datetime | None = None
    href: str = ""  # where to do it


@dataclass(frozen=True, slots=True)
class Checklist:
    """All steps. `first_user` is the address of the end user to go on with, if there is one."""

    steps: list[Step]
    first_user: str

    @property
    def done(self) -> int:
        """The number of steps that are done."""
        return sum(bool(step.done) for step in self.steps)

    @property
    def next(self) -> Step | None:
        return next((step for step in self.steps if not step.done), None)


def of(organization: Organization) -> Checklist:
    """Return an organization's progress. Six short queries."""
    user = EndUser.objects.for_organization(organization).order_by("created_at", "key").first()
    steps = [_key(organization), _user(user), _connection(organization), _data(organization), _webhook(organization)]
    return Checklist(steps, "" if user is None else reverse("dashboard:connections", args=[user.id]))


def _key(organization: Organization) -> Step:
    used = ApiKey.objects.filter(organization=organization).aggregate(at=Max("last_used_at"))["at"]
    return Step("key", "API key used", "Last used" if used else "", used)


def _user(user: EndUser | None) -> Step:
    if user is None:
        return Step("user", "First end user", "", href=reverse("dashboard:end-user-new"))
    name = " ".join(part for part in (user.first_name, user.last_name) if part)
    return Step("user", "First end user", name or user.email or user.external_id or str(user.id)[:8], user.created_at)


def _connection(organization: Organization) -> Step:
    row = Connection.objects.filter(organization_id=organization.pk).order_by("connected_at", "key").first()
    return Step(
        "connection",
        "First connection",
        registry.get(row.provider).name if row else "",
        row.connected_at if row else None,
    )


def _data(organization: Organization) -> Step:
    stored = {"organization_id": organization.pk, "metric": SAMPLES_STORED, "total__gt": 0}
    since = DailyUsage.objects.filter(**stored).aggregate(day=Min("date"))["day"]
    has_any = since is not None or MonthlyUsage.objects.filter(**stored).exists()
    return Step("data", "First data", "Records are stored" if has_any else "")


def _webhook(organization: Organization) -> Step:
    row = Endpoint.objects.for_organization(organization).order_by("created_at", "key").first()
    return Step("webhook", "First webhook", row.url if row else "", row.created_at if row else None)
