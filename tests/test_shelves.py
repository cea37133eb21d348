"""Shelves: the modules and packages of one folder do not import each other in circles, however deep it lies."""

from collections import defaultdict
from graphlib import CycleError, TopologicalSorter

import grimp
import pytest

APPS = ("wearlink", "accounts", "billing", "healthdata", "providers", "nutrition", "adminportal")
# The simulator looks through the folder of adapters for their simulated sides, which stand upon it.
KNOWN = {("providers.simulator.world", "providers.adapters")}
Importers = dict[str, set[str]]


@pytest.fixture(scope="module")
def imports() -> list[tuple[str, str]]:
    """Return pairs of importing and imported modules."""
    graph = grimp.build_graph(*APPS, cache_dir=None)
    found = []
    for module in graph.modules:
        found += [(module, imported) for imported in graph.find_modules_directly_imported_by(module)]
    return [pair for pair in found if pair not in KNOWN]


def by_folder(imports: list[tuple[str, str]]) -> dict[str, Importers]:
    """Folder → what lies in it → what of the same folder that imports."""
    folders: dict[str, Importers] = defaultdict(lambda: defaultdict(set))
    for module, imported in imports:
        ours, theirs = module.split("."), imported.split(".")
        depth = next((n for n, pair in enumerate(zip(ours, theirs, strict=False)) if pair[0] != pair[1]), 0)
        if depth:
            folders[".".join(ours[:depth])][ours[depth]].add(theirs[depth])
    return folders


def circle_in(shelves: Importers) -> list[str]:
    """Return one circle, if there is any."""
    try:
        TopologicalSorter(shelves).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def test_no_shelves_import_each_other_in_a_circle(imports: list[tuple[str, str]]) -> None:
    circles = {folder: circle for folder, shelves in by_folder(imports).items() if (circle := circle_in(shelves))}
    assert circles == {}


def test_a_circle_would_be_found() -> None:
    shelves = by_folder([("a.b.one", "a.c.two"), ("a.c.three", "a.b.four"), ("a.b.one", "a.b.four")])
    assert set(circle_in(shelves["a"])) == {"b", "c"}
    assert circle_in(shelves["a.b"]) == []
