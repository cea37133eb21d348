"""An end user's days as the pages of /admin show them: the same figures and accounts that the API gives."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from accounts.models import EndUser
from healthdata import summaries
from healthdata.api.accounts_of_figures import explained as shown_account
from healthdata.figures.explain import explain
from healthdata.figures.revisions import Revision
from healthdata.figures.revisions import revisions as revisions_of
from healthdata.merge.preferences import Priority
from healthdata.queries.sources import sources_of
from healthdata.summaries import Reader
from wearlink.lib.errors import NotFound

SLEEP: Final = "sleep_hours"
CHARTS: Final = (
    ("steps", "Steps a day", "steps"),
    (SLEEP, "Sleep a night", "hours"),
    ("avg_heart_rate_bpm", "Mean heart rate a day", "bpm"),
)


@dataclass(frozen=True, slots=True)
class ShownDay:
    """A local day; figures by the names they have in the API, and sleep_hours."""

    date: date
    figures: dict[str, float]
    devices: str

    def value(self, metric: str) -> float | None:
        """Return a figure; None where nothing was measured."""
        return self.figures.get(metric)

    @property
    def steps(self) -> float | None:
        return self.value("steps")

    @property
    def heart_rate(self) -> float | None:
        """Mean, in beats a minute."""
        return self.value("avg_heart_rate_bpm")

    @property
    def sleep(self) -> float | None:
        """Hours asleep in the night that ended on this day."""
        return self.value(SLEEP)


def of(user: EndUser, now: datetime, number: int) -> list[ShownDay]:
    """Return the last local days, today last; days without data as well."""
    today = now.astimezone(ZoneInfo(user.time_zone)).date()
    first = today - timedelta(days=number - 1)
    reader = Reader(user.key, _priority(user))
    activity = {one.day: one for one in summaries.activity(reader, first=first, last=today)}
    nights = {one.day: one.night for one in summaries.sleep(reader, first=first, last=today)}
    found = []
    for back in range(number):
        day = first + timedelta(days=back)
        figures, night = {}, nights.get(day)
        if (known := activity.get(day)) is not None:
            figures = {name: one.value for name, one in known.figures.items() if one.value is not None}
        if night is not None and night.whole.sleep_seconds:
            figures[SLEEP] = round(night.whole.sleep_seconds / 3600, 2)
        found.append(ShownDay(day, figures, ", ".join(known.devices) if known else ""))
    return found


def explained(user: EndUser, day: date) -> dict[str, Any]:
    """Return each figure of a day with its account, as GET …/summaries/activity?explain=1 gives it;
    empty without any.
    """
    account = explain(user.key, _priority(user), first=day, last=day).get(day)
    return {} if account is None else shown_account(str(user.id), account, sources_of(user.key))


def revisions(user: EndUser, day: date) -> list[Revision]:
    """Return how the figures of a day came to change, newest first."""
    return list(revisions_of(user.key, day))


def parse(text: str) -> date:
    """Return a day of an address. Raises NotFound."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise NotFound("There is no such day") from error


def _priority(user: EndUser) -> Priority:
    return Priority.cascade(user.organization.source_priority, user.source_priority)
