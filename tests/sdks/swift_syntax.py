"""A check of Swift code against the language's grammar, without its compiler."""

from collections.abc import Iterator

import tree_sitter_swift
from tree_sitter import Language, Node, Parser


def faults(code: str) -> list[str]:
    """Line and text of what no rule of the grammar allows; types and names are not looked at."""
    parser = Parser(Language(tree_sitter_swift.language()))
    return [_described(node) for node in _broken(parser.parse(code.encode()).root_node)]


def _broken(node: Node) -> Iterator[Node]:
    if node.is_error or node.is_missing:
        yield node
    for child in node.children:
        if child.has_error or child.is_missing:
            yield from _broken(child)


def _described(node: Node) -> str:
    what = f"{node.type} is missing" if node.is_missing else (node.text or b"").decode()[:60]
    return f"line {node.start_point.row + 1}: {what}"
