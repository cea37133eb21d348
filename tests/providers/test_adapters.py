"""Rules for every adapter: its fixtures, its folder, and purity."""

import ast
import sys
import types
from collections.abc import Iterator
from pathlib import Path

import pytest

from healthdata.catalogue import SERIES, WORKOUT_TYPES
from healthdata.records import DailyRecord, Record, Rejected, Sample, Score, StageRecord, WorkoutRecord
from providers import registry
from providers.contract import AnomalousPayload, ProviderKind
from tests.providers import expected, sync_bodies

FIXTURES = sorted(path for path in sync_bodies.ADAPTERS.glob("*/fixtures/*.json") if ".expected" not in path.name)
SLUGS = sorted(registry.providers())
PHONES = sorted(registry.sdk_slugs())
PHONE_FIXTURES = [path for path in FIXTURES if path.parent.parent.name in PHONES]


def name_of(path: Path) -> str:
    return f"{path.parent.parent.name}-{path.stem}"


def read(path: Path) -> list[Record | Rejected]:
    """Return a fixture's records. Those of vendor clouds are called after their kind of document: sleep-quirks.json."""
    return sync_bodies.normalise(path.read_bytes(), path.parent.parent.name, kind=path.stem.partition("-")[0])


#: Outside adapters/: routes and a command that the documentation names by a vendor, and examples in the schema.
NAMING = {
    "api/schema/backfill_examples.py",
    "api/schema/cloud_examples.py",
    "api/schema/examples.py",
    "api/schema/import_shapes.py",
    "management/commands/import_apple.py",
    "urls.py",
}


@pytest.mark.parametrize("path", FIXTURES, ids=name_of)
def test_a_fixture_becomes_what_is_written_beside_it(path: Path) -> None:
    assert expected.describe(read(path)) == expected.load(path.with_suffix(".expected.json"))


@pytest.mark.parametrize("path", FIXTURES, ids=name_of)
def test_reading_twice_gives_the_same_records(path: Path) -> None:
    assert read(path) == read(path)


@pytest.mark.parametrize("path", PHONE_FIXTURES, ids=name_of)
def test_reading_item_by_item_gives_the_same_records_as_in_one_go(path: Path) -> None:
    slug, body = path.parent.parent.name, path.read_bytes()
    broken = body.replace(b'"records": [', b'"records": [7,', 1)
    moved = [
        row for row in expected.describe(sync_bodies.normalise(broken, slug)) if row.get("reason") != "not_an_object"
    ]
    for row in moved:
        if row["record"] == "Rejected" and row["collection"] == "records":
            row["index"] -= 1
    whole = expected.describe(sync_bodies.normalise(body, slug))
    assert sorted(map(repr, moved)) == sorted(map(repr, whole))


@pytest.mark.parametrize("slug", SLUGS)
def test_an_adapter_has_a_name_a_readme_and_fixtures_and_short_files(slug: str) -> None:
    folder = sync_bodies.ADAPTERS / slug
    provider = registry.get(slug)
    assert provider.slug == slug
    assert provider.name
    assert (folder / "README.md").read_text().startswith("# ")
    assert list((folder / "fixtures").glob("*.expected.json"))
    assert slug in PHONES or "<svg" in (folder / "logo.svg").read_text()
    assert all(len(path.read_text().splitlines()) <= 200 for path in folder.rglob("*.py"))


@pytest.mark.parametrize("slug", SLUGS)
def test_an_adapter_is_pure(slug: str) -> None:
    sources = [*(sync_bodies.ADAPTERS / slug).glob("*.py"), *(sync_bodies.ADAPTERS / slug / "normalise").glob("*.py")]
    sources += [path for shelf in ("contract", "sdk") for path in (sync_bodies.ADAPTERS.parent / shelf).glob("*.py")]
    forbidden = {"django", "celery", "requests", "time", "random", "os"}
    imported = {
        (alias.name if isinstance(node, ast.Import) else node.module or "").partition(".")[0]
        for path in sources
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    assert imported & forbidden == set()


def test_the_shared_code_names_no_provider() -> None:
    root = sync_bodies.ADAPTERS.parent
    names = {*registry.providers(), *registry.file_imports()}
    naming = {
        path.relative_to(root).as_posix()
        for path in root.rglob("*.py")
        if sync_bodies.ADAPTERS not in path.parents and names & set(words_of(path))
    }
    assert naming == NAMING


def words_of(path: Path) -> Iterator[str]:
    """Yield the strings of a module, and the parts of what it imports."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from node.module.split(".")
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from (part for alias in node.names for part in alias.name.split("."))


@pytest.mark.parametrize("path", FIXTURES, ids=name_of)
def test_values_are_in_series_of_the_catalogue(path: Path) -> None:
    assert {item.series for item in read(path) if isinstance(item, Sample | DailyRecord)} <= set(SERIES)


@pytest.mark.parametrize("slug", sorted(set(SLUGS) - set(PHONES)))
def test_a_vendor_cloud_delivers_what_it_declares_and_nothing_else(slug: str) -> None:
    coverage = registry.get(slug).coverage
    found = [item for path in FIXTURES if path.parent.parent.name == slug for item in read(path)]
    assert {item.series for item in found if isinstance(item, Sample | DailyRecord)} <= set(coverage.series)
    assert {item.type for item in found if isinstance(item, WorkoutRecord)} <= set(coverage.workout_types)
    assert {item.category for item in found if isinstance(item, Score)} == set(coverage.scores)
    assert any(isinstance(item, StageRecord) for item in found) is coverage.sleep
    assert set(coverage.series) <= set(SERIES)
    assert set(coverage.workout_types) <= set(WORKOUT_TYPES)


@pytest.mark.parametrize("slug", SLUGS)
@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"data": 5}', b'{"data": {"records": 5}}'])
def test_a_body_that_is_no_sync_is_an_anomaly(slug: str, body: bytes) -> None:
    with pytest.raises(AnomalousPayload):
        sync_bodies.normalise(body, slug)


def test_the_three_phones_are_discovered() -> None:
    assert {"apple", "google", "samsung"} <= set(registry.sdk_slugs())
    assert registry.get("apple").kind is ProviderKind.SDK
    with pytest.raises(LookupError):
        registry.get("pebble")


PROVIDER = """
from providers.contract import ProviderKind, Provider

class Acme(Provider):
    slug, name, kind = "{slug}", "Acme", ProviderKind.SDK

    def normalise(self, body, context):
        return iter(())
"""


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> types.ModuleType:
    """An empty package of adapters of somebody else."""
    module = types.ModuleType("acme_adapters")
    module.__path__ = [str(tmp_path)]
    monkeypatch.setitem(sys.modules, "acme_adapters", module)
    return module


def add(package: types.ModuleType, folder: str, source: str) -> None:
    place = Path(package.__path__[0]) / folder
    place.mkdir()
    (place / "__init__.py").touch()
    (place / "provider.py").write_text(source)


def test_a_new_folder_is_a_new_provider(package: types.ModuleType) -> None:
    add(package, "acme", PROVIDER.format(slug="acme"))
    assert list(registry.discover(package)) == ["acme"]


def test_a_folder_that_calls_itself_otherwise_or_has_no_provider_is_a_fault(package: types.ModuleType) -> None:
    add(package, "emca", PROVIDER.format(slug="acme"))
    with pytest.raises(registry.FaultyAdapter, match="its folder is emca"):
        registry.discover(package)
    (Path(package.__path__[0]) / "emca").rename(Path(package.__path__[0]) / "old")
    add(package, "none", "")
    with pytest.raises(registry.FaultyAdapter, match="exactly one"):
        registry.discover(package)
