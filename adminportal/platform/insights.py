"""Every matrix of the SaaS metrics: billing's, and how popular each provider is."""

from datetime import datetime
from typing import Any

from django.db.models import Count, Q

from billing.figures import insights
from providers.models import Connection
from providers.models.connection import LIVE_STATUSES


def payload(now: datetime) -> dict[str, Any]:
    """The documented matrices."""
    found = insights.payload(now)
    top = found.pop("top_developers")
    return {**found, "providers": provider_popularity(), "top_developers": top}


def provider_popularity() -> list[dict[str, Any]]:
    """Connections by provider, live ones and all that ever were; the most popular first."""
    rows = Connection.objects.values("provider").annotate(
        connections=Count("pk"), live=Count("pk", filter=Q(status__in=LIVE_STATUSES))
    )
    return [dict(row) for row in rows.order_by("-live", "provider")]
