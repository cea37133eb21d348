"""The shape of the code: sizes, names, one client a module, and nothing left for later."""

import ast
import io
import re
import tokenize
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
APPS = ("wearlink", "accounts", "billing", "healthdata", "providers", "nutrition", "adminportal")
FORBIDDEN_NAMES = frozenset({"utils", "util", "helpers", "common", "services", "managers", "misc"})
CLIENTS = {
    "requests": {"wearlink/lib/net/http.py"},
    "urllib3": set(),
    "boto3": set(),
    "botocore": {"wearlink/lib/storage/s3.py"},
    "storages": {"wearlink/lib/storage/s3.py"},
    "jwt": {"wearlink/lib/security/tokens.py"},
    "svix": {"accounts/webhooks/backends/svix_api.py"},
    "anthropic": {"nutrition/photos/vision.py"},
    "razorpay": {"billing/razorpay/gateway.py"},
}
# Choices of a model's column, nested in it as Django does, which are named with their model: `Payload.State`.
NESTED_CHOICES = frozenset({"Action", "Grain", "Kind", "Reason", "State", "Status", "Trigger"})
MAX_FUNCTION_LINES = 50
MAX_FILE_LINES = 400
MAX_ADAPTER_FILE_LINES = 200
MAX_TEMPLATE_LINES = 120
MAX_MODULES_IN_FOLDER = 20
# Tests mirror apps, a module for a promise: they are found by what they prove, not by looking through shelves.
MAX_MODULES_IN_FOLDER_OF_TESTS = 50
# One word per thing (docs/architecture.md): these once stood for something that has another name.
SYNONYMS = frozenset({
    "belongings", "board", "courier", "crowd", "departure", "drafts", "handout", "journey", "ledger", "manners",
    "nudge", "sheet", "takers", "verdict", "visitor",
})  # fmt: skip
VAGUE_NAMES = frozenset({"told", "said"})  # of variables: a name says what it holds
POETIC_BOUNDS = re.compile(
    r"_*(LONGEST|SHORTEST|MOST|LEAST|LARGEST|FARTHEST|FULLEST|PATIENCE)(_[A-Z_]+)?|([A-Z]+_)?AT_ONCE"
)
OUTSIDE_2XX = frozenset({200, 300})  # 200 <= status < 300 is how everybody writes "a success"
# What a test proves by: pytest.raises, pytest.warns, and the expectations of Playwright.
ASSERTING = frozenset({"raises", "warns", "expect"})
UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b|raise NotImplemented")


def sources() -> list[Path]:
    """Return every module of the product."""
    return [path for app in APPS for path in sorted((ROOT / app).rglob("*.py")) if "migrations" not in path.parts]


def modules_of_tests() -> list[Path]:
    """Return every module of the tests but the contract's, which is given."""
    return [path for path in sorted((ROOT / "tests").rglob("*.py")) if "contract" not in path.parts]


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree(path)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node


def imports(node: ast.AST) -> Iterator[str]:
    """Yield the top-level packages imported anywhere below ``node``."""
    for inner in ast.walk(node):
        if isinstance(inner, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in inner.names)
        elif isinstance(inner, ast.ImportFrom) and inner.module:
            yield inner.module.partition(".")[0]


def test_functions_stay_short() -> None:
    long = {
        f"{name(path)}:{function.name}": (function.end_lineno or 0) - function.lineno + 1
        for path in sources()
        for function in functions(path)
        if (function.end_lineno or 0) - function.lineno >= MAX_FUNCTION_LINES
    }
    assert long == {}


def test_files_stay_short() -> None:
    long = {}
    for path in sources():
        limit = MAX_ADAPTER_FILE_LINES if "adapters" in path.parts else MAX_FILE_LINES
        lines = path.read_text().count("\n")
        if lines > limit:
            long[name(path)] = lines
    assert long == {}


def test_templates_stay_short() -> None:
    found = [path for path in (ROOT / "templates").rglob("*.html") if path.read_text().count("\n") > MAX_TEMPLATE_LINES]
    assert found == []


@pytest.mark.parametrize(
    ("of", "most"), [(sources, MAX_MODULES_IN_FOLDER), (modules_of_tests, MAX_MODULES_IN_FOLDER_OF_TESTS)]
)
def test_folders_stay_small(of: Callable[[], list[Path]], most: int) -> None:
    modules = Counter(path.parent for path in of() if path.stem != "__init__")
    assert {name(folder): count for folder, count in modules.items() if count > most} == {}


def test_modules_are_named_for_what_they_hold() -> None:
    found = [name(path) for path in sources() if {path.stem, path.parent.name} & FORBIDDEN_NAMES]
    assert found == []


def test_a_class_has_its_name_alone() -> None:
    """Let only commands, which are named by their file, share a name."""
    places: dict[str, list[str]] = defaultdict(list)
    for path in [*sources(), *modules_of_tests()]:
        for node in tree(path).body:
            if isinstance(node, ast.ClassDef) and node.name != "Command":
                places[node.name].append(name(path))
    assert {one: where for one, where in places.items() if len(where) > 1} == {}
    assert NESTED_CHOICES.isdisjoint(places)


def test_only_choices_are_nested_in_a_class() -> None:
    found = {
        (name(path), outer.name, inner.name)
        for path in sources()
        for outer in ast.walk(tree(path))
        if isinstance(outer, ast.ClassDef)
        for inner in outer.body
        if isinstance(inner, ast.ClassDef) and inner.name != "Meta"
        if inner.name not in NESTED_CHOICES or not ast.unparse(inner.bases[0]).endswith("Choices")
    }
    assert found == set()


