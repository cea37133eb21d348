"""Writes what documents derive from the code: README's table of providers, and THIRD-PARTY-NOTICES.md.

    make documents          # write them
    scripts/documents.py --check      # 1 where one is not as it would be written

Licences are told by the packages themselves. A package that this Python does not need is not installed here; its line
is kept as it was.
"""

import os
import re
import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import Final

import django

ROOT: Final = Path(__file__).resolve().parents[1]
README, NOTICES = ROOT / "README.md", ROOT / "THIRD-PARTY-NOTICES.md"
BEGIN: Final = "<!-- providers: written by `make documents` -->\n"
END: Final = "<!-- /providers -->"
PIN: Final = re.compile(r"^([A-Za-z0-9_.-]+)==([^ \\;]+)", re.MULTILINE)
SHORT: Final = 45  # longer texts in the field License are the licence itself
HEAD: Final = ROOT / "scripts" / "notices-head.md"


def main() -> int:
    """Write, or with --check compare."""
    sys.path.insert(0, str(ROOT))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "wearlink.settings")
    django.setup()
    if "--check" in sys.argv:
        stale = [path.name for path, text in ((README, readme()), (NOTICES, notices())) if path.read_text() != text]
        for name in stale:
            print(f"{name} is not up to date: make documents")
        return bool(stale)
    README.write_text(readme())
    NOTICES.write_text(notices())
    return 0


def readme() -> str:
    """Return the README with today's table of providers."""
    text = README.read_text()
    before, rest = text.split(BEGIN)
    return before + BEGIN + providers_table() + END + rest.split(END)[1]


def providers_table() -> str:
    """Return one line a provider, clouds first."""
    from providers import coverage, registry  # noqa: PLC0415 - Django must be set up

    package = [coverage.describe(one, set()) for one in registry.providers().values()]
    lines = ["| provider | data come | series | workouts | sleep | scores | history |", "|---|---|---|---|---|---|---|"]
    for one in sorted(package, key=lambda one: (one["kind"], str(one["name"]).lower())):
        found = one["coverage"]
        cells = [
            f"[{one['name']}](providers/adapters/{one['slug']}/README.md)",
            _ways(one["kind"], one["supports"]),
            str(len(found["series"]) or "–"),
            str(len(found["workout_types"]) or "–"),
            "yes" if found["sleep"] else "–",
            ", ".join(found["scores"]) or "–",
            _history(one["kind"], one["history_days"]),
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _ways(kind: str, supports: list[str]) -> str:
    if kind != "cloud":
        return "from the phone"
    return " and ".join({"pull": "by pull", "push": "by webhook"}[way] for way in supports if way != "deletes")


def _history(kind: str, days: int | None) -> str:
    if kind != "cloud":
        return "what the phone sends"
    return "all of it" if days is None else f"{days} days"


def notices() -> str:
    kept = dict(_lines(NOTICES.read_text())) if NOTICES.exists() else {}
    lines = []
    for name, version in sorted(set(PIN.findall((ROOT / "requirements.txt").read_text()))):
        try:
            package = metadata.metadata(name)
        except metadata.PackageNotFoundError:
            lines.append(kept.get(name, f"| {name} | {version} | see its page | https://pypi.org/project/{name}/ |"))
            continue
        lines.append(f"| {name} | {version} | {licence(package)} | {page(name, package)} |")
    return HEAD.read_text() + "\n".join(lines) + "\n"


def _lines(text: str) -> Iterator[tuple[str, str]]:
    for line in text.splitlines():
        if line.startswith("| ") and not line.startswith("| package"):
            yield line.split(" | ")[0].removeprefix("| "), line


def licence(package: metadata.PackageMetadata) -> str:
    """Return the expression, else the classifiers, else a short text."""
    if expression := package.get("License-Expression"):
        return expression
    classified = [
        one.rpartition(" :: ")[2]
        for one in package.get_all("Classifier") or []
        if one.startswith("License :: OSI Approved ::")
    ]
    if classified:
        return ", ".join(classified)
    text = (package.get("License") or "").strip()
    return text if text and "\n" not in text and len(text) < SHORT else "see its page"


def page(name: str, package: metadata.PackageMetadata) -> str:
    named = dict(one.partition(", ")[::2] for one in package.get_all("Project-URL") or [])
    for wanted in ("Homepage", "homepage", "Home", "Source", "Source Code", "Repository", "repository"):
        if wanted in named:
            return named[wanted]
    return package.get("Home-page") or f"https://pypi.org/project/{name}/"


if __name__ == "__main__":
    sys.exit(main())
