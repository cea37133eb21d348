"""Every matrix of the SaaS metrics: billing's, and how popular each provider is."""

from datetime import date, datetime
from typing import Any, Final

import redis
from django.core.cache import cache
from django.db.models import Count, Q

from billing.figures import insights
from providers.models import Connection
from providers.models.connection import LIVE_STATUSES

KEPT_SECONDS: Final = 60


def payload(now: datetime) -> dict[str, Any]:
    """Return the documented matrices, in their order."""
    used = activity(now.date())
    return {
        **insights.paid(now),
        "funnel": used["funnel"],
        "dau": used["dau"],
        "weekly_cohorts": used["weekly_cohorts"],
        "providers": provider_popularity(),
        "top_developers": used["top_developers"],
    }


def activity(today: date) -> dict[str, Any]:
    """Return the matrices of use, counted at most once a minute: they read the counters of eight weeks."""

    def count() -> dict[str, Any]:
        return insights.activity(today)

    try:
        return cache.get_or_set(f"admin-insights-{today}", count, KEPT_SECONDS) or count()
    except redis.RedisError:
        return count()


def provider_popularity() -> list[dict[str, Any]]:
    """Return connections by provider, live ones and all that ever were; the most popular first."""
    rows = Connection.objects.values("provider").annotate(
        connections=Count("pk"), live=Count("pk", filter=Q(status__in=LIVE_STATUSES))
    )
    return [dict(row) for row in rows.order_by("-live", "provider")]