def names_of(path: Path) -> Iterator[str]:
    """Yield what a module calls its modules, classes, functions, parameters and variables."""
    yield path.stem
    for node in ast.walk(tree(path)):
        if isinstance(node, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node.name
        elif isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id


def test_a_thing_has_one_name() -> None:
    found = {
        (name(path), given)
        for path in sources()
        for given in names_of(path)
        if SYNONYMS & set(re.sub(r"(?<=[a-z])(?=[A-Z])", "_", given).lower().split("_"))
    }
    assert found == set()


def test_variables_are_named_for_what_they_hold() -> None:
    everything = [*sources(), *modules_of_tests()]
    found = {(name(path), given) for path in everything for given in VAGUE_NAMES.intersection(names_of(path))}
    assert found == set()


def test_bounds_are_called_max_min_and_timeout() -> None:
    found = {(name(path), given) for path in sources() for given in names_of(path) if POETIC_BOUNDS.fullmatch(given)}
    assert found == {("adminportal/platform/pages/platform.py", "LARGEST_TABLES")}


def is_status(node: ast.expr) -> bool:
    called = node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
    return called in {"status", "status_code"}


def bare_statuses(path: Path) -> Iterator[int]:
    """Yield numbers given as, or compared with, an HTTP status."""
    for node in ast.walk(tree(path)):
        given: list[ast.expr] = []
        if (isinstance(node, ast.keyword) and node.arg in {"status", "status_code"}) or (
            isinstance(node, ast.Assign) and any(is_status(target) for target in node.targets)
        ):
            given = [node.value]
        elif isinstance(node, ast.Compare) and any(is_status(side) for side in (node.left, *node.comparators)):
            given = [node.left, *node.comparators]
        for expression in given:
            if isinstance(expression, ast.IfExp):
                given += [expression.body, expression.orelse]
            elif isinstance(expression, ast.Constant) and type(expression.value) is int:
                yield expression.value


def test_statuses_are_named() -> None:
    found = {(name(path), number) for path in sources() for number in bare_statuses(path) if 100 <= number < 600}
    assert {(path, number) for path, number in found if number not in OUTSIDE_2XX} == set()


def test_each_client_is_imported_in_one_module_only() -> None:
    strays = [
        (client, name(path))
        for path in sources()
        for client in set(imports(tree(path))) & CLIENTS.keys()
        if name(path) not in CLIENTS[client]
    ]
    assert strays == []


def test_nothing_is_imported_inside_a_function() -> None:
    found = [
        f"{name(path)}:{function.name}"
        for path in [*sources(), *modules_of_tests()]
        for function in functions(path)
        if any(isinstance(node, (ast.Import, ast.ImportFrom)) for node in ast.walk(function))
    ]
    assert found == []


def test_nothing_is_left_for_later() -> None:
    found = [name(path) for path in sources() if UNFINISHED.search(path.read_text())]
    assert found == []


def asserts(test: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Return whether the body of a test has an assertion: a helper counts only if its name says that it asserts."""
    for node in ast.walk(test):
        if isinstance(node, ast.Assert):
            return True
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func).rpartition(".")[2]
            if called in ASSERTING or called.startswith("assert_"):
                return True
    return False


def test_every_test_asserts_something() -> None:
    tests = [(path, test) for path in modules_of_tests() for test in functions(path) if test.name.startswith("test_")]
    assert len(tests) > 2_000
    assert [f"{name(path)}:{test.name}" for path, test in tests if not asserts(test)] == []


@pytest.mark.parametrize("marker", ["skip", "xfail"])
def test_no_test_is_switched_off(marker: str) -> None:
    switched_off = re.compile(rf"pytest\.(mark\.)?{marker}\b")
    assert [name(path) for path in modules_of_tests() if switched_off.search(path.read_text())] == []


def exists(dotted: str) -> bool:
    """Return whether a module, or a name in one, is called so."""
    folder, *parts = dotted.split(".")
    place = ROOT / folder
    while parts:
        module = place / f"{parts[0]}.py"
        if module.exists():
            return all(re.search(rf"\b{part}\b", module.read_text()) for part in parts[1:])
        if not (place / parts[0]).is_dir():
            return re.search(rf"\b{parts[0]}\b", (place / "__init__.py").read_text()) is not None
        place /= parts.pop(0)
    return True


def test_what_docstrings_and_comments_name_exists() -> None:
    """By its whole name; what was moved or renamed is told anew wherever it is spoken of."""
    spoken_of = re.compile(rf"(?<![\w./@`\"-])((?:{'|'.join(APPS)})(?:\.[a-z_]\w*)+)")
    found = {
        (name(path), dotted)
        for path in sources()
        for token in tokenize.generate_tokens(io.StringIO(path.read_text()).readline)
        if token.type == tokenize.COMMENT or token.string.startswith('"""')
        for dotted in spoken_of.findall(token.string)
        if not exists(dotted)
    }
    assert found == set()


def test_what_the_map_names_exists() -> None:
    """docs/architecture.md leads newcomers; a file that was moved must move there, too."""
    text = (ROOT / "docs" / "architecture.md").read_text() + (ROOT / "CONTRIBUTING.md").read_text()
    named = {path for path in re.findall(r"`([a-z_/]+/[a-z_./]*)`", text) if path.partition("/")[0] in APPS}
    assert len(named) > 40
    assert sorted(path for path in named if not (ROOT / path).exists()) == []
