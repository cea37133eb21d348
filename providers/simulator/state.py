"""The state of a simulated vendor: grants, subscriptions, changes to its data, faults to come, calls."""

import secrets
import threading
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Final

CODE_MS: Final = 600_000


class BadGrant(Exception):
    """A code or refresh token that is not, or no more, good for anything."""


@dataclass(slots=True)
class AuthorizationCode:
    """An authorization code. `challenge` is PKCE's, empty without."""

    account: str
    scopes: tuple[str, ...]
    redirect_uri: str
    challenge: str
    until: int


@dataclass(slots=True)
class IssuedToken:
    """The account of a token. `until` in ms; 0 for one that does not end."""

    account: str
    scopes: tuple[str, ...]
    until: int = 0


@dataclass(slots=True)
class SimulatedFault:
    """A fault of the next `times` calls whose path contains `path`."""

    kind: str
    path: str = ""
    times: int = 1
    seconds: float = 1.0


@dataclass(slots=True)
class VendorState:
    """One vendor's memory. Callers hold `lock` while they change it."""

    lock: threading.RLock = field(default_factory=threading.RLock)
    codes: dict[str, AuthorizationCode] = field(default_factory=dict)
    access: dict[str, IssuedToken] = field(default_factory=dict)
    refresh: dict[str, IssuedToken] = field(default_factory=dict)
    subscriptions: dict[str, dict[str, Any]] = field(default_factory=dict)
    revisions: Counter[str] = field(default_factory=Counter)  # of documents, by id
    deleted: set[str] = field(default_factory=set)
    faults: list[SimulatedFault] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    limits: dict[str, int] = field(default_factory=dict)  # name of a window → calls, in place of the vendor's own
    used: dict[tuple[str, int], int] = field(default_factory=dict)
    outbox: list[tuple[str, str, str, str]] = field(default_factory=list)  # account, action, kind, id: to be pushed
    token_seconds: int = 0  # life of access tokens, in place of the vendor's own

    def code(self, account: str, scopes: tuple[str, ...], redirect_uri: str, challenge: str, now: int) -> str:
        name = secrets.token_urlsafe(18)
        with self.lock:
            self.codes[name] = AuthorizationCode(account, scopes, redirect_uri, challenge, now + CODE_MS)
        return name

    def access_for(self, token: IssuedToken, until: int) -> str:
        """Return a fresh access token alone."""
        access = f"sim-a-{secrets.token_urlsafe(18)}"
        with self.lock:
            self.access[access] = IssuedToken(token.account, token.scopes, until)
        return access

    def grant(self, account: str, scopes: tuple[str, ...], until: int) -> tuple[str, str]:
        """Return a fresh pair of access and refresh token."""
        access, refresh = f"sim-a-{secrets.token_urlsafe(18)}", f"sim-r-{secrets.token_urlsafe(18)}"
        with self.lock:
            self.access[access] = IssuedToken(account, scopes, until)
            self.refresh[refresh] = IssuedToken(account, scopes)
        return access, refresh

    def rotate(self, refresh: str) -> IssuedToken:
        """Use a refresh token up. Raises BadGrant; one that is used twice is counted."""
        with self.lock:
            token = self.refresh.pop(refresh, None)
            if token is None:
                self.counts["refresh_refused"] += 1
                raise BadGrant
            self.counts["refreshes"] += 1
            for name in [name for name, other in self.access.items() if other.account == token.account]:
                del self.access[name]
            return token

    def lasting(self, refresh: str) -> IssuedToken:
        """Return whose a refresh token is that may be used again. Raises BadGrant."""
        with self.lock:
            token = self.refresh.get(refresh)
            self.counts["refreshes" if token is not None else "refresh_refused"] += 1
            if token is None:
                raise BadGrant
            return token

    def end(self, account: str) -> int:
        """Take all grants of an account back; returns how many tokens went."""
        with self.lock:
            before = len(self.access) + len(self.refresh)
            self.access = {name: token for name, token in self.access.items() if token.account != account}
            self.refresh = {name: token for name, token in self.refresh.items() if token.account != account}
            return before - len(self.access) - len(self.refresh)

    def holder(self, access: str, now: int) -> IssuedToken | None:
        """Return whose an access token is, if it is good."""
        token = self.access.get(access)
        return token if token is not None and (not token.until or token.until > now) else None

    def connected(self) -> list[str]:
        """Return the accounts with a grant."""
        with self.lock:
            return sorted({token.account for token in self.refresh.values()})

    def due_fault(self, path: str) -> SimulatedFault | None:
        """Return the next fault for a path, taken off the list once it has come often enough."""
        with self.lock:
            for fault in self.faults:
                if fault.path in path:
                    fault.times -= 1
                    if fault.times <= 0:
                        self.faults.remove(fault)
                    self.counts[f"fault:{fault.kind}"] += 1
                    return fault
        return None

    def used_up(
        self, windows: dict[str, tuple[int, int]], now: int, account: str = ""
    ) -> dict[str, tuple[int, int, int]]:
        """Count a call in windows given as name → (calls, seconds); name → (limit, used, end in epoch seconds).

        account: whose call it is, where each has limits of their own.
        """
        found = {}
        with self.lock:
            for name, (calls, seconds) in windows.items():
                number = now // 1000 // seconds
                key = (f"{name}{account}", number)
                self.used[key] = self.used.get(key, 0) + 1
                limit = self.limits.get(name, calls)
                found[name] = (limit, self.used[key], (number + 1) * seconds)
        return found
