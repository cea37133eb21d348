"""A meal entered by hand: its dishes row by row, found in the food table or written down.

The form's buttons all carry the whole form: `act` is more (another row), find (look q up), add:<food>, or save.
"""

from http import HTTPStatus
from typing import Any, Final

from django.http import HttpResponse, QueryDict
from django.urls import reverse
from rest_framework.exceptions import ValidationError

from accounts.models import EndUser
from adminportal.dashboard import acts
from adminportal.dashboard.calls import ApiCall
from adminportal.dashboard.end_users.end_user import find, show_tab
from adminportal.dashboard.meals import dishes, foods
from adminportal.dashboard.meals.moments import NOTE, meal_field, moment_field, stated
from adminportal.dashboard.shell import TenantRequest, page
from adminportal.dashboard.submissions import SubmittedForm
from nutrition.api import parameters
from nutrition.api.foods import as_json
from nutrition.meals import entries
from nutrition.meals.entries import MAX_ITEMS
from nutrition.models import Food
from wearlink.lib.api.errors import flatten

PATH: Final = "/api/v1/nutrition/log/manual"
EXAMPLE: Final = [{"dish_name": "biryani", "quantity_grams": 280}]


@page("GET", "POST", section="end-users")
def enter(request: TenantRequest, user_id: str) -> HttpResponse:
    """Return the form; with save, the meal is kept and shown."""
    user = find(request, user_id)
    entered, rows = dishes.compacted(request.POST)
    act = request.POST.get("act", "")
    if act == "save":
        return _save(request, user, entered, max(rows, 1))
    looked_up, problem = _act(act, entered, rows)
    rows += act.startswith("add:") and rows < MAX_ITEMS
    wanted = dishes.drawn(request.POST) + 1 if act == "more" else rows
    shown = min(max(wanted, dishes.ROWS), MAX_ITEMS)
    form = SubmittedForm(_fields(user, shown), entered if request.method == "POST" else None)
    return _show(request, user, form, shown, {"q": request.POST.get("q", ""), "found": looked_up, "q_error": problem})


def _act(act: str, entered: QueryDict, rows: int) -> tuple[list[dict[str, Any]] | None, str]:
    """Do what a button beside save asks for: foods that were looked up (None: none were), and what is wrong with q."""
    if act.startswith("add:") and rows < MAX_ITEMS:
        food = Food.objects.filter(pk=act.removeprefix("add:")[:120]).first()
        if food is not None:
            dishes.add(entered, rows, as_json(food))
    if act != "find":
        return None, ""
    try:
        return foods.search(entered.get("q", "")), ""
    except ValidationError as error:
        return None, flatten(error.detail)[0].message


def _save(request: TenantRequest, user: EndUser, entered: QueryDict, rows: int) -> HttpResponse:
    form = SubmittedForm(_fields(user, rows), entered)
    if form.is_double:
        return acts.done(request, "This meal was logged already.", _back(user), audited=False)
    with form.judged():
        body = _body(user, form, rows)
        log = entries.add_manual(user, parameters.manual_meal(form.read(parameters.ManualMealSerializer, body)))
    if form.is_accepted:
        to = reverse("dashboard:meal", args=[user.id, log.id])
        return acts.done(request, "The meal is logged and counts.", to, audited=False)
    return _show(request, user, form, rows, {"q": ""}, status=HTTPStatus.BAD_REQUEST)


def _body(user: EndUser, form: SubmittedForm, rows: int) -> dict[str, Any]:
    found: dict[str, Any] = {"meal_type": form.text("meal_type"), "items": dishes.entered_in(form, rows)}
    if form.text("detected_at"):
        found["detected_at"] = stated(user, form.text("detected_at"))
    if form.text("note"):
        found["note"] = form.text("note")
    return found


def _fields(user: EndUser, rows: int) -> list[Any]:
    return [meal_field(), moment_field(user), NOTE, *dishes.fields(rows)]


def _show(
    request: TenantRequest,
    user: EndUser,
    form: SubmittedForm,
    rows: int,
    more: dict[str, Any],
    *,
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    body: dict[str, Any] = _body(user, form, rows) if form.is_sent else {"meal_type": "lunch", "items": []}
    body["items"] = [_typed(one) for one in body["items"] if one] or EXAMPLE
    context = {
        "form": form,
        "about": [one for one in form.shown if not one.field.name.startswith("items.")],
        "rows": dishes.rows_of(form, rows),
        "calls": [
            ApiCall("POST", PATH, "log a meal by hand", body, query={"user_id": str(user.id)}),
            ApiCall("GET", foods.PATH, "look a food up", query={"q": more["q"] or "biryani"}),
        ],
        **more,
    }
    return show_tab(request, user, "nutrition", context, template="meal_new", status=status)


def _typed(dish: dict[str, str]) -> dict[str, Any]:
    """Return the dish with its numbers as JSON has them."""
    return {name: float(value) if _is_number(value) and name != "dish_name" else value for name, value in dish.items()}


def _is_number(text: str) -> bool:
    return text.replace(".", "", 1).isdecimal()


def _back(user: EndUser) -> str:
    return reverse("dashboard:nutrition", args=[user.id])
