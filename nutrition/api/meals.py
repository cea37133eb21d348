"""/nutrition/log/image, /log/manual, /log, /log/{log_id} and its items."""

from datetime import datetime
from functools import partial
from http import HTTPStatus
from typing import Any, Final

from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import MemoryFileUploadHandler
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.end_users import zones
from accounts.models import EndUser
from healthdata.api import answers
from healthdata.days import ZoneHistory
from nutrition import images, serializers, tasks
from nutrition.api import parameters
from nutrition.api.base import LoggedMealView, MealView
from nutrition.api.shapes import MealPageSerializer, PhotoAcceptedSerializer, QuotaErrorSerializer
from nutrition.meals import entries, examples
from nutrition.meals.entries import Moment
from nutrition.models import MealItem, MealLog, MealType
from nutrition.models.meal import MealLogQuerySet
from nutrition.photos import receiving
from nutrition.photos.receiving import Snapshot
from wearlink.lib import clock
from wearlink.lib.api import bodies
from wearlink.lib.api.openapi import errors
from wearlink.lib.errors import InvalidInput, NotFound

TAGS: Final = ["Nutrition"]
FIELD: Final = "file"
_ENVELOPE: Final = 64 * 1024  # what a form adds to the file in it
_TABLE: Final = "Macros that are not given are looked up in the food table by the dish's name. "
LOG_ID: Final = OpenApiParameter("log_id", OpenApiTypes.UUID, OpenApiParameter.PATH, description="Id of the meal.")
ITEM_ID: Final = OpenApiParameter("item_id", OpenApiTypes.UUID, OpenApiParameter.PATH, description="Id of the item.")
_QUOTA: Final = OpenApiResponse(
    QuotaErrorSerializer,
    description="The plan's photos of today are used up; resets at 00:00 UTC. Retry-After says when.",
    examples=[OpenApiExample("Quota", value=examples.QUOTA, response_only=True, status_codes=["429"])],
)
#: From which local hour on a meal without a name is which.
_BY_HOUR: Final = ((4, MealType.BREAKFAST), (11, MealType.LUNCH), (16, MealType.SNACK), (18, MealType.DINNER))


class MealPhoto(MealView):
    """POST /nutrition/log/image."""

    parser_classes = (MultiPartParser,)

    @extend_schema(
        operation_id="nutrition_log_image",
        tags=TAGS,
        summary="Log a meal by photo",
        description=(
            "JPEG, PNG, HEIC/HEIF or WebP, up to 5 MB, recognised by content. Location and all other metadata are "
            "removed before anything is stored. The log is pending until the photo is recognised, by the model or by a "
            "person: poll it, or subscribe to nutrition.log.recognized."
        ),
        request={"multipart/form-data": parameters.PhotoUploadSerializer},
        responses={
            202: OpenApiResponse(
                PhotoAcceptedSerializer,
                examples=[OpenApiExample("Accepted", value=examples.ACCEPTED, response_only=True)],
            ),
            429: _QUOTA,
            **errors(404, 503),
        },
    )
    def post(self, request: Request) -> Response:
        raw = _file(request)
        form = parameters.PhotoSerializer(data=request.POST)
        values = bodies.validate(form)
        moment = values.get("detected_at") or Moment(clock.now())
        meal_type = values.get("meal_type") or usual_meal(self.end_user, moment)
        job = receiving.receive(self.end_user, Snapshot(raw, meal_type, moment, values.get("note") or ""))
        tasks.enqueue(job)
        return Response(
            {"job_id": str(job.job_id), "log_id": str(job.log.id), "status": "pending"}, status=HTTPStatus.ACCEPTED
        )


def usual_meal(end_user: EndUser, moment: Moment) -> str:
    """Return which meal it is likeliest by the end user's local time of day."""
    history = ZoneHistory(zones.history(end_user.key))
    hour = history.minute_of_day(clock.to_ms(moment.at)) // 60
    return next((meal for start, meal in reversed(_BY_HOUR) if hour >= start), MealType.SNACK)


class PhotoInMemory(MemoryFileUploadHandler):
    """Keeps the file in memory, where it goes anyway: writing it to disk and reading it again costs a third more."""

    def handle_raw_input(self, *arguments: Any, **options: Any) -> None:
        """Bounded by `_file`, which looks at the length first."""
        self.activated = True


def _file(request: Request) -> bytes:
    """Return the bytes of the form's file. Raises ImageTooLarge before it reads too many, InvalidInput
    without a file.
    """
    announced = request.META.get("CONTENT_LENGTH") or "0"
    if not announced.isdecimal() or int(announced) > images.MAX_BYTES + _ENVELOPE:
        _drain(request)
        raise images.ImageTooLarge(images.MAX_BYTES)
    request._request.upload_handlers = [PhotoInMemory(request._request)]
    found: UploadedFile[Any] | str | None = request.FILES.get(FIELD) or request.POST.get(FIELD)
    if not isinstance(found, UploadedFile):
        fault = "This field is required." if found is None else "Must be a file."
        raise InvalidInput.on(FIELD, f"{fault} Send the photo as multipart/form-data, as in -F file=@meal.jpg.")
    return found.read(images.MAX_BYTES + 1)


def _drain(request: Request) -> None:
    """Take in a body without keeping it: a client that is cut off in mid-send never reads why."""
    while request._request.read(256 * 1024):
        pass


