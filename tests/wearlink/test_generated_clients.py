"""Clients that others' generators make of our OpenAPI document: made without a warning, checked, and put to work."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from accounts.models import EndUser
from providers.payloads.process import drain
from tests import factories

ROOT = Path(__file__).parents[2]
CLIENTS = ROOT / "tests" / "wearlink" / "clients"
BIN = Path(sys.executable).parent
TIMEOUT_SECONDS = 240  # seconds for any one step, on a machine that does other things besides
CONFIG = ROOT / "docs" / "clients" / "openapi-python-client.yaml"
IMPORT_ALL = """
import importlib, pkgutil, wearlink_client
for module in pkgutil.walk_packages(wearlink_client.__path__, "wearlink_client."):
    importlib.import_module(module.name)
"""


def run(*command: str | Path, cwd: Path) -> str:
    """Return what a program printed; fails with that if it ends with anything but 0."""
    environment = {**os.environ, "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}", "PYTHONPATH": str(cwd)}
    done = subprocess.run(
        command, cwd=cwd, env=environment, capture_output=True, text=True, timeout=TIMEOUT_SECONDS, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def tell_story(live_server: Any, *command: str | Path, cwd: Path) -> str:
    """Return what a story printed that runs against our server, whose uploads are processed meanwhile."""
    key = factories.api_key(factories.alice().organization)
    environment = {**os.environ, "PYTHONPATH": str(cwd)}
    story = subprocess.Popen(
        [*command, live_server.url, key], cwd=cwd, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    for _ in range(TIMEOUT_SECONDS * 5):
        for user_key in EndUser.objects.values_list("key", flat=True):
            drain(user_key)
        try:
            story.wait(timeout=0.2)
            break
        except subprocess.TimeoutExpired:
            continue
    story.kill()
    printed, _ = story.communicate()
    assert story.returncode == 0, printed.decode()
    return printed.decode()


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_python_client_is_generated_checked_and_carries_a_user_to_the_first_reading(
    tmp_path: Path, live_server: Any
) -> None:
    options = ("--meta", "none", "--output-path", "wearlink_client", "--config", str(CONFIG), "--fail-on-warning")
    output = run("openapi-python-client", "generate", "--path", ROOT / "openapi.yaml", *options, cwd=tmp_path)
    assert "arning" not in output
    run(sys.executable, "-c", IMPORT_ALL, cwd=tmp_path)
    shutil.copy(CLIENTS / "story.py", tmp_path)
    (tmp_path / "mypy.ini").write_text("[mypy]\nstrict = True\n")
    assert "Success" in run("mypy", "--config-file", "mypy.ini", "wearlink_client", "story.py", cwd=tmp_path)
    assert "a reading of 72" in tell_story(live_server, sys.executable, "story.py", cwd=tmp_path)


@pytest.mark.slow
@pytest.mark.npm
@pytest.mark.django_db(transaction=True)
def test_typescript_types_are_generated_checked_and_carry_a_user_to_the_first_reading(
    tmp_path: Path, live_server: Any
) -> None:
    for name in ("package.json", "package-lock.json", "tsconfig.json", "story.ts"):
        shutil.copy(CLIENTS / name, tmp_path)
    run("npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts", "--prefer-offline", cwd=tmp_path)
    bin_dir = tmp_path / "node_modules" / ".bin"
    output = run(bin_dir / "openapi-typescript", ROOT / "openapi.yaml", "-o", "wearlink.d.ts", cwd=tmp_path)
    assert "warn" not in output.lower()
    run(bin_dir / "tsc", cwd=tmp_path)
    assert "a reading of 72" in tell_story(live_server, "node", "story.js", cwd=tmp_path)
