"""Signing in at /admin: password, then the second factor; setting one up; signing out of everywhere."""

import secrets
from typing import Final

import segno
from django import forms
from django.contrib import auth, messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django_otp import login as otp_login
from django_otp import match_token
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts import audit
from accounts.api.throttle import LOGIN, throttle
from accounts.models import Developer
from accounts.sign_in import sessions
from adminportal.platform.site import has_second_factor, needs_second_factor, protected
from wearlink.lib.errors import TooManyRequests, Unauthorized
from wearlink.lib.ratelimit import address_of

BACKEND: Final = "django.contrib.auth.backends.ModelBackend"
RECOVERY_CODES: Final = 10
HOME, CODE, ENROL = "admin:index", "admin-code", "admin-enrol"


class LoginForm(forms.Form):
    """Who wants to come in."""

    email = forms.EmailField(
        max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "username", "autofocus": True})
    )
    password = forms.CharField(max_length=1000, widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}))


class CodeForm(forms.Form):
    """Six digits, or a recovery code."""

    code = forms.CharField(
        max_length=20, widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "autofocus": True})
    )


@never_cache
@csrf_protect
def login(request: HttpRequest) -> HttpResponseBase:
    """Ask for address and password. The same words for a wrong password, a locked account and who has no business."""
    form = LoginForm(request.POST or None)
    status = 200
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
    """Ask for the second factor of whoever has given the password."""
    developer = _signed_in(request)
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        device = match_token(developer, form.cleaned_data["code"].strip())
        if device is not None:
            otp_login(request, device)
            return redirect(_wanted(request))
        form.add_error("code", "This code does not fit. Wait for the next one, or use a recovery code.")
    return _shown(request, "platform/code.html", {"form": form}, 200)


@never_cache
@csrf_protect
def enrol(request: HttpRequest) -> HttpResponseBase:
    """Set up the second factor of whoever has none: a QR code, then ten recovery codes, shown once."""
    developer = _signed_in(request)
    if has_second_factor(developer):
        return redirect(CODE)
    device, _ = TOTPDevice.objects.get_or_create(user=developer, confirmed=False, defaults={"name": "Authenticator"})
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if device.verify_token(form.cleaned_data["code"].strip()):
            device.confirmed = True
            device.save()
            otp_login(request, device)
            codes = _new_recovery_codes(developer)
            actor = audit.developer(developer)
            audit.record("developer.second_factor_added", actor=actor, organization=developer.organization)
            return _shown(request, "platform/recovery.html", {"codes": codes}, 200)
        form.add_error("code", "This code does not fit. Is the clock of your phone right?")
    drawing = segno.make(device.config_url, error="m").svg_data_uri(scale=5, border=2, light="#fff")
    return _shown(request, "platform/enrol.html", {"form": form, "qr": drawing, "key": _key(device)}, 200)


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
    if has_second_factor(developer):
        return CODE
    return ENROL if needs_second_factor(developer) else _wanted(request)


def _wanted(request: HttpRequest) -> str:
    home = HOME if isinstance(request.user, Developer) and request.user.is_superuser else "admin:review"
    return str(request.session.pop("wanted", home))


def _new_recovery_codes(developer: Developer) -> list[str]:
    device, _ = StaticDevice.objects.get_or_create(user=developer, defaults={"name": "Recovery codes"})
    device.token_set.all().delete()
    codes = [secrets.token_hex(5) for _ in range(RECOVERY_CODES)]
    StaticToken.objects.bulk_create(StaticToken(device=device, token=one) for one in codes)
    return codes


def _key(device: TOTPDevice) -> str:
    """What to type where no camera is at hand: base32 in groups of four."""
    text = device.config_url.partition("secret=")[2].partition("&")[0]
    return " ".join(text[at : at + 4] for at in range(0, len(text), 4))


def _shown(request: HttpRequest, template: str, context: dict[str, object], status: int) -> HttpResponseBase:
    response: HttpResponse = render(request, template, {"title": "Sign in", **context}, status=status)
    return protected(response)
