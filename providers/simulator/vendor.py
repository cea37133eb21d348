"""The base of an adapter's simulated side: the vendor's ways and its end users' data."""

import secrets
from abc import ABC, abstractmethod
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, ClassVar, NamedTuple

from providers.simulator.state import IssuedToken, VendorState
from providers.simulator.wire import SimulatedAnswer, SimulatedRequest

Windows = dict[str, tuple[int, int]]  # name → (calls, seconds)
Used = Mapping[str, tuple[int, int, int]]  # name → (limit, used, end in epoch seconds)


class SimulatedWorkout(NamedTuple):
    """A workout of an account, for documents of other providers: [start, end] in ms, metres, active kcal, bpm."""

    id: str
    sport: str  # a workout type of the catalogue
    start: int
    end: int
    meters: float
    kcal: float
    pulse: float


class SimulatedVendor(ABC):
    """One vendor. Methods get the state and keep nothing themselves."""

    slug: ClassVar[str]
    name: ClassVar[str]
    people: ClassVar[Mapping[str, str]]  # account → name, as the consent page offers them
    token_seconds: ClassVar[int] = 86_400
    windows: ClassVar[Windows] = {}  # its limits
    limits_each: ClassVar[bool] = False  # whether each account has the limits for itself
    scope_in_redirect: ClassVar[bool] = False
    scope_separator: ClassVar[str] = " "
    rotates: ClassVar[bool] = True  # whether a refresh token is good for one use

    def settings(self, base: str, secret: str) -> dict[str, str]:
        """Further variables that point WearLink here; `base` is the vendor's address."""
        return {}

    # --- OAuth ---

    def token_answer(self, access: str, refresh: str, token: IssuedToken, now: int, seconds: int) -> dict[str, Any]:
        """Return the body of a token answer."""
        return {"token_type": "Bearer", "access_token": access, "refresh_token": refresh, "expires_in": seconds}

    def signed_in(self, state: VendorState, request: SimulatedRequest, redirect_uri: str) -> None:
        """Note that somebody has given a grant, for an app that is found where they are sent back to."""
        return

    def grant_refused(self) -> SimulatedAnswer:
        """Return the answer to a bad code or refresh token."""
        return SimulatedAnswer.json({"error": "invalid_grant"}, HTTPStatus.BAD_REQUEST)

    # --- REST ---

    @abstractmethod
    def api(self, request: SimulatedRequest, token: IssuedToken, state: VendorState) -> SimulatedAnswer:
        """Return a call of an end user whose token is good."""

    def app_api(self, request: SimulatedRequest, state: VendorState) -> SimulatedAnswer | None:
        """Return a call of the app (subscriptions); None if it is none."""
        return None

    def limit_headers(self, used: Used, *, over: bool) -> dict[str, str]:
        """Return what an answer says of the limits."""
        return {}

    def refused(self) -> SimulatedAnswer:
        """Return the answer to a token that is not good."""
        return SimulatedAnswer.json({"detail": "The token is not valid."}, HTTPStatus.UNAUTHORIZED)

    # --- webhooks ---

    @abstractmethod
    def event(self, account: str, action: str, kind: str, object_id: str, state: VendorState, now: int) -> bytes:
        """Return the body of a push."""

    @abstractmethod
    def sign(self, body: bytes, secret: str, now: int) -> dict[str, str]:
        """Return the headers of a push."""

    @abstractmethod
    def challenge(self, subscription: Mapping[str, Any], word: str) -> tuple[dict[str, str], str]:
        """Return the query of a handshake, and the field of the answer that must repeat the word."""

    @abstractmethod
    def listeners(self, state: VendorState, action: str, kind: str) -> list[str]:
        """Return the addresses that get such an event."""

    @abstractmethod
    def newest(self, account: str, kind: str, now: int) -> str:
        """Return the id of the newest document of a kind; empty for none."""

    def workouts(self, account: str, first: int, last: int) -> list[SimulatedWorkout]:
        """Return what the account did from one moment to another, oldest first; however long ago."""
        return []

    def moved(self, account: str, before: int, now: int) -> list[tuple[str, str, str]]:
        """Return (action, kind, id) of what came or changed between two moments: pushed as time goes on."""
        return []


def fresh_id() -> str:
    """Return an id of no meaning."""
    return secrets.token_hex(8)
