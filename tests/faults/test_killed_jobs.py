"""Workers killed in mid-export and mid-erasure, and a disk that fills up: the job goes on and ends right."""

import hashlib
import http.client
import io
import json
import resource
import zipfile
from contextlib import closing
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.faults.locks import blocked, held_up
from tests.faults.people import START, Person, envelope, rates
from tests.faults.site import Site, until
from tests.providers.sync_bodies import WATCH, sample_sync
from wearlink.lib.clock import rfc3339

pytestmark = [pytest.mark.slow, pytest.mark.fault]
EACH_A_PART = {"EXPORT_PART_BYTES": "1"}
STAGES, POSTS = 8_000, 2
ROOM = 32 * 1024
TIMEOUT_SECONDS = 120.0  # a worker's start takes long on a busy machine, and each of these has three
FACTS = ("samples/", "workouts", "sleep", "sources")  # days and scores are computed at leisure, between two exports too


def ask(person: Person) -> str:
    """Have an export made; its id."""
    answer = person.site.call("POST", f"/users/{person.id}/export/async")
    assert answer.status == 202, answer
    return str(answer.body["export_id"])


def export_of(person: Person, export_id: str) -> dict[str, Any]:
    """Return what the API says of one."""
    rows = person.site.call("GET", f"/users/{person.id}/exports").body["data"]
    (found,) = [row for row in rows if row["export_id"] == export_id]
    return dict(found)


def ready(person: Person, export_id: str) -> dict[str, Any]:
    until(
        lambda: export_of(person, export_id)["status"] == "done",
        lambda: (export_of(person, export_id), person.site.log("worker")),
        TIMEOUT_SECONDS,
    )
    return export_of(person, export_id)


def download(person: Person, export: dict[str, Any]) -> dict[str, bytes]:
    """Return the facts in an archive, whose members are all what the manifest says they are."""
    with closing(http.client.HTTPConnection("127.0.0.1", person.site.port, timeout=20)) as connection:
        connection.request("GET", urlsplit(export["download_url"]).path)
        answer = connection.getresponse()
        content = answer.read()
    assert (answer.status, len(content)) == (200, export["size_bytes"])
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        members = {name: archive.read(name) for name in archive.namelist()}
    listed = json.loads(members.pop("manifest.json"))["members"]
    assert {one["path"]: one["sha256"] for one in listed} == {
        name: hashlib.sha256(data).hexdigest() for name, data in members.items()
    }
    return {name: data for name, data in members.items() if name.startswith(FACTS)}


def parts(site: Site, export_id: str) -> int:
    """Return how many parts of an export are in the store."""
    found: int = site.one("SELECT jsonb_array_length(parts) FROM exports_dataexport WHERE id = %s", export_id)
    return found


def objects(site: Site) -> set[str]:
    """Return names in the store below exports."""
    return {path.name for path in (site.data / "objects" / "exports").rglob("*") if path.is_file()}


def due(person: Person) -> int:
    """Return how many days wait to be computed: a worker that computes would wait for the test's locks instead."""
    found: int = person.site.one("SELECT count(*) FROM healthdata_dueday WHERE user_key = %s", person.key)
    return found


def fill(person: Person) -> None:
    """A day of everything, stored."""
    assert person.sync(sample_sync("apple")).status == 202
    assert person.sync(rates(0, 9_000)).status == 202
    person.drain()
    person.done(TIMEOUT_SECONDS)


