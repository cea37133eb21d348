"""The fields that both ways of logging a meal have beside the dishes: which meal, when, and a note."""

from datetime import datetime
from typing import Final

from accounts.end_users import zones
from accounts.models import EndUser
from adminportal.dashboard.submissions import FormField
from nutrition.models import MealType

NOTE: Final = FormField("note", "Note", help="Anything worth keeping.")


def meal_field(*extra: tuple[str, str]) -> FormField:
    """Return which meal of the day."""
    return FormField("meal_type", "Meal", "select", choices=[*extra, *MealType.choices], required=True)


def moment_field(user: EndUser) -> FormField:
    """Return when it was eaten, on the end user's clock."""
    return FormField("detected_at", "Eaten at", "datetime-local", f"On a clock in {user.time_zone}. Empty: now.")


def stated(user: EndUser, text: str) -> str:
    """Return a time of that clock as RFC 3339 with its offset; what is no time stays as it is, for the
    API to refuse.
    """
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return text
    return found.isoformat() if found.tzinfo else found.replace(tzinfo=zones.zone(user.time_zone)).isoformat()
