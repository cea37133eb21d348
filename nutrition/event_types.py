"""The webhook event types of meals."""

from typing import Any, Final

from accounts.webhooks import event_types
from accounts.webhooks.catalogue.schemas import DIALECT, TEXT, UUID, Schema, nullable, of_serializer
from accounts.webhooks.event_types import EventType, Level
from nutrition.meals.examples import PENDING, RECOGNIZED
from nutrition.serializers import MealLogSerializer

_LOG_ID: Final[Schema] = {**UUID, "description": "The meal; the same as id."}
_ANY: Final[Schema] = {"type": ["string", "number", "null"]}
_CORRECTION: Final[dict[str, Schema]] = {
    "item_id": {**nullable(UUID), "description": "The item that was changed; null where all were replaced."},
    "field": {**TEXT, "description": "dish_name, quantity_grams, a macro, or items: a second reading replaced all."},
    "old": _ANY,
    "new": _ANY,
}
_CORRECTED: Final = {
    "item_id": RECOGNIZED["items"][0]["id"],
    "field": "quantity_grams",
    "old": 320.0,
    "new": 280.0,
}


def _type(name: str, description: str, example: dict[str, Any], **more: Schema) -> EventType:
    schema = {"$schema": DIALECT, **of_serializer(MealLogSerializer(), log_id=_LOG_ID, **more)}
    shown = {"log_id": example["id"], **example}
    return EventType(f"nutrition.log.{name}", description, Level.SESSION, "nutrition", schema, shown)


event_types.register(
    [
        _type("created", "A photo of a meal was accepted and awaits recognition.", PENDING),
        _type(
            "recognized", "A meal was recognised, by the model or by a reviewer: items and macros count.", RECOGNIZED
        ),
        _type("corrected", "A field of an item was corrected.", {**RECOGNIZED, **_CORRECTED}, **_CORRECTION),
    ]
)
