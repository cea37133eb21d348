"""Events about meals, in the transaction of the change: the REST object, and the changed fields of a correction."""

from collections.abc import Mapping
from typing import Any

from accounts.webhooks import events, subscribers
from accounts.webhooks.events import Event
from nutrition import serializers
from nutrition.models import MealItem, MealLog


def emit_created(log: MealLog) -> None:
    _emit(log, [("nutrition.log.created", {}, f"created.{log.id}")])


def emit_recognized(log: MealLog) -> None:
    """Emit that the meal's items count now; once a log, however often it is called."""
    _emit(log, [("nutrition.log.recognized", {}, f"recognized.{log.id}")])


def emit_corrected(log: MealLog, item: MealItem, changes: Mapping[str, tuple[Any, Any]]) -> None:
    """Emit an event for each changed field of an item, by the end user or a second reading: (old, new) by name."""
    more = [{"item_id": str(item.id), "field": name, "old": old, "new": new} for name, (old, new) in changes.items()]
    _emit(log, [("nutrition.log.corrected", one, None) for one in more])


def emit_replaced(log: MealLog) -> None:
    """Emit that a second reading found other dishes: the items are new."""
    _emit(log, [("nutrition.log.corrected", {"item_id": None, "field": "items", "old": None, "new": None}, None)])


def _emit(log: MealLog, messages: list[tuple[str, Mapping[str, Any], str | None]]) -> None:
    user = subscribers.of_end_user(log.user_key)
    if user is None or not user.subscribers.endpoints:
        return
    row = MealLog.objects.with_items().select_related("image").get(pk=log.pk)
    shown = {"log_id": str(log.id), **serializers.meal(row, str(user.user_id))}
    bodies = [
        Event(kind, {**shown, **more}, user_id=user.user_id, event_id=f"nutrition.log.{event_id}" if event_id else None)
        for kind, more, event_id in messages
    ]
    events.emit_many(user.subscribers, bodies)
