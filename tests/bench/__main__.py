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
from tests.bench.figures import BenchFigure, Benchmark, chosen
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
    parser.add_argument("--asked", action="store_true", help="read the names one by one from standard input")
    parser.add_argument(
        "--results", type=Path, default=RESULTS, help="directory for the JSON file; if asked, one a name"
    )
    options = parser.parse_args(arguments)
    child.adopt_orphans()
    warnings.simplefilter("ignore", DeprecationWarning)  # of fork with threads; the pool's are not running yet
    try:
        with signals_stop(), tempfile.TemporaryDirectory(prefix="wearlink-bench-") as directory:
            _measure(Path(directory), options)
    except Stopped:
        return 130
    return 0


def _measure(data: Path, options: argparse.Namespace) -> None:
    with embedded.locked(data), _prepared(data), _ground(data, quick=options.quick) as ground:
        print(f"{table.header()}", flush=True)  # noqa: T201
        for results, benchmarks in _runs(options):
            figures = list(_figures(ground, benchmarks))
            print(f"\n{table.save(results, figures, quick=options.quick)}", flush=True)  # noqa: T201


def _runs(options: argparse.Namespace) -> Iterator[tuple[Path, list[Benchmark]]]:
    """Yield what to run, and the directory for its figures."""
    known = discovered(options.names)
    if not options.asked:
        yield options.results, known
        return
    for line in sys.stdin:
        yield options.results / line.strip(), chosen([line.strip()])


def _figures(ground: Ground, benchmarks: Sequence[Benchmark]) -> Iterator[tuple[str, BenchFigure]]:
    for one in benchmarks:
        ground.settle()
        for figure in one.run(ground):
            yield one.name, figure
            print(table.line(figure), flush=True)  # noqa: T201


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


def discovered(names: Sequence[str] = ()) -> list[Benchmark]:
    """Import every file of the package, which registers its benchmarks; they need Django set up."""
    for module in pkgutil.iter_modules(tests.bench.__path__):
        if module.name not in {"__main__", "client"} and not module.name.startswith("test_"):
            importlib.import_module(f"tests.bench.{module.name}")
    return chosen(names)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
