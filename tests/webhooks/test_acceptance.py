"""`make run`, a phone, and a customer who knows the svix library and nothing of us: how long does a workout take, and
does a retry come when it is said to?
"""

import json
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests import machine
from tests.faults.calls import call
from tests.providers.sync_bodies import sync, workout
from tests.wearlink.installation import TIMEOUT_SECONDS, alive, start
from tests.webhooks import receiver
from tests.webhooks.test_faults import until
from wearlink.lib.work import child

pytestmark = [pytest.mark.slow, pytest.mark.fault]
POSTS = 5


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    directory = Path(tempfile.mkdtemp(prefix="wearlink-hooks-"))
    data = directory / "data"
    running = start(data, "--no-demo")
    try:
        running.ready()
        yield running.port
    finally:
        running.stop()
        for pid in alive(data):
            os.kill(pid, signal.SIGKILL)
        shutil.rmtree(directory)


@contextmanager
def customer() -> Iterator["subprocess.Popen[str]"]:
    """Their server, a process of its own."""
    program = Path(__file__).parent / "customer.py"
    process = subprocess.Popen(
        [sys.executable, str(program)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        preexec_fn=lambda: child.die_with_parent(signal.SIGKILL),
    )  # fmt: skip
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def test_a_synced_workout_is_at_the_customers_within_a_second(port: int) -> None:
    account = {"name": "Alice", "email": "alice@example.com", "password": "correct horse battery staple"}
    key = {"X-WearLink-API-Key": call(port, "POST", "/api/v1/auth/register", account).body["api_key"]}

    def api(path: str, body: Any, status: int) -> Any:
        answer = call(port, "POST", f"/api/v1{path}", body, key)
        assert answer.status == status, answer
        return answer.body

    jane = api("/users", {}, 201)["id"]
    with customer() as other:
        assert other.stdin is not None
        assert other.stdout is not None
        url = f"http://127.0.0.1:{int(other.stdout.readline())}/hook"
        endpoint = api("/webhooks/endpoints", {"url": url, "filter_types": ["workout.created"]}, 201)
        other.stdin.write(endpoint["secret"] + "\n")
        other.stdin.flush()
        took = []
        for number in range(POSTS):
            times = {"startDate": f"2026-04-1{number}T06:00:00Z", "endDate": f"2026-04-1{number}T06:35:00Z"}
            began = time.time()
            api(f"/sdk/users/{jane}/sync", sync(workouts=[workout(id=f"w-{number}", **times)]), 202)
            ready, _, _ = select.select([other.stdout], [], [], TIMEOUT_SECONDS)
            assert ready, "no message comes"
            came = json.loads(other.stdout.readline())
            took.append(came["at"] - began)
            message = came["message"]
            assert (message["type"], message["data"]["user_id"]) == ("workout.created", jane)
            assert message["data"]["start_time"] == times["startDate"]
            time.sleep(0.3)
    print("POST to verified workout.created, ms:", *(round(1000 * one) for one in took))  # noqa: T201
    assert machine.within(min(took[1:]), 1.0)  # the first one finds everything cold


def test_the_first_retry_is_made_when_it_is_due(port: int) -> None:
    account = {"name": "Bob", "email": "bob@example.com", "password": "correct horse battery staple"}
    key = {"X-WearLink-API-Key": call(port, "POST", "/api/v1/auth/register", account).body["api_key"]}
    with receiver.customer() as other:
        wanted = {"url": other.answers("/hook", 500, 200), "filter_types": ["workout.created"]}
        endpoint = call(port, "POST", "/api/v1/webhooks/endpoints", wanted, key).body
        jane = call(port, "POST", "/api/v1/users", {}, key).body["id"]
        assert call(port, "POST", f"/api/v1/sdk/users/{jane}/sync", sync(workouts=[workout()]), key).status == 202
        until(lambda: len(other.got) == 2)
        log = call(port, "GET", f"/api/v1/webhooks/endpoints/{endpoint['id']}/attempts", None, key).body["data"]
        due = datetime.fromisoformat(log[-1]["next_attempt_at"]).timestamp()
    late = other.got[1].at - due
    print("the first retry was late by, ms:", round(1000 * late))  # noqa: T201
    assert -0.1 < late < 1.0
