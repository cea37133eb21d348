"""The queue of meals for reviewers: one reviewer holds a meal at a time, and every act is audited.

Locks are taken in the order log, review. A meal is held from the first act on it, for settings.REVIEW_CLAIM_SECONDS
after each; then anybody may take it. A sampled meal is read blind: the reviewer's dishes are a second answer beside
the log's own until they are compared.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from accounts import audit
from accounts.models import Developer, Organization
from nutrition.meals import emission, entries
from nutrition.models import MealItem, MealLog, MealReview, MealStatus
from nutrition.models.meal import MealItemQuerySet
from nutrition.models.review import MealReviewQuerySet, RejectionReason, ReviewDecision
from nutrition.photos import recognition
from wearlink.lib import clock
from wearlink.lib.errors import Conflict, NotFound, Unprocessable

_KCAL_APART = 0.25


class ReviewHeld(Conflict):
    """Another reviewer has this meal."""

    default_code = "review_claimed"


class ReviewDecided(Conflict):
    """The meal needs no review any more."""

    default_code = "review_decided"


class NothingToApprove(Unprocessable):
    """A meal without dishes, or with one whose energy nobody knows."""

    default_code = "incomplete_meal"


@dataclass(frozen=True, slots=True)
class Held:
    """A meal in the hands of a reviewer; both rows are locked."""

    log: MealLog
    review: MealReview
    actor: audit.Actor

    @property
    def items(self) -> MealItemQuerySet:
        """The dishes the reviewer works on."""
        own = MealItem.objects.filter(log=self.log)
        return own.filter(review=self.review) if self.review.is_blind else own.own()

    def record(self, action: str, **data: Any) -> None:
        """Record the act in the audit trail of the meal's organization."""
        organization = Organization(pk=self.log.organization_id)
        audit.record(f"meal_review.{action}", actor=self.actor, organization=organization, target=self.log, data=data)


def queue() -> MealReviewQuerySet:
    """Return what waits, in the order of coming."""
    return MealReview.objects.open().select_related("log", "claimed_by").order_by("queued_at", "key")


@transaction.atomic
def claim_next(reviewer: Developer) -> MealReview | None:
    """Take the meal that waits longest and that nobody holds; None if there is none."""
    free = Q(claimed_by=None) | Q(claimed_until__lte=clock.now())
    rows = MealReview.objects.open().filter(free).order_by("queued_at", "key")
    review = rows.select_for_update(skip_locked=True, of=("self",)).first()
    if review is None:
        return None
    _claim(review, reviewer)
    Held(review.log, review, _actor(reviewer)).record("claimed")
    return review


def hold(reviewer: Developer, log_id: uuid.UUID) -> Held:
    """Claim a meal, or keep the claim. Call it in a transaction. Raises NotFound, ReviewHeld, ReviewDecided."""
    log = MealLog.objects.select_for_update().filter(id=log_id).first()
    review = None if log is None else MealReview.objects.select_for_update(of=("self",)).filter(log=log).first()
    if log is None or review is None:
        raise NotFound("Review not found")
    if review.decision != ReviewDecision.OPEN:
        raise ReviewDecided(f"This meal is {review.decision}.")
    holder, until = review.claimed_by_id, review.claimed_until
    if holder not in {None, reviewer.pk} and until is not None and until > clock.now():
        raise ReviewHeld("Another reviewer has this meal.")
    _claim(review, reviewer)
    return Held(log, review, _actor(reviewer))


@transaction.atomic
def claim(reviewer: Developer, log_id: uuid.UUID) -> None:
    """Take one meal. Raises NotFound, ReviewHeld, ReviewDecided."""
    hold(reviewer, log_id).record("claimed")


def note_view(reviewer: Developer, log: MealLog) -> None:
    """Write down that a reviewer opened a meal they do not hold; taking it is written down by itself."""
    organization = Organization(pk=log.organization_id)
    audit.record("meal_review.viewed", actor=_actor(reviewer), organization=organization, target=log)


