"""A subscription's state, taken over from Razorpay's events in whatever order they arrive.

Events come late, doubled and out of order. The state they leave depends on which there were, not on their order:

- events are ordered by their time at Razorpay, those of one second by the course of a subscription's life;
- the earliest event that ends a subscription ends it, and what happened later cannot have happened;
- without one, the latest event counts.

So each event either replaces the stored copy as a whole or changes nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from billing.entities import StrangeEntity, moment, number
from billing.models import Subscription, VendorPlan
from wearlink.lib import clock

#: What we read of a subscription, and what it became by a call of ours.
FETCHED, ANSWERED = "fetched", "answered"
#: The course of a life: of two events of one second the later name counts. What was read may be older than an event
#: of that second; what a call of ours made of it is newer.
COURSE: Final = (
    FETCHED, "authenticated", "activated", "charged", "updated", "resumed", "paused", "pending", "halted",
    "completed", "expired", "cancelled", ANSWERED,
)  # fmt: skip
_ENDS: Final = frozenset(status.value for status in Subscription.ENDED)
_FAILS: Final = frozenset(status.value for status in Subscription.FAILING)
_STATUSES: Final = frozenset(status.value for status in Subscription.Status)
COLUMNS: Final = (
    "status", "last_event_at", "last_event_rank", "customer_id", "current_start", "current_end", "charge_at",
    "ended_at", "paid_count", "total_count", "short_url", "vendor_plan", "next_plan", "cancel_at_cycle_end",
    "failing_since", "last_active_at", "updated_at",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ReportedSubscription:
    """A subscription as Razorpay reported it at a moment (epoch seconds); `name` is the event's last word, FETCHED or
    ANSWERED.
    """

    entity: Mapping[str, Any]
    at: int
    name: str

    @property
    def status(self) -> str:
        """Raises StrangeEntity for a status that nobody documented."""
        status = str(self.entity.get("status") or "")
        if status not in _STATUSES:
            raise StrangeEntity(f"A subscription has no status {status[:32]!r}.")
        return status

    @property
    def place(self) -> tuple[int, int]:
        """Its place in the order of events."""
        return self.at, COURSE.index(self.name) if self.name in COURSE else 0


def counts(subscription: Subscription, reported: ReportedSubscription) -> bool:
    """Return whether the report replaces the stored state."""
    stored = (subscription.last_event_at, subscription.last_event_rank)
    ends = reported.status in _ENDS
    if subscription.has_ended:
        return ends and reported.place < stored
    newer = reported.place > stored or (reported.name == ANSWERED and reported.place == stored)
    return ends or newer or subscription.status == Subscription.Status.CREATING


def take_over(subscription: Subscription, reported: ReportedSubscription) -> None:
    """Copy the report into the row, which is not saved. Raises StrangeEntity."""
    entity, was_failing = reported.entity, subscription.failing_since
    subscription.status = reported.status
    subscription.last_event_at, subscription.last_event_rank = reported.place
    subscription.customer_id = str(entity.get("customer_id") or subscription.customer_id)
    subscription.current_start = moment(entity.get("current_start"))
    subscription.current_end = moment(entity.get("current_end"))
    subscription.charge_at = moment(entity.get("charge_at"))
    subscription.ended_at = moment(entity.get("ended_at"))
    subscription.paid_count = number(entity.get("paid_count"))
    subscription.total_count = number(entity.get("total_count"))
    subscription.short_url = str(entity.get("short_url") or "")[:255]
    _take_over_plan(subscription, str(entity.get("plan_id") or ""))
    if not entity.get("has_scheduled_changes"):
        subscription.next_plan = ""
    if reported.status in _ENDS:
        subscription.cancel_at_cycle_end = False
    fails = reported.status in _FAILS
    subscription.failing_since = (was_failing or moment(reported.at)) if fails else None
    subscription.updated_at = clock.now()


def note(subscription: Subscription, reported: ReportedSubscription) -> bool:
    """Return what even an event that changes nothing else tells of when charging began to fail; whether the row
    changed.

    It is the earliest failure after the last success that we know of.
    """
    before = (subscription.last_active_at, subscription.failing_since)
    if reported.status == Subscription.Status.ACTIVE:
        subscription.last_active_at = max(subscription.last_active_at, reported.at)
    if subscription.failing_since is not None:
        succeeded = moment(subscription.last_active_at)
        since = moment(reported.at)
        if reported.status in _FAILS and succeeded <= since < subscription.failing_since:  # type: ignore[operator]
            subscription.failing_since = since
        elif subscription.failing_since < succeeded:  # type: ignore[operator]
            subscription.failing_since = moment(subscription.last_event_at)
    return before != (subscription.last_active_at, subscription.failing_since)


def _take_over_plan(subscription: Subscription, razorpay_plan_id: str) -> None:
    """Take over the plan that Razorpay names, if we made it; another one has no limits here and changes nothing."""
    if razorpay_plan_id and razorpay_plan_id != subscription.vendor_plan.razorpay_id:
        found = VendorPlan.objects.select_related("plan").filter(razorpay_id=razorpay_plan_id).first()
        if found is not None:
            subscription.vendor_plan = found
