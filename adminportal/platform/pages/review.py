"""The nutrition review: the queue beside one meal at a time, with its photo and its dishes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.models import Developer, EndUser
from adminportal.acting import act
from adminportal.kit import charts
from adminportal.kit.small_tables import SmallListing
from adminportal.kit.tables import Filter, Listing, TableColumn
from adminportal.platform.pages.base import admin_of, show, show_tables
from adminportal.platform.site import site
from nutrition import foods
from nutrition.api import review_shapes
from nutrition.models import MealLog, MealReview
from nutrition.models.review import RejectionReason, ReviewReason
from nutrition.review_queue import quality, review, review_items
from wearlink.lib import clock
from wearlink.lib.errors import InvalidInput, NotFound, WearLinkError

QUALITY_DAYS: Final = 30
ENTRIES: Final = 100  # of the queue beside the meal
FOODS: Final = 8
#: What a reviewer may type in the table of dishes, with its unit, the least and the most.
NUMBERS: Final = {
    "quantity_grams": ("g", 0.1, 5000.0), "calories_kcal": ("kcal", 0.0, 20_000.0),
    "protein_g": ("protein, g", 0.0, 5000.0), "carbs_g": ("carbs, g", 0.0, 5000.0), "fat_g": ("fat, g", 0.0, 5000.0),
}  # fmt: skip
QUEUE: Final = Listing(
    name="review-queue",
    columns=[
        TableColumn("Meal", lambda row: row.log.meal_type),
        TableColumn("Log", lambda row: row.log.id),
        TableColumn("Held by", lambda row: holder(row)[1]),
        TableColumn("Reason", lambda row: ReviewReason(row.reason).label),
        TableColumn("Confidence", lambda row: None if row.is_blind else row.log.confidence_score),
        TableColumn("Waits since", lambda row: row.queued_at),
    ],
    filters=[Filter("reason", "Reason", ReviewReason.choices)],
    searchable=False,
)


CALIBRATION: Final = SmallListing(
    name="calibration",
    title="Calibration",
    note="how often an answer stood, by the confidence it came with",
    columns=[
        TableColumn("Confidence", lambda one: f"{one['from']:.2f} – {one['to']:.2f}"),
        TableColumn("Meals", lambda one: one["logs"], "number"),
        TableColumn("Stood", lambda one: one["stood"], "number"),
        TableColumn("Share", lambda one: None if one["share"] is None else 100 * one["share"], "share"),
    ],
)
CORRECTIONS: Final = SmallListing(
    name="corrections",
    title="Corrections by field",
    columns=[
        TableColumn("Field", lambda one: one[0].replace("_", " ")),
        TableColumn("Dishes", lambda one: one[1]["items"], "number"),
    ],
    empty="Nothing was corrected.",
)


REJECTIONS: Final = SmallListing(
    name="rejections",
    title="Rejections by reason",
    columns=[
        TableColumn("Reason", lambda one: RejectionReason(one[0]).label if one[0] else "No reason given"),
        TableColumn("Meals", lambda one: one[1], "number"),
    ],
    empty="Nothing was rejected.",
)


def holder(row: MealReview) -> tuple[str, str]:
    """Return the holder of a meal, as mark and word."""
    if row.claimed_by is None or row.claimed_until is None or row.claimed_until < clock.now():
        return ("idle", "nobody")
    return ("info", row.claimed_by.name or row.claimed_by.email)


@dataclass(frozen=True, slots=True)
class QueueEntry:
    """A line of the queue; holder is the name of another reviewer who has it now."""

    row: MealReview
    holder: str

    @classmethod
    def of(cls, row: MealReview, reviewer: Developer) -> "QueueEntry":
        """Return it as this reviewer sees it."""
        kind, word = holder(row)
        return cls(row, word if kind == "info" and row.claimed_by_id != reviewer.pk else "")


@site.page("review/", "review", reviewers=True)
@require_safe
def queue(request: HttpRequest) -> HttpResponseBase:
    """Return meals that wait, beside the first that nobody else has."""
    if request.GET.get("format") == "csv":
        return QUEUE.csv(request, _waiting(request))
    return _workbench(request, None)


@site.page("review/next/", "review-next", reviewers=True)
@require_POST
def take_next(request: HttpRequest) -> HttpResponseBase:
    """Take the meal that waits longest."""
    return _to_next(admin_of(request))


@site.page("review/quality/", "review-quality", reviewers=True)
@require_safe
def quality_page(request: HttpRequest) -> HttpResponseBase:
    """Return how good the model is, by what reviewers found."""
    found = quality.quality(QUALITY_DAYS)
    bins = [((one["from"] + one["to"]) / 2, one["share"], one["logs"]) for one in found["calibration"]]
    share = found["agreement"]["share"]
    tables: dict[str, tuple[SmallListing, Sequence[Any]]] = {
        "calibration": (CALIBRATION, found["calibration"]),
        "corrections": (CORRECTIONS, list(found["corrections"].items())),
        "rejections": (REJECTIONS, list(found["rejections"].items())),
    }
    context = {"found": found, "chart": charts.reliability(bins), "agreement": None if share is None else 100 * share}
    return show_tables(request, "quality", "Quality of recognition", tables, context)


@site.page("review/foods/", "review-foods", reviewers=True)
@require_safe
def food_list(request: HttpRequest) -> HttpResponseBase:
    """Return foods of the table by what was typed so far, as JSON; kcal are those of 100 g."""
    q = request.GET.get("q", "").replace("\x00", "")[:120]
    found = [{"id": one.id, "name": one.name, "kcal": one.calories_kcal} for one in foods.search(q, FOODS)]
    return JsonResponse({"foods": found})


@site.page("review/bulk/", "review-bulk", reviewers=True)
@require_POST
def bulk(request: HttpRequest) -> HttpResponseBase:
    """Approve or reject meals; JSON tells of each whether it was done, and why not."""
    reviewer, action, ids = admin_of(request), request.POST.get("action", ""), request.POST.getlist("log_id")
    if action not in ("approve", "reject") or not 1 <= len(ids) <= review_shapes.MAX_BULK:
        return _refused(InvalidInput.on("log_id", f"approve or reject 1 to {review_shapes.MAX_BULK} meals."))
    results = []
    for log_id in ids:
        try:
            if action == "approve":
                review.approve(reviewer, _id(log_id))
            else:
                review.reject(reviewer, _id(log_id), _rejection(request))
        except WearLinkError as error:
            results.append({"log_id": log_id, "ok": False, "detail": error.detail})
        else:
            results.append({"log_id": log_id, "ok": True, "detail": ""})
    return JsonResponse({"results": results})


@site.page("review/<uuid:log_id>/", "review-meal", reviewers=True)
@require_safe
def meal(request: HttpRequest, log_id: UUID) -> HttpResponseBase:
    """Return one meal: for the workbench's script alone, else with the queue beside it."""
    if _is_script(request):
        return render(request, "platform/meal.html", _opened(request, log_id))
    return _workbench(request, log_id)


