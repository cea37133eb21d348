"""A small vendor on loopback: OAuth with rotating refresh tokens, days in pages, limits, faults on demand.

vendor.days["user-1"] = [{"id": "d1", "day": "2026-04-23", "steps": 9000, "bpm": []}]
vendor.faults.append((500, b"oops", {}))          # the next API call is answered so
"""

import json
import secrets
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

Fault = tuple[int, bytes, dict[str, str]]


@dataclass
class Vendor:
    """The state of a made-up vendor, and the calls it got."""

    url: str = ""
    days: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    page_size: int = 2
    calls: Counter[str] = field(default_factory=Counter)
    seen: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    token_faults: list[Fault] = field(default_factory=list)
    codes: dict[str, tuple[str, str]] = field(default_factory=dict)  # code → account, challenge
    access: dict[str, str] = field(default_factory=dict)  # access token → account
    refresh: dict[str, str] = field(default_factory=dict)
    lifetime: int = 3600
    token_delay: float = 0.0
    delay: float = 0.0
    revoked: list[str] = field(default_factory=list)
    subscriptions: list[dict[str, Any]] = field(default_factory=list)
    extra_status: int = 200
    limit: int = 0
    left: int = 0
    window: float = 1.5  # seconds until the limit opens anew
    window_end: float = 0.0
    violations: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def code(self, account: str = "user-1", challenge: str = "") -> str:
        """Return what the vendor's consent screen would send back."""
        code = secrets.token_hex(8)
        self.codes[code] = (account, challenge)
        return code

    def grant(self, account: str = "user-1") -> dict[str, Any]:
        """Return a fresh pair of tokens."""
        access, refresh = f"a-{secrets.token_hex(8)}", f"r-{secrets.token_hex(8)}"
        self.access[access], self.refresh[refresh] = account, account
        return {
            "access_token": access, "refresh_token": refresh, "expires_in": self.lifetime, "scope": "daily heartrate"
        }  # fmt: skip


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: Any) -> None:
        """Log nothing."""

    def do_GET(self) -> None:
        self._handle()

    def do_POST(self) -> None:
        self._handle()

    def _handle(self) -> None:
        vendor: Vendor = self.server.vendor  # type: ignore[attr-defined]
        parts = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        vendor.calls[parts.path] += 1
        vendor.seen.append((self.command, parts.path, query))
        if parts.path == "/oauth/authorize":
            self._consent(vendor, query)
        elif parts.path.startswith("/oauth/"):
            form = {name: values[0] for name, values in parse_qs(body.decode()).items()}
            self._oauth(vendor, parts.path, form)
        else:
            time.sleep(vendor.delay)
            self._api(vendor, parts.path, query, body)

    def _consent(self, vendor: Vendor, query: dict[str, str]) -> None:
        back = f"{query['redirect_uri']}?state={query['state']}"
        page = (
            "<!doctype html><title>Acme</title><h1>Allow?</h1>"
            f"<a href='{back}&code={vendor.code()}'>Allow</a> <a href='{back}&error=access_denied'>Deny</a>"
        )
        self._send(200, page.encode(), {"Content-Type": "text/html"})

    def _oauth(self, vendor: Vendor, path: str, form: dict[str, str]) -> None:
        time.sleep(vendor.token_delay)
        if path == "/oauth/revoke":
            vendor.revoked.append(form["token"])
            return self._send(200, b"{}")
        if vendor.token_faults:
            return self._send(*vendor.token_faults.pop(0))
        with vendor.lock:
            if form["grant_type"] == "authorization_code":
                account, _ = vendor.codes.pop(form["code"], ("", ""))
            else:
                account = vendor.refresh.pop(form["refresh_token"], "")
            if not account:
                return self._send(400, b'{"error": "invalid_grant"}')
            self._json(vendor.grant(account))
        return None

    def _api(self, vendor: Vendor, path: str, query: dict[str, str], body: bytes) -> None:
        if vendor.faults:
            return self._send(*vendor.faults.pop(0))
        if path == "/v1/subscriptions":
            return self._subscriptions(vendor, body)
        account = vendor.access.get(self.headers.get("Authorization", "").removeprefix("Bearer "))
        if account is None:
            return self._send(401, b"{}")
        if vendor.limit and not self._counted(vendor):
            return None
        if path == "/v1/me":
            return self._json({"id": account})
        if path == "/v1/extra":
            return self._send(vendor.extra_status, b'{"data": [], "next": null}')
        if path == "/v1/days":
            return self._days(vendor, account, query)
        found = [day for day in vendor.days.get(account, []) if path == f"/v1/days/{day['id']}"]
        return self._json(found[0]) if found else self._send(404, b"{}")

    def _counted(self, vendor: Vendor) -> bool:
        with vendor.lock:
            if time.time() >= vendor.window_end:
                vendor.left, vendor.window_end = vendor.limit, time.time() + vendor.window
            vendor.left -= 1
            if vendor.left < 0:
                vendor.violations += 1
                self._send(429, b"{}", {"Retry-After": "1"})
                return False
        return True

    def _days(self, vendor: Vendor, account: str, query: dict[str, str]) -> None:
        days = [day for day in vendor.days.get(account, []) if query["start_date"] <= day["day"] <= query["end_date"]]
        offset = int(query.get("next", 0))
        more = offset + vendor.page_size < len(days)
        self._json({"data": days[offset : offset + vendor.page_size],
                    "next": str(offset + vendor.page_size) if more else None})  # fmt: skip

    def _subscriptions(self, vendor: Vendor, body: bytes) -> None:
        if self.command == "GET":
            return self._json(vendor.subscriptions)
        made = {**json.loads(body), "id": secrets.token_hex(4), "expires": int(time.time() * 1000) + 90 * 86_400_000}
        vendor.subscriptions.append(made)
        return self._json(made)

    def _json(self, value: Any) -> None:
        self._send(200, json.dumps(value).encode(), {"Content-Type": "application/json"})

    def _send(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        vendor: Vendor = self.server.vendor  # type: ignore[attr-defined]
        self.send_response(status)
        quota_headers = (
            {"X-Limit": str(vendor.limit), "X-Left": str(max(vendor.left, 0)), "X-Reset": "2"} if vendor.limit else {}
        )
        for name, value in {**quota_headers, **(headers or {})}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def running() -> Iterator[Vendor]:
    """A vendor that answers at vendor.url."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    vendor = Vendor(url=f"http://127.0.0.1:{server.server_address[1]}")
    server.vendor = vendor  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield vendor
    finally:
        server.shutdown()
        server.server_close()
