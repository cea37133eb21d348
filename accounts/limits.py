"""An organization's limits: the numbers that its plan gives it."""

from dataclasses import dataclass, fields
from typing import Final


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits in force for one organization. None means no limit."""

    plan: str
    requests_per_minute: int | None
    photos_per_day: int | None
    max_end_users: int | None
    max_webhook_endpoints: int | None
    max_team_seats: int | None


#: The fields of Limits that are numbers; Organization and billing's Plan have columns of these names.
NUMBERS: Final = tuple(field.name for field in fields(Limits) if field.name != "plan")


def limits_of(row: object, plan: str) -> Limits:
    """Return the limits of a row's columns."""
    return Limits(plan=plan, **{name: getattr(row, name) for name in NUMBERS})


HOBBY = Limits(
    plan="hobby",
    requests_per_minute=6_000,
    photos_per_day=20,
    max_end_users=10_000,
    max_webhook_endpoints=50,
    max_team_seats=10,
)
