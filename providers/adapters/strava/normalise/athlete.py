"""The athlete: weight (kg) and functional threshold power (W), both only as of now."""

from collections.abc import Iterator
from typing import Final

from healthdata.records import Record, Rejected
from providers.adapters.strava.normalise.activity import STRAVA
from providers.contract.json_items import JsonItem, undated_figures

FIGURES: Final = {"weight": ("weight", 1.0), "ftp": ("functional_threshold_power", 1.0)}
SERIES: Final = tuple(series for series, _ in FIGURES.values())


def read(item: JsonItem) -> Iterator[Record | Rejected]:
    """Yield weight and threshold power: null without profile:read_all; 0 means that nobody filled it in."""
    if item.fields.get("weight") != 0:
        yield from undated_figures(item, STRAVA, FIGURES)
    else:
        yield from undated_figures(item, STRAVA, {"ftp": FIGURES["ftp"]})
    yield from item.refused
