"""All of `make run`: its memory once the demo is there, and whether anything outlives it."""

import random
from collections.abc import Iterator

from tests.bench import load
from tests.bench.figures import BenchFigure, at_most, benchmark
from tests.bench.ground import Ground
from tests.wearlink.installation import alive, kill_at_random, shared_memory, start, until

MB = 1024 * 1024
MAX_START_SECONDS = 6.0  # seconds until the last program runs and the demo is being filled


@benchmark("memory", order=90)
def memory(ground: Ground) -> Iterator[BenchFigure]:
    """PostgreSQL, Valkey and every program, at the defaults; quickly: without the demo."""
    data, options = ground.data / "whole", ground.size((), ("--no-demo",))
    running = start(data, *options)
    try:
        running.ready()
        if not options:
            until(lambda: (data / "demo.json").exists() and "demo" not in alive(data).values(), lambda: "no demo")
        taken = shared_memory(data) / MB
    finally:
        running.stop()
    yield BenchFigure("memory of all of make run after the demo (PSS)", taken, "MB", at_most(450), "860–960 MB before")


@benchmark("kills", order=91)
def kills(ground: Ground) -> Iterator[BenchFigure]:
    """SIGKILL at random moments to random parts; the tries count, since a figure must be positive."""
    tries, dice = ground.size(100, 2), random.Random(8)
    for number in range(tries):
        victim, moment, left = kill_at_random(ground.data / "killed", dice, MAX_START_SECONDS)
        if left:
            raise load.WrongAnswer(f"try {number}: {victim} killed after {moment:.2f} s left {left} behind")
    yield BenchFigure("kills of any part at any moment that nothing outlives", tries, "", at_most(tries))
