"""Signing in at /admin: password, then the second factor; setting one up; signing out of everywhere."""

from http import HTTPStatus
from typing import Final

from django import forms
from django.contrib import auth, messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django_otp import login as otp_login

from accounts import audit
from accounts.api.throttle import LOGIN, throttle
from accounts.models import Developer
from accounts.sign_in import second_factor, sessions
from adminportal import codes
from adminportal.platform.site import needs_second_factor, protected
from wearlink.lib.errors import InvalidInput, TooManyRequests, Unauthorized
from wearlink.lib.valkey.ratelimit import address_of

BACKEND: Final = "django.contrib.auth.backends.ModelBackend"
HOME, CODE, ENROL = "admin:index", "admin-code", "admin-enrol"


class LoginForm(forms.Form):
    """Address, password and code of a sign-in."""

    email = forms.EmailField(
        max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "username", "autofocus": True})
    )
    password = forms.CharField(max_length=1000, widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}))


class CodeForm(forms.Form):
    """Six digits, or a recovery code."""

    code = forms.CharField(
        max_length=40, widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "autofocus": True})
    )


@never_cache
@csrf_protect
def login(request: HttpRequest) -> HttpResponseBase:
    """Ask for address and password. The same words for a wrong password, a locked account and one without rights."""
    form = LoginForm(request.POST or None)
    status = HTTPStatus.OK
    if request.method == "POST" and form.is_valid():
        try:
            throttle(request, "login", LOGIN)
            developer = _admitted(form.cleaned_data["email"], form.cleaned_data["password"], address_of(request))
        except (Unauthorized, TooManyRequests) as error:
            form.add_error(None, error.detail)
            status = error.status
        else:
            auth.login(request, developer, backend=BACKEND)
            return redirect(_next_step(request, developer))
    return _shown(request, "platform/login.html", {"form": form}, status)


@never_cache
@csrf_protect
def code(request: HttpRequest) -> HttpResponseBase:
    """Ask for the second factor after the password."""
    developer = _signed_in(request)
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            device = second_factor.check(developer, form.cleaned_data["code"])
        except second_factor.SecondFactorWrong as error:
            form.add_error("code", error.detail)
        else:
            otp_login(request, device)
            return redirect(_wanted(request))
    return _shown(request, "platform/code.html", {"form": form}, 200)


@never_cache
@csrf_protect
def enrol(request: HttpRequest) -> HttpResponseBase:
    """Set up the second factor of an account without one: a QR code, then ten recovery codes, shown once."""
    developer = _signed_in(request)
    if second_factor.is_set_up(developer):
        return redirect(CODE)
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            shown = codes.confirmed(request, developer, form.cleaned_data["code"])
        except InvalidInput as error:
            form.add_error("code", f"This code {error.errors[0].message}")
        else:
            return _shown(request, "platform/recovery.html", {"codes": shown}, 200)
    device = second_factor.find(developer) or second_factor.begin(developer)
    return _shown(request, "platform/enrol.html", {"form": form, **codes.picture(device)}, 200)


@never_cache
@csrf_protect
def logout(request: HttpRequest) -> HttpResponseBase:
    """End every session of this account, here and elsewhere."""
    if request.method != "POST":
        raise Http404
    if isinstance(request.user, Developer):
        sessions.sign_out(request.user, audit.developer(request.user))
    auth.logout(request)
    messages.success(request, "You are signed out everywhere.")
    return redirect("admin:login")


def _admitted(email: str, password: str, address: str) -> Developer:
    developer = sessions.sign_in(email, password, address)
    if not (developer.is_superuser or developer.is_reviewer):
        raise sessions.SignInFailed
    return developer


def _signed_in(request: HttpRequest) -> Developer:
    user = request.user
    if not isinstance(user, Developer) or not (user.is_superuser or user.is_reviewer) or user.is_suspended():
        raise Http404
    return user


def _next_step(request: HttpRequest, developer: Developer) -> str:
    wanted = request.GET.get("next", "")
    if url_has_allowed_host_and_scheme(wanted, allowed_hosts=None) and wanted.startswith("/admin/"):
        request.session["wanted"] = wanted
    if second_factor.is_set_up(developer):
        return CODE
    return ENROL if needs_second_factor(developer) else _wanted(request)


def _wanted(request: HttpRequest) -> str:
    home = HOME if isinstance(request.user, Developer) and request.user.is_superuser else "admin:review"
    return str(request.session.pop("wanted", home))


def _shown(request: HttpRequest, template: str, context: dict[str, object], status: int) -> HttpResponseBase:
    response: HttpResponse = render(request, template, {"title": "Sign in", **context}, status=status)
    return protected(response)
