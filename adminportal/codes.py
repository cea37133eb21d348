"""The second factor as both portals' pages show it: a QR code drawn here, and a session that outlives setting it up."""

import segno
from django.contrib import auth
from django.http import HttpRequest
from django_otp import login as otp_login

from accounts import audit
from accounts.models import Developer, SecondFactorDevice
from accounts.sign_in import second_factor
from wearlink.lib import tenancy


def picture(device: SecondFactorDevice) -> dict[str, str]:
    """Return, for a template, the QR code as the address of an image, and the key to type instead."""
    drawing = segno.make(second_factor.address_of(device), error="m")
    return {"qr": drawing.svg_data_uri(scale=5, border=2, light="#fff"), "key": second_factor.typed_key(device)}


def confirmed(request: HttpRequest, developer: Developer, code: str) -> list[str]:
    """Return the recovery codes, once a code of the device was typed; this session stays, all others end.

    Raises InvalidInput on "code", NotFound.
    """
    shown = second_factor.confirm(developer, code, audit.developer(developer))
    developer.refresh_from_db(fields=["token_version"])
    with tenancy.platform():  # sessions lie between tenants
        auth.update_session_auth_hash(request, developer)
        otp_login(request, second_factor.find(developer))
    return shown
