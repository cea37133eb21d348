"""A small, strict stand-in for a Svix server: refuses every field it does not know, and really delivers.

Only what WearLink uses of Svix's published API. Where the real one retries after minutes, this one does when told to.
It comes in two flavours, by the public source of the open-source server (files below svix-server/src) and the published
reference of the cloud. Each rule names where it comes from.
"""

import base64
import hashlib
import hmac
import http.client
import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

ENDPOINT_FIELDS = {"url", "uid", "description", "disabled", "eventTypes", "channels", "secret", "throttleRate"}
TOKEN = "testsk_token"
NAME = re.compile(r"[A-Za-z0-9\-_.]{1,256}")  # core/types/mod.rs, uids and channels
CONTROL = re.compile(r"[\x00-\x08]")  # v1/utils/mod.rs
MAX_STATISTICS, MAX_RECOVERY = timedelta(days=28), timedelta(days=14)  # v1/endpoints/endpoint


# What WearLink told the first server of a run, by flavour; the next ones know it already.
SYNCED: dict[bool, dict[str, Any]] = {True: {}, False: {}}


def moment() -> str:
    return datetime.now(UTC).isoformat().replace("+00:00", "Z")


class Refusal(Exception):
    """An answer that is an error."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(code)
        self.status, self.code = status, code


def only(body: dict[str, Any], *allowed: str, required: tuple[str, ...] = ()) -> None:
    """Refuse unknown and missing fields, as a strict server would."""
    unknown, missing = set(body) - set(allowed) - set(required), set(required) - set(body)
    if unknown or missing:
        raise Refusal(422, f"unknown {sorted(unknown)}, missing {sorted(missing)}")


@dataclass
class App:
    metadata: dict[str, str] = field(default_factory=dict)
    endpoints: dict[str, dict[str, Any]] = field(default_factory=dict)
    messages: dict[str, dict[str, Any]] = field(default_factory=dict)  # by event id
    attempts: list[dict[str, Any]] = field(default_factory=list)
    status: dict[tuple[str, str], int] = field(default_factory=dict)  # (message, endpoint) → MessageStatus


class SvixServer:
    """The server's state and its verbs; `faults` are answers it gives instead of working, used up one by one."""

    def __init__(self, *, cloud: bool = True) -> None:
        self.cloud = cloud
        self.apps: dict[str, App] = {}
        self.event_types: dict[str, dict[str, Any]] = {name: dict(one) for name, one in SYNCED[cloud].items()}
        self.faults: list[tuple[int, bytes]] = []
        self.silent_rotation = False
        self.number = 0

    # --- calls -------------------------------------------------------------------------------------------------

    def route(self, method: str, path: str, query: dict[str, str], body: dict[str, Any]) -> Any:
        for verb, pattern, call in ROUTES:
            match = re.fullmatch(pattern, path)
            if verb == method and match:
                return call(self, *match.groups(), query=query, body=body)
        raise Refusal(404, "")  # an empty body, as the router answers

    def app(self, name: str) -> App:
        if name not in self.apps:
            raise Refusal(404, "not_found")
        return self.apps[name]

    def endpoint(self, app: str, name: str) -> dict[str, Any]:
        found = self.app(app).endpoints.get(name)
        if found is None:
            raise Refusal(404, "not_found")
        return found

    def create_app(self, *, query: dict[str, str], body: dict[str, Any]) -> Any:
        only(body, "uid", "metadata", required=("name",))
        if query != {"get_if_exists": "true"}:
            raise Refusal(422, "query")
        self.named(body["uid"], "app_")
        self.apps.setdefault(body["uid"], App(metadata=body.get("metadata") or {}))
        return self.shown_app(body["uid"])

    def shown_app(self, uid: str) -> dict[str, Any]:
        return {"id": f"app_{uid}", "uid": uid, "name": uid, "metadata": self.apps[uid].metadata,
                "createdAt": moment(), "updatedAt": moment()}  # fmt: skip

    def list_apps(self, *, query: dict[str, str], body: Any) -> Any:
        return {"data": [self.shown_app(uid) for uid in self.apps], "iterator": None, "done": True}

    def delete_app(self, app: str, *, query: Any, body: Any) -> Any:
        self.app(app)
        del self.apps[app]
        return None

    @staticmethod
    def named(uid: str, prefix: str) -> None:
        """A uid may not begin with the prefix of the id itself (core/types/mod.rs, BaseUid)."""
        if uid.startswith(prefix) or not NAME.fullmatch(uid):
            raise Refusal(422, "uid")

    def create_endpoint(self, app: str, *, query: Any, body: dict[str, Any]) -> Any:
        only(body, *ENDPOINT_FIELDS, required=("url",))
        self.named(body["uid"], "ep_")
        if body["uid"] in self.app(app).endpoints:
            raise Refusal(409, "conflict")
        self._check(body)
        made = {"description": "", "disabled": False, "eventTypes": None, "channels": None, **body}
        made |= {"id": f"ep_{self.next()}", "secrets": [made.pop("secret")], "createdAt": moment()}
        self.app(app).endpoints[body["uid"]] = made
        return self.shown(made)

    def patch_endpoint(self, app: str, name: str, *, query: Any, body: dict[str, Any]) -> Any:
        only(body, *(ENDPOINT_FIELDS - {"secret"}))
        self._check(body)
        found = self.endpoint(app, name)
        found.update(body)
        return self.shown(found)

    def _check(self, body: dict[str, Any]) -> None:
        types = body.get("eventTypes")
        if types is not None and (not types or any(one not in self.event_types for one in types)):
            raise Refusal(422, "eventTypes")
        channels = body.get("channels")
        if channels is not None and not (1 <= len(channels) <= 10 and all(NAME.fullmatch(one) for one in channels)):
            raise Refusal(422, "channels")  # v1/endpoints/endpoint/mod.rs
        if CONTROL.search(body.get("description", "")):
            raise Refusal(422, "description")

    def list_endpoints(self, app: str, *, query: dict[str, str], body: Any) -> Any:
        found = [self.shown(one) for one in self.app(app).endpoints.values()]
        return {"data": found, "iterator": None, "done": True}

    def set_headers(self, app: str, name: str, *, query: Any, body: dict[str, Any]) -> Any:
        only(body, required=("headers",))
        self.endpoint(app, name)["headers"] = body["headers"]
        return None

    def get_endpoint(self, app: str, name: str, *, query: Any, body: Any) -> Any:
        return self.shown(self.endpoint(app, name))

    def delete_endpoint(self, app: str, name: str, *, query: Any, body: Any) -> Any:
        self.endpoint(app, name)
        del self.app(app).endpoints[name]
        return None

    def secret(self, app: str, name: str, *, query: Any, body: Any) -> Any:
        return {"key": self.endpoint(app, name)["secrets"][0]}

    def rotate(self, app: str, name: str, *, query: Any, body: dict[str, Any]) -> Any:
        only(body, "key", "gracePeriodSeconds")
        found = self.endpoint(app, name)
        old = found["secrets"] if body["gracePeriodSeconds"] else []
        found["secrets"] = [body["key"], *old]
        return None if self.silent_rotation else {"key": body["key"]}

    def create_message(self, app: str, *, query: Any, body: dict[str, Any]) -> Any:
        only(body, "channels", required=("eventType", "eventId", "payload"))
        known = self.app(app)
        self.named(body["eventId"], "msg_")
        if not isinstance(body["payload"], dict) or body["eventType"] not in self.event_types:
            raise Refusal(422, "message")
        if not all(NAME.fullmatch(one) for one in body.get("channels") or []):
            raise Refusal(422, "channels")
        if body["eventId"] in known.messages:
            raise Refusal(409, "conflict")
        made = {**body, "id": f"msg_{self.next()}", "timestamp": moment()}
        known.messages[body["eventId"]] = made
        for endpoint in known.endpoints.values():
            if not endpoint["disabled"] and matches(endpoint, made):
                known.status[body["eventId"], endpoint["uid"]] = 1
        return made

    def get_message(self, app: str, message: str, *, query: Any, body: Any) -> Any:
        for one in self.app(app).messages.values():
            if message in (one["id"], one["eventId"]):
                return one
        raise Refusal(404, "not_found")

    def resend(self, app: str, message: str, name: str, *, query: Any, body: Any) -> Any:
        """Return those where the message had a destination there (v1/endpoints/attempt.rs), and nothing to who is
        disabled (core/message_app.rs).
        """
        if message not in self.app(app).messages or (message, name) not in self.app(app).status:
            raise Refusal(404, "not_found")
        if not self.endpoint(app, name)["disabled"]:
            self.attempt(app, message, name, trigger=1)
        return {}

    def recover(self, app: str, name: str, *, query: Any, body: dict[str, Any]) -> Any:
        only(body, "until", required=("since",))
        if datetime.fromisoformat(body["since"]) < datetime.now(UTC) - MAX_RECOVERY:
            raise Refusal(422, "since")
        for (message, endpoint), status in self.app(app).status.items():
            if endpoint == name and status == 2:
                self.app(app).status[message, endpoint] = 1
        return self.background("endpoint.recover")

    def background(self, task: str) -> Any:
        return {"id": f"qtask_{self.next()}", "status": "running", "task": task, "updatedAt": moment()}

    def stats(self, app: str, name: str, *, query: dict[str, str], body: Any) -> Any:
        only(query, required=("since", "until"))
        since, until = (datetime.fromisoformat(query[name].replace(" ", "+")) for name in ("since", "until"))
        if until > datetime.now(UTC) or until - since > MAX_STATISTICS:
            raise Refusal(400, "invalid_argument")
        found = [status for (_, endpoint), status in self.app(app).status.items() if endpoint == name]
        return {"success": found.count(0), "pending": found.count(1), "fail": found.count(2), "sending": 0,
                "canceled": 0}  # fmt: skip

    def list_attempts(self, app: str, name: str, *, query: dict[str, str], body: Any) -> Any:
        """List attempts; `after` without `before` turns the direction round, and its iterator leads nowhere
        (v1/utils/mod.rs).
        """
        self.endpoint(app, name)
        rows = [one for one in reversed(self.app(app).attempts) if one["endpointId"] == name]
        if "before" in query:
            rows = [one for one in rows if one["timestamp"] < query["before"]]
        elif "after" in query:
            rows = [one for one in reversed(rows) if one["timestamp"] > query["after"]]
        if "status" in query:
            rows = [one for one in rows if str(one["status"]) == query["status"]]
        if "event_types" in query:
            rows = [one for one in rows if one["msg"]["eventType"] in query["event_types"].split(",")]
        first, limit = int(query.get("iterator", 0)), int(query.get("limit", 50))
        if limit > 250:
            raise Refusal(422, "limit")
        page, done = rows[first : first + limit], first + limit >= len(rows)
        content = query.get("with_content") == "true"
        shown = [self.shown_attempt(one, content) for one in page]
        return {"data": shown, "iterator": None if done else str(first + limit), "prevIterator": None, "done": done}

    def shown_attempt(self, one: dict[str, Any], content: bool) -> dict[str, Any]:
        """Messages are there in the cloud only (with_msg is unknown to the other), and payloads nowhere."""
        shown = {**one, "response": one["response"] if content else ""}
        message = shown.pop("msg")
        return {**shown, "msg": {**message, "payload": {}}} if self.cloud else shown

    def destinations(self, app: str, message: str, *, query: Any, body: Any) -> Any:
        known = self.app(app)
        if message not in known.messages:
            raise Refusal(404, "not_found")
        found = []
        for (name, endpoint), status in known.status.items():
            if name == message:
                shown = self.shown(known.endpoints[endpoint])
                tried = status == 1 and any(one["endpointId"] == endpoint for one in known.attempts)
                following = {"nextAttempt": moment()} if tried else {}
                status = 2 if tried and not self.cloud else status  # open source: failed, with a next attempt
                found.append({**shown, "status": status, "statusText": TEXTS[status], **following})
        return {"data": found, "iterator": None, "done": True}

    def expunge(self, app: str, message: str, *, query: Any, body: Any) -> Any:
        if message not in self.app(app).messages:
            raise Refusal(404, "not_found")
        self.app(app).messages[message]["payload"] = {"expired": True}
        return None

    def list_types(self, *, query: dict[str, str], body: Any) -> Any:
        only(query, "limit", "iterator", "with_content")
        names = sorted(self.event_types)
        first, limit = int(query.get("iterator", 0)), min(int(query["limit"]), 100)
        done = first + limit >= len(names)
        page = [self.event_types[name] for name in names[first : first + limit]]
        return {"data": page, "iterator": None if done else str(first + limit), "done": done}

    def put_type(self, name: str, *, query: Any, body: dict[str, Any]) -> Any:
        only(body, "schemas", "groupName", required=("description",))
        if not self.cloud:  # keeps no groups (v1/endpoints/event_type.rs)
            body.pop("groupName", None)
        shown = {"name": name, "archived": False, "deprecated": False, "createdAt": moment(), "updatedAt": moment()}
        self.event_types[name] = {**shown, **body}
        SYNCED[self.cloud].setdefault(name, dict(self.event_types[name]))
        return self.event_types[name]

    # --- delivery ------------------------------------------------------------------------------------------------

    def deliver(self) -> int:
        """Attempt everything that waits; what fails waits on."""
        made = 0
        for name, app in self.apps.items():
            for (message, endpoint), status in list(app.status.items()):
                if status == 1 and endpoint in app.endpoints and not app.endpoints[endpoint]["disabled"]:
                    self.attempt(name, message, endpoint)
                    made += 1
        return made

    def give_up(self) -> None:
        """Let all waiting messages fail for the last time."""
        for app in self.apps.values():
            app.status = {key: 2 if status == 1 else status for key, status in app.status.items()}

    def attempt(self, name: str, message: str, endpoint: str, trigger: int = 0) -> None:
        app = self.apps[name]
        made, target = app.messages[message], app.endpoints[endpoint]
        body = json.dumps(made["payload"], separators=(",", ":")).encode()
        seconds, begun = int(time.time()), time.monotonic()
        signed = f"{made['id']}.{seconds}.".encode() + body
        signature = " ".join(sign(secret, signed) for secret in target["secrets"])
        # one set of names, and Svix's own id in it (worker.rs)
        headers = {"svix-id": made["id"], "svix-timestamp": str(seconds), "svix-signature": signature}
        headers |= target.get("headers") or {}
        status, answer = post(target["url"], {"Content-Type": "application/json", **headers}, body)
        succeeded = 200 <= status < 300
        if not trigger or succeeded:
            app.status[message, endpoint] = 0 if succeeded else 1
        app.attempts.append(
            {"id": f"atmpt_{self.next()}", "msgId": made["id"], "endpointId": endpoint, "url": target["url"],
             "response": answer, "responseStatusCode": status, "status": 0 if succeeded else 2,
             "responseDurationMs": round((time.monotonic() - begun) * 1000), "statusText": TEXTS[0 if succeeded else 2],
             "triggerType": trigger, "timestamp": moment(), "msg": made}
        )  # fmt: skip

    def next(self) -> str:
        self.number += 1
        return f"{self.number:08}"

    @staticmethod
    def shown(endpoint: dict[str, Any]) -> dict[str, Any]:
        kept = {key: value for key, value in endpoint.items() if key not in {"secrets", "secret", "headers"}}
        return {"metadata": {}, "updatedAt": moment(), **kept}


