"""A small, strict stand-in for Razorpay: refuses what it does not know, keeps subscriptions, and tells of them.

Only what WearLink uses of Razorpay's published API. The customer's side (paying, failing) is called from tests.
"""

import base64
import hmac
import itertools
import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

KEY_ID, KEY_SECRET, WEBHOOK_SECRET = "rzp_test_wearlink", "key secret of tests", "webhook secret of tests"
MONTH = 30 * 86_400
ENDED = ("cancelled", "completed", "expired")


class RazorpayRefusal(Exception):
    """An answer that is an error."""

    def __init__(self, description: str, status: int = 400) -> None:
        super().__init__(description)
        self.status, self.description = status, description


def only(body: dict[str, Any], *allowed: str, required: tuple[str, ...] = ()) -> None:
    """Refuse unknown and missing fields."""
    extra, missing = set(body) - set(allowed) - set(required), set(required) - set(body)
    if extra:
        raise RazorpayRefusal(f"{min(extra)} is/are not required and should not be sent")
    if missing:
        raise RazorpayRefusal(f"The {min(missing)} field is required.")


class Razorpay:
    """The vendor. `now` is its clock (epoch seconds); faults are used up one by one, by the calls that come."""

    def __init__(self, now: int = 1_777_000_000) -> None:
        self.now = now
        self.plans: dict[str, dict[str, Any]] = {}
        self.subscriptions: dict[str, dict[str, Any]] = {}
        self.invoices: dict[str, dict[str, Any]] = {}
        self.payments: dict[str, dict[str, Any]] = {}
        self.refunds: dict[str, dict[str, Any]] = {}
        self.faults: list[str] = []  # "drop" does the work and hangs up; "502", "429", "html" answer so instead
        self.calls: list[tuple[str, str]] = []
        self.events: list[dict[str, Any]] = []
        self.pages: dict[str, Callable[[dict[str, str]], tuple[str, bytes]]] = {}  # for browsers, without a key
        self.url = ""
        self._numbers = itertools.count(1)

    def next(self, kind: str) -> str:
        return f"{kind}_T{next(self._numbers):013}"

    # --- its API -----------------------------------------------------------------------------------------------

    def route(self, method: str, path: str, query: dict[str, str], body: dict[str, Any]) -> Any:
        for verb, pattern, call in ROUTES:
            match = re.fullmatch(pattern, path)
            if verb == method and match:
                return call(self, *match.groups(), query=query, body=body)
        raise RazorpayRefusal("The requested URL was not found on the server.", 404)

    def create_plan(self, *, query: Any, body: dict[str, Any]) -> Any:
        only(body, "notes", required=("period", "interval", "item"))
        only(body["item"], "description", required=("name", "amount", "currency"))
        if not isinstance(body["item"]["amount"], int) or body["item"]["amount"] < 100:
            raise RazorpayRefusal("The amount must be at least INR 1.00")
        made = {"id": self.next("plan"), "entity": "plan", "created_at": self.now, **body}
        return self.plans.setdefault(made["id"], made)

    def create_subscription(self, *, query: Any, body: dict[str, Any]) -> Any:
        only(body, "quantity", "customer_notify", "notes", required=("plan_id", "total_count"))
        if body["plan_id"] not in self.plans:
            raise RazorpayRefusal("The id provided does not exist")
        made = {
            "id": self.next("sub"), "entity": "subscription", "customer_id": None, "status": "created",
            "current_start": None, "current_end": None, "ended_at": None, "charge_at": None, "start_at": None,
            "end_at": None, "auth_attempts": 0, "paid_count": 0, "remaining_count": body["total_count"],
            "created_at": self.now, "expire_by": None, "has_scheduled_changes": False, "change_scheduled_at": None,
            "source": "api", **body,
        }  # fmt: skip
        made["short_url"] = f"https://rzp.io/i/{made['id'][-8:]}"
        return self.subscriptions.setdefault(made["id"], made)

    def subscription(self, name: str, *, query: Any = None, body: Any = None) -> dict[str, Any]:
        if name not in self.subscriptions:
            raise RazorpayRefusal("The id provided does not exist")
        return self.subscriptions[name]

    def list_subscriptions(self, *, query: dict[str, str], body: Any) -> Any:
        found = [one for one in self.subscriptions.values() if one["plan_id"] == query.get("plan_id", one["plan_id"])]
        return self._page([one for one in found if one["created_at"] >= int(query.get("from", 0))], query)

    def list_invoices(self, *, query: dict[str, str], body: Any) -> Any:
        owner = query.get("subscription_id")
        return self._page([one for one in self.invoices.values() if one["subscription_id"] == owner], query)

    def list_refunds(self, *, query: dict[str, str], body: Any) -> Any:
        return self._page(list(self.refunds.values()), query)

    def payment(self, name: str, *, query: Any, body: Any) -> Any:
        if name not in self.payments:
            raise RazorpayRefusal("The id provided does not exist")
        return self.payments[name]

    def _page(self, found: list[dict[str, Any]], query: dict[str, str]) -> dict[str, Any]:
        count, skip = int(query.get("count", 10)), int(query.get("skip", 0))
        if count > 100:
            raise RazorpayRefusal("The count may not be greater than 100.")
        page = found[::-1][skip : skip + count]  # newest first
        return {"entity": "collection", "count": len(page), "items": page}

    def update(self, name: str, *, query: Any, body: dict[str, Any]) -> Any:
        only(body, "plan_id", "schedule_change_at", "customer_notify", "quantity")
        found = self.subscription(name)
        if found["status"] not in ("authenticated", "active"):
            raise RazorpayRefusal("Subscription cannot be updated when it is not in authenticated or active state.")
        if body["plan_id"] not in self.plans:
            raise RazorpayRefusal("The id provided does not exist")
        if body["schedule_change_at"] == "cycle_end":
            found |= {"has_scheduled_changes": True, "change_scheduled_at": found["current_end"]}
            found["_next"] = body["plan_id"]
        else:
            found["plan_id"] = body["plan_id"]
            self.tell("subscription.updated", found)
        return found

    def keep(self, name: str, *, query: Any, body: Any) -> Any:
        found = self.subscription(name)
        found |= {"has_scheduled_changes": False, "change_scheduled_at": None}
        return found

    def cancel(self, name: str, *, query: Any, body: dict[str, Any]) -> Any:
        only(body, "cancel_at_cycle_end")
        found = self.subscription(name)
        if found["status"] in ENDED:
            raise RazorpayRefusal("Subscription is not cancellable in this state.")
        if body.get("cancel_at_cycle_end"):
            if found["status"] != "active":
                raise RazorpayRefusal("Subscription cannot be cancelled at the end of a cycle that has not begun.")
            return found
        found |= {"status": "cancelled", "ended_at": self.now, "charge_at": None}
        self.tell("subscription.cancelled", found)
        return found

    def pause(self, name: str, *, query: Any, body: dict[str, Any]) -> Any:
        only(body, required=("pause_at",))
        return self._move(name, ("active",), "paused", "subscription.paused")

    def resume(self, name: str, *, query: Any, body: dict[str, Any]) -> Any:
        only(body, required=("resume_at",))
        return self._move(name, ("paused",), "active", "subscription.resumed")

    def _move(self, name: str, before: tuple[str, ...], status: str, event: str) -> Any:
        found = self.subscription(name)
        if found["status"] not in before:
            raise RazorpayRefusal(f"Subscription is not in a state to become {status}.")
        found["status"] = status
        self.tell(event, found)
        return found

    # --- the customer's side -----------------------------------------------------------------------------------

    def authorise(self, name: str) -> None:
        """The customer gives a card."""
        found = self.subscription(name)
        found |= {"status": "authenticated", "customer_id": self.next("cust"), "charge_at": self.now,
                  "start_at": self.now}  # fmt: skip
        self.tell("subscription.authenticated", found)

    def charge(self, name: str) -> dict[str, Any]:
        """A cycle begins and is paid; the payment."""
        found, self.now = self.subscription(name), self.now + 2
        first = found["status"] != "active"
        found |= {"status": "active", "current_start": self.now, "current_end": self.now + MONTH,
                  "charge_at": self.now + MONTH, "paid_count": found["paid_count"] + 1}  # fmt: skip
        found["remaining_count"] = found["total_count"] - found["paid_count"]
        payment = self._pay(found, "captured")
        if first:
            self.tell("subscription.activated", found)
        self.now += 1
        self.tell("subscription.charged", found, payment=payment)
        self.tell("invoice.paid", None, payment=payment, invoice=self.invoices[payment["invoice_id"]])
        self.tell("payment.captured", None, payment=payment)
        return payment

    def fail(self, name: str, status: str = "pending") -> None:
        """A charge fails, for now or (halted) for good."""
        found, self.now = self.subscription(name), self.now + 86_400
        found |= {"status": status, "auth_attempts": found["auth_attempts"] + 1}
        payment = self._pay(found, "failed") if status == "pending" else None
        self.tell(f"subscription.{status}", found, payment=payment)

    def refund(self, payment_id: str, amount: int | None = None, status: str = "processed") -> dict[str, Any]:
        payment, self.now = self.payments[payment_id], self.now + 60
        made = {"id": self.next("rfnd"), "entity": "refund", "amount": amount or payment["amount"],
                "currency": payment["currency"], "payment_id": payment_id, "status": status, "notes": [],
                "created_at": self.now}  # fmt: skip
        self.refunds[made["id"]] = made
        self.tell(f"refund.{status}", None, refund=made, payment=payment)
        return made

    def _pay(self, found: dict[str, Any], status: str) -> dict[str, Any]:
        item = self.plans[found["plan_id"]]["item"]
        payment = {
            "id": self.next("pay"), "entity": "payment", "amount": item["amount"], "currency": item["currency"],
            "status": status, "invoice_id": self.next("inv"), "order_id": self.next("order"), "amount_refunded": 0,
            "captured": status == "captured", "fee": item["amount"] * 236 // 10_000, "tax": 0,
            "email": "asha@example.com", "created_at": self.now,
        }  # fmt: skip
        self.payments[payment["id"]] = payment
        if status == "captured":
            self.invoices[payment["invoice_id"]] = {
                "id": payment["invoice_id"], "entity": "invoice", "subscription_id": found["id"], "status": "paid",
                "payment_id": payment["id"], "amount": item["amount"], "currency": item["currency"],
                "billing_start": found["current_start"], "billing_end": found["current_end"], "paid_at": self.now + 1,
            }  # fmt: skip
        return payment

    def tell(self, name: str, subscription: dict[str, Any] | None, **more: dict[str, Any] | None) -> None:
        """Put an event into `events`, for tests to deliver."""
        parts = {"subscription": subscription, **more}
        payload = {kind: {"entity": dict(one)} for kind, one in parts.items() if one is not None}
        self.events.append(
            {"entity": "event", "account_id": "acc_T", "event": name, "contains": list(payload),
             "payload": payload, "created_at": self.now}
        )  # fmt: skip


