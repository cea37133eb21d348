"""Calls to vendors: within their limits, behind a circuit, with bounded answers and tokens that are renewed.

An AppCaller speaks for an app, an EndUserCaller for an end user who connected. Neither retries by itself, but for the
one repetition after a token was renewed: the run or notification that makes the call knows when to try again.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from http import HTTPStatus
from typing import Any, Final, Unpack

import msgspec

from providers.contract import (
    BadAnswer,
    Credentials,
    Grant,
    GrantLost,
    NotGranted,
    PartialFailure,
    RateLimited,
    RawDocument,
    Urls,
    VendorAnswer,
    VendorNotFound,
    VendorRetired,
    VendorUnavailable,
)
from providers.contract.clients import CallOptions, Params
from providers.vendor_api import circuit_breaker
from providers.vendor_api.credentials import VendorApp
from providers.vendor_api.rate_limits import RateLimiter
from wearlink.lib import clock
from wearlink.lib.net import http, retry_after
from wearlink.lib.net.http import PartnerUnreachable

MAX_BYTES: Final = 20 * 1024 * 1024
MAX_REFUSAL: Final = 2_000  # bytes of a refusal that an adapter may look at
CALL_TIMEOUT: Final = 90.0  # seconds, slow bodies included
CHUNK_BYTES: Final = 64 * 1024
MAX_WAIT: Final = 2.0  # a limit that has room again within this many seconds is waited for on the spot
DEFAULT_PAUSE: Final = 60.0
NO_HEADERS: Final[Mapping[str, str]] = {}


class RefusedCall(Exception):
    """A status that is not 2xx, before it is known what it means here."""

    def __init__(self, answer: VendorAnswer) -> None:
        super().__init__(str(answer.status))
        self.answer = answer


class AppCaller:
    """Calls in the name of an app. reserve: the share of the vendor's limits that is left to others."""

    def __init__(self, app: VendorApp, *, account: str = "", reserve: float = 0.0) -> None:
        self.app = app
        self.account = account
        self.reserve = reserve
        self._name = f"{app.provider.slug}:{app.name}"
        self._limiter = RateLimiter(app.provider.slug, app.name, app.provider.allowances)

    @property
    def credentials(self) -> Credentials:
        return self.app.credentials

    @property
    def urls(self) -> Urls:
        """The vendor's addresses."""
        return self.app.urls

    def request(self, method: str, path: str, **options: Unpack[CallOptions]) -> VendorAnswer:
        """Return a 2xx answer. Raises VendorError."""
        sent = _for_requests(options)
        if options.get("auth") == "basic":
            sent["auth"] = (self.credentials.client_id, self.credentials.client_secret)
        try:
            return self.send(method, path, sent)
        except RefusedCall as refusal:
            raise self.explain(refusal.answer) from refusal

    def send(self, method: str, path: str, options: dict[str, Any]) -> VendorAnswer:
        """Return one call within the limits. Raises Refusal, RateLimited, VendorUnavailable, BadAnswer."""
        url = path if "://" in path else self.urls.api + path
        self._wait_for_room(path, options.get("params") or {})
        quotas: tuple[Any, ...] = ()
        try:
            answer = _exchange(method, url, options)
            quotas = self.app.provider.quotas(answer.headers, answer.status, time.time())
        except VendorUnavailable:
            circuit_breaker.record_failure(self._name, time.time())
            raise
        finally:
            self._limiter.update_from_headers(quotas, self.account, time.time())
        if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            circuit_breaker.record_failure(self._name, time.time())
            raise VendorUnavailable(f"{self.app.provider.name} answered {answer.status}.")
        circuit_breaker.record_success(self._name)
        if answer.status == HTTPStatus.TOO_MANY_REQUESTS:
            until = _limit_ends(answer, quotas)
            used_up = [quota for quota in quotas if quota.remaining <= 0]
            of_account = bool(used_up) and all(quota.per_user for quota in used_up)
            self._limiter.close(until, time.time(), self.account if of_account else "")
            raise RateLimited(f"{self.app.provider.name} has no calls left.", until=until)
        if not 200 <= answer.status < 300:
            raise RefusedCall(answer)
        return answer

    def explain(self, answer: VendorAnswer) -> Exception:
        """Return what a refusal means for a call of the app."""
        if answer.status == HTTPStatus.NOT_FOUND:
            return VendorNotFound(f"{self.app.provider.name} has no such object.")
        if answer.status == HTTPStatus.GONE and self.app.provider.successor:
            return VendorRetired(f"{self.app.provider.name} has ended this API.")
        detail = f"{self.app.provider.name} answered {answer.status}."
        return BadAnswer(detail, status=answer.status, body=answer.body[:MAX_REFUSAL])

    def _wait_for_room(self, path: str, params: Params) -> None:
        name = self.app.provider.name

        def cost(limit: str) -> int:
            return self.app.provider.cost(limit, path, params)

        until = circuit_breaker.open_until(self._name)
        if until > time.time():
            raise VendorUnavailable(f"{name} failed several times in a row; calls pause for a while.")
        while until := self._limiter.acquire(self.account, time.time(), reserve=self.reserve, cost=cost):
            wait = until - time.time()
            if wait > MAX_WAIT:
                raise RateLimited(f"The limit of {name} is used up.", until=until)
            time.sleep(max(wait, 0.01))


