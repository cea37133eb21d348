"""The files for Docker, as far as they can be held to something without it: Compose's schema, and the Procfile."""

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[1]
DEFAULT = re.compile(r"\$\{\w+:-(\w+)\}")  # what the Procfile takes where a variable is not set
COMPOSES = ("compose.yaml", "compose.demo.yaml")


def services(name: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((ROOT / name).read_text())["services"]
    return found


def procfile() -> dict[str, list[str]]:
    """Return words of each program, with the defaults, without the settings before them."""
    programs = {}
    for line in (ROOT / "Procfile").read_text().splitlines():
        name, _, command = line.partition(": ")
        words = shlex.split(DEFAULT.sub(r"\1", command))
        programs[name] = [word for word in words if not re.match(r"[A-Z_]+=", word)]
    return programs


def image_command() -> list[str]:
    text = (ROOT / "Dockerfile").read_text().replace("\\\n", " ")
    command: list[str] = json.loads(text.partition("\nCMD ")[2])
    return command


@pytest.mark.parametrize("name", COMPOSES)
def test_a_compose_file_is_what_compose_reads(name: str) -> None:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", ROOT / name]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout


def test_the_image_serves_as_the_procfile_says() -> None:
    assert image_command() == procfile()["web"]


def test_every_program_of_the_procfile_has_a_container_that_runs_it() -> None:
    running = services("compose.yaml")
    for name, words in procfile().items():
        if name in ("web", "release"):
            continue
        assert shlex.split(running[name]["command"]) == words, name
        assert running[name]["environment"]["PROCESS"] in ("worker", "beat"), name
    assert "command" not in running["web"]
    assert all(part in running["migrate"]["command"] for part in ("manage.py migrate", "manage.py load_foods"))


def test_what_the_image_leaves_out_is_needed_by_nothing_that_it_serves() -> None:
    left_out = (ROOT / ".dockerignore").read_text().split()
    assert not {"docs", "docs/site", "accounts", "CHANGELOG.md", "openapi.yaml", "*.md"} & set(left_out)
    assert {".git", ".venv", "tests", "data"} <= set(left_out)
