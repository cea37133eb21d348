"""scripts/venv: an interruption leaves nothing unusable, and two callers at once do not meet."""

import hashlib
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.fault]
SCRIPT = Path(__file__).parents[3] / "scripts" / "venv"
METADATA = "Metadata-Version: 2.1\nName: tiny\nVersion: 1\n"
WHEEL = "Wheel-Version: 1.0\nGenerator: us\nRoot-Is-Purelib: true\nTag: py3-none-any\n"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout that needs one small package, which lies on this disk."""
    (tmp_path / "scripts").mkdir()
    shutil.copy(SCRIPT, tmp_path / "scripts" / "venv")
    wheel = tmp_path / "tiny-1-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("tiny.py", "VALUE = 1\n")
        archive.writestr("tiny-1.dist-info/METADATA", METADATA)
        archive.writestr("tiny-1.dist-info/WHEEL", WHEEL)
        archive.writestr("tiny-1.dist-info/RECORD", "tiny.py,,\ntiny-1.dist-info/RECORD,,\n")
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    (tmp_path / "requirements.txt").write_text(f"tiny @ file://{wheel} --hash=sha256:{digest}\n")
    return tmp_path


def begin(checkout: Path) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        ["scripts/venv", "run"], cwd=checkout, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def is_usable(checkout: Path) -> bool:
    run = subprocess.run([checkout / ".venv/bin/python", "-c", "import tiny, pip"], capture_output=True, check=False)
    return run.returncode == 0


def test_an_environment_whose_making_was_interrupted_is_made_anew(checkout: Path) -> None:
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", checkout / ".venv"], check=True)
    assert not is_usable(checkout)
    run = begin(checkout)
    output, _ = run.communicate(timeout=240)
    assert run.returncode == 0, output
    assert is_usable(checkout)


def test_two_callers_at_once_in_a_fresh_checkout_both_find_it_whole(checkout: Path) -> None:
    runs = [begin(checkout), begin(checkout)]
    for run in runs:
        output, _ = run.communicate(timeout=240)
        assert run.returncode == 0, output
    assert is_usable(checkout)
