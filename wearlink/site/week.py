"""A week of the demo's first end user: the page behind "see a person's week"."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from accounts.models import EndUser
from healthdata import summaries
from healthdata.merge.preferences import Priority
from healthdata.summaries import Reader
from wearlink.lib import clock
from wearlink.lib.web import pages
from wearlink.site import start

DAYS: Final = 7
BAR: Final = 100  # width of the longest bar, in units of the drawing


@dataclass(frozen=True, slots=True)
class WeekDay:
    """One row: figures are None where nothing was measured; `bar` is the share of the week's most steps."""

    date: date
    steps: int | None
    bar: int
    active_kcal: int | None
    heart_rate: int | None
    asleep: str
    sources: str


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """A link to somebody's week."""

    number: int
    name: str
    is_shown: bool


@require_safe
def week(request: HttpRequest, number: int = 0) -> HttpResponse:
    """Show the last seven local days of one, newest first, with the devices that the figures come from."""
    user = start.demo_user(request, number)
    today = clock.now().astimezone(ZoneInfo(user.time_zone)).date()
    context = {
        "name": user.first_name,
        "zone": user.time_zone,
        "days": _days(user, today),
        "people": people(request, number),
        "call": f"/api/v1/users/{user.id}/summaries/activity"
        f"?start_date={today - timedelta(days=DAYS - 1)}&end_date={today}",
    }
    return pages.show(request, "site/week.html", context)


def people(request: HttpRequest, shown: int) -> list[DemoPerson]:
    """Return everybody whose week can be seen."""
    demo = start.demo_for(request)
    ids = [] if demo is None else demo.user_ids
    names = {str(key): name for key, name in EndUser.objects.filter(id__in=ids).values_list("id", "first_name")}
    return [DemoPerson(place, names[key] or "", place == shown) for place, key in enumerate(ids) if key in names]


def _days(user: EndUser, today: date) -> list[WeekDay]:
    first = today - timedelta(days=DAYS)
    reader = Reader(user.key, Priority.cascade(user.organization.source_priority, user.source_priority))
    activity = {one.day: one for one in summaries.activity(reader, first=first, last=today)}
    found = summaries.sleep(reader, first=first, last=today)
    nights = {one.day: one.night.whole for one in found if one.night is not None}
    most = max((one.value_of("steps") or 0 for one in activity.values()), default=0)
    rows = []
    begun = 0 if today in activity or today in nights else 1  # after midnight there is nothing of the day yet
    for back in range(begun, DAYS + begun):
        day = today - timedelta(days=back)
        known, night = activity.get(day), nights.get(day)
        steps = known.value_of("steps") if known else None
        rows.append(
            WeekDay(
                date=day,
                steps=_whole(steps),
                bar=round(BAR * (steps or 0) / most) if most else 0,
                active_kcal=_whole(known.value_of("active_calories_kcal") if known else None),
                heart_rate=_whole(known.value_of("avg_heart_rate_bpm") if known else None),
                asleep=_hours(night.sleep_seconds if night else None),
                sources=", ".join(known.devices) if known else "",
            )
        )
    return rows


def _whole(value: float | None) -> int | None:
    return None if value is None else round(value)


def _hours(seconds: int | None) -> str:
    if seconds is None:
        return ""
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours} h {minutes:02} min"