class ManualMeal(MealView):
    """POST /nutrition/log/manual."""

    @extend_schema(
        operation_id="nutrition_log_manual",
        tags=TAGS,
        summary="Log a meal by hand",
        description=_TABLE + "Macros are those of the whole quantity. Not counted against the photo quota.",
        request=parameters.ManualMealSerializer,
        responses={
            201: OpenApiResponse(
                serializers.MealLogSerializer,
                examples=[OpenApiExample("Meal", value=examples.MANUAL, response_only=True)],
            ),
            **errors(404),
        },
        examples=[
            OpenApiExample(
                "Meal",
                value={
                    "meal_type": "lunch",
                    "items": [{"dish_name": "biryani", "quantity_grams": 280}],
                },
                request_only=True,
            )
        ],
    )
    def post(self, request: Request) -> Response:
        meal = parameters.manual_meal(bodies.read(parameters.ManualMealSerializer, request))
        log = entries.add_manual(self.end_user, meal)
        return Response(_shown(log.pk, str(self.end_user.id)), status=HTTPStatus.CREATED)


class MealList(MealView):
    """GET /nutrition/log."""

    query_class = parameters.MealListQuery

    @extend_schema(
        operation_id="nutrition_log_list",
        tags=TAGS,
        summary="List meals",
        description="Newest first; deleted ones are left out. Dates are local days of the end user.",
        responses={
            200: OpenApiResponse(
                MealPageSerializer,
                examples=[
                    OpenApiExample(
                        "Meals",
                        value={
                            "data": [examples.RECOGNIZED],
                            "pagination": {"next_cursor": None, "has_more": False, "total_count": 1},
                        },
                        response_only=True,
                    )
                ],
            ),
            **errors(404),
        },
    )
    def get(self, request: Request) -> Response:
        query, limit = self.query, self.query["limit"]
        filters = (query.get("meal_type"), query.get("start_date"), query.get("end_date"))
        bound_to = answers.binding(self.end_user.key, "meals", *filters)
        rows = self._asked_for()
        total = rows.count()
        if after := answers.after(query.get("cursor"), bound_to):
            rows = rows.older_than(datetime.fromisoformat(after[0]), after[1])
        found = list(rows.with_items().select_related("image").newest_first()[: limit + 1])
        place = [found[limit - 1].detected_at.isoformat(), found[limit - 1].key] if len(found) > limit else None
        shape = partial(serializers.meal, user_id=str(self.end_user.id))
        return Response(answers.by_cursor(found[:limit], shape, place=place, total=total, bound_to=bound_to))

    def _asked_for(self) -> MealLogQuerySet:
        rows = MealLog.objects.for_user(self.end_user.key).listed()
        if "meal_type" in self.query:
            rows = rows.filter(meal_type=self.query["meal_type"])
        first, last = self.query.get("start_date"), self.query.get("end_date")
        if first or last:
            first, last = first or parameters.FIRST_DAY, last or parameters.LAST_DAY
            start, end = ZoneHistory(zones.history(self.end_user.key)).span(first, last)
            rows = rows.between(clock.from_ms(start), clock.from_ms(end), first, last)
        return rows


class MealDetail(LoggedMealView):
    """GET and DELETE /nutrition/log/{log_id}."""

    @extend_schema(
        operation_id="nutrition_log_get",
        tags=TAGS,
        summary="Get a meal",
        parameters=[LOG_ID],
        description="Also answers for one that was deleted: status discarded.",
        responses={
            200: OpenApiResponse(
                serializers.MealLogSerializer,
                examples=[OpenApiExample("Meal", value=examples.RECOGNIZED, response_only=True)],
            )
        },
    )
    def get(self, request: Request, log_id: str) -> Response:
        """Return the meal with its items."""
        return Response(serializers.meal(self.log, str(self.end_user.id)))

    @extend_schema(
        operation_id="nutrition_log_delete",
        tags=TAGS,
        summary="Delete a meal",
        parameters=[LOG_ID],
        description="Softly: the row stays with status discarded, and counts nowhere. Deleting the user erases it.",
        responses={204: None},
    )
    def delete(self, request: Request, log_id: str) -> Response:
        entries.discard(self.log.pk)
        return Response(status=HTTPStatus.NO_CONTENT)


class MealItemDetail(LoggedMealView):
    """PATCH /nutrition/log/{log_id}/items/{item_id}."""

    item: MealItem

    def locate(self, **kwargs: Any) -> None:
        """Set self.item too; raises NotFound."""
        super().locate(**kwargs)
        items = [one for one in self.log.items.all() if str(one.id) == str(kwargs["item_id"]).lower()]
        if not items:
            raise NotFound("Item not found")
        self.item = items[0]

    @extend_schema(
        operation_id="nutrition_item_correct",
        tags=TAGS,
        summary="Correct a dish",
        parameters=[LOG_ID, ITEM_ID],
        description=(
            "Another name is looked up in the food table; other grams carry the macros along; a macro that is given "
            "is kept as it is. Sets is_corrected, and sends nutrition.log.corrected for each field that changed. "
            "409 with code meal_discarded for a deleted meal."
        ),
        request=parameters.MealItemCorrectionSerializer,
        responses={
            200: OpenApiResponse(
                serializers.MealItemSerializer,
                examples=[OpenApiExample("Item", value=examples.BIRYANI, response_only=True)],
            ),
            **errors(409),
        },
        examples=[OpenApiExample("Grams", value={"quantity_grams": 280}, request_only=True)],
    )
    def patch(self, request: Request, log_id: str, item_id: str) -> Response:
        """Change the item and return it."""
        changes = bodies.read(parameters.MealItemCorrectionSerializer, request)
        return Response(serializers.meal_item(entries.correct(self.log.pk, self.item, changes)))


def _shown(log_key: int, user_id: str) -> dict[str, Any]:
    log = MealLog.objects.with_items().select_related("image").get(pk=log_key)
    return serializers.meal(log, user_id)