TEXTS = {0: "success", 1: "pending", 2: "fail"}
_APP, _EP, _MSG = r"/api/v1/app/([^/]+)", r"/endpoint/([^/]+)", r"/msg/([^/]+)"
ROUTES: list[tuple[str, str, Callable[..., Any]]] = [
    ("POST", r"/api/v1/app", SvixServer.create_app),
    ("GET", r"/api/v1/app", SvixServer.list_apps),
    ("DELETE", _APP, SvixServer.delete_app),
    ("GET", _APP + "/endpoint", SvixServer.list_endpoints),
    ("PUT", _APP + _EP + "/headers", SvixServer.set_headers),
    ("GET", _APP + _MSG, SvixServer.get_message),
    ("POST", _APP + "/endpoint", SvixServer.create_endpoint),
    ("GET", _APP + _EP, SvixServer.get_endpoint),
    ("PATCH", _APP + _EP, SvixServer.patch_endpoint),
    ("DELETE", _APP + _EP, SvixServer.delete_endpoint),
    ("GET", _APP + _EP + "/secret", SvixServer.secret),
    ("POST", _APP + _EP + "/secret/rotate", SvixServer.rotate),
    ("POST", _APP + _EP + "/recover", SvixServer.recover),
    ("GET", _APP + _EP + "/stats", SvixServer.stats),
    ("POST", _APP + "/msg", SvixServer.create_message),
    ("GET", _APP + "/attempt" + _EP, SvixServer.list_attempts),
    ("GET", _APP + _MSG + "/endpoint", SvixServer.destinations),
    ("POST", _APP + _MSG + _EP + "/resend", SvixServer.resend),
    ("DELETE", _APP + _MSG + "/content", SvixServer.expunge),
    ("GET", r"/api/v1/event-type", SvixServer.list_types),
    ("PUT", r"/api/v1/event-type/([^/]+)", SvixServer.put_type),
]


