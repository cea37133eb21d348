"""Garmin: how fast summaries and files are read, how soon a push is visible, what the largest bodies cost."""

import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from garmin_fit_sdk import Encoder

from accounts.models import EndUser
from healthdata.days import ZoneHistory
from providers import registry
from providers.contract import Context
from providers.models import Connection, Payload
from tests.bench import load
from tests.bench.cast import people
from tests.bench.figures import BenchFigure, at_least, at_most, benchmark, median
from tests.bench.ground import Ground
from tests.bench.peaks import peak
from tests.bench.sync import samples
from wearlink.lib.clock import now_ms

OWN = {"GARMIN_CLIENT_ID": "bench", "GARMIN_CLIENT_SECRET": "bench", "GARMIN_WEBHOOK_TOKEN": "bench-address"}
MB = 1024 * 1024
DAY = 86_400
GRID = 15  # seconds between two heart rates of a daily
START = now_ms() // 1000 // DAY * DAY - 300 * DAY
READINGS = {
    "heart_rate": 140, "cadence": 85, "enhanced_speed": 3.1, "enhanced_altitude": 56.2, "power": 250, "temperature": 20,
    "vertical_oscillation": 80.0,
}  # fmt: skip


@benchmark("garmin", order=62)
def garmin(ground: Ground) -> Iterator[BenchFigure]:
    """Reading in one process, by its CPU time; then pushes to the web and worker that `make run` has."""
    yield BenchFigure("Garmin heart-rate offsets/s, normalised", offsets(ground.size(40, 1)), "/s", at_least(50_000))
    yield BenchFigure("FIT record fields/s, normalised", fields(ground.size(20_000, 300)), "/s", at_least(300_000))
    ground.stop("web", "worker")
    with own_app():
        try:
            yield from pushes(ground)
        finally:
            ground.stop("web", "worker")


def pushes(ground: Ground) -> Iterator[BenchFigure]:
    """10,000 records until the API shows them; then the largest bodies, and the memory of whoever works on them."""
    ground.worker()
    size, times = ground.size(10_000, 200), ground.size(5, 1)
    visible(ground, people(1)[0], 100, "warm")
    found = [visible(ground, user, size, f"user-{number}") for number, user in enumerate(people(times))]
    yield BenchFigure(f"push of {size:,} Garmin records stored and visible", median(found), "s", at_most(1))
    kinds = {
        "10 MB of Garmin dailies": dailies("large", ground.size(10 * MB - 4096, 200_000)),
        "100 MB of Garmin activityDetails": details("long", ground.size(99 * MB, 900_000)),
    }
    for (name, body), account, bound in zip(kinds.items(), ("large", "long"), (at_most(250), None), strict=True):
        user = people(1)[0]
        connected(user, account)
        begun = time.monotonic()
        outcome = load.play([load.ClientJob(ground.web(), [(head(body), 0)], [body])])
        yield BenchFigure(f"{name}: answered", outcome.p50_ms / 1000, "s", at_most(30))
        settle(user)
        yield BenchFigure(
            f"  stored: MB/s, {samples(ground.web(), user):,} records",
            len(body) / MB / (time.monotonic() - begun),
            "MB/s",
        )
        yield BenchFigure("  peak of a worker process", peak(ground, "worker") / MB, "MB", bound)
        yield BenchFigure("  peak of the web process", peak(ground, "web") / MB, "MB")


def offsets(days: int) -> float:
    """Return heart rates a second of CPU time."""
    body = dailies("reader", days * 60_000)
    return rate("dailies", body[body.index(b"[") : -1])


def fields(records: int) -> float:
    """Return fields of records a second of CPU time; each has its time and seven readings."""
    fit = Encoder()
    begun = START - 631_065_600
    fit.write_mesg({"mesg_num": 0, "type": "activity", "time_created": begun})
    for at in range(records):
        fit.write_mesg({"mesg_num": 20, "timestamp": begun + at, **READINGS})
    whole = {"start_time": begun, "total_elapsed_time": float(records), "total_timer_time": float(records)}
    fit.write_mesg({"mesg_num": 18, "timestamp": begun + records, "sport": "running", **whole})
    body = b'{"activityId":"1","activityType":"RUNNING"}\n' + bytes(fit.close())
    return rate("activityFiles", body) * (len(READINGS) + 1) / len(READINGS)


