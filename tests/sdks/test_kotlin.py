"""The Kotlin SDK: compiled as its Gradle file says, put to work against our server and against one that misbehaves."""

import fcntl
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from providers.payloads.process import drain
from tests import factories
from tests.nutrition import photos
from tests.providers.connecting import connect
from tests.providers.sync_bodies import record, sync
from tests.providers.vendor import Vendor

ROOT = Path(__file__).parents[2]
SDK = ROOT / "sdks" / "kotlin"
COMPILER = Path(__file__).parent / "kotlin"
LIBRARY = Path("node_modules") / "kotlin-compiler" / "lib"
TIMEOUT_SECONDS = 300  # seconds for any one step, on a machine that does other things besides
QUICK_START = "-XX:TieredStopAtLevel=1"  # a compiler that runs once gains nothing from optimising itself
Program = Callable[..., str]

pytestmark = [pytest.mark.slow, pytest.mark.kotlin]


def run(*command: str | Path, cwd: Path) -> str:
    """Return what a program printed; fails with that if it ends with anything but 0."""
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=TIMEOUT_SECONDS, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Program:
    """Runs a main of the SDK's tests by its name; sources are compiled once a run, a warning being an error."""
    base = tmp_path_factory.getbasetemp()
    place = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "kotlin"
    place.mkdir(exist_ok=True)
    with (place / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # the workers of a run share what one of them compiles
        if not (place / "done").exists():
            compile_in(place)
            (place / "done").touch()
    classpath = f"classes:{place / LIBRARY / 'kotlin-stdlib.jar'}"
    return lambda name, *arguments: run("java", "-cp", classpath, f"io.wearlink.sdk.{name}Kt", *arguments, cwd=place)


def compile_in(place: Path) -> None:
    """Install the compiler, and leave the SDK and its tests in ``classes``."""
    for name in ("package.json", "package-lock.json"):
        shutil.copy(COMPILER / name, place)
    run("npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts", "--prefer-offline", cwd=place)
    library = place / LIBRARY
    java = ("java", QUICK_START, "-cp", library / "kotlin-preloader.jar", "org.jetbrains.kotlin.preloading.Preloader")
    compiler = (*java, "-cp", library / "kotlin-compiler.jar", "org.jetbrains.kotlin.cli.jvm.K2JVMCompiler")
    options = ("-kotlin-home", library.parent, "-no-reflect", "-Werror", "-jvm-target", "11", "-d", "classes")
    run(*compiler, *options, SDK / "src" / "main" / "kotlin", SDK / "src" / "test" / "kotlin", cwd=place)


@pytest.mark.django_db(transaction=True)
def test_the_four_calls_tell_what_the_server_knows(
    live_server: Any, program: Program, vendor: Vendor, tmp_path: Path
) -> None:
    jane = factories.end_user(factories.alice().organization, email="jane@example.com", time_zone="Europe/Paris")
    steps = record(type="HKQuantityTypeIdentifierStepCount", unit="count", value=4321, endDate="2026-04-15T07:30:00Z")
    phone = factories.sdk_client(jane)
    sent = phone.post(f"/api/v1/sdk/users/{jane.id}/sync", data=sync(records=[steps]), content_type="application/json")
    assert sent.status_code == 202
    drain(jane.key)
    connect(vendor, jane)
    photo = tmp_path / "lunch.jpg"
    photo.write_bytes(photos.jpeg())
    key = factories.api_key(jane.organization)

    lines = program("Story", live_server.url, key, str(jane.id), "2026-04-15", str(photo)).splitlines()

    reader = factories.key_client(jane.organization)
    providers = reader.get("/api/v1/providers").json()["data"]
    slugs = [f"{one['slug']}:{one['kind'].upper()}:{str(one['is_configured']).lower()}" for one in providers]
    assert lines[0] == f"providers {','.join(slugs)}"
    assert lines[1] == "connections acme:ACTIVE"
    assert lines[2] == "day 2026-04-15 4321 Apple Watch 1"
    _, log_id, status, another = lines[3].split()
    meal = reader.get(f"/api/v1/nutrition/log/{log_id}").json()
    assert (status, meal["meal_type"], meal["note"]) == ("pending", "lunch", "mit Käse")
    assert reader.get(f"/api/v1/nutrition/log/{another}").status_code == 200
    assert lines[4] == "error 404 user_not_found true"
    assert lines[5].startswith("error 400 ")
    assert "end_date" in lines[5]
    assert lines[6] == "error invalid_api_key"


def test_a_server_that_misbehaves_ends_in_typed_errors_and_in_time(program: Program) -> None:
    passed, _, failed = program("Faults").splitlines()[-1].partition(" passed, ")
    assert int(passed) >= 60
    assert failed == "0 failed"
