"""SQL that is written out stands in a table of docs/architecture.md, with what pays for it; all else is the ORM's."""

import ast
import re
from collections.abc import Iterator

from tests.test_architecture import ROOT, sources, tree

STATEMENT = re.compile(
    r"\s*(WITH|SELECT|INSERT INTO|UPDATE|DELETE FROM|COPY|LOCK TABLE|CREATE|ALTER|DROP TABLE|GRANT|REVOKE|SET ROLE|"
    r"SET app|TRUNCATE|ANALYZE)\s"
)
ON_A_CURSOR = frozenset({"execute", "executemany", "copy", "raw", "extra"})
NO_DATABASE = frozenset({"client", "pipeline", "self"})  # other things that have such methods
ROW = re.compile(r"^\| `([\w/]+\.py)` \| ([^|]+) \| ([^|]+) \|$", re.M)
BENCH = re.compile(r"`make bench`: (.+)")


def is_written_out(module: ast.Module) -> bool:
    """Return whether a module has a statement of its own, or gives one to a cursor or a query set."""
    return any(_is_statement(node) or _is_given(node) for node in ast.walk(module))


def _is_statement(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and bool(STATEMENT.match(node.value))


def _is_given(node: ast.AST) -> bool:
    if not isinstance(node, ast.Call):
        return False
    if isinstance(node.func, ast.Name):
        return node.func.id == "RawSQL"
    if not isinstance(node.func, ast.Attribute) or node.func.attr not in ON_A_CURSOR:
        return False
    whose = node.func.value
    last = whose.attr if isinstance(whose, ast.Attribute) else whose.id if isinstance(whose, ast.Name) else ""
    return last not in NO_DATABASE


def rows() -> list[tuple[str, str, str]]:
    """Module, what its statements do, what pays for them."""
    text = (ROOT / "docs" / "architecture.md").read_text()
    section = text.partition("\n## Where SQL is written out\n")[2].partition("\n## ")[0]
    return [(module, does.strip(), reason.strip()) for module, does, reason in ROW.findall(section)]


def test_what_is_written_in_sql_stands_in_the_table() -> None:
    written = [str(path.relative_to(ROOT)) for path in sources() if is_written_out(tree(path))]
    assert sorted(written) == [module for module, _, _ in rows()]


def names_of_figures() -> Iterator[str]:
    for path in (ROOT / "tests" / "bench").glob("*.py"):
        yield path.read_text()


def test_the_bench_lines_that_pay_for_sql_exist() -> None:
    figures = "\n".join(names_of_figures())
    named = [(module, line) for module, _, reason in rows() for line in _lines_of(reason)]
    assert named
    assert [(module, line) for module, line in named if line not in figures] == []


def _lines_of(reason: str) -> list[str]:
    found = BENCH.search(reason)
    return [] if found is None else [line.strip() for line in found.group(1).split(";")]


def test_statements_are_found() -> None:
    assert is_written_out(ast.parse('QUERY = f"SELECT {names} FROM t"'))
    assert is_written_out(ast.parse("cursor.execute(statement)"))
    assert is_written_out(ast.parse("Row.objects.raw(text)"))
    assert not is_written_out(ast.parse('"""Select what counts."""\nself.client.raw(url)'))