class EndUserCaller(AppCaller):
    """Calls in the name of an end user: a providers.contract.VendorClient.

    `renew` is asked for tokens: with None for the current ones, with an access token for others than that.
    """

    def __init__(
        self, app: VendorApp, renew: "Callable[[str | None], Tokens]", *, account: str, grant: Grant,
        reserve: float = 0.0,
    ) -> None:  # fmt: skip
        super().__init__(app, account=account, reserve=reserve)
        self.grant = grant
        self._renew = renew
        self._tokens: Tokens | None = None
        self._token_works = False

    @property
    def tokens(self) -> "Tokens":
        """The tokens in use, renewed if they are about to end."""
        if self._tokens is None or self._tokens.ends <= time.time():
            self._tokens = self._renew(None)
        return self._tokens

    @property
    def access_token(self) -> str:
        """The access token, for calls that want it in another place than the Authorization header."""
        return self.tokens.access

    @property
    def refresh_token(self) -> str:
        """Empty where the vendor gave none."""
        return self.tokens.refresh

    def request(self, method: str, path: str, **options: Unpack[CallOptions]) -> VendorAnswer:
        """Return a 2xx answer; "bearer" by default. A 401 is answered by a fresh token, once. Raises VendorError."""
        if options.get("auth") not in (None, "bearer"):
            return super().request(method, path, **options)
        try:
            return self._with_token(method, path, options)
        except RefusedCall as refusal:
            if refusal.answer.status != HTTPStatus.UNAUTHORIZED:
                raise self.explain(refusal.answer) from refusal
        if not self._token_works:  # else the token is good, and it is this call that lacks a scope
            self._tokens = self._renew(self.tokens.access)
        try:
            return self._with_token(method, path, options)
        except RefusedCall as refusal:
            raise self._refused_again(refusal.answer, path) from refusal

    def explain(self, answer: VendorAnswer) -> Exception:
        """Return what a refusal means for a call of an end user."""
        if answer.status == HTTPStatus.FORBIDDEN:
            return NotGranted(f"{self.app.provider.name} does not allow this call.")
        return super().explain(answer)

    def get(self, path: str, params: Params | None = None) -> Any:
        """Return the decoded JSON of a GET."""
        return self.raw(path, params).json()

    def raw(self, path: str, params: Params | None = None) -> VendorAnswer:
        """Return the body of a GET unchanged."""
        return self.request("GET", path, params=params)

    def pages(
        self, kind: str, path: str, params: Params | None = None, *, next_key: str, next_param: str = "",
        items_key: str = "data",
    ) -> Iterator[RawDocument | PartialFailure]:  # fmt: skip
        asked: dict[str, str | int | float] = dict(params or {})
        seen: set[str] = set()
        while True:
            answer = self.raw(path, asked)
            if not answer.body.strip():
                return
            try:
                document = answer.json()
                items, token = len(document.get(items_key) or ()), document.get(next_key)
            except (BadAnswer, AttributeError, TypeError):
                yield RawDocument(kind, answer.body)
                yield PartialFailure(kind, "bad_answer", "A page is not the JSON that was expected; it is kept.")
                return
            yield RawDocument(kind, answer.body, items)
            if not token or str(token) in seen:
                return
            seen.add(str(token))
            asked[next_param or next_key] = str(token)

    def _with_token(self, method: str, path: str, options: CallOptions) -> VendorAnswer:
        answer = self.send(method, path, _for_requests(options, {"Authorization": f"Bearer {self.tokens.access}"}))
        self._token_works = True
        return answer

    def _refused_again(self, answer: VendorAnswer, path: str) -> Exception:
        if answer.status != HTTPStatus.UNAUTHORIZED:
            return self.explain(answer)
        name, probe = self.app.provider.name, self.app.provider.oauth.probe
        if self._token_works:
            return NotGranted(f"{name} does not allow this call with the scopes that were given.")
        if probe and path != probe:
            try:
                self._with_token("GET", probe, {})
            except RefusedCall:
                return GrantLost(f"{name} does not accept the token any more.")
            return NotGranted(f"{name} does not allow this call with the scopes that were given.")
        return GrantLost(f"{name} does not accept the token any more.")


