"""body_measurement: weight in kilograms and height in metres, both of now."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from healthdata.records import Record, Rejected
from providers.adapters.whoop.normalise.source import BAND
from providers.contract import Context
from providers.contract.json_items import items, undated_figures

FIGURES: Final = {"weight_kilogram": ("weight", 1.0), "height_meter": ("height", 100.0)}
SERIES: Final = tuple(series for series, _ in FIGURES.values())


def read(rows: list[Any], document: Mapping[str, Any], context: Context) -> Iterator[Record | Rejected]:
    """Yield one object without a date."""
    for item in items(rows, "body_measurement", context):
        if isinstance(item, Rejected):
            yield item
            continue
        yield from undated_figures(item, BAND, FIGURES)
        yield from item.refused
