"""The second factor of a sign-in: set up, asked for, renewed, and removed by who lost it or by somebody else.

Setting it up ends every session and token there was, so each that is alive has been through it.
"""

import base64
import secrets
from typing import Final
from urllib.parse import quote, urlencode

from django.conf import settings
from django.db import transaction

from accounts import audit, tasks
from accounts.models import Developer, SecondFactorDevice
from accounts.models.second_factor import recovery_digest
from accounts.sign_in import sessions
from wearlink.lib import clock
from wearlink.lib.errors import Conflict, InvalidInput, NotFound, Unauthorized
from wearlink.lib.work.task_queue import enqueue

RECOVERY_CODES: Final = 10
REFUSED: Final = "does not fit. Wait for the next one, or use a recovery code."


class SecondFactorRequired(Unauthorized):
    """The password is right and does not suffice."""

    default_code = "second_factor_required"


class SecondFactorWrong(Unauthorized):
    """The code is not the one of now, was used already, or comes too soon after wrong ones."""

    default_code = "second_factor_wrong"


def is_set_up(developer: Developer) -> bool:
    """Return whether the account has a confirmed device."""
    return SecondFactorDevice.objects.filter(user=developer, confirmed=True).exists()


def is_owed(developer: Developer) -> bool:
    """Return whether the installation wants one of this developer: of superusers and reviewers, where
    ADMIN_MFA is on.
    """
    return bool(settings.ADMIN_MFA) and (developer.is_superuser or developer.is_reviewer)


def suffices(developer: Developer) -> bool:
    """Return whether a token of the developer says enough: setting up a second factor ended all that
    came without it.
    """
    return not is_owed(developer) or is_set_up(developer)


def find(developer: Developer) -> SecondFactorDevice | None:
    """Return the developer's device, confirmed or not."""
    return SecondFactorDevice.objects.filter(user=developer).first()


def begin(developer: Developer) -> SecondFactorDevice:
    """Return a device with a fresh secret, to be confirmed. Raises Conflict where there is a confirmed one."""
    with transaction.atomic():
        _locked(developer)
        if is_set_up(developer):
            raise Conflict("A second factor is set up already.", code="second_factor_exists")
        SecondFactorDevice.objects.filter(user=developer).delete()
        return SecondFactorDevice.objects.create(user=developer)


def confirm(developer: Developer, code: str, actor: audit.Actor) -> list[str]:
    """Put the device in force by a code of it; answers the recovery codes, which nobody can read again.

    Raises InvalidInput on "code", NotFound without a device that waits. All sessions end; the caller may keep its own.
    """
    with transaction.atomic():
        device = _locked_device(developer, confirmed=False)
        if device is None:
            raise NotFound("No second factor waits to be confirmed.")
        fits = device.verify_token(code.strip())
        if fits:
            codes = _renewed(device)
            device.confirmed, device.confirmed_at = True, clock.now()
            device.save(update_fields=["confirmed", "confirmed_at"])
            sessions.end_sessions(developer)
            _record("developer.second_factor_added", developer, actor)
    if not fits:
        raise InvalidInput.on("code", "does not fit. Is the clock of your phone right?", code="second_factor_wrong")
    return codes


def check(developer: Developer, code: str) -> SecondFactorDevice:
    """Return the device whose code, or recovery code, this is. Raises SecondFactorWrong."""
    with transaction.atomic():
        device = _locked_device(developer, confirmed=True)
        left = len(device.recovery_digests) if device else 0
        fits = device is not None and device.verify_token(code.strip())
        if not fits:
            _record("developer.second_factor_refused", developer, audit.ANONYMOUS)
        elif device and len(device.recovery_digests) < left:
            _record("developer.recovery_code_used", developer, audit.developer(developer))
    if device is None or not fits:
        raise SecondFactorWrong(f"The code {REFUSED}")
    return device


def require(developer: Developer, code: str) -> None:
    """Let a sign-in by API pass. Raises SecondFactorRequired, SecondFactorWrong."""
    if not is_set_up(developer):
        return
    if not code.strip():
        raise SecondFactorRequired("This account has a second factor. Send its code, or a recovery code, as `code`.")
    check(developer, code)


def renew_recovery_codes(developer: Developer, actor: audit.Actor) -> list[str]:
    """Ten other codes; those before are void. Raises NotFound without a second factor."""
    with transaction.atomic():
        device = _locked_device(developer, confirmed=True)
        if device is None:
            raise NotFound("This account has no second factor.")
        codes = _renewed(device)
        _record("developer.recovery_codes_renewed", developer, actor)
    return codes


def remove(developer: Developer, actor: audit.Actor) -> None:
    """Take it out of the account, also one that was never confirmed; what is signed in stays so. A mail tells of it."""
    with transaction.atomic():
        was_set_up = is_set_up(developer)
        SecondFactorDevice.objects.filter(user=developer).delete()
        if was_set_up:
            _record("developer.second_factor_removed", developer, actor)
            enqueue(tasks.send_second_factor_removed.name, str(developer.pk))


def address_of(device: SecondFactorDevice) -> str:
    """Return what the QR code says: the otpauth address that apps read."""
    issuer = settings.OTP_TOTP_ISSUER
    values = urlencode({"secret": device.secret, "issuer": issuer, "digits": 6, "period": 30})
    return f"otpauth://totp/{quote(issuer)}:{quote(device.user.email)}?{values}"


def typed_key(device: SecondFactorDevice) -> str:
    """Return what to type where no camera is at hand: base32 in groups of four."""
    return _in_groups(device.secret)


def _renewed(device: SecondFactorDevice) -> list[str]:
    """Write down the hashes of ten codes of 80 bits."""
    codes = [_in_groups(base64.b32encode(secrets.token_bytes(10)).decode().lower()) for _ in range(RECOVERY_CODES)]
    device.recovery_digests = [recovery_digest(one) for one in codes]
    device.save(update_fields=["recovery_digests"])
    return codes


def _in_groups(text: str) -> str:
    return " ".join(text[at : at + 4] for at in range(0, len(text), 4))


def _locked_device(developer: Developer, *, confirmed: bool) -> SecondFactorDevice | None:
    rows = SecondFactorDevice.objects.select_for_update().filter(user=developer, confirmed=confirmed)
    return rows.first()


def _locked(developer: Developer) -> None:
    Developer.objects.select_for_update().filter(pk=developer.pk).first()


def _record(action: str, developer: Developer, actor: audit.Actor) -> None:
    audit.record(action, actor=actor, organization=developer.organization, target=developer)
