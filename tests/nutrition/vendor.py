"""A small server that behaves like the vision vendor's: checks what it is sent, and answers what it is told to.

Only what WearLink uses of Anthropic's published Messages API. Answers are used up one by one; the last one stays.
"""

import base64
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from typing import Any

from PIL import Image

KEY = "sk-test-vision"


@dataclass
class Say:
    """One answer: a status and a body, after some seconds."""

    body: Any
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    after: float = 0.0


def dish(name: str = "biryani", grams: float = 280, kcal: float = 560, confidence: float = 0.9) -> dict[str, Any]:
    """Return one dish as a model writes it."""
    macros = dict.fromkeys(("protein_g", "carbs_g", "fat_g", "fiber_g", "sugar_g", "sodium_mg"), 10.0)
    return {
        "dish_name": name,
        "quantity_grams": grams,
        "confidence": confidence,
        "calories_kcal": kcal,
        **macros,
    }


def meal(*dishes: dict[str, Any], confidence: float = 0.9, is_food: bool = True) -> Say:
    """Return an answer in the form asked for, behind a thought."""
    found = list(dishes or [dish()])
    return text(json.dumps({"is_food": is_food, "confidence": confidence, "items": found if is_food else []}))


def text(words: str, stop_reason: str = "end_turn") -> Say:
    """Return an answer of these words."""
    content = [
        {"type": "thinking", "thinking": '{"is_food": false}', "signature": "c2ln"},
        {"type": "text", "text": words},
    ]
    return Say(_message(content, stop_reason))


def refusal() -> Say:
    """The model will not look at it."""
    return Say(_message([], "refusal"))


def fault(status: int, kind: str, **headers: str) -> Say:
    """Return an error of the API."""
    body = {"type": "error", "error": {"type": kind, "message": kind}, "request_id": "req_1"}
    return Say(body, status, {name.replace("_", "-"): value for name, value in headers.items()})


def _message(content: list[dict[str, Any]], stop_reason: str) -> dict[str, Any]:
    return {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "claude-opus-4-7",
        "content": content,
        "stop_reason": stop_reason,
        "stop_sequence": None,
        "usage": {"input_tokens": 2000, "output_tokens": 300},
    }


@dataclass
class VisionVendor:
    """The server's state: what it will say, and what it was asked."""

    address: str = ""
    answers: list[Say] = field(default_factory=lambda: [meal()])
    calls: list[dict[str, Any]] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def says(self, *answers: Say) -> None:
        self.answers = list(answers)

    def answer(self, headers: Any, path: str, body: bytes) -> Say:
        """Return what it says to one call, having looked at it."""
        with self.lock:
            fault_found = self._fault(headers, path, body)
            if fault_found:
                self.faults.append(fault_found)
                return fault(400, "invalid_request_error")
            self.calls.append(json.loads(body))
            return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    def _fault(self, headers: Any, path: str, body: bytes) -> str:
        if path != "/v1/messages" or not headers.get("anthropic-version"):
            return f"{path} without version"
        if KEY not in {headers.get("x-api-key"), (headers.get("authorization") or "").removeprefix("Bearer ")}:
            return "no key"
        sent = json.loads(body)
        unknown = set(sent) - {"model", "max_tokens", "system", "messages", "output_config"}
        if unknown:
            return f"unknown: {unknown}"
        image, question = sent["messages"][0]["content"]
        picture = Image.open(BytesIO(base64.b64decode(image["source"]["data"])))
        if picture.format != "JPEG" or max(picture.size) > 1280 or picture.getexif() or question["type"] != "text":
            return "another picture"
        return "" if sent["output_config"]["format"]["type"] == "json_schema" else "no form"


@contextmanager
def serving() -> Iterator[VisionVendor]:
    """The server, while it runs."""
    vendor = VisionVendor()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            answer = vendor.answer(self.headers, self.path, body)
            time.sleep(answer.after)
            data = answer.body if isinstance(answer.body, bytes) else json.dumps(answer.body).encode()
            self.send_response(answer.status)
            for name, value in {"content-type": "application/json", **answer.headers}.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *arguments: Any) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    vendor.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield vendor
    finally:
        server.shutdown()
        server.server_close()
