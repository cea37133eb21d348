"""One meal: its dishes with their macros, each of them corrected, and the whole of it deleted."""

from typing import Any, Final
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse

from accounts.models import EndUser
from adminportal.dashboard import acts
from adminportal.dashboard.calls import ApiCall
from adminportal.dashboard.end_users.end_user import find, show_tab
from adminportal.dashboard.meals.dishes import COLUMNS, LABELS
from adminportal.dashboard.meals.nutrition import shown
from adminportal.dashboard.shell import TenantRequest, page
from adminportal.dashboard.submissions import FormField, SubmittedForm
from nutrition import serializers
from nutrition.api import parameters
from nutrition.meals import entries
from nutrition.models import MealItem, MealLog, MealStatus
from wearlink.lib.errors import NotFound

PATH: Final = "/api/v1/nutrition/log"
FIELDS: Final = [
    FormField(
        name, LABELS[name], "text" if name == "dish_name" else "number",
        "Another name is looked up in the food table." if name == "dish_name" else
        "Other grams carry the macros along." if name == "quantity_grams" else "", required=name in COLUMNS[:2],
        is_extra=name not in (*COLUMNS[:2], "calories_kcal"),
    )
    for name in COLUMNS
]  # fmt: skip


@page(section="end-users")
def detail(request: TenantRequest, user_id: str, log_id: str) -> HttpResponse:
    """Return a meal, also one that was deleted."""
    user = find(request, user_id)
    log = _find(user, log_id)
    context = {
        "meal": shown(log, str(user.id)),
        "is_open": log.status != MealStatus.DISCARDED,
        "calls": [
            ApiCall("GET", f"{PATH}/{log.id}", "read this meal"),
            ApiCall("DELETE", f"{PATH}/{log.id}", "delete it"),
        ],
    }
    return show_tab(request, user, "nutrition", context, template="meal")


@page("POST", section="end-users")
def delete(request: TenantRequest, user_id: str, log_id: str) -> HttpResponse:
    """Softly: it counts nowhere any more."""
    user = find(request, user_id)
    entries.discard(_find(user, log_id).pk)
    to = reverse("dashboard:nutrition", args=[user.id])
    return acts.done(request, "The meal is deleted and counts nowhere.", to, audited=False)


@page("GET", "POST", section="end-users")
def correct(request: TenantRequest, user_id: str, log_id: str, item_id: str) -> HttpResponse:
    """Return a form for one dish; only changed fields are sent."""
    user = find(request, user_id)
    log = _find(user, log_id)
    item = _item(log, item_id)
    now = _texts(item)
    form = SubmittedForm.of(request, FIELDS, now)
    changes = {name: form.text(name) for name in COLUMNS if form.is_sent and form.text(name) != now[name]}
    to = reverse("dashboard:meal", args=[user.id, log.id])
    if form.is_sent:
        with form.judged():
            entries.correct(log.pk, item, form.read(parameters.MealItemCorrectionSerializer, changes))
        if form.is_accepted:
            return acts.done(request, "The dish is corrected.", to, audited=False)
    path = f"{PATH}/{log.id}/items/{item.id}"
    context = {
        "form": form,
        "item": item,
        "log": log,
        "back": to,
        "calls": [ApiCall("PATCH", path, "correct this dish", changes or {"quantity_grams": 280})],
    }
    return show_tab(
        request,
        user,
        "nutrition",
        context,
        template="meal_item",
        status=form.status,
    )


def _find(user: EndUser, text: str) -> MealLog:
    try:
        log_id = UUID(text)
    except ValueError as error:
        raise NotFound("Meal not found") from error
    rows = MealLog.objects.for_user(user.key).with_items().select_related("image")
    found: MealLog | None = rows.filter(id=log_id).first()
    if found is None:
        raise NotFound("Meal not found")
    return found


def _item(log: MealLog, text: str) -> MealItem:
    for one in log.items.all():
        if str(one.id) == text.lower():
            return one
    raise NotFound("Item not found")


def _texts(item: MealItem) -> dict[str, str]:
    """Return the form's values before anything was changed, as the API shows it."""
    shown: dict[str, Any] = serializers.meal_item(item)
    return {name: "" if shown[name] is None else _text(shown[name]) for name in COLUMNS}


def _text(value: Any) -> str:
    return str(value).removesuffix(".0")