ROUTES = [
    ("POST", r"/plans", Razorpay.create_plan),
    ("POST", r"/subscriptions", Razorpay.create_subscription),
    ("GET", r"/subscriptions", Razorpay.list_subscriptions),
    ("GET", r"/subscriptions/(\w+)", Razorpay.subscription),
    ("PATCH", r"/subscriptions/(\w+)", Razorpay.update),
    ("POST", r"/subscriptions/(\w+)/cancel", Razorpay.cancel),
    ("POST", r"/subscriptions/(\w+)/pause", Razorpay.pause),
    ("POST", r"/subscriptions/(\w+)/resume", Razorpay.resume),
    ("POST", r"/subscriptions/(\w+)/cancel_scheduled_changes", Razorpay.keep),
    ("GET", r"/invoices", Razorpay.list_invoices),
    ("GET", r"/payments/(\w+)", Razorpay.payment),
    ("GET", r"/refunds", Razorpay.list_refunds),
]


def sign(text: bytes, secret: str = WEBHOOK_SECRET) -> str:
    return hmac.new(secret.encode(), text, "sha256").hexdigest()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    razorpay: Razorpay
    lock: threading.Lock

    def _serve(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(length) or b"{}")
        parts = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        with self.lock:
            if parts.path in self.razorpay.pages:
                kind, page = self.razorpay.pages[parts.path](query)
                return self._answer(200, page, kind)
            self.razorpay.calls.append((self.command, parts.path))
            fault = self.razorpay.faults.pop(0) if self.razorpay.faults else ""
            if fault in ("502", "429"):
                return self._answer(int(fault), b'{"error":{"code":"SERVER_ERROR","description":"down"}}')
            if fault == "html":
                return self._answer(502, b"<html>Bad gateway</html>")
            try:
                self._authenticate()
                status, answer = 200, self.razorpay.route(self.command, parts.path, query, body)
            except RazorpayRefusal as refused:
                error = {"code": "BAD_REQUEST_ERROR", "description": refused.description}
                status, answer = refused.status, {"error": error}
            content = json.dumps(answer).encode()
        if fault == "drop":
            self.close_connection = True
            return None
        return self._answer(status, content)

    def _authenticate(self) -> None:
        wanted = base64.b64encode(f"{KEY_ID}:{KEY_SECRET}".encode()).decode()
        if self.headers.get("Authorization") != f"Basic {wanted}":
            raise RazorpayRefusal("Authentication failed", 401)

    def _answer(self, status: int, content: bytes, kind: str = "application/json") -> None:
        self.send_response_only(status)
        self.send_header("Date", self.date_time_string(self.razorpay.now))
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = do_PATCH = _serve  # noqa: N815 - http.server finds them by name

    def log_message(self, *_: Any) -> None:
        """Says nothing."""


@contextmanager
def serving(razorpay: Razorpay) -> Iterator[Razorpay]:
    """The vendor behind a port of this machine."""
    handler = type("Handler", (_Handler,), {"razorpay": razorpay, "lock": threading.Lock()})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        razorpay.url = f"http://127.0.0.1:{server.server_port}"
        try:
            yield razorpay
        finally:
            server.shutdown()
            thread.join()
