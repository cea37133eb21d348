"""The doors of the portal: signing in and out, signing up, asking for a new password. The verbs are the API's."""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, Final

from django import forms
from django.contrib import auth, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_http_methods
from django_otp import login as otp_login

from accounts.api.throttle import LOGIN, REGISTER, RESET, throttle
from accounts.models import Developer
from accounts.sign_in import passwords, registration, second_factor, sessions
from adminportal.dashboard.forms import ForgotForm, SecondFactorForm, SignInForm, SignUpForm
from adminportal.dashboard.shell import TenantRequest, is_of_portal, is_signed_in, page
from wearlink.lib import tenancy
from wearlink.lib.errors import Conflict, InvalidInput, WearLinkError
from wearlink.lib.valkey.ratelimit import address_of
from wearlink.lib.web import pages

BACKEND: Final = "django.contrib.auth.backends.ModelBackend"
WANTED: Final = "wanted"  # of the session: the page to go on to
View = Callable[[HttpRequest], HttpResponse]


def door(view: View) -> View:
    """Return a page for visitors who are not signed in yet."""
    return csrf_protect(never_cache(require_http_methods(["GET", "HEAD", "POST"])(view)))


@door
def login(request: HttpRequest) -> HttpResponse:
    """Ask for address and password; a wrong password, a locked account and a stranger get the same words."""
    form = SignInForm(request.POST or None)
    if request.method != "POST":
        return redirect("dashboard:home") if is_signed_in(request) else _shown(request, "login", form)

    def sign_in() -> HttpResponse:
        throttle(request, "login", LOGIN)
        developer = sessions.sign_in(form.cleaned_data["email"], form.cleaned_data["password"], address_of(request))
        return _welcome(request, developer, request.GET.get("next", ""))

    return _carry_out(request, "login", form, sign_in)


@door
def code(request: HttpRequest) -> HttpResponse:
    """Ask for the second factor after the password."""
    developer = request.user
    if not isinstance(developer, Developer) or developer.is_suspended():
        return redirect("dashboard:login")
    form = SecondFactorForm(request.POST or None)
    if request.method != "POST":
        return _shown(request, "code", form)

    def check() -> HttpResponse:
        try:
            device = second_factor.check(developer, form.cleaned_data["code"])
        except second_factor.SecondFactorWrong as error:
            raise InvalidInput.on("code", second_factor.REFUSED) from error
        otp_login(request, device)
        return redirect(request.session.pop(WANTED, reverse("dashboard:home")))

    return _carry_out(request, "code", form, check)


@door
def sign_up(request: HttpRequest) -> HttpResponse:
    """Make an organization with its owner, sign the owner in, and show the first API key, this once."""
    form = SignUpForm(request.POST or None)
    if request.method != "POST":
        return redirect("dashboard:home") if is_signed_in(request) else _shown(request, "sign_up", form)

    def register() -> HttpResponse:
        throttle(request, "register", REGISTER)
        email = form.cleaned_data["email"]
        name = form.cleaned_data["organization_name"].strip() or email.partition("@")[0]
        try:
            made = registration.create_organization(name=name, email=email, password=form.cleaned_data["password"])
        except Conflict as error:
            raise InvalidInput.on("email", "already has an account. Sign in, or ask for a new password.") from error
        auth.login(request, made.owner, backend=BACKEND)
        context = {"secret": made.api_key.secret, "email": made.owner.email}
        return pages.show(request, "dashboard/welcome.html", context, status=HTTPStatus.CREATED)

    return _carry_out(request, "sign_up", form, register)


@door
def forgot(request: HttpRequest) -> HttpResponse:
    """Mail a link that sets a new password; the answer does not tell whether there is such an account."""
    form = ForgotForm(request.POST or None)
    if request.method != "POST":
        return _shown(request, "forgot", form)

    def send() -> HttpResponse:
        throttle(request, "reset", RESET)
        passwords.forgot(form.cleaned_data["email"])
        return _shown(request, "forgot", form, {"is_sent": True}, status=HTTPStatus.ACCEPTED)

    return _carry_out(request, "forgot", form, send)


def to_login(request: HttpRequest) -> HttpResponse:
    """Redirect /login to the portal's own page, with the address to go to after it."""
    return _to_door(request, "login")


def to_sign_up(request: HttpRequest) -> HttpResponse:
    """Redirect /signup to the portal's own page."""
    return _to_door(request, "sign-up")


@door
def leave(request: HttpRequest) -> HttpResponse:
    """Ask whether to sign out: a link alone must not do it, since other sites may lead to it."""
    if not is_signed_in(request):
        return redirect("dashboard:login")
    return pages.show(request, "dashboard/leave.html", {"email": str(getattr(request.user, "email", ""))})


@page("GET", "POST")
def logout(request: TenantRequest) -> HttpResponse:
    """End every session of this developer, here and elsewhere; GET asks first."""
    if request.method != "POST":
        return leave(request)
    sessions.sign_out(request.developer, request.actor)
    with tenancy.platform():  # sessions lie between tenants
        auth.logout(request)
    messages.success(request, "You are signed out everywhere.")
    return redirect("dashboard:login")


def _to_door(request: HttpRequest, name: str) -> HttpResponse:
    query = request.META.get("QUERY_STRING", "")
    return redirect(reverse(f"dashboard:{name}") + (f"?{query}" if query else ""))


def _welcome(request: HttpRequest, developer: Developer, wanted: str) -> HttpResponse:
    auth.login(request, developer, backend=BACKEND)
    target = wanted if is_of_portal(wanted) else reverse("dashboard:home")
    if second_factor.is_set_up(developer):
        request.session[WANTED] = target
        return redirect("dashboard:code")
    return redirect(target)


def _carry_out(request: HttpRequest, template: str, form: forms.Form, do: Callable[[], HttpResponse]) -> HttpResponse:
    """Call a verb; what it refuses about a field is shown at the field, all else above the form."""
    if not form.is_valid():
        return _shown(request, template, form, status=HTTPStatus.BAD_REQUEST)
    try:
        return do()
    except InvalidInput as error:
        for fault in error.errors:
            form.add_error(fault.field if fault.field in form.fields else None, fault.message)
        return _shown(request, template, form, status=HTTPStatus.BAD_REQUEST)
    except WearLinkError as error:
        form.add_error(None, error.detail)
        return _shown(request, template, form, status=error.status)


def _shown(
    request: HttpRequest,
    template: str,
    form: forms.Form,
    more: Mapping[str, Any] | None = None,
    *,
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    context = {"form": form, "next": request.GET.get("next", ""), **(more or {})}
    return pages.show(request, f"dashboard/{template}.html", context, status=status)
