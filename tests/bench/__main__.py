"""The command line of the benchmarks."""

import argparse
import importlib
import os
import pkgutil
import sys
import tempfile
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import django
from django.core.management import call_command

import tests.bench
from tests.bench import load, table
from tests.bench.figures import Benchmark, Figure, chosen
from tests.bench.ground import Ground
from wearlink import embedded, keyfile
from wearlink.lib.work import child
from wearlink.supervisor import Stopped, signals_stop

RESULTS = Path(__file__).resolve().parents[2] / "bench-results"
OURS = ("DATABASE_URL", "REDIS_URL", "CACHE_URL", "PROCESS", "DEBUG", "BASE_URL", "PORT", "SENTRY_DSN", "EMAIL_URL")


def main(arguments: Sequence[str]) -> int:
    """Run what was asked for; return 0 even if a target is missed, since machines differ."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("names", nargs="*", help="benchmarks to run; default all")
    parser.add_argument("--quick", action="store_true", help="tiny sizes: only shows that everything runs")
    parser.add_argument("--results", type=Path, default=RESULTS, help="directory for the JSON file")
    options = parser.parse_args(arguments)
    child.adopt_orphans()
    warnings.simplefilter("ignore", DeprecationWarning)  # of fork with threads; the pool's are not running yet
    try:
        with signals_stop(), tempfile.TemporaryDirectory(prefix="wearlink-bench-") as directory:
            figures = _all(Path(directory), options)
    except Stopped:
        return 130
    print(f"\n{table.save(options.results, figures, quick=options.quick)}")  # noqa: T201
    return 0


def _all(data: Path, options: argparse.Namespace) -> list[tuple[str, Figure]]:
    figures = []
    with embedded.locked(data), _prepared(data), _ground(data, quick=options.quick) as ground:
        print(f"{table.header()}", flush=True)  # noqa: T201
        for one in _discovered(options.names):
            for figure in one.run(ground):
                figures.append((one.name, figure))
                print(table.line(figure), flush=True)  # noqa: T201
    return figures


@contextmanager
def _prepared(data: Path) -> Iterator[None]:
    """Servers that nobody else uses, with every table, and Django set up on them."""
    for name in [name for name in os.environ if name in OURS or name.startswith("S3_")]:
        del os.environ[name]
    os.environ.update(DATA=str(data), DJANGO_SETTINGS_MODULE="wearlink.settings")
    keyfile.ensure(data)
    for name in keyfile.fresh():
        os.environ.pop(name, None)  # those of a surrounding test run
    with embedded.servers(data):
        django.setup()
        call_command("migrate", verbosity=0)
        yield


@contextmanager
def _ground(data: Path, *, quick: bool) -> Iterator[Ground]:
    ground = Ground(data, quick)
    try:
        yield ground
    except load.WrongAnswer:
        print(ground.errors(), file=sys.stderr)  # noqa: T201
        raise
    finally:
        ground.stop()


def _discovered(names: Sequence[str]) -> list[Benchmark]:
    """Imports every file of the package, which registers its benchmarks; they need Django set up."""
    for module in pkgutil.iter_modules(tests.bench.__path__):
        if module.name not in {"__main__", "client"} and not module.name.startswith("test_"):
            importlib.import_module(f"tests.bench.{module.name}")
    return chosen(names)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
