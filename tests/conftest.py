"""The ground all tests stand on: one PostgreSQL and one Valkey a run, no network beyond this machine.

The servers start before Django is set up. With xdist the controller starts them and its workers inherit the addresses;
each worker has a database and two Valkey databases of its own.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path

import django
import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from hypothesis import settings as hypothesis_settings
from playwright.sync_api import Browser, expect, sync_playwright
from pytest_django import DjangoDbBlocker

from tests import chromium, in_flight, moments, network, order
from wearlink import embedded, environment, keyfile
from wearlink.lib.work import task_queue

CHEAP_PASSWORDS = {"ARGON2_MEMORY_KIB": "64", "ARGON2_TIME_COST": "1"}
UNWANTED = (
    "PROCESS",
    "DEBUG",
    "DATABASE_OWNER_URL",
    "SENTRY_DSN",
    "S3_BUCKET",
    "EMAIL_URL",
    "BASE_URL",
    "PORT",
    "CACHE_URL",
    "ENFORCE_API_LIMIT",
)
_stack = ExitStack()
# How long an example takes is the machine's business, and benchmarks'.
hypothesis_settings.register_profile("any machine", deadline=None)
hypothesis_settings.load_profile("any machine")


def _prepare() -> None:
    """Start the servers and set Django up; an xdist worker uses the controller's servers."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "wearlink.settings"
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    if worker is None:
        _start_servers()
    else:
        _use_own_valkey_databases(2 * (int(worker.removeprefix("gw")) + 1))
    patch = pytest.MonkeyPatch()
    network.block(patch)
    _stack.callback(patch.undo)
    django.setup()


def _use_own_valkey_databases(number: int) -> None:
    """Set on the settings too: pytest-django has read them by now, with what the controller left in the environment."""
    url = os.environ["REDIS_URL"] = os.environ["REDIS_URL"].replace("db=0", f"db={number}")
    settings.REDIS_URL = url
    settings.CACHES["default"]["LOCATION"] = environment.cache_url(url)
    settings.CELERY_BROKER_URL = environment.broker_url(url)


def _start_servers() -> None:
    directory = Path(tempfile.mkdtemp(prefix="wearlink-tests-"))
    _stack.callback(shutil.rmtree, directory, ignore_errors=True)
    _stack.enter_context(embedded.locked(directory))
    running = _stack.enter_context(embedded.servers(directory, embedded.THROWAWAY))
    for name in UNWANTED:
        os.environ.pop(name, None)
    os.environ.update(keyfile.fresh())
    os.environ.update(CHEAP_PASSWORDS)
    os.environ.update(
        DATA=str(directory / "data"),
        DATABASE_URL=running.owner_url,  # makes and flushes the tests' databases; requests become the tenants' role
        REDIS_URL=running.redis_url,
        PLAIN_STATIC="1",
        EGRESS_ALLOW_LOOPBACK="1",
        ADMIN_MFA="0",  # tests of the second factor ask for it
    )


_prepare()  # on import: the conftest files below may import models


def pytest_unconfigure() -> None:
    """Stops what this process started."""
    _stack.close()


def _no_browser() -> bool:
    """A desk without Chromium does without the browser tests; continuous integration installs it (.ci/run)."""
    return not os.environ.get("CI") and not any(map(shutil.which, ("chromium", "chromium-browser")))


def _no_npm() -> bool:
    """Return the same of the clients in TypeScript."""
    return not os.environ.get("CI") and not all(map(shutil.which, ("node", "npm")))


def _no_kotlin() -> bool:
    """Return the same of the Kotlin SDK, whose compiler comes by npm and runs on Java."""
    return not os.environ.get("CI") and not all(map(shutil.which, ("java", "npm")))


def _no_swift() -> bool:
    """Nor does continuous integration install Swift, two gigabytes: the workflow of pull requests has it."""
    return shutil.which("swift") is None


def _lacking() -> dict[str, str]:
    """Marker → what this desk has not got."""
    wants = {
        "browser": (_no_browser, "no chromium here: the browser tests do not run (apt install chromium)"),
        "npm": (_no_npm, "no node and npm here: the test of TypeScript clients does not run (apt install npm)"),
        "kotlin": (
            _no_kotlin,
            "no java and npm here: the Kotlin SDK is not tested (apt install npm default-jre-headless)",
        ),
    }
    wants["swift"] = (_no_swift, "no swift here: the Swift SDK is not built, only its bodies are posted")
    return {marker: words for marker, (lacks, words) in wants.items() if lacks()}


def pytest_report_header() -> list[str]:
    """Say so."""
    return list(_lacking().values())


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the tests that cannot run here, have the long ones begin, and keep sequences."""
    lacking = _lacking()
    left_out = [item for item in items if any(item.get_closest_marker(marker) for marker in lacking)]
    if left_out:
        items[:] = [item for item in items if item not in left_out]
        config.hook.pytest_deselected(items=left_out)
    items[:] = order.longest_first(order.in_sequence(items), int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1")))


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add --every-moment, for looking into a suite: pytest --every-moment tests/providers/test_pull.py."""
    parser.addoption("--every-moment", action="store_true", help="run all that is selected at thirty moments")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run what is marked so at each of the thirty moments; with --every-moment everything."""
    if metafunc.config.option.every_moment or metafunc.definition.get_closest_marker("every_moment"):
        names = [f"{one:%Y-%m-%dT%H:%M:%S}" for one in moments.EVERY]
        if "moment" not in metafunc.fixturenames:
            metafunc.fixturenames.insert(0, "moment")
        metafunc.parametrize("moment", moments.EVERY, ids=names, indirect=True)


@pytest.fixture
def moment(request: pytest.FixtureRequest, django_db_blocker: DjangoDbBlocker) -> Iterator[datetime]:
    """The moment at which the test begins: one of the thirty, else the usual one."""
    wanted: datetime = getattr(request, "param", moments.USUAL)
    with ExitStack() as stack:
        stack.enter_context(moments.at(wanted))
        if request.node.get_closest_marker("django_db") or {"db", "transactional_db"} & {*request.fixturenames}:
            request.getfixturevalue("django_db_setup")
            stack.enter_context(django_db_blocker.unblock())
            stack.enter_context(moments.database_at(wanted))
        yield wanted


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One for the module. Playwright's loop runs in this thread, which Django must be told is fine."""
    program = shutil.which("chromium") or shutil.which("chromium-browser") or "/usr/bin/chromium"
    expect.set_options(timeout=chromium.PATIENCE_MS)
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield found
        found.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture(autouse=True)
def _browser_at_rest(request: pytest.FixtureRequest) -> Iterator[None]:
    """Close what a test left open, and wait for what its pages asked, before its tables are emptied."""
    if not {"browser", "live_server"} <= {*request.fixturenames}:
        yield
        return
    request.getfixturevalue("transactional_db")  # so that it ends after this
    opened: Browser = request.getfixturevalue("browser")
    requests = in_flight.InFlight()
    requests.watch()
    yield
    for context in opened.contexts:
        context.close()
    requests.settle()


@pytest.fixture(autouse=True)
def _empty_cache() -> Iterator[None]:
    """No counter or cached value of one test reaches the next."""
    task_queue._silence["until"] = 0.0
    yield
    cache.clear()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    """Committing tests end with TRUNCATE, which the audit trail refuses; its own test switches that on again."""
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE accounts_auditentry DISABLE TRIGGER accounts_audit_no_truncate")
