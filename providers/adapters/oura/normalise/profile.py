"""personal_info: weight in kilograms and height in metres, both of now."""

from collections.abc import Iterator
from typing import Any, Final

from healthdata.records import Record, Rejected
from providers.adapters.oura.normalise.source import RING
from providers.contract import Context
from providers.contract.json_items import items, undated_figures

FIGURES: Final = {"weight": ("weight", 1.0), "height": ("height", 100.0)}
SERIES: Final = tuple(series for series, _ in FIGURES.values())


def read(rows: list[Any], collection: str, context: Context) -> Iterator[Record | Rejected]:
    """Yield the figures that are given; any but the id may be null: not granted, or not filled in."""
    for item in items(rows, collection, context):
        if isinstance(item, Rejected):
            yield item
            continue
        yield from undated_figures(item, RING, FIGURES)
        yield from item.refused
