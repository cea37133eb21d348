"""The signal that nohup ignores stays ignored; all other signals stop everything."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PROGRAM = """
import os, signal, sys
from wearlink.supervisor import Stopped, signals_stop
if sys.argv[1] == "nohup":
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
try:
    with signals_stop():
        os.kill(os.getpid(), signal.SIGHUP)
        print("goes on")
        os.kill(os.getpid(), signal.SIGTERM)
except Stopped:
    print("stopped")
"""


@pytest.mark.parametrize(("how", "lines"), [("nohup", ["goes on", "stopped"]), ("plain", ["stopped"])])
def test_a_hangup_ends_only_who_did_not_ask_to_outlive_it(how: str, lines: list[str]) -> None:
    run = subprocess.run([sys.executable, "-c", PROGRAM, how], cwd=ROOT, capture_output=True, text=True, check=True)
    assert run.stdout.split("\n")[:-1] == lines