def matches(endpoint: dict[str, Any], message: dict[str, Any]) -> bool:
    types, channels = endpoint["eventTypes"], endpoint["channels"]
    in_channel = not channels or bool(set(channels) & set(message.get("channels") or []))
    return (types is None or message["eventType"] in types) and in_channel


def sign(secret: str, signed: bytes) -> str:
    key = base64.b64decode(secret.removeprefix("whsec_"))
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def post(url: str, headers: dict[str, str], body: bytes) -> tuple[int, str]:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=5)
    try:
        connection.request("POST", parts.path or "/", body, headers)
        answer = connection.getresponse()
        return answer.status, answer.read().decode(errors="replace")
    except OSError as error:
        return 0, str(error)
    finally:
        connection.close()


@contextmanager
def running(*, cloud: bool = True) -> Iterator[tuple[SvixServer, str]]:
    """A server and its URL."""
    state = SvixServer(cloud=cloud)

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            parts = urlsplit(self.path)
            raw = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            query = {name: ",".join(values) for name, values in parse_qs(parts.query).items()}
            status, data = self.result(parts.path, query, json.loads(raw or b"{}"))
            self.send_response(status)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def result(self, path: str, query: dict[str, str], body: dict[str, Any]) -> tuple[int, bytes]:
            if state.faults:
                return state.faults.pop(0)
            if self.headers["Authorization"] != f"Bearer {TOKEN}":
                return 401, json.dumps({"code": "authentication_failed", "detail": "Invalid token"}).encode()
            try:
                found = state.route(self.command, path, query, body)
            except Refusal as refusal:
                if not refusal.code:
                    return refusal.status, b""
                if refusal.status == 422:
                    return 422, json.dumps({"detail": [{"loc": ["body"], "msg": refusal.code, "type": "x"}]}).encode()
                return refusal.status, json.dumps({"code": refusal.code, "detail": refusal.code}).encode()
            return (204, b"") if found is None else (200, json.dumps(found).encode())

        do_GET = do_POST = do_PATCH = do_DELETE = do_PUT = answer  # noqa: N815 - names the base class asks for

        def log_message(self, format: str, *arguments: Any) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield state, f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
