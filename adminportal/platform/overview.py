"""The first screen: how many tenants, what they pay, who came lately, and what waits for an administrator."""

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

from django.conf import settings
from django.db.models import Count

from accounts.models import AuditEntry, Developer, EndUser, Organization
from adminportal.models import SupportTicket
from billing.figures import finance
from nutrition.review_queue import review
from providers.models import Connection
from wearlink.lib.monitoring import gauges

SIGNUP_DAYS: Final = 14
BURST: Final = 5  # failed sign-ins on one account within BURST_WINDOW
BURST_WINDOW: Final = timedelta(hours=1)


def cards(now: datetime) -> dict[str, Any]:
    """Return everything on it. Amounts as `_inr` and `_usd`."""
    monthly = finance.mrr()
    return {
        "tenants": tenants(),
        **monthly.shown("mrr"),
        **monthly.times(finance.MONTHS_A_YEAR).shown("arr"),
        "plan_distribution": plans(),
        "signups": signups(now.date()),
        "things_to_do": things_to_do(now),
        "usd_inr_rate": float(settings.USD_INR_RATE),
    }


def tenants() -> dict[str, int]:
    """Return how many there are of each."""
    return {
        "organizations": Organization.objects.count(),
        "developers": Developer.objects.count(),
        "end_users": EndUser.objects.count(),
        "live_connections": Connection.objects.live().count(),
    }


def plans() -> list[dict[str, Any]]:
    """Return organizations by plan, the most first."""
    rows = Organization.objects.values("plan").annotate(organizations=Count("pk"))
    return [dict(row) for row in rows.order_by("-organizations", "plan")]


def signups(today: date) -> list[dict[str, Any]]:
    """Return organizations that registered, each of the last days (UTC), today last."""
    first = today - timedelta(days=SIGNUP_DAYS - 1)
    since = datetime.combine(first, time.min, UTC)
    moments = Organization.objects.filter(created_at__gte=since).values_list("created_at", flat=True)
    found = Counter(moment.date() for moment in moments)
    days = (first + timedelta(days=number) for number in range(SIGNUP_DAYS))
    return [{"date": day.isoformat(), "organizations": found[day]} for day in days]


def things_to_do(now: datetime) -> dict[str, int]:
    """Return how many wait of each kind."""
    return {
        "pending_nutrition_reviews": review.queue().count(),
        "open_support_tickets": SupportTicket.objects.filter(resolved_at__isnull=True).count(),
        "locked_developers": Developer.objects.filter(locked_until__gt=now).count(),
        "failed_login_bursts": failed_login_bursts(now),
        "unverified_accounts": Developer.objects.filter(email_verified_at__isnull=True).count(),
        "dead_payloads": _whole(gauges.read("wearlink_payloads_dead")),
    }


def failed_login_bursts(now: datetime) -> int:
    """Accounts with BURST failed sign-ins within the last hour; those on unknown addresses count as one account."""
    rows = AuditEntry.objects.filter(action="auth.sign_in_failed", created_at__gte=now - BURST_WINDOW)
    return rows.values("target_id").annotate(n=Count("pk")).filter(n__gte=BURST).count()


def _whole(reading: Any) -> int:
    return int(reading) if isinstance(reading, float | int) else 0
