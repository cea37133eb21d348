"""Confirming an address, setting a new password, accepting an invitation.

Opening a page changes nothing, for scanners open every link of a mail; a button does. The verbs, their throttles and
their refusals are those of the API.
"""

from collections.abc import Callable
from http import HTTPStatus
from typing import Final

from django import forms
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods

from accounts.api.throttle import LOGIN, RESET, throttle
from accounts.models import Invitation
from accounts.organization import team
from accounts.pages.forms import JoinForm, NewPasswordForm
from accounts.sign_in import passwords
from wearlink.lib.errors import InvalidInput, TooManyRequests, WearLinkError
from wearlink.lib.web import pages

DEAD_LINK: Final = "This link is not valid any more: it was used, replaced by a newer one, or is too old."


@require_http_methods(["GET", "HEAD", "POST"])
def verify_email(request: HttpRequest) -> HttpResponse:
    """Confirm an e-mail address by a button."""
    if request.method != "POST":
        return _ask(request, "accounts/verify_email.html", forms.Form())
    return _carry_out(
        request,
        "accounts/verify_email.html",
        forms.Form(request.POST),
        scope=("verify", LOGIN),
        verb=lambda form: passwords.verify_email(_token(request)),
        done=("Your e-mail address is confirmed", "Thank you. You can close this page, or sign in."),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def reset_password(request: HttpRequest) -> HttpResponse:
    """Set a new password with the token of a mail."""
    if request.method != "POST":
        return _ask(request, "accounts/reset_password.html", NewPasswordForm())
    return _carry_out(
        request,
        "accounts/reset_password.html",
        NewPasswordForm(request.POST),
        scope=("reset", RESET),
        verb=lambda form: passwords.reset(_token(request), form.cleaned_data["password"]),
        done=("Your new password is set", "All sessions have ended. Please sign in with the new password."),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest) -> HttpResponse:
    """Join an organization with the token of a mail, after showing who invites, before anything is typed."""
    try:
        invited = team.invited(_token(request))
    except InvalidInput:
        return _end(request, "This link does not work", DEAD_LINK, status=HTTPStatus.GONE)
    if request.method != "POST":
        return _ask(request, "accounts/invitation.html", JoinForm(), invited=invited)
    return _carry_out(
        request,
        "accounts/invitation.html",
        JoinForm(request.POST),
        scope=("invitation", RESET),
        verb=lambda form: team.accept(_token(request), **form.cleaned_data),
        done=(f"Welcome to {invited.organization.name}", f"Your account is ready. Sign in as {invited.email}."),
        invited=invited,
    )


def _token(request: HttpRequest) -> str:
    return request.GET.get("token", "")


def _ask(
    request: HttpRequest,
    template: str,
    form: forms.Form,
    *,
    invited: Invitation | None = None,
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    return pages.show(request, template, {"form": form, "invited": invited}, status=status)


def _carry_out(
    request: HttpRequest,
    template: str,
    form: forms.Form,
    *,
    scope: tuple[str, str],
    verb: Callable[[forms.Form], object],
    done: tuple[str, str],
    invited: Invitation | None = None,
) -> HttpResponse:
    """Call the API's verb; what it refuses about a field is shown at the field, all else on a page of its own."""
    try:
        throttle(request, *scope)
        if not form.is_valid():
            return _ask(request, template, form, invited=invited, status=HTTPStatus.BAD_REQUEST)
        verb(form)
    except InvalidInput as error:
        faults = [one for one in error.errors if one.field in form.fields]
        if not faults:
            return _end(request, "This link does not work", DEAD_LINK, status=HTTPStatus.GONE)
        for fault in faults:
            form.add_error(fault.field, fault.message)
        return _ask(request, template, form, invited=invited, status=HTTPStatus.BAD_REQUEST)
    except TooManyRequests as error:
        again = f"Too many attempts. Please try again in {error.retry_after} seconds."
        return _end(request, "Please wait a little", again, status=HTTPStatus.TOO_MANY_REQUESTS)
    except WearLinkError as error:
        return _end(request, "This did not work", error.detail, status=error.status)
    return _end(request, *done)


def _end(request: HttpRequest, title: str, message: str, *, status: int = HTTPStatus.OK) -> HttpResponse:
    context = {"title": title, "message": message, "is_done": status == HTTPStatus.OK}
    return pages.show(request, "accounts/end.html", context, status=status)
