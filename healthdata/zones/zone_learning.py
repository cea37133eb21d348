"""Learning an end user's time zones from what rows and phones state, where none was set."""

from collections.abc import Sequence

from django.db import transaction

from accounts.end_users import zones as user_zones
from accounts.models import EndUser
from healthdata.days import ZoneHistory
from healthdata.models import DueDay
from healthdata.records import StatedZone
from healthdata.store import due
from healthdata.store.learned_zones import learned
from healthdata.store.stated_zones import LEARN, note, statements


def hear(user_key: int, stated: Sequence[StatedZone]) -> None:
    """Take down what phones say of their clocks, in the caller's transaction."""
    if not stated:
        return
    day = note(user_key, stated, ZoneHistory(user_zones.history(user_key)))
    if day is not None:
        due.mark_days(user_key, LEARN, [day], "")


def work_off(user_key: int) -> None:
    """Learn again where a statement contradicts the zone in use. The change is marked like any other."""
    marks = list(DueDay.objects.filter(user_key=user_key, kind=LEARN))
    if not marks:
        return
    with transaction.atomic():
        user = EndUser.objects.select_related("organization").defer("search_text").filter(pk=user_key).first()
        if user is not None and not user.zone_known:
            lived_in = [zone for _, zone in user_zones.history(user_key)]
            entries = learned(statements(user_key), [user.organization.time_zone, *lived_in])
            if entries:
                user_zones.learn(user_key, entries)
        due.unmark(user_key, marks)