@site.page("review/<uuid:log_id>/<str:act_name>/", "review-act", reviewers=True)
@require_POST
def review_act(request: HttpRequest, log_id: UUID, act_name: str) -> HttpResponseBase:
    """Claim, release, approve, reject; change, add or remove a dish. The script gets the dishes as they are now."""
    reviewer = admin_of(request)
    item_id = request.POST.get("item_id", "")
    acts: dict[str, tuple[str, Any]] = {
        "claim": ("The meal is yours for five minutes.", lambda: review.claim(reviewer, log_id)),
        "release": ("The meal is back in the queue.", lambda: review.release(reviewer, log_id)),
        "approve": ("Approved.", lambda: review.approve(reviewer, log_id)),
        "reject": ("Rejected.", lambda: review.reject(reviewer, log_id, _rejection(request))),
        "change": ("Changed.", lambda: review_items.change(reviewer, log_id, _id(item_id), _typed(request))),
        "add": ("Added.", lambda: review_items.add(reviewer, log_id, _whole(_typed(request)))),
        "remove": ("Removed.", lambda: review_items.remove(reviewer, log_id, _id(item_id))),
    }
    if act_name not in acts:
        raise NotFound("There is no such act")
    done, do = acts[act_name]
    if _is_script(request):
        try:
            do()
        except WearLinkError as error:
            return _refused(error)
        return render(request, "platform/dishes.html", _meal(request, log_id))
    answer = act(request, done, do, back=_address(log_id))
    decided = MealReview.objects.filter(log__id=log_id, decided_at__isnull=False).exists()
    return _to_next(reviewer) if act_name in ("approve", "reject") and decided else answer