@transaction.atomic
def release(reviewer: Developer, log_id: uuid.UUID) -> None:
    """Give it back. Raises NotFound, ReviewHeld, ReviewDecided."""
    held = hold(reviewer, log_id)
    MealReview.objects.filter(pk=held.review.pk).update(claimed_by=None, claimed_at=None, claimed_until=None)
    held.record("released")


@transaction.atomic
def approve(reviewer: Developer, log_id: uuid.UUID) -> None:
    """Approve the dishes as they are: they count, and the event is emitted once.

    Raises NotFound, ReviewHeld, ReviewDecided, NothingToApprove.
    """
    held = hold(reviewer, log_id)
    items = list(held.items.order_by("position", "key"))
    if not items or any(item.calories_kcal is None for item in items):
        raise NothingToApprove("Every meal needs a dish, and every dish its calories_kcal, before it can be approved.")
    before = held.log.status
    if held.review.is_blind:
        agreed: bool | None = _compare(held, items)
    else:
        agreed = not held.review.corrected if held.review.items_of_model else None
        recognition.accept(held.log)
    held.log.human_reviewed, held.log.updated_at = True, clock.now()
    held.log.save()
    if held.review.is_blind and not agreed:
        emission.emit_replaced(held.log)
    elif not held.review.is_blind:
        emission.emit_recognized(held.log)
    _decide(held, ReviewDecision.APPROVED, agreed)
    held.record("approved", before=before, after=held.log.status, agreed=agreed)


@transaction.atomic
def reject(reviewer: Developer, log_id: uuid.UUID, reason: str = "") -> None:
    """Discard a log that is no meal, or none that anybody can recognize. reason: a RejectionReason, or empty.

    Raises NotFound, ReviewHeld, ReviewDecided.
    """
    held = hold(reviewer, log_id)
    before = held.log.status
    held.review.rejection_reason = RejectionReason(reason).value if reason else ""
    _decide(held, ReviewDecision.REJECTED, False if held.review.items_of_model else None)
    entries.discard(held.log.pk)
    held.record("rejected", before=before, after=MealStatus.DISCARDED, reason=held.review.rejection_reason)


def _compare(held: Held, answer: Sequence[MealItem]) -> bool:
    """Return whether the blind answer says what the log says; where it does not, it takes the log's place."""
    own = list(held.log.items.own())
    if agree(own, answer):
        held.items.delete()
        return True
    held.log.items.own().delete()
    MealItem.objects.filter(pk__in=[item.pk for item in answer]).update(review=None)
    return False


def agree(first: Sequence[MealItem], second: Sequence[MealItem]) -> bool:
    """Return the same dishes, and energies at most 25 % of the larger apart: the rule that a verifier is held to."""
    if {_meaning(one) for one in first} != {_meaning(one) for one in second}:
        return False
    energies = sorted(sum(item.calories_kcal or 0.0 for item in items) for items in (first, second))
    return energies[1] - energies[0] <= _KCAL_APART * energies[1]


def _meaning(item: MealItem) -> str:
    return item.food_db_id or item.dish_name.casefold()


def _decide(held: Held, decision: str, agreed: bool | None) -> None:
    held.review.decision, held.review.agreed, held.review.decided_at = decision, agreed, clock.now()
    held.review.save(update_fields=["decision", "agreed", "decided_at", "rejection_reason"])


def _claim(review: MealReview, reviewer: Developer) -> None:
    now = clock.now()
    is_new = review.claimed_by_id != reviewer.pk or review.claimed_at is None
    review.claimed_at = now if is_new else review.claimed_at
    review.claimed_by, review.claimed_until = reviewer, now + timedelta(seconds=settings.REVIEW_CLAIM_SECONDS)
    review.save(update_fields=["claimed_by", "claimed_at", "claimed_until"])


def _actor(reviewer: Developer) -> audit.Actor:
    return audit.developer(reviewer)
