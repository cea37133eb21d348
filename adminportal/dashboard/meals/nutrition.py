"""An end user's meals with their photos, and the energy eaten beside the energy spent."""

from collections.abc import Iterable
from typing import Any, Final
from urllib.parse import urlsplit

from django.http import HttpResponseBase

from adminportal.dashboard import csv_files
from adminportal.dashboard.calls import ApiCall
from adminportal.dashboard.end_users.end_user import days_asked, find, reader_of, show_tab, zones_of
from adminportal.dashboard.shell import TenantRequest, page
from adminportal.kit.charts import bars, day_label
from nutrition import serializers
from nutrition.meals import energy
from nutrition.models import MealImage, MealLog
from nutrition.photos import photo_links
from wearlink.lib import clock

DAYS: Final = 14
MAX_ROWS: Final = 100
TONES: Final = {"pending": "info", "manual": "ok", "recognized": "ok", "discarded": "idle"}
COMPLETENESS: Final = {
    "none": ("idle", "nothing known"),
    "nutrition_only": ("warn", "only meals"),
    "wearable_only": ("warn", "only a wearable"),
    "wearable_and_nutrition": ("ok", "both sides"),
}


@page("GET", section="end-users")
def nutrition(request: TenantRequest, user_id: str) -> HttpResponseBase:
    """Return two weeks up to ?day: the balance of each day, and the meals, newest first."""
    user = find(request, user_id)
    history = zones_of(user)
    asked = days_asked(request, history, DAYS)
    first, last = asked.first, asked.last
    days = energy.balance(reader_of(user), history, first, last, None)
    start, end = history.span(first, last)
    rows = MealLog.objects.for_user(user.key).listed()
    found = rows.between(clock.from_ms(start), clock.from_ms(end), first, last)
    meals = found.with_items().select_related("image").newest_first()[:MAX_ROWS]
    if csv_files.wanted(request):
        return csv_files.answer_with(request.organization.pk, "meals", _dishes(meals, str(user.id)))
    charts = [
        bars("Eaten a day", "kcal", [(day_label(day.day), day.consumed) for day in days]),
        bars("Spent a day", "kcal", [(day_label(day.day), day.burned) for day in days]),
    ]
    context = {
        **asked._asdict(),
        "days": [(day, *COMPLETENESS[day.completeness]) for day in reversed(days)],
        "charts": [chart for chart in charts if chart.bars],
        "meals": [shown(meal, str(user.id)) for meal in meals],
        "calls": _calls(str(user.id), {"start_date": first.isoformat(), "end_date": last.isoformat()}),
    }
    return show_tab(request, user, "nutrition", context)


def _dishes(meals: Iterable[MealLog], user_id: str) -> list[dict[str, Any]]:
    """Return a row for each dish of each meal; one without dishes is a row of its own."""
    found = []
    for meal in meals:
        shown = serializers.meal(meal, user_id)
        items = shown.pop("items") or [{}]
        found += [shown | {"item": item} for item in items]
    return found


def _calls(user_id: str, days: dict[str, str]) -> list[ApiCall]:
    of_user = {"user_id": user_id, **days}
    return [
        ApiCall("GET", f"/api/v1/users/{user_id}/energy_balance", "read the energy balance", query=days),
        ApiCall("GET", "/api/v1/nutrition/log", "list meals", query=of_user),
        ApiCall("GET", "/api/v1/nutrition/summary", "read what was eaten day by day", query=of_user),
    ]


def shown(meal: MealLog, user_id: str) -> dict[str, Any]:
    """Return it as the API shows it, with what the pages draw beside."""
    return serializers.meal(meal, user_id) | {
        "at": meal.detected_at,
        "tone": TONES.get(meal.status, "idle"),
        "photo": _photo(getattr(meal, "image", None)),
    }


def _photo(image: MealImage | None) -> str:
    """Return the path of a link that opens for some minutes; without the host, so that it is this page's own origin."""
    link = photo_links.link(image) if image is not None else None
    return urlsplit(link).path if link else ""
