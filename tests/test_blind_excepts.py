"""An except of every exception states why, and loses none: it is raised again, logged with its traceback, or kept."""

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.test_architecture import ROOT, sources, tree

BLIND = frozenset({"Exception", "BaseException"})


def blind_handlers(path: Path) -> Iterator[ast.ExceptHandler]:
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.ExceptHandler) and (node.type is None or ast.unparse(node.type) in BLIND):
            yield node


def is_raised_at_the_end(handler: ast.ExceptHandler) -> bool:
    return isinstance(handler.body[-1], ast.Raise)


def keeps_the_error(handler: ast.ExceptHandler) -> bool:
    """Return whether the error is logged with its traceback, or handed on by name."""
    for node in ast.walk(handler):
        if isinstance(node, ast.Attribute) and node.attr in ("exception", "print_exc"):
            return True
        if isinstance(node, ast.keyword) and node.arg == "exc_info":
            return True
        if isinstance(node, ast.Call) and any(
            isinstance(one, ast.Name) and one.id == handler.name for one in node.args
        ):
            return True
    return False


def test_a_blind_except_says_why_and_loses_nothing() -> None:
    wrong = []
    for path in sources():
        lines = path.read_text().splitlines()
        for handler in blind_handlers(path):
            says_why = "#" in lines[handler.lineno - 1]
            if not is_raised_at_the_end(handler) and not (says_why and keeps_the_error(handler)):
                wrong.append(f"{path.relative_to(ROOT)}:{handler.lineno}")
    assert wrong == []


def test_one_that_swallows_is_found() -> None:
    (handler,) = [
        one
        for one in ast.walk(ast.parse("try:\n    f()\nexcept Exception:\n    pass"))
        if isinstance(one, ast.ExceptHandler)
    ]
    assert not is_raised_at_the_end(handler)
    assert not keeps_the_error(handler)
