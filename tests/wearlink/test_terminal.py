"""Output in a terminal: words instead of tracebacks, mails as text."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.mail import EmailMessage

from wearlink.lib.net.console_mail import ConsoleBackend

ROOT = Path(__file__).parents[2]


def run(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Call manage.py as at a terminal without servers of its own."""
    own = {key: value for key, value in os.environ.items() if key not in {"DATABASE_URL", "REDIS_URL", "DATA"}}
    command = [sys.executable, str(ROOT / "manage.py"), *words]
    return subprocess.run(command, env={**own, **environment}, capture_output=True, text=True, timeout=120, check=False)


@pytest.mark.slow
@pytest.mark.parametrize("port", ["abc", "99999", "0", "-1", "８０００"])
def test_a_port_that_is_none_is_refused_in_one_line(port: str, tmp_path: Path) -> None:
    ended = run("run", PORT=port, DATA=str(tmp_path / "data"))
    assert ended.returncode == 1
    assert "PORT must be a whole number" in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.slow
def test_a_directory_that_cannot_be_made_is_refused_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no directory")
    ended = run("run", PORT="8999", DATA=str(tmp_path / "file" / "data"))
    assert ended.returncode == 1
    assert "choose another with DATA=" in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.slow
def test_a_directory_that_cannot_be_read_is_refused_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "secrets.json").mkdir()
    ended = run("run", PORT="8999", DATA=str(tmp_path))
    assert ended.returncode == 1
    assert "cannot be read" in ended.stderr
    assert "choose another directory with DATA=" in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.slow
def test_a_command_without_a_running_installation_says_what_to_start(tmp_path: Path) -> None:
    ended = run("verify_audit", DATA=str(tmp_path))
    assert ended.returncode == 1
    assert "Start `make run` first" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_mails_are_printed_as_text_with_their_link_whole(capsys: pytest.CaptureFixture[str]) -> None:
    link = "http://127.0.0.1:8000/verify-email?token=" + "x" * 300
    ConsoleBackend().send_messages([EmailMessage("Confirm", f"Hello,\n\n{link}\n", to=["alice@example.com"])])
    printed = capsys.readouterr().out
    assert "Mail to alice@example.com: Confirm" in printed
    assert f"    {link}\n" in printed
    assert "Content-Type" not in printed
