"""Errors between a vendor and us. The tree is drawn in providers.contract."""

from typing import ClassVar


class VendorError(Exception):
    """A call that did not end well. The text says what happened in words that may be shown; it carries no content."""

    code: ClassVar[str] = "vendor_error"


class VendorUnavailable(VendorError):
    """No answer, a 5xx, or a circuit that is open."""

    code = "vendor_unavailable"


class RateLimited(VendorError):
    """Over a limit of the vendor's; `until` is when it has room again, in epoch seconds."""

    code = "rate_limited"

    def __init__(self, detail: str, *, until: float) -> None:
        super().__init__(detail)
        self.until = until


class GrantLost(VendorError):
    """The vendor does not honour the end user's grant any more; only connecting again helps."""

    code = "grant_lost"
    reason: ClassVar[str] = "token_rejected"  # of the connection's end


class VendorRetired(GrantLost):
    """The vendor has ended the API for good; another provider of ours goes on (CloudProvider.successor)."""

    code = "vendor_retired"
    reason = "vendor_retired"


class AppRefused(VendorError):
    """The vendor does not accept the app's credentials, or the code: a matter of the settings, not of the end user."""

    code = "app_refused"


class NotGranted(VendorError):
    """The call needs a scope or consent that was not given, while the token as such is good."""

    code = "not_granted"


class VendorNotFound(VendorError):
    """The vendor has no such object: gone, not visible, or not there yet."""

    code = "vendor_not_found"


class NotReady(VendorError):
    """The object is there but not complete yet, such as a night whose score is still being computed.

    Raised after whatever can be kept of it already. A notification is resolved again later; a pull lists it among its
    problems and the next one asks for the same days.
    """

    code = "not_ready"


class BadAnswer(VendorError):
    """An answer that makes no sense here: an unexpected status, too many bytes, not JSON. `body` is not for showing."""

    code = "bad_answer"

    def __init__(self, detail: str, *, status: int = 0, body: bytes = b"") -> None:
        super().__init__(detail)
        self.status, self.body = status, body


class UnsupportedEvent(Exception):
    """A well-formed event of the vendor's that we make nothing of: answered 200 and counted by its kind."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind


class AnomalousPayload(ValueError):
    """A payload that is not what its provider sends; trying again cannot help."""


class BadWebhookSignature(Exception):
    """A call that does not prove to come from the vendor."""


class UnknownSigningKey(BadWebhookSignature):
    """The signature names a key that is not in the key set we hold; the vendor may have changed its keys since."""
