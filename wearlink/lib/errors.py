"""The errors of the domain.

    WearLinkError
    ├── InvalidInput      400  the caller's input is at fault; names the fields
    ├── Unauthorized      401  no valid credentials
    ├── NotFound          404  does not exist, or belongs to somebody else
    ├── Conflict          409  collides with what is stored
    ├── Gone              410  was there, and will not be again
    ├── TooLarge          413  more bytes or items than accepted
    ├── UnsupportedMedia  415  a file of a kind that is not taken
    ├── Unprocessable     422  well-formed, but cannot be carried out
    ├── TooManyRequests   429  over a limit; says when to come back
    │   └── QuotaExceeded      the plan's share of a day is used up
    ├── NotAvailable      501  needs a part that is not configured here
    └── Unavailable       503  a part we depend on is down; a retry may help

Apps derive their own errors from these. The exception handler in ``wearlink.lib.api`` turns them into answers, so
nothing else decides HTTP statuses.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import ClassVar, Final

RETRY_SECONDS: Final = 5  # after which somebody who got a 503 may try again


@dataclass(frozen=True, slots=True)
class FieldError:
    """The fault of one field: its name (dotted for nested ones) and a sentence for the caller."""

    field: str
    message: str


class WearLinkError(Exception):
    """Base of all: ``detail`` is a sentence for the caller, ``code`` a stable word for programs."""

    status: ClassVar[int] = HTTPStatus.INTERNAL_SERVER_ERROR
    default_code: ClassVar[str] = "error"

    def __init__(self, detail: str, *, code: str | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.code = code or self.default_code


class InvalidInput(WearLinkError):
    """The input is at fault; ``errors`` names the fields, as far as fields are to blame."""

    status = HTTPStatus.BAD_REQUEST
    default_code = "invalid_input"

    def __init__(self, detail: str, *, errors: Sequence[FieldError] = (), code: str | None = None) -> None:
        super().__init__(detail, code=code)
        self.errors = tuple(errors)

    @classmethod
    def on(cls, field: str, message: str, *, code: str | None = None) -> "InvalidInput":
        """Return the error of a single field; ``detail`` repeats field and message."""
        return cls(f"{field}: {message}", errors=(FieldError(field, message),), code=code)


class Unauthorized(WearLinkError):
    """No credentials, or none that are valid here."""

    status = HTTPStatus.UNAUTHORIZED
    default_code = "unauthorized"


class NotFound(WearLinkError):
    """Does not exist, or belongs to another tenant, which must look the same."""

    status = HTTPStatus.NOT_FOUND
    default_code = "not_found"


class Conflict(WearLinkError):
    """Collides with something stored, such as a taken name; ``existing_id`` names that, where one may know it."""

    status = HTTPStatus.CONFLICT
    default_code = "conflict"

    def __init__(self, detail: str, *, code: str | None = None, existing_id: str | None = None) -> None:
        super().__init__(detail, code=code)
        self.existing_id = existing_id


class Gone(WearLinkError):
    """A thing that existed and will not exist again."""

    status = HTTPStatus.GONE
    default_code = "gone"


class TooLarge(WearLinkError):
    """More bytes or items than a call may carry."""

    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    default_code = "too_large"


class UnsupportedMedia(WearLinkError):
    """A file of a kind that is not taken."""

    status = HTTPStatus.UNSUPPORTED_MEDIA_TYPE
    default_code = "unsupported_media_type"


class Unprocessable(WearLinkError):
    """Well-formed, but cannot be carried out as it is."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    default_code = "unprocessable"


class TooManyRequests(WearLinkError):
    """Over a limit; ``retry_after`` is in whole seconds."""

    status = HTTPStatus.TOO_MANY_REQUESTS
    default_code = "too_many_requests"

    def __init__(self, detail: str, *, retry_after: int, code: str | None = None) -> None:
        super().__init__(detail, code=code)
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True)
class QuotaFacts:
    """A quota that is used up, with its numbers."""

    message: str
    limit: int
    used: int
    plan: str
    resource: str


class QuotaExceeded(TooManyRequests):
    """The plan's share of a day is used up. The answer's ``detail`` is an object, so that programs can read it."""

    default_code = "quota_exceeded"

    def __init__(self, facts: QuotaFacts, *, retry_after: int) -> None:
        super().__init__(facts.message, retry_after=retry_after)
        self.facts = facts


class NotAvailable(WearLinkError):
    """Needs a part that this installation has not configured."""

    status = HTTPStatus.NOT_IMPLEMENTED
    default_code = "not_available"


class Unavailable(WearLinkError):
    """A part we depend on (database, broker, object store, a partner) does not answer; a retry may help."""

    status = HTTPStatus.SERVICE_UNAVAILABLE
    default_code = "unavailable"
