"""The README is true: its blocks run as printed, its tables are the code's, its links lead somewhere."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser

from billing.plans import FIRST
from healthdata.api.parameters import MAX_SUMMARY_DAYS
from nutrition.api.parameters import MAX_DAYS
from providers.sdk.envelope import MAX_ITEMS
from scripts import pictures
from tests.wearlink.installation import RunningInstallation, log_of, start, until
from wearlink.lib.security.tokens import LIFETIME, Purpose

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(((?!https?:)[^)#]+)|src=\"([^\"]+)\"")
#: What only begins something: the test begins it itself, or cannot.
BEGINNINGS = ["make run\n", "docker compose -f compose.demo.yaml up --build\n"]


def read(name: str) -> str:
    return (ROOT / name).read_text()


def size(path: Path) -> tuple[int, int]:
    with Image.open(path) as image:
        return image.size


@pytest.fixture(scope="module")
def demo() -> Iterator[RunningInstallation]:
    """An installation with its demo, on a port and a directory of its own."""
    directory = Path(tempfile.mkdtemp(prefix="wearlink-readme-"))
    running = start(directory / "data")
    until(lambda: "is ready" in log_of(running.data).read_text(), lambda: log_of(running.data).read_text(), seconds=240)
    yield running
    running.stop()
    shutil.rmtree(directory)


@pytest.mark.slow
def test_every_block_runs_as_printed_with_port_and_data_changed(demo: RunningInstallation) -> None:
    blocks = BLOCK.findall(read("README.md"))
    assert [block for block in blocks if block in BEGINNINGS] == BEGINNINGS
    lines = [block for block in blocks if block not in BEGINNINGS] + BLOCK.findall(read("docs/simulator.md"))
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": os.environ["HOME"],
        "PORT": str(demo.port),
        "DATA": str(demo.data),
    }
    script = "set -eu\n" + "\necho\n".join(lines)
    ended = subprocess.run(
        ["bash", "-c", script], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300, check=False
    )
    assert ended.returncode == 0, ended.stderr[-2000:]
    text = ended.stdout
    assert '"request_id"' not in text, text[max(text.index('"request_id"') - 500, 0) :][:600]  # only faults carry one
    for answer in (
        '"status":"done"',
        '"inserted":1',
        '"value":72.0',
        f"http://127.0.0.1:{demo.port}/connect/",
        '"provider":"strava"',
        '"secret":"whsec_',
        '"dish_name":"biryani"',
        '"POST /_simulator/faults"',
        '"tokens":',
    ):
        assert answer in text, answer


@pytest.mark.slow
@pytest.mark.browser
def test_the_pictures_are_of_today_and_small(demo: RunningInstallation, browser: Browser, tmp_path: Path) -> None:
    pictures.take(browser, f"http://127.0.0.1:{demo.port}", tmp_path)
    for name in (pictures.CONNECT, pictures.WEEK):
        kept, fresh = ROOT / "docs" / "images" / name, tmp_path / name
        assert size(kept) == size(fresh)
        assert kept.stat().st_size < 60_000
        assert f"docs/images/{name}" in read("README.md")


def test_derived_tables_and_notices_are_up_to_date() -> None:
    command = [sys.executable, str(ROOT / "scripts" / "documents.py"), "--check"]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert (ended.returncode, ended.stdout) == (0, ""), ended.stderr[-1000:]


def test_every_setting_has_its_line_and_every_line_its_setting() -> None:
    read_by_code = set(re.findall(r'env\.\w+\(\s*"([A-Z0-9_]+)"', read("wearlink/settings.py")))
    read_by_code |= set(re.findall(r'os\.environ\.get\("([A-Z0-9_]+)"', read("wearlink/management/commands/run.py")))
    table = "\n".join(line for line in read("docs/settings.md").splitlines() if line.startswith("| `"))
    documented = set(re.findall(r"`([A-Z][A-Z0-9_]+)`", "\n".join(line.split(" | ")[0] for line in table.splitlines())))
    assert read_by_code - documented == set()
    assert {name for name in documented if not name.startswith("_")} - read_by_code == set()


@pytest.mark.parametrize(
    "name", ["README.md", "docs/settings.md", "docs/simulator.md", "CONTRIBUTING.md", "SECURITY.md"]
)
def test_links_lead_to_files(name: str) -> None:
    for found in LINK.findall(read(name)):
        path = (ROOT / name).parent / (found[0] or found[1])
        assert path.exists(), path


def test_limits_are_the_codes() -> None:
    readme = read("README.md")
    plans = {code: (calls, photos, users) for code, _, _, calls, photos, users, *_ in FIRST}
    (calls, photos, users), developer, scale = plans["hobby"], plans["developer"], plans["scale"]
    for sentence in (
        f"10 MB, {MAX_ITEMS:,} items",
        f"{MAX_SUMMARY_DAYS} for summaries, {MAX_DAYS} for sums of nutrition",
        f"{calls:,} on the free plan, {developer[0]:,} and {scale[0]:,} on the paid ones",
        f"{photos} a day on the free plan, {developer[1]:,} and {scale[1]:,} on the paid ones",
        f"{users:,} on the free plan, {developer[2]:,} and {scale[2]:,} on the paid ones",
        f"| a connect link | {LIFETIME[Purpose.CONNECT] // 60} minutes |",
    ):
        assert sentence in readme, sentence