def test_an_export_whose_workers_are_killed_goes_on_and_ends_right(site: Site, jane: Person) -> None:
    site.run("worker", concurrency=2, **EACH_A_PART)
    fill(jane)
    undisturbed = download(jane, ready(jane, ask(jane)))
    until(lambda: not due(jane), lambda: (due(jane), site.log("worker")), TIMEOUT_SECONDS)
    kept: list[int] = []
    site.kill("worker")
    export_id = ask(jane)

    def stuck(table: str, parts_before: int) -> bool:
        """Return whether the export is: other work may wait for the table, too."""
        return blocked(site, table) and parts(site, export_id) > parts_before

    site.run("beat")
    for table in ("healthdata_workout", "healthdata_healthscore"):
        with held_up(site, f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE"):
            site.run("worker", concurrency=2, **EACH_A_PART)
            until(partial(stuck, table, kept[-1] if kept else 0), lambda: site.log("worker"), TIMEOUT_SECONDS)
            site.kill("worker")
        assert export_of(jane, export_id)["status"] != "done"
        kept.append(parts(site, export_id))
    site.run("worker", concurrency=2, **EACH_A_PART)
    export = ready(jane, export_id)
    assert 0 < kept[0] < kept[1] < parts(site, export_id)
    assert download(jane, export) == undisturbed
    found = site.one("SELECT parts FROM exports_dataexport WHERE id = %s", export_id)
    assert {name for name, _ in found} <= objects(site)


def stages(first: int) -> bytes:
    """Return a sync of many stages of five minutes, one behind the other."""
    rows = [
        {
            "id": f"stage-{number}",
            "stage": ("asleep_light", "asleep_deep", "asleep_rem", "awake")[number % 4],
            "startDate": rfc3339(START - (number + 1) * 300_000),
            "endDate": rfc3339(START - number * 300_000),
            "source": WATCH,
        }
        for number in range(first, first + STAGES)
    ]
    return envelope(sleep=rows)


def rows_of(person: Person) -> int:
    found: int = person.site.one("SELECT count(*) FROM healthdata_sleepstage WHERE user_key = %s", person.key)
    return found


def test_an_erasure_whose_workers_are_killed_goes_on_and_ends_right(site: Site, jane: Person, june: Person) -> None:
    assert june.sync(sample_sync("apple")).status == 202
    for number in range(POSTS):
        assert jane.sync(stages(number * STAGES)).status == 202
    site.run("worker")
    for person in (jane, june):
        person.drain()
        person.done(TIMEOUT_SECONDS)
    site.kill("worker")
    others, whole = june.rows(), rows_of(jane)
    assert whole == POSTS * STAGES
    answer = site.call("DELETE", f"/users/{jane.id}")
    assert answer.status == 202, answer
    assert site.call("GET", f"/users/{jane.id}").status == 404
    path = f"/erasures/{answer.body['id']}"
    site.run("beat")
    left = [whole]
    for share in (4, 8):  # a row in the way before the middle of what is left, then nearer to its end
        lock = """SELECT 1 FROM healthdata_sleepstage WHERE ctid = (SELECT ctid FROM healthdata_sleepstage
                  WHERE user_key = %s ORDER BY ctid OFFSET %s LIMIT 1) FOR UPDATE"""
        with held_up(site, lock, jane.key, left[-1] * share // 10):
            site.run("worker")
            until(lambda: blocked(site, "sleepstage"), lambda: (left, site.log("worker")), TIMEOUT_SECONDS)
            site.kill("worker")
        left.append(rows_of(jane))
    assert left[0] >= left[1] >= left[2] > 0
    assert left[2] < whole
    site.run("worker")
    ended = partial(site.call, "GET", path)
    until(lambda: ended().body["status"] == "done", lambda: (ended(), site.log("worker")), TIMEOUT_SECONDS)
    receipt = site.call("GET", path).body["receipt"]
    assert receipt["rows"]["healthdata.SleepStage"] == whole
    assert not any(jane.rows().values())
    assert june.rows() == others


def test_a_disk_that_fills_up_in_mid_export_costs_time_and_nothing_else(site: Site, jane: Person) -> None:
    site.run("worker")
    fill(jane)
    undisturbed, before = download(jane, ready(jane, ask(jane))), objects(site)
    (child,) = site.children("worker")
    _, hard = resource.prlimit(child, resource.RLIMIT_FSIZE)
    resource.prlimit(child, resource.RLIMIT_FSIZE, (ROOM, hard))
    export_id = ask(jane)
    query = "SELECT error FROM exports_dataexport WHERE id = %s"
    error = partial(site.one, query, export_id)
    until(lambda: "no room" in error(), lambda: (export_of(jane, export_id), site.log("worker")), TIMEOUT_SECONDS)
    assert export_of(jane, export_id)["status"] == "queued"
    assert site.one("SELECT attempts FROM exports_dataexport WHERE id = %s", export_id) == 0
    assert objects(site) == before
    resource.prlimit(child, resource.RLIMIT_FSIZE, (hard, hard))
    site.sql("UPDATE exports_dataexport SET due_at = now() WHERE id = %s", export_id)  # as time does
    site.run("beat")
    assert download(jane, ready(jane, export_id)) == undisturbed