class Tokens(msgspec.Struct, frozen=True):
    """The tokens that sign an end user's calls. `ends`: until when (epoch seconds) they need no renewal."""

    access: str
    refresh: str = ""
    ends: float = float("inf")


def _for_requests(options: CallOptions, more_headers: Mapping[str, str] = NO_HEADERS) -> dict[str, Any]:
    """Return the options as wearlink.lib.net.http takes them."""
    headers = {"Accept": "application/json", **(options.get("headers") or {}), **more_headers}
    return {
        "params": options.get("params"),
        "json": options.get("json"),
        "data": options.get("form"),
        "headers": headers,
    }


def _exchange(method: str, url: str, options: dict[str, Any]) -> VendorAnswer:
    """Return one HTTP exchange. Raises VendorUnavailable, and BadAnswer for too much."""
    deadline = time.monotonic() + CALL_TIMEOUT
    try:
        with http.request(method, url, stream=True, **options) as response:
            body = _read_bounded(response, deadline)
            headers = {name.lower(): value for name, value in response.headers.items()}
            return VendorAnswer(response.status_code, headers, body)
    except PartnerUnreachable as error:
        raise VendorUnavailable(str(error)) from error


def _read_bounded(response: http.Response, deadline: float) -> bytes:
    pieces, size = [], 0
    for piece in http.pieces(response, CHUNK_BYTES):
        size += len(piece)
        if size > MAX_BYTES:
            raise BadAnswer("The answer is too large.", status=response.status_code)
        if time.monotonic() > deadline:
            raise VendorUnavailable("The answer came too slowly.")
        pieces.append(piece)
    return b"".join(pieces)


def _limit_ends(answer: VendorAnswer, quotas: tuple[Any, ...]) -> float:
    """Return when (epoch seconds) a 429 is over: what Retry-After says, else the limit that is used up, else in a
    minute.
    """
    now = time.time()
    stated = retry_after.seconds_until(answer.headers.get("retry-after"), clock.now())
    if stated is not None:
        return now + stated
    used_up = [quota.resets_at for quota in quotas if quota.remaining <= 0]
    return max(used_up, default=now + DEFAULT_PAUSE)
