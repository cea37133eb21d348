"""/admin/nutrition/review/…: for the platform's superusers and reviewers; to everybody else there is nothing here."""

from http import HTTPStatus
from typing import Any, Final
from uuid import UUID

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.platform import PlatformView
from accounts.models import Developer, EndUser, Organization
from nutrition.api import review_shapes as shapes
from nutrition.models import MealLog, MealReview
from nutrition.review_queue import quality, review, review_items
from nutrition.serializers import MealItemSerializer
from wearlink.lib.api import bodies
from wearlink.lib.api.openapi import errors
from wearlink.lib.api.pagination import by_offset, cut
from wearlink.lib.errors import NotFound, WearLinkError

TAGS: Final = ["Nutrition review"]
_ID: Final = OpenApiParameter("log_id", OpenApiTypes.UUID, OpenApiParameter.PATH, description="Id of the meal.")
_ITEM_ID: Final = OpenApiParameter("item_id", OpenApiTypes.UUID, OpenApiParameter.PATH, description="Id of the item.")
_HELD: Final = "409 with code review_claimed where another reviewer holds the meal, review_decided where it is done."


class ReviewView(PlatformView):
    """Base: for superusers and reviewers."""

    def admits(self, developer: Developer) -> bool:
        return developer.is_superuser or developer.is_reviewer

    @property
    def reviewer(self) -> Developer:
        return self.admin

    @property
    def log_id(self) -> UUID:
        """The meal of the path."""
        return self.ids["log_id"]

    @property
    def item_id(self) -> UUID:
        """The item of the path."""
        return self.ids["item_id"]

    def found(self) -> MealReview:
        """Return the review of the path. Raises NotFound."""
        row = MealReview.objects.select_related("claimed_by", "log").filter(log__id=self.log_id).first()
        if row is None:
            raise NotFound("Review not found")
        return row

    def shown(self) -> dict[str, Any]:
        """Return the meal of the path as it is now. Raises NotFound."""
        found = self.found()
        found.log = MealLog.objects.with_items().select_related("image").get(pk=found.log_id)
        user_id = EndUser.objects.filter(pk=found.log.user_key).values_list("id", flat=True).first()
        return shapes.detail(found, str(user_id))


class ReviewQueue(ReviewView):
    """GET /admin/nutrition/review/queue."""

    query_class = shapes.ReviewQueueQuery

    @extend_schema(
        operation_id="nutrition_review_queue",
        tags=TAGS,
        summary="Meals to review",
        description="In the order of coming; of all organizations.",
        responses={200: shapes.ReviewPageSerializer, **errors(404)},
    )
    def get(self, request: Request) -> Response:
        """List the queue, a page at a time."""
        limit, offset = self.query["limit"], self.query["offset"]
        rows = review.queue()
        if "reason" in self.query:
            rows = rows.filter(reason=self.query["reason"])
        if "q" in self.query:
            named = Organization.objects.filter(name__icontains=self.query["q"]).values("pk")
            rows = rows.filter(log__organization_id__in=named)
        found = cut(rows, offset=offset, limit=limit)
        data = [shapes.entry(one) for one in found.rows]
        return Response(by_offset(data, offset=offset, limit=limit, total=found.total))


class ReviewQueueClaim(ReviewView):
    """POST /admin/nutrition/review/claim."""

    @extend_schema(
        operation_id="nutrition_review_claim_next",
        tags=TAGS,
        summary="Take the next meal",
        description="The one that waits longest and that nobody holds. No two reviewers get the same.",
        request=None,
        responses={200: shapes.ReviewClaimSerializer, **errors(404)},
    )
    def post(self, request: Request) -> Response:
        """Return the claimed meal, or null where none waits."""
        found = review.claim_next(self.reviewer)
        if found is None:
            return Response({"review": None})
        self.ids = {"log_id": found.log.id}
        return Response({"review": self.shown()})


class ReviewDetail(ReviewView):
    """GET /admin/nutrition/review/{log_id}."""

    @extend_schema(
        operation_id="nutrition_review_get",
        tags=TAGS,
        summary="A meal to review",
        description="With a link to its photo that opens for ten minutes. Opening is audited.",
        parameters=[_ID],
        responses=shapes.ReviewDetailSerializer,
    )
    def get(self, request: Request, log_id: str) -> Response:
        shown = self.shown()
        review.note_view(self.reviewer, self.found().log)
        return Response(shown)


class ReviewClaim(ReviewView):
    """POST /admin/nutrition/review/{log_id}/claim."""

    @extend_schema(
        operation_id="nutrition_review_claim",
        tags=TAGS,
        summary="Take a meal",
        description=_HELD,
        parameters=[_ID],
        request=None,
        responses={200: shapes.ReviewDetailSerializer, **errors(409)},
    )
    def post(self, request: Request, log_id: str) -> Response:
        review.claim(self.reviewer, self.log_id)
        return Response(self.shown())


