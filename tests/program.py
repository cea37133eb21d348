"""Runs a program as `python -m` does; all that it forks is killed with it, so that no test leaves a process behind.

`python -m tests.program granian …`: what granian or Celery fork would else outlive a test run that is killed.
"""

import runpy
import sys
from collections.abc import Sequence

from wearlink.lib.work import child


def bound(command: Sequence[str]) -> list[str]:
    """Return the command line of wearlink.programs with this module before the program's own."""
    place = command.index("-m") + 1
    return [*command[:place], __name__, *command[place:]]


if __name__ == "__main__":
    del sys.argv[0]
    child.take_children_along()
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
