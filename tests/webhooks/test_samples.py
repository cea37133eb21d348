"""The samples of README.md are run as they stand there."""

import json
import os
import re
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
from playwright._impl._driver import compute_driver_executable

import accounts.webhooks
from accounts.webhooks import signing
from accounts.webhooks.catalogue import filters
from accounts.webhooks.delivery import retries

README = (Path(accounts.webhooks.__file__).parent / "README.md").read_text()
BODY = '{"type":"workout.created","timestamp":"2026-01-01T00:00:00Z","data":{"type":"running","note":"grüß"}}'.encode()
SECRET = signing.new_secret()
NODE = shutil.which("node") or compute_driver_executable()[0]  # the browser tests' driver brings one


def sample(language: str, name: str) -> str:
    """Return the code block that begins with this name."""
    found = re.search(rf"```{language}\n[^\n]*sample: {name}\n(.*?)```", README, re.S)
    assert found, name
    return found.group(1)


def headers(seconds: int = 0, secret: str = SECRET) -> dict[str, str]:
    return signing.headers("msg_1", int(time.time()) + seconds, BODY, [secret])


def cases() -> list[tuple[bool, dict[str, str], bytes]]:
    """Return messages signed just now, and what is wrong with all but the first."""
    return [
        (True, headers(), BODY),
        (False, headers(), BODY + b" "),
        (False, headers(secret=signing.new_secret()), BODY),
        (False, headers(-600), BODY),
        (False, headers(600), BODY),
        (False, {}, BODY),
        (False, {**headers(), "webhook-signature": "nonsense", "svix-signature": "nonsense"}, BODY),
    ]


@pytest.mark.parametrize("number", range(len(cases())))
def test_the_python_samples_tell_ours_from_others(number: int) -> None:
    good, sent, body = cases()[number]
    names: dict[str, Any] = {}
    exec(sample("python", "fastapi") + sample("python", "by hand"), names)  # noqa: S102 - our own text
    message = names["received"](SECRET, body, sent)
    assert (message is not None) is good
    assert names["verified"](SECRET, body, sent) is good
    if good:
        assert message["data"]["note"] == "grüß"


def run_node(code: str, call: str, cwd: Path) -> list[Any]:
    """Return the answers of a function of the sample to all cases."""
    arguments = [[SECRET, body.decode(), sent] for _, sent, body in cases()]
    program = f"{code}\nconsole.log(JSON.stringify({json.dumps(arguments)}.map((one) => {call}(...one))));"
    done = subprocess.run([str(NODE), "-e", program], capture_output=True, text=True, timeout=30, check=True, cwd=cwd)
    answers: list[Any] = json.loads(done.stdout)
    return answers


def installed(directory: Path) -> bool:
    """Return whether the npm package can be had; a machine without the registry checks the sample without it only."""
    npm = shutil.which("npm")
    if npm is None:
        return False
    command = [npm, "install", "--no-audit", "--no-fund", "--prefix", str(directory), "standardwebhooks@1"]
    try:
        done = subprocess.run(command, capture_output=True, timeout=60, check=False, env={**os.environ, "CI": "1"})
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0


def test_the_node_samples_read_the_message(tmp_path: Path) -> None:
    calls = {"by hand": "verified"} | ({"package": "received"} if installed(tmp_path) else {})
    for name, call in calls.items():
        answers = run_node(sample("js", name), call, tmp_path)
        assert [bool(one) for one in answers] == [good for good, _, _ in cases()], name
        if call == "received":
            assert answers[0]["data"]["note"] == "grüß"


def test_the_page_tells_the_schedule_that_is_kept() -> None:
    assert retries.DELAYS == (5, 300, 1800, 7200, 18_000, 36_000, 36_000)
    assert "5 s, 5 min, 30 min, 2 h, 5 h, 10 h and 10 h" in README.replace("\n", " ")


def test_the_filters_of_the_page_exist() -> None:
    for name in re.findall(r"`((?:[a-z_]+\.)+(?:created|updated|expired|disabled|\*))`", README):
        assert filters.expand([name])
