"""Idempotency-Key: a request that is sent again answers what the first one answered.

The reply is kept in the transaction of the effect, so there is never an effect without its reply. Where replies are
kept is the business of a Store; accounts.replies has the one the API uses.
"""

import functools
import hashlib
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

import orjson
from django.db import transaction
from rest_framework.request import Request
from rest_framework.response import Response

from wearlink.lib.api.rendering import dumps
from wearlink.lib.errors import InvalidInput

HEADER = "Idempotency-Key"
MAX_KEY_LENGTH = 255
Handler = TypeVar("Handler", bound=Callable[..., Response])


@dataclass(frozen=True, slots=True)
class Reply:
    """A finished answer: its status and JSON body."""

    status: int
    body: bytes


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to answer the first request with a key; ``reply`` is set when it has been answered already."""

    id: int
    reply: Reply | None = None


class Store(Protocol):
    """Keeps replies per tenant and caller."""

    def claim(self, tenant: Any, caller: str, key: str, fingerprint: str) -> Claim:
        """Raise Conflict while the caller's first request runs, Unprocessable if that was another request."""

    def keep(self, claim: Claim, reply: Reply) -> None:
        """Store the answer, in the running transaction."""

    def release(self, claim: Claim) -> None:
        """Free the key again after the first request failed."""


def _as_it_is(data: Any) -> Any:
    return data


def idempotent(
    store: Store, *, atomic: bool = True, hide: Callable[[Any], Any] = _as_it_is
) -> Callable[[Handler], Handler]:
    """Return a decorator for a TenantView's method; needs a caller with an organization. Only 2xx answers are kept.

    ``hide`` removes a secret from the stored answer: only the first request gets it.

    The work and its answer are one transaction. Not so with ``atomic=False``, for handlers that call partners and must
    commit before they do: a crash in between loses the answer, so such a handler must find its own half-done work.
    """

    def decorate(handler: Handler) -> Handler:
        @functools.wraps(handler)
        def wrapper(view: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
            key = request.headers.get(HEADER)
            if key is None:
                return handler(view, request, *args, **kwargs)
            caller = f"{view.actor.kind}:{view.actor.id}"
            claim = store.claim(view.organization, caller, _checked(key), fingerprint(request))
            if claim.reply is not None:
                return Response(claim.reply.body, status=claim.reply.status, headers={"Idempotency-Replayed": "true"})
            return _first(store, claim, lambda: handler(view, request, *args, **kwargs), atomic=atomic, hide=hide)

        wrapper.is_idempotent = True  # type: ignore[attr-defined]
        return wrapper  # type: ignore[return-value]

    return decorate


def _first(
    store: Store, claim: Claim, run: Callable[[], Response], *, atomic: bool, hide: Callable[[Any], Any]
) -> Response:
    kept = False
    try:
        with transaction.atomic() if atomic else nullcontext():
            response = run()
            successful = response.status_code < 300
            if successful:
                store.keep(claim, Reply(response.status_code, dumps(hide(response.data))))
        kept = successful
    finally:
        if not kept:
            store.release(claim)
    return response


def _checked(key: str) -> str:
    if not (0 < len(key) <= MAX_KEY_LENGTH and key.isascii() and key.isprintable()):
        raise InvalidInput.on(HEADER, f"must be 1 to {MAX_KEY_LENGTH} printable ASCII characters.")
    return key


def fingerprint(request: Request) -> str:
    """Return hex SHA-256 of method, path, query and content; the order of a JSON object's fields does not matter."""
    digest = hashlib.sha256(f"{request.method} {request.get_full_path()}\n".encode())
    data = request.data
    plain = (
        data
        if not hasattr(data, "lists")
        else {name: [str(value) for value in values] for name, values in data.lists()}
    )
    digest.update(_sorted(plain))
    for name, file in sorted(request.FILES.items()):
        digest.update(f"\n{name} {file.size}\n".encode())
        for chunk in file.chunks():
            digest.update(chunk)
        file.seek(0)
    return digest.hexdigest()


def _sorted(plain: Any) -> bytes:
    """Return canonical JSON. Raises InvalidInput for what is nested too deep."""
    try:
        return orjson.dumps(plain, option=orjson.OPT_SORT_KEYS)
    except orjson.JSONEncodeError as error:
        raise InvalidInput("The body is nested too deep, or holds a number that is too large.") from error
