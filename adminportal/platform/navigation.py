"""The one list of sections that feeds the side bar, its badges and the tests of access."""

from dataclasses import dataclass
from typing import Any, Final

import redis
from django.core.cache import cache
from django.http import HttpRequest
from django.urls import reverse

from accounts.models import Developer
from adminportal.platform import overview
from wearlink.lib import clock

BADGE_SECONDS: Final = 30


@dataclass(frozen=True, slots=True)
class Section:
    """An entry of the side bar; `badge` names the count of things to do beside it."""

    title: str
    page: str
    icon: str
    badge: str = ""
    for_reviewers: bool = False


NAVIGATION: Final[dict[str, list[Section]]] = {
    "Operate": [
        Section("Overview", "index", "dashboard"),
        Section("Support", "support", "mail", "open_support_tickets"),
        Section("Announcements", "announcements", "campaign"),
        Section("Nutrition review", "review", "restaurant", "pending_nutrition_reviews", for_reviewers=True),
    ],
    "Customers": [
        Section("Developers", "developers", "groups", "locked_developers"),
        Section("End users", "end-users", "person"),
    ],
    "Money": [
        Section("Finance", "finance", "payments"),
        Section("COGS", "cogs", "receipt_long"),
        Section("Insights", "insights", "insights"),
    ],
    "Platform": [
        Section("Audit", "audit", "history"),
        Section("System health", "health", "monitor_heart"),
        Section("Jobs", "jobs", "schedule"),
        Section("All records", "records", "database"),
    ],
}


def sidebar(request: HttpRequest) -> list[dict[str, Any]]:
    """Return the side bar as Unfold wants it, without what this developer may not open."""
    user = request.user
    is_superuser = isinstance(user, Developer) and user.is_superuser
    counts = badges() if is_superuser else {}
    found = []
    for title, sections in NAVIGATION.items():
        items = [
            {
                "title": section.title,
                "icon": section.icon,
                "link": reverse(f"admin:{section.page}"),
                **_badge(counts.get(section.badge, 0)),
            }
            for section in sections
            if is_superuser or section.for_reviewers
        ]
        if items:
            found.append({"title": title, "items": items})
    return found


def badges() -> dict[str, int]:
    """Return what waits for administrators, counted at most every 30 seconds; nothing without the cache."""
    try:
        found = cache.get_or_set("admin-badges", _counts, BADGE_SECONDS)
    except redis.RedisError:
        return {}
    return found or {}


def _counts() -> dict[str, int]:
    return overview.things_to_do(clock.now())


def _badge(count: int) -> dict[str, str]:
    return {"badge": str(count)} if count else {}
