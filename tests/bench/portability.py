"""A user's whole data out and gone: the export, its download, the erasure; and the audit trail of a large customer."""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from accounts import audit as trail
from accounts.audit_trail import checks
from accounts.models import EndUser
from healthdata.figures import due
from healthdata.records import Sample, SourceInfo
from healthdata.store import store
from tests.bench import audits, cpu
from tests.bench.cast import DENSE_STEP, Tenant, dense, people, tenant, vacuum
from tests.bench.figures import BenchFigure, at_least, at_most, benchmark
from tests.bench.ground import Ground
from wearlink.lib import clock

MB = 1_000_000
START = 1_700_000_000_000
PHONE = SourceInfo("apple", model="iPhone16,1", name="iPhone", device_type="phone")
BATCH = 50_000
_CALLS = 200  # that add an entry each


@benchmark("portability", order=85)
def portability(ground: Ground) -> Iterator[BenchFigure]:
    """5 million samples of one user: exported by a worker, downloaded over loopback, erased."""
    samples = ground.size(5_000_000, 20_000)
    user = _with_samples(samples)
    while due.work_off(user.key):  # days are computed as data arrive, not by exports
        continue
    ground.stop("worker")
    ground.web()
    ground.worker()
    _until(ground, lambda: _workers(ground) != [])
    at_rest = max(map(_peak, _workers(ground)))
    before, waited, asked = cpu.seconds(ground.pids()), cpu.waited(_workers(ground)), time.perf_counter()
    export = _exported(ground, user)
    idle = min((cpu.waited(_workers(ground)) - waited) / (time.perf_counter() - asked), 0.99)
    used = cpu.used(before, cpu.seconds(ground.pids()))
    began, ended = (_moment(export[name]) for name in ("started_at", "finished_at"))
    seconds = max(ended - began, 0.001)
    yield BenchFigure(f"export of {samples:,} samples", samples / seconds, "/s", at_least(120_000))
    yield BenchFigure("  samples by second of CPU, all parts", samples / max(sum(used.values()), 0.01), "/s")
    yield BenchFigure("  were a processor always free", samples / seconds / (1 - idle), "/s")
    yield BenchFigure("  of the time: ready to run, and no processor free", 100 * idle, "%")
    yield from (BenchFigure(f"  share of CPU: {part}", share, "%") for part, share in cpu.shares(used).items())
    yield BenchFigure("  worker's peak memory", max(map(_peak, _workers(ground))), "MB", at_most(150))
    yield BenchFigure("  of which at rest", at_rest, "MB")
    yield BenchFigure("  size of the archive", export["size_bytes"] / MB, "MB")
    yield from _download(ground, export)
    yield from _erase(ground, user)


def _with_samples(number: int) -> EndUser:
    """Four fifths heart rates, the rest steps and energy of a phone by the minute."""
    (user,) = people(1)
    rates = number * 4 // 5
    for first in range(0, rates, BATCH):
        start, last = START + first * DENSE_STEP, START + min(first + BATCH, rates) * DENSE_STEP
        store(user.key, [list(dense(start, last))])
    each = (number - rates) // 2
    for series, scale in (("steps", 90), ("active_calories", 3)):
        for first in range(0, each, BATCH):
            minutes = range(first, min(first + BATCH, each))
            store(user.key, [[_amount(series, minute, minute % scale + 0.25) for minute in minutes]])
    vacuum()
    return user


def _amount(series: str, minute: int, value: float) -> Sample:
    return Sample(PHONE, series, START + minute * 60_000, value, 60_000, 60)


def _exported(ground: Ground, user: EndUser) -> Mapping[str, Any]:
    path = f"/api/v1/users/{user.id}"
    asked = _call(ground, "POST", f"{path}/export/async")
    while (found := _call(ground, "GET", f"{path}/exports/{asked['id']}"))["status"] in ("queued", "running"):
        time.sleep(0.1)
    assert found["status"] == "done", found
    return found


def _download(ground: Ground, export: Mapping[str, Any]) -> Iterator[BenchFigure]:
    """Over loopback, by a client that only counts; the archive is in the system's cache, as it was written just now."""
    before = cpu.seconds(ground.pids())
    size, seconds = _fetched(ground, urlsplit(export["download_url"]).path)
    assert size == export["size_bytes"]
    used = cpu.used(before, cpu.seconds(ground.pids()))
    yield BenchFigure("download of it", size / seconds / MB, "MB/s", at_least(100))
    yield BenchFigure("  MB by second of the web server's CPU", size / MB / max(used["web"], 0.01), "MB/s")