class ReviewRelease(ReviewView):
    """POST /admin/nutrition/review/{log_id}/release."""

    @extend_schema(
        operation_id="nutrition_review_release",
        tags=TAGS,
        summary="Give a meal back to the queue",
        description=_HELD,
        parameters=[_ID],
        request=None,
        responses={200: shapes.ReviewDetailSerializer, **errors(409)},
    )
    def post(self, request: Request, log_id: str) -> Response:
        review.release(self.reviewer, self.log_id)
        return Response(self.shown())


class ReviewApprove(ReviewView):
    """POST /admin/nutrition/review/{log_id}/approve."""

    @extend_schema(
        operation_id="nutrition_review_approve",
        tags=TAGS,
        summary="Approve a meal",
        description="Status recognized, and nutrition.log.recognized, once. 422 while dishes or energy are missing. "
        + _HELD,
        parameters=[_ID],
        request=None,
        responses={200: shapes.ReviewDetailSerializer, **errors(409, 422)},
    )
    def post(self, request: Request, log_id: str) -> Response:
        review.approve(self.reviewer, self.log_id)
        return Response(self.shown())


class ReviewReject(ReviewView):
    """POST /admin/nutrition/review/{log_id}/reject."""

    @extend_schema(
        operation_id="nutrition_review_reject",
        tags=TAGS,
        summary="Reject a meal",
        description="Status discarded. " + _HELD,
        parameters=[_ID],
        request=shapes.ReviewRejectionSerializer,
        responses={200: shapes.ReviewDetailSerializer, **errors(409)},
    )
    def post(self, request: Request, log_id: str) -> Response:
        rejection = bodies.read(shapes.ReviewRejectionSerializer, request)
        review.reject(self.reviewer, self.log_id, rejection.get("reason", ""))
        return Response(self.shown())


class ReviewItems(ReviewView):
    """POST /admin/nutrition/review/{log_id}/items."""

    @extend_schema(
        operation_id="nutrition_review_item_add",
        tags=TAGS,
        summary="Add a dish",
        description="Macros that are not given come from the food table. " + _HELD,
        parameters=[_ID],
        request=shapes.ReviewAddedItemSerializer,
        responses={201: MealItemSerializer, **errors(409)},
    )
    def post(self, request: Request, log_id: str) -> Response:
        dish = bodies.read(shapes.ReviewAddedItemSerializer, request)
        return Response(shapes.item(review_items.add(self.reviewer, self.log_id, dish)), status=HTTPStatus.CREATED)


class ReviewItem(ReviewView):
    """PATCH and DELETE /admin/nutrition/review/{log_id}/items/{item_id}."""

    @extend_schema(
        operation_id="nutrition_review_item_edit",
        tags=TAGS,
        summary="Change a dish",
        description="Grams carry the macros along; food_db_id and dish_name bring those of the table. " + _HELD,
        parameters=[_ID, _ITEM_ID],
        request=shapes.ReviewedItemSerializer,
        responses={200: MealItemSerializer, **errors(409)},
    )
    def patch(self, request: Request, log_id: str, item_id: str) -> Response:
        """Change the dish and return it."""
        changes = bodies.read(shapes.ReviewedItemSerializer, request)
        return Response(shapes.item(review_items.change(self.reviewer, self.log_id, self.item_id, changes)))

    @extend_schema(
        operation_id="nutrition_review_item_remove",
        tags=TAGS,
        summary="Remove a dish",
        description=_HELD,
        parameters=[_ID, _ITEM_ID],
        responses={204: None, **errors(409)},
    )
    def delete(self, request: Request, log_id: str, item_id: str) -> Response:
        review_items.remove(self.reviewer, self.log_id, self.item_id)
        return Response(status=HTTPStatus.NO_CONTENT)


class ReviewBulk(ReviewView):
    """POST /admin/nutrition/review/bulk."""

    @extend_schema(
        operation_id="nutrition_review_bulk",
        tags=TAGS,
        summary="Approve or reject many meals",
        description="At most 200. Each is decided by itself; one that cannot be is reported and delays nothing.",
        request=shapes.ReviewBulkSerializer,
        responses={200: shapes.ReviewBulkAnswerSerializer, **errors(404)},
    )
    def post(self, request: Request) -> Response:
        wanted = bodies.read(shapes.ReviewBulkSerializer, request)
        results = []
        for log_id in wanted["log_ids"]:
            error = None
            try:
                if wanted["action"] == "approve":
                    review.approve(self.reviewer, log_id)
                else:
                    review.reject(self.reviewer, log_id, wanted.get("reason", ""))
            except WearLinkError as refusal:
                error = refusal.code
            results.append({"log_id": str(log_id), "ok": error is None, "error": error})
        failed = sum(not one["ok"] for one in results)
        return Response({"succeeded": len(results) - failed, "failed": failed, "results": results})


class ReviewQuality(ReviewView):
    """GET /admin/nutrition/review/quality."""

    query_class = shapes.QualityQuery

    @extend_schema(
        operation_id="nutrition_review_quality",
        tags=TAGS,
        summary="How good the model is",
        description="Agreement of blind second readings, calibration by confidence, corrections by field, handling.",
        responses={200: shapes.ReviewQualitySerializer, **errors(404)},
    )
    def get(self, request: Request) -> Response:
        return Response(quality.quality(self.query["days"]))
