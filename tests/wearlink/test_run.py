"""`manage.py run`: one command up, nothing left behind, whatever is killed."""

import json
import os
import random
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from tests import machine
from tests.wearlink.installation import (
    ROOT,
    TIMEOUT_SECONDS,
    alive,
    get,
    kill_at_random,
    log_of,
    shared_memory,
    start,
    until,
)
from wearlink import environment, programs
from wearlink.celery import SCHEDULE, app
from wearlink.lib.work import memory
from wearlink.management.commands import run as running

pytestmark = [pytest.mark.slow, pytest.mark.fault]
PROGRAMS = {"web", "worker", "slow", "webhooks"}
MB = 1024 * 1024


@pytest.fixture(scope="module")
def data() -> Iterator[Path]:
    """One data directory for all tests, in which the second start finds what the first left."""
    directory = Path(tempfile.mkdtemp(prefix="wearlink-run-"))
    yield directory / "data"
    for pid in alive(directory / "data"):
        os.kill(pid, signal.SIGKILL)
    shutil.rmtree(directory)


def web_of(data: Path) -> set[int]:
    """Return granian's main process, and those in which Django works."""
    return {pid for pid, name in alive(data).items() if name == "web"}


def rows_in(data: Path, table: str) -> int:
    """Return how many rows of a table the database of a running installation has."""
    address = f"postgresql:///wearlink?user=wearlink&host={environment.runtime_directory(data)}"
    query = sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table))
    with psycopg.connect(address) as connection:
        row = connection.execute(query).fetchone()
    return row[0] if row else 0


def test_one_command_is_ready_keeps_secrets_private_and_leaves_nothing_after_ctrl_c(data: Path) -> None:
    running = start(data, "--no-demo")
    running.ready()
    until(lambda: set(alive(data).values()) >= PROGRAMS, lambda: f"only {alive(data)}")
    until(lambda: len(web_of(data)) == 1 + programs.web_processes(), lambda: f"only {alive(data)}")
    assert json.loads(get(running.port, "/readyz")[1])["status"] == "ok"
    assert stat.S_IMODE((data / "secrets.json").stat().st_mode) == 0o600
    assert stat.S_IMODE((data / "run").stat().st_mode) == 0o700
    assert shared_memory(data) < 400 * MB
    until(lambda: rows_in(data, "django_celery_beat_periodictask") >= len(SCHEDULE), lambda: "beat schedules nothing")
    running.process.send_signal(signal.SIGINT)
    assert running.process.wait(TIMEOUT_SECONDS) == 0
    until(lambda: alive(data) == {}, lambda: f"left behind: {alive(data)}")
    assert "Warm shutdown" not in log_of(data).read_text()


@pytest.mark.parametrize(
    ("victim", "signum"),
    [("run", signal.SIGHUP), ("worker", signal.SIGKILL), ("postgres", signal.SIGKILL)],
)
def test_the_end_of_any_part_is_the_end_of_all_and_the_next_start_finds_the_data(
    data: Path, victim: str, signum: signal.Signals
) -> None:
    running = start(data, "--no-demo")
    running.ready()
    before = (data / "secrets.json").read_text()
    os.kill(running.pid(victim), signum)
    running.process.wait(TIMEOUT_SECONDS)
    until(lambda: alive(data) == {}, lambda: f"left behind: {alive(data)}")
    assert (data / "secrets.json").read_text() == before


def test_a_web_process_that_is_killed_is_replaced_while_the_others_answer(data: Path) -> None:
    running = start(data, "--no-demo", WEB_WORKERS="2")
    running.ready()
    until(lambda: machine.listeners(running.port) == 2, lambda: log_of(data).read_text())
    main, victim, other = sorted(web_of(data))
    os.kill(victim, signal.SIGKILL)
    until(lambda: machine.is_gone(victim), lambda: log_of(data).read_text())
    assert get(running.port, "/readyz")[0] == 200
    until(lambda: machine.listeners(running.port) == 2, lambda: log_of(data).read_text())
    assert {main, other} < web_of(data)
    running.stop()
    assert alive(data) == {}


def test_there_is_one_web_process_where_one_processor_may_be_used() -> None:
    usable = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(usable)})
    try:
        assert programs.web_processes() == 1
    finally:
        os.sched_setaffinity(0, usable)
    assert programs.web_processes() == min(len(usable), 2)


def test_the_food_database_is_loaded_while_the_api_already_answers(data: Path) -> None:
    running = start(data, "--no-demo")
    running.ready()
    until(lambda: rows_in(data, "nutrition_food") > 7000, lambda: f"{rows_in(data, 'nutrition_food')} foods")
    assert get(running.port, "/healthz")[0] == 200
    running.stop()


def test_nothing_outlives_a_kill_at_any_moment(data: Path) -> None:
    dice = random.Random(8)
    for _ in range(10):
        victim, moment, left = kill_at_random(data, dice, 3.0, "--no-demo")
        assert not left, f"{victim} killed after {moment:.2f} s left {left} behind"


def test_a_second_start_on_the_same_data_is_refused_in_words(data: Path) -> None:
    first = start(data, "--no-demo")
    first.ready()
    second = start(data, "--no-demo")
    assert second.process.wait(TIMEOUT_SECONDS) == 1
    assert "already runs on" in log_of(data).read_text()
    assert get(first.port, "/healthz")[0] == 200
    first.stop()


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"PORT": "70000"}, "PORT must be a whole number from 1 to 65535"),
        ({"PORT": "abc"}, "PORT must be a whole number"),
        ({"DATA": "/dev/null/data"}, "choose another"),
    ],
)
def test_what_keeps_it_from_starting_is_said_in_words(tmp_path: Path, changes: dict[str, str], error: str) -> None:
    environment_variables = {"PATH": os.environ["PATH"], "DATA": str(tmp_path / "data"), **changes}
    command = [sys.executable, "manage.py", "run", "--no-demo"]
    run = subprocess.run(command, cwd=ROOT, env=environment_variables, capture_output=True, text=True, check=False)
    assert run.returncode == 1
    assert error in run.stderr
    assert "Traceback" not in run.stderr


def test_a_task_process_that_has_grown_is_replaced_unless_the_operator_says_when(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(app.conf, "worker_max_memory_per_child", 400 * 1024)
    monkeypatch.setenv("WORKER_MAX_MEMORY_MB", "400")
    programs._replace_grown_tasks()
    assert app.conf.worker_max_memory_per_child == 400 * 1024
    monkeypatch.delenv("WORKER_MAX_MEMORY_MB")
    programs._replace_grown_tasks()
    now = memory.resident_kib()
    assert now is not None
    assert abs(app.conf.worker_max_memory_per_child - programs.KEPT_KIB - now) < 8 * 1024


def test_a_desk_calls_itself_only_while_nobody_else_reaches_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    assert "EGRESS_ALLOW_LOOPBACK" in running._own_machine("127.0.0.1")
    assert "EGRESS_ALLOW_LOOPBACK" not in running._own_machine("0.0.0.0")