def _workbench(request: HttpRequest, log_id: UUID | None) -> HttpResponseBase:
    reviewer = admin_of(request)
    entries = [QueueEntry.of(row, reviewer) for row in _waiting(request)[:ENTRIES]]
    opened = log_id or next((one.row.log.id for one in entries if not one.holder), None)
    midnight = datetime.combine(timezone.localdate(), time.min, timezone.get_current_timezone())
    context = {
        "entries": entries,
        "opened": opened,
        "waiting": review.queue().count(),
        "held": sum(1 for one in entries if one.holder),
        "done_today": MealReview.objects.filter(decided_at__gte=midnight).count(),
        "reasons": ReviewReason.choices,
        "reason": QUEUE.chosen(request).get("reason", ""),
        "rejections": RejectionReason.choices,
    }
    return show(request, "workbench", "Nutrition review", context | (_opened(request, opened) if opened else {}))


def _waiting(request: HttpRequest) -> Any:
    rows, reason = review.queue(), QUEUE.chosen(request).get("reason")
    return rows.filter(reason=reason) if reason else rows


def _opened(request: HttpRequest, log_id: UUID) -> dict[str, Any]:
    """Return one meal as it is brought to a screen, which the audit trail tells of where the reviewer
    does not hold it.
    """
    found = _meal(request, log_id)
    if not found["is_mine"]:
        review.note_view(admin_of(request), found["log"])
    return found


def _rejection(request: HttpRequest) -> str:
    """Return why a meal is rejected, as the form says; empty where it says nothing we know."""
    reason = request.POST.get("reason", "")
    return reason if reason in RejectionReason.values else ""


def _meal(request: HttpRequest, log_id: UUID) -> dict[str, Any]:
    """Return what the templates of one meal show. Raises NotFound."""
    row = MealReview.objects.select_related("claimed_by").filter(log__id=log_id).first()
    if row is None:
        raise NotFound("Review not found")
    row.log = MealLog.objects.with_items().select_related("image").get(pk=row.log_id)
    user_id = EndUser.objects.filter(pk=row.log.user_key).values_list("id", flat=True).first()
    shown = review_shapes.detail(row, str(user_id))
    dishes = [{**item, "fields": _fields(item)} for item in shown["meal"]["items"]]
    energies = [item["calories_kcal"] for item in dishes]
    return {
        "shown": shown,
        "log": row.log,
        "rejections": RejectionReason.choices,
        "photo": (shown["image_url"] or "").removeprefix(settings.BASE_URL),  # of this origin, whatever its name here
        "eaten": row.log.detected_at,
        "reason_words": ReviewReason(row.reason).label.lower(),
        "dishes": dishes,
        "total": sum(energy or 0 for energy in energies),
        "is_complete": bool(energies) and None not in energies,
        "holder": holder(row),
        "is_mine": row.claimed_by_id == admin_of(request).pk and holder(row)[0] == "info",
    }


def _fields(item: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Name, unit and text of each number of a dish."""
    return [
        (name, unit, "" if item[name] is None else f"{round(item[name], 1):g}")
        for name, (unit, _, _) in NUMBERS.items()
    ]


def _is_script(request: HttpRequest) -> bool:
    return request.headers.get("X-Fragment") == "1"


def _refused(error: WearLinkError) -> HttpResponse:
    return JsonResponse({"detail": error.detail}, status=error.status)


def _to_next(reviewer: Developer) -> HttpResponseBase:
    found = review.claim_next(reviewer)
    return redirect("admin:review") if found is None else redirect(_address(found.log.id))


def _typed(request: HttpRequest) -> dict[str, Any]:
    """Return what the form of a dish says. Raises InvalidInput naming the field and what is accepted."""
    values: dict[str, Any] = {}
    for name, (_, least, most) in NUMBERS.items():
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
    for name in ("dish_name", "food_db_id"):
        text = request.POST.get(name, "").replace("\x00", "").strip()[:120]
        if text:
            values[name] = text
    return values


def _whole(dish: dict[str, Any]) -> dict[str, Any]:
    """Return a dish that can be added. Raises InvalidInput."""
    if not dish.keys() & {"dish_name", "food_db_id"}:
        raise InvalidInput.on("dish_name", "needed.")
    if "quantity_grams" not in dish:
        raise InvalidInput.on("quantity_grams", "needed.")
    return dish


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise NotFound("Item not found") from error


def _address(log_id: UUID) -> str:
    return reverse("admin:review-meal", args=[log_id])
