"""What an organization may use: the numbers its plan gives it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits in force for one organization. None means no limit."""

    plan: str
    requests_per_minute: int | None
    photos_per_day: int | None
    max_end_users: int | None
    max_webhook_endpoints: int | None
    max_team_seats: int | None


HOBBY = Limits(
    plan="hobby",
    requests_per_minute=6_000,
    photos_per_day=20,
    max_end_users=10_000,
    max_webhook_endpoints=50,
    max_team_seats=10,
)
