"""A child whose parent died before it could ask the kernel to be told ends by itself."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PROGRAM = """
import os, signal, sys
from wearlink.lib.work import child
child.die_with_parent(signal.SIGKILL, int(sys.argv[1]) or os.getppid())
print("lives")
"""


@pytest.mark.parametrize(("parent", "code", "output"), [("0", 0, "lives\n"), ("999999999", 1, "")])
def test_a_parent_that_is_dead_already_counts(parent: str, code: int, output: str) -> None:
    run = subprocess.run([sys.executable, "-c", PROGRAM, parent], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (run.returncode, run.stdout) == (code, output)