def _erase(ground: Ground, user: EndUser) -> Iterator[BenchFigure]:
    began = time.perf_counter()
    answer = _call(ground, "DELETE", f"/api/v1/users/{user.id}")
    answered = time.perf_counter() - began
    while answer and answer["status"] != "done":
        time.sleep(0.1)
        answer = _call(ground, "GET", f"/api/v1/erasures/{answer['id']}")
    yield BenchFigure("erasure of that user", time.perf_counter() - began, "s", at_most(20))
    yield BenchFigure("  until the call was answered", answered, "s")


@benchmark("audit", order=86)
def audit(ground: Ground) -> Iterator[BenchFigure]:
    """A long trail: how fast it grows, is exported and checked, and what that adds to the web server's memory."""
    audited, entries = tenant("Audited"), ground.size(1_000_000, 500)
    began = time.perf_counter()
    for number in range(_CALLS):
        trail.record("api_key.rotated", actor=trail.SYSTEM, organization=audited.organization, target=f"sk-{number}")
    yield BenchFigure("audit trail: entries, each in a transaction", _CALLS / (time.perf_counter() - began), "/s")
    audits.extend(audited.organization, entries)
    vacuum()
    ground.stop("web")
    ground.web()
    path = "/api/v1/audit-logs/export"
    _fetched(ground, f"{path}?action=auth", credentials=audited.credentials)
    peak = max(map(_peak, _children(ground.pids()["web"])))
    before = cpu.seconds(ground.pids())
    size, seconds = _fetched(ground, path, credentials=audited.credentials)
    used = cpu.used(before, cpu.seconds(ground.pids()))
    assert size > entries * 100
    yield BenchFigure("audit export: lines", entries / seconds, "/s", at_least(50_000))
    yield BenchFigure("  lines by second of CPU, all parts", entries / max(sum(used.values()), 0.01), "/s")
    more = max(map(_peak, _children(ground.pids()["web"]))) - peak
    yield BenchFigure(f"  memory that {entries:,} lines add", max(more, 0.1), "MB", at_most(16))
    yield from _checked(ground, audited, entries)


def _checked(ground: Ground, audited: Tenant, entries: int) -> Iterator[BenchFigure]:
    """Yield the figures of a request before any nightly walk, of the walk, and of a request after it."""
    path = "/api/v1/audit-logs/verify"
    began = time.perf_counter()
    found = _call(ground, "GET", path, audited.credentials)
    yield BenchFigure("audit check, a request before any night", time.perf_counter() - began, "s", at_most(10))
    assert found["is_whole"], found
    began = time.perf_counter()
    walked = checks.walk(audited.organization.pk)
    seconds = time.perf_counter() - began
    assert (walked.broken, walked.is_complete) == (None, True)
    assert walked.reached.sequence >= entries
    yield BenchFigure(f"  all {entries:,} entries, by night", seconds, "s", at_most(checks.NIGHT_SECONDS))
    yield BenchFigure("  entries", entries / seconds, "/s")
    checks.check_all()
    began = time.perf_counter()
    found = _call(ground, "GET", path, audited.credentials)
    assert found["is_whole"], found
    yield BenchFigure("  a request after it", time.perf_counter() - began, "s", at_most(10))


def _call(ground: Ground, method: str, path: str, credentials: str = "") -> Any:
    name, _, value = (credentials or tenant().credentials).partition(": ")
    server = HTTPConnection("127.0.0.1", ground.port, timeout=120)
    try:
        server.request(method, path, headers={name: value, "Content-Length": "0"})
        answer = server.getresponse()
        body = answer.read()
        assert answer.status < 300, body
        return json.loads(body) if body else None
    finally:
        server.close()


def _fetched(ground: Ground, path: str, credentials: str = "") -> tuple[int, float]:
    """Return bytes of an answer, and the seconds they took."""
    name, _, value = credentials.partition(": ")
    server, buffer, size = HTTPConnection("127.0.0.1", ground.port, timeout=120), bytearray(1 << 20), 0
    try:
        began = time.perf_counter()
        server.request("GET", path, headers={name: value} if name else {})
        answer = server.getresponse()
        assert answer.status == 200, answer.read()
        while count := answer.readinto(buffer):
            size += count
        return size, max(time.perf_counter() - began, 0.0001)
    finally:
        server.close()


def _workers(ground: Ground) -> list[int]:
    return _children(ground.pids()["worker"])


def _children(pid: int) -> list[int]:
    return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _peak(pid: int) -> float:
    """Return the highest memory of a process, in MB."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(line.split()[1] for line in lines if line.startswith("VmHWM"))) * 1024 / MB


def _moment(text: str) -> float:
    return clock.parse_rfc3339(text)[0] / 1000


def _until(ground: Ground, condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline, ground.errors()
        time.sleep(0.05)
