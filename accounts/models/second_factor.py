"""SecondFactorDevice: the authenticator app of a developer, and the recovery codes beside it."""

import base64
import hashlib
import secrets
from typing import Any, Final

from django.db import models
from django_otp.models import Device, ThrottlingMixin
from django_otp.oath import TOTP

from accounts.models.developer import Developer
from wearlink.lib import clock
from wearlink.lib.security.fields import EncryptedField

SECRET_BYTES: Final = 20
STEPS_AROUND: Final = 1  # of 30 s, that the phone's clock may be off
MAX_FAILURES: Final = 10  # counted: somebody who knows the password can make the owner wait 2^9 s, not for years


def new_secret() -> str:
    """Return what the app and we share: base32, as apps take it."""
    return base64.b32encode(secrets.token_bytes(SECRET_BYTES)).decode()


def recovery_digest(code: str) -> str:
    """Return what is kept of a recovery code: it holds 80 bits of chance, so a plain hash tells nobody. Blanks are
    ignored.
    """
    return hashlib.sha256("".join(code.lower().replace("-", " ").split()).encode()).hexdigest()


class SecondFactorDevice(ThrottlingMixin, Device):
    """At most one a developer. Not confirmed: shown as a QR code, and no code of it was typed yet.

    django-otp's own devices keep their secrets in plain text; its middleware takes any subclass of its Device.
    """

    user = models.OneToOneField(Developer, on_delete=models.CASCADE, related_name="second_factor")
    name = models.CharField(max_length=64, default="Authenticator")
    confirmed = models.BooleanField(default=False)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    secret = EncryptedField(default=new_secret)
    last_step = models.BigIntegerField(default=-1, help_text="of the last code that was taken; none works twice")
    recovery_digests = models.JSONField(default=list, blank=True)

    def __str__(self) -> str:
        return str(self.pk)

    def verify_token(self, token: str) -> bool:
        """Take a code of the app or a recovery code, once. Each failure doubles the time before the next attempt.

        The row must be locked by the caller.
        """
        is_allowed, _ = self.verify_is_allowed()
        if not is_allowed:
            return False
        if self._takes_code(token) or self._takes_recovery_code(token):
            self.throttle_reset()
            return True
        counted: int = self.throttling_failure_count  # type: ignore[has-type]  # a field of django-otp, which is untyped
        self.throttling_failure_count = min(counted, MAX_FAILURES - 1)
        self.throttle_increment()
        return False

    def get_throttle_factor(self) -> int:
        """Return seconds to wait after the first failure."""
        return 1

    def code_at(self, seconds: float) -> str:
        """Return what the app shows at that moment."""
        totp = self._totp(seconds)
        return f"{totp.token():06}"

    def _takes_code(self, token: str) -> bool:
        if not (len(token) == 6 and token.isascii() and token.isdecimal()):
            return False
        totp = self._totp(clock.now().timestamp())
        if not totp.verify(int(token), STEPS_AROUND, self.last_step + 1):
            return False
        self.last_step = totp.t()
        return True

    def _takes_recovery_code(self, token: str) -> bool:
        digest = recovery_digest(token)
        if digest not in self.recovery_digests:
            return False
        self.recovery_digests.remove(digest)
        return True

    def _totp(self, seconds: float) -> Any:
        totp = TOTP(base64.b32decode(self.secret))
        totp.time = seconds
        return totp
