"""Meals as part of an export, with their photos, and back."""

import uuid
from collections.abc import Iterator
from datetime import date
from functools import partial
from typing import Any, Final

from django.db import transaction
from django.db.models import Count, Sum

from accounts import usage
from accounts.end_users import zones
from accounts.exports import contract
from accounts.exports.contract import ArchiveMember, ArchiveReader, Block, ExportPart, ExportScope, ExportWeight
from accounts.models import EndUser
from healthdata.days import ZoneHistory
from nutrition.foods.macros import MACROS
from nutrition.models import MealImage, MealItem, MealLog
from nutrition.models.meal import MealLogQuerySet
from nutrition.photos.receiving import FOLDER
from nutrition.serializers import meal
from wearlink.lib import clock, storage
from wearlink.lib.api.rendering import dumps

LOGS: Final = "nutrition/logs.ndjson"
PHOTOS: Final = "nutrition/photos"
MEAL_BATCH_SIZE: Final = 200
PIECE: Final = 256 * 1024
Json = dict[str, Any]


def _meals(scope: ExportScope) -> MealLogQuerySet:
    """Return the meals of the scope's local days, also deleted ones, which the end user has a right to see."""
    rows = MealLog.objects.for_user(scope.user_key)
    if scope.first is None and scope.last is None:
        return rows
    first, last = scope.first or date(1900, 1, 1), scope.last or date(2199, 12, 31)
    start, end = ZoneHistory(zones.history(scope.user_key)).span(first, last)
    return rows.between(clock.from_ms(start), clock.from_ms(end), first, last)


def _members(scope: ExportScope) -> Iterator[ArchiveMember]:
    yield ArchiveMember(LOGS, partial(_lines, scope))
    images = MealImage.objects.filter(log__in=_meals(scope)).exclude(s3_key="").select_related("log")
    for image in images.order_by("key").iterator(MEAL_BATCH_SIZE):
        if storage.exists(image.s3_key):
            path = f"{PHOTOS}/{image.log.id}.{image.kind}"
            yield ArchiveMember(path, partial(_photo, image.s3_key), is_packed=True)


def _lines(scope: ExportScope) -> Iterator[Block]:
    rows = _meals(scope).with_items().select_related("image").order_by("-detected_at", "-key")
    for log in rows.iterator(MEAL_BATCH_SIZE):
        yield Block(1, dumps(meal(log, str(scope.user_id))) + b"\n")


def _photo(key: str) -> Iterator[Block]:
    with storage.open(key) as file:
        while piece := file.read(PIECE):
            yield Block(0, piece)


def _weight(scope: ExportScope) -> ExportWeight:
    found = _meals(scope).aggregate(rows=Count("key"), bytes=Sum("image__size_bytes"))
    return ExportWeight(found["rows"], found["bytes"] or 0)


def _restore(user_key: int, archive: ArchiveReader) -> int:
    """Restore meals as they are, and their photos. Nobody recognises or reviews them again."""
    user = EndUser.objects.get(pk=user_key)
    photos = {path.rpartition("/")[2].partition(".")[0]: path for path in archive.paths(PHOTOS)}
    taken = 0
    for line in archive.lines(LOGS):
        path = photos.get(line["id"])
        _restore_meal(user, line, None if path is None else archive.data(path))
        taken += 1
    return taken


def _restore_meal(user: EndUser, line: Json, photo: bytes | None) -> None:
    """Restore a meal; its photo is written before the row, as for any photo."""
    log = _log_of(user, line)
    image, seen = line["image"], line["image"] is not None
    key = f"{FOLDER}/{user.key}/{log.id}/{uuid.uuid4().hex}.{image['format']}" if photo and seen else ""
    if photo and key:
        storage.put(key, photo)
    with transaction.atomic():
        log.save(force_insert=True)
        MealItem.objects.bulk_create(_item_of(log, place, one) for place, one in enumerate(line["items"]))
        if seen:
            size = len(photo or b"")
            MealImage.objects.create(
                log=log, s3_key=key, size_bytes=size, kind=image["format"], width=image["width"], height=image["height"]
            )
            usage.add(user.organization_id, {usage.IMAGE_BYTES: size})


def _log_of(user: EndUser, line: Json) -> MealLog:
    return MealLog(
        organization_id=user.organization_id,
        user_key=user.key,
        meal_type=line["meal_type"],
        status=line["status"],
        detected_at=_moment(line["detected_at"]),
        note=line["note"] or "",
        confidence_score=line["confidence_score"],
        vision_model=line["vision_model"],
        human_reviewed=line["human_reviewed"],
        created_at=_moment(line["created_at"]),
        updated_at=_moment(line["updated_at"]),
    )


def _item_of(log: MealLog, place: int, line: Json) -> MealItem:
    return MealItem(
        log=log,
        position=place,
        dish_name=line["dish_name"],
        quantity_grams=line["quantity_grams"],
        quantity_uncertainty=line["quantity_uncertainty"],
        food_db_source=line["food_db_source"] or "",
        food_db_id=line["food_db_id"] or "",
        is_corrected=line["is_corrected"],
        **{name: line[name] for name in MACROS},
    )


def _moment(text: str) -> Any:
    return clock.from_ms(clock.parse_rfc3339(text)[0])


contract.register(
    ExportPart(
        name="nutrition",
        holds="nutrition/logs.ndjson: meals, as GET /nutrition/log/{log_id}; deleted ones have status discarded. "
        "nutrition/photos/<id of the meal>.<format>: their photos, as they are kept.",
        members=_members,
        weight=_weight,
        restore=_restore,
    )
)
