"""A meal logged by its photo, as POST /nutrition/log/image takes it."""

from typing import Final

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse
from django.urls import reverse

from accounts import usage
from accounts.models import EndUser
from adminportal.dashboard import acts
from adminportal.dashboard.calls import ApiCall
from adminportal.dashboard.end_users.end_user import find, show_tab
from adminportal.dashboard.meals.moments import NOTE, meal_field, moment_field, stated
from adminportal.dashboard.shell import TenantRequest, page
from adminportal.dashboard.submissions import FormField, SubmittedForm
from nutrition import images, tasks
from nutrition.api import meals, parameters
from nutrition.meals.entries import Moment
from nutrition.photos import receiving
from nutrition.photos.receiving import Snapshot
from wearlink.lib import clock
from wearlink.lib.errors import InvalidInput

PATH: Final = "/api/v1/nutrition/log/image"
FILE: Final = FormField(
    meals.FIELD, "Photo", "file", "JPEG, PNG, HEIC or WebP of at most 5 MB. Location and all other metadata are "
    "removed before it is stored.", required=True, accept="image/jpeg,image/png,image/heic,image/heif,image/webp",
)  # fmt: skip


@page("GET", "POST", section="end-users")
def send(request: TenantRequest, user_id: str) -> HttpResponse:
    """Return the form; a photo is kept and recognised in the background."""
    user = find(request, user_id)
    form = SubmittedForm.of(request, _fields(user))
    if form.is_sent and form.is_double:
        return acts.done(request, "This photo was sent already.", _back(user), audited=False)
    if form.is_sent:
        with form.judged():
            job = receiving.receive(user, _snapshot(request, user, form))
            tasks.enqueue(job)
        if form.is_accepted:
            to = reverse("dashboard:meal", args=[user.id, job.log.id])
            return acts.done(request, "The photo is stored and is being recognised.", to, audited=False)
    allowed = request.organization.photos_per_day
    context = {
        "form": form,
        "used": usage.used(request.organization.pk, usage.NUTRITION_PHOTOS),
        "allowed": allowed,
        "by_person": not settings.ANTHROPIC_API_KEY,
        "calls": [_call(user, form)],
    }
    return show_tab(
        request,
        user,
        "nutrition",
        context,
        template="meal_photo",
        status=form.status,
    )


def _snapshot(request: TenantRequest, user: EndUser, form: SubmittedForm) -> Snapshot:
    """Raise InvalidInput without a file, ImageTooLarge, ValidationError."""
    file = request.FILES.get(meals.FIELD)
    values = form.read(parameters.PhotoSerializer, _filled_in(user, form))
    if not isinstance(file, UploadedFile):
        raise InvalidInput.on(meals.FIELD, "Choose a photo first.")
    if (file.size or 0) > images.MAX_BYTES:
        raise images.ImageTooLarge(images.MAX_BYTES)
    moment = values.get("detected_at") or Moment(clock.now())
    meal_type = values.get("meal_type") or meals.usual_meal(user, moment)
    return Snapshot(file.read(images.MAX_BYTES + 1), meal_type, moment, values.get("note") or "")


def _filled_in(user: EndUser, form: SubmittedForm) -> dict[str, str]:
    """Return what was filled in, as the API's form has it."""
    found = {name: form.text(name) for name in ("meal_type", "note") if form.text(name)}
    if form.text("detected_at"):
        found["detected_at"] = stated(user, form.text("detected_at"))
    return found


def _fields(user: EndUser) -> list[FormField]:
    return [FILE, meal_field(("", "by the time of day")), moment_field(user), NOTE]


def _call(user: EndUser, form: SubmittedForm) -> ApiCall:
    query, filled_in = {"user_id": str(user.id)}, _filled_in(user, form)
    return ApiCall("POST", PATH, "log a meal by photo", query=query, file="meal.jpg", form=filled_in)


def _back(user: EndUser) -> str:
    return reverse("dashboard:nutrition", args=[user.id])
