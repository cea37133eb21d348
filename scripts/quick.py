"""The checks to run after each change: format, lint, types, import contracts, and the tests nearest to the change.

Nearest by the graph of imports: tests that import a changed module themselves come first, then those at two steps, and
so on; last all in the app's own folder, since pages are found by their address. A template, a script or a table counts
as a change of the modules that name it, a template's also by way of other templates. They stop after
SECONDS_OF_TESTS (default 20) and say what was left out. What changed: the working tree and the commits that origin/main
does not have.
"""

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path, PurePath
from typing import Any

import grimp
import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("wearlink", "accounts", "billing", "healthdata", "providers", "nutrition", "adminportal", "tests")
BIN = Path(sys.executable).parent
CHECKS = {
    "format": [str(BIN / "ruff"), "format", "--check", "--quiet", "."],
    "lint": [str(BIN / "ruff"), "check", "--quiet", "."],
    "types": [str(BIN / "mypy")],
    "contracts": [str(BIN / "lint-imports"), "--no-logo"],
}
TEMPLATES = {"templates": [str(BIN / "djlint"), "templates", "--lint", "--quiet"]}
MAX_DISTANCE = 3
READING_SECONDS = 6.0  # for the files of tests, before any of them runs


def main() -> int:
    """0 if everything that ran is well."""
    os.chdir(ROOT)
    sys.path.insert(0, str(ROOT))
    begun = time.monotonic()
    names = changed_files()
    wanted = CHECKS | (TEMPLATES if any(name.endswith(".html") for name in names) else {})
    checks = {
        name: subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        for name, command in wanted.items()
    }
    files = nearest_tests(changed(names))
    code = run_tests(files, float(os.environ.get("SECONDS_OF_TESTS") or 20)) if files else 0
    for name, process in checks.items():
        output, _ = process.communicate()
        if process.returncode:
            print(f"--- {name}\n{output}")
            code = 1
    print(f"quick: {'well' if not code else 'NOT well'} after {time.monotonic() - begun:.0f} s")
    return int(code)


def changed_files() -> list[str]:
    """List what the working tree and the commits that origin/main does not have changed."""
    base = _git("merge-base", "HEAD", "origin/main") or ["HEAD"]
    return sorted({*_git("diff", "--name-only", base[0]), *_git("ls-files", "--others", "--exclude-standard")})


def changed(files: Sequence[str]) -> set[str]:
    """Return the dotted names of changed modules."""
    names = {name for name in files if name.endswith(".py")}
    for name in set(files) - names:
        names |= users_of(name)
    return {name.removesuffix(".py").removesuffix("/__init__").replace("/", ".") for name in names}


def users_of(file: str) -> set[str]:
    """Find the modules that name a file which is none itself, be it by way of templates."""
    paths = [ROOT / name for name in _git("ls-files", "*.py", "*.html")]
    texts = {str(path.relative_to(ROOT)): path.read_text() for path in paths if path.is_file()}
    found, waiting = set[str](), [file]
    while waiting:
        name = waiting.pop()
        called = name.removeprefix("templates/") if name.endswith(".html") else PurePath(name).name
        users = {user for user, text in texts.items() if called in text} - found
        found |= users
        waiting += [user for user in users if user.endswith(".html")]
    return {name for name in found if name.endswith(".py")}


def nearest_tests(modules: set[str]) -> list[str]:
    """Return paths of test files, nearest first."""
    graph = grimp.build_graph(*PACKAGES, cache_dir=str(BIN.parent / ".grimp"))
    distance: dict[str, int] = {}
    layer = {module for module in modules if module in graph.modules}
    for step in range(MAX_DISTANCE + 1):
        distance |= dict.fromkeys(layer, step)
        layer = {one for module in layer for one in graph.find_modules_that_directly_import(module)} - distance.keys()
    apps = {module.partition(".")[0] for module in modules}
    words = {word for module in modules for name in module.split(".") for word in (name, f"test_{name}")}

    def own(test: str) -> bool:
        return test.split(".")[1] in apps

    def rank(test: str) -> tuple[int, bool, int, str]:
        return distance.get(test, MAX_DISTANCE + 1), not own(test), -len(words & set(test.split("."))), test

    tests = [
        module
        for module in graph.modules
        if module.rpartition(".")[2].startswith("test_") and (module in distance or own(module))
    ]
    return [f"{module.replace('.', '/')}.py" for module in sorted(tests, key=rank)]


class Deadline:
    """Stops the tests in time: the reading of further files first, since a core module has nearly all of them near."""

    def __init__(self, reading: float, running: float) -> None:
        self.reading, self.running = reading, running
        self.ends, self.left_out, self.unread = 0.0, 0, 0

    def pytest_collection(self) -> None:
        self.ends = time.monotonic() + self.reading

    @pytest.hookimpl(tryfirst=True)
    def pytest_make_collect_report(self, collector: pytest.Collector) -> pytest.CollectReport | None:
        """Find nothing in a file that would be read too late."""
        if not isinstance(collector, pytest.Module) or time.monotonic() < self.ends:
            return None
        self.unread += 1
        return pytest.CollectReport(collector.nodeid, "passed", None, [])

    def pytest_collection_finish(self) -> None:
        self.ends = time.monotonic() + self.running

    def pytest_runtest_protocol(self, item: pytest.Item) -> bool | None:
        """Pass over what would begin too late."""
        if time.monotonic() < self.ends:
            return None
        self.left_out += 1
        return True

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        if self.left_out or self.unread:
            terminalreporter.write_line(
                f"{self.left_out} tests farther away and those of {self.unread} files did not run; make test runs them."
            )


def run_tests(files: list[str], seconds: float) -> int:
    """Return those that do not start servers or browsers of their own."""
    options = ["-q", "-n0", "-p", "no:randomly", "-m", "not slow and not fault and not browser and not s3"]
    code = pytest.main([*options, *files], plugins=[Deadline(READING_SECONDS, seconds)])
    return 0 if code is pytest.ExitCode.NO_TESTS_COLLECTED else int(code)


def _git(*words: str) -> list[str]:
    return subprocess.run(["git", *words], capture_output=True, text=True, check=False).stdout.split()


if __name__ == "__main__":
    sys.exit(main())