def rate(kind: str, body: bytes) -> float:
    """Return records a second of CPU time, the best of three readings."""
    context = Context(received=now_ms(), zones=ZoneHistory(), kind=kind)
    adapter, found = registry.get("garmin"), 0.0
    for _ in range(3):
        begun = time.process_time()
        count = sum(1 for _ in adapter.normalise(body, context))
        found = max(found, count / (time.process_time() - begun))
    return found


def visible(ground: Ground, user: EndUser, size: int, account: str) -> float:
    """Return seconds from the beginning of a push until the API shows its records."""
    connected(user, account)
    body = dailies(account, size=0, readings=size)
    begun = time.monotonic()
    load.play([load.ClientJob(ground.web(), [(head(body), 0)], [body])])
    while samples(ground.web(), user) < size:
        time.sleep(0.01)
    return time.monotonic() - begun


def settle(user: EndUser) -> None:
    """Until everything of a user is stored."""
    while Payload.objects.waiting().filter(user_key=user.key).exists():
        time.sleep(0.05)
    dead = Payload.objects.filter(user_key=user.key).dead().first()
    if dead is not None:
        raise load.WrongAnswer(dead.error)


def dailies(account: str, size: int, *, readings: int = 0) -> bytes:
    """Dailies of about so many bytes, or of exactly so many heart rates."""
    rows: list[str] = []
    written = number = left = 0
    left = readings
    while written < size or left > 0:
        count = min(left, DAY // GRID) if readings else DAY // GRID
        pulse = {str(GRID * at): 50 + (at * 7919 + number) % 60 for at in range(count)}
        rows.append(json.dumps(daily(account, number, pulse), separators=(",", ":")))
        written, number, left = written + len(rows[-1]), number + 1, left - count
    return b'{"dailies":[%s]}' % ",".join(rows).encode()


def daily(account: str, number: int, pulse: dict[str, int]) -> dict[str, Any]:
    """Return one, without figures of the day."""
    return {
        "userId": account, "summaryId": f"x-{number}", "startTimeInSeconds": START + DAY * number,
        "startTimeOffsetInSeconds": 0, "durationInSeconds": DAY, "timeOffsetHeartRateSamples": pulse,
    }  # fmt: skip


def details(account: str, size: int) -> bytes:
    """Return one activity, second by second, of about so many bytes."""
    row = '{"startTimeInSeconds":%d,"heartRate":%d,"speedMetersPerSecond":2.7,"stepsPerMinute":166,"powerInWatts":245}'
    count = size // len(row % (START, 120))
    summary = {"activityType": "RUNNING", "startTimeInSeconds": START, "durationInSeconds": count}
    written = ",".join(row % (START + at, 100 + at % 60) for at in range(count))
    head = f'{{"userId":"{account}","summaryId":"1-detail","activityId":1,"summary":{json.dumps(summary)}'
    return f'{{"activityDetails":[{head},"samples":[{written}]}}]}}'.encode()


def connected(user: EndUser, account: str) -> None:
    """A connection that only receives."""
    Connection.objects.create(
        user_key=user.key, organization_id=user.organization_id, provider="garmin", account=account
    )  # fmt: skip


def head(body: bytes) -> bytes:
    """Return the head of a push."""
    address = f"/v1/webhooks/garmin/secret/{OWN['GARMIN_WEBHOOK_TOKEN']}"
    return load.head("POST", address, "garmin-client-id: bench", len(body))


@contextmanager
def own_app() -> Iterator[None]:
    """The platform's app at Garmin, for the programs that are started within."""
    before = {name: os.environ.get(name) for name in OWN}
    os.environ.update(OWN)
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})
