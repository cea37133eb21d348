"""The nutrition review: the queue, and one meal at a time with its photo."""

from typing import Any, Final
from uuid import UUID

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from accounts.models import Developer, EndUser
from adminportal.kit.tables import Filter, Listing, TableColumn
from adminportal.platform.pages.base import act, admin_of, show, show_list
from adminportal.platform.site import site
from nutrition import quality, review, review_items
from nutrition.api import review_shapes
from nutrition.models import MealLog, MealReview
from nutrition.models.review import ReviewReason
from wearlink.lib import clock
from wearlink.lib.errors import InvalidInput, NotFound

QUALITY_DAYS: Final = 30
#: What a reviewer may type in the table of dishes, with the least and the most.
NUMBERS: Final = {"quantity_grams": (0.1, 5000.0), "calories_kcal": (0.0, 20_000.0), "protein_g": (0.0, 5000.0),
                  "carbs_g": (0.0, 5000.0), "fat_g": (0.0, 5000.0)}  # fmt: skip


def holder(row: MealReview) -> tuple[str, str]:
    """Who has a meal now, as mark and word."""
    if row.claimed_by is None or row.claimed_until is None or row.claimed_until < clock.now():
        return ("idle", "nobody")
    return ("info", row.claimed_by.name or row.claimed_by.email)


QUEUE: Final = Listing(
    name="review-queue",
    columns=[
        TableColumn("Meal", lambda row: row.log.meal_type, link=lambda row: _meal(row.log.id)),
        TableColumn("Held by", holder, "status"),
        TableColumn("Reason", lambda row: ReviewReason(row.reason).label),
        TableColumn("Confidence", lambda row: None if row.is_blind else row.log.confidence_score),
        TableColumn("Waits since", lambda row: row.queued_at, "when"),
    ],
    filters=[Filter("reason", "Reason", ReviewReason.choices)],
    searchable=False,
    empty="No meal waits for a reviewer.",
)


@site.page("review/", "review", reviewers=True)
@require_safe
def queue(request: HttpRequest) -> HttpResponseBase:
    """Meals that wait."""
    rows = review.queue()
    reason = QUEUE.chosen(request).get("reason")
    return show_list(
        request, "Nutrition review", QUEUE, rows.filter(reason=reason) if reason else rows, template="review"
    )


@site.page("review/next/", "review-next", reviewers=True)
@require_POST
def take_next(request: HttpRequest) -> HttpResponseBase:
    """Take the meal that waits longest."""
    return _to_next(request, admin_of(request))


@site.page("review/quality/", "review-quality", reviewers=True)
@require_safe
def quality_page(request: HttpRequest) -> HttpResponseBase:
    """How good the model is, by what reviewers found."""
    return show(request, "quality", "Quality of recognition", {"found": quality.quality(QUALITY_DAYS)})


@site.page("review/<uuid:log_id>/", "review-meal", reviewers=True)
@require_safe
def meal(request: HttpRequest, log_id: UUID) -> HttpResponseBase:
    """One meal."""
    row = MealReview.objects.select_related("claimed_by").filter(log__id=log_id).first()
    if row is None:
        raise NotFound("Review not found")
    row.log = MealLog.objects.with_items().select_related("image").get(pk=row.log_id)
    user_id = EndUser.objects.filter(pk=row.log.user_key).values_list("id", flat=True).first()
    context = {
        "shown": review_shapes.detail(row, str(user_id)),
        "holder": holder(row),
        "is_mine": row.claimed_by_id == admin_of(request).pk and holder(row)[0] == "info",
        "waiting": review.queue().count(),
        "numbers": list(NUMBERS),
    }
    return show(request, "meal", f"{row.log.meal_type.title()} to review", context)


@site.page("review/<uuid:log_id>/<str:act_name>/", "review-act", reviewers=True)
@require_POST
def review_act(request: HttpRequest, log_id: UUID, act_name: str) -> HttpResponseBase:
    """Claim, release, approve, reject; change, add or remove a dish."""
    reviewer, back = admin_of(request), _meal(log_id)
    item_id = request.POST.get("item_id", "")
    acts: dict[str, tuple[str, Any]] = {
        "claim": ("The meal is yours for five minutes.", lambda: review.claim(reviewer, log_id)),
        "release": ("The meal is back in the queue.", lambda: review.release(reviewer, log_id)),
        "approve": ("Approved.", lambda: review.approve(reviewer, log_id)),
        "reject": ("Rejected.", lambda: review.reject(reviewer, log_id)),
        "change": ("Changed.", lambda: review_items.change(reviewer, log_id, _id(item_id), _typed(request))),
        "add": ("Added.", lambda: review_items.add(reviewer, log_id, _typed(request))),
        "remove": ("Removed.", lambda: review_items.remove(reviewer, log_id, _id(item_id))),
    }
    if act_name not in acts:
        raise NotFound("There is no such act")
    done, do = acts[act_name]
    answer = act(request, done, do, back=back)
    decided = MealReview.objects.filter(log__id=log_id, decided_at__isnull=False).exists()
    return _to_next(request, reviewer) if act_name in ("approve", "reject") and decided else answer


def _to_next(request: HttpRequest, reviewer: Developer) -> HttpResponseBase:
    found = review.claim_next(reviewer)
    return redirect("admin:review") if found is None else redirect(_meal(found.log.id))


def _typed(request: HttpRequest) -> dict[str, Any]:
    """What the form of a dish says. Raises InvalidInput naming the field and what is accepted."""
    values: dict[str, Any] = {}
    for name, (least, most) in NUMBERS.items():
        text = request.POST.get(name, "").strip().replace(",", "")
        if not text:
            continue
        try:
            value = float(text)
        except ValueError as error:
            raise InvalidInput.on(name, f"must be a number. You entered {text[:20]!r}.") from error
        if not least <= value <= most:
            raise InvalidInput.on(name, f"must be between {least:g} and {most:,g}. You entered {text[:20]}.")
        values[name] = value
    dish = request.POST.get("dish_name", "").replace("\x00", "").strip()[:120]
    return values | ({"dish_name": dish} if dish else {})


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise NotFound("Item not found") from error


def _meal(log_id: UUID) -> str:
    return reverse("admin:review-meal", args=[log_id])
