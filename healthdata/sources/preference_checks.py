"""What is wrong with an order of sources that somebody wants to save."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from accounts.end_users import source_preferences
from healthdata.catalogue import SERIES
from healthdata.metrics import METRIC_NAMES
from healthdata.models import Source
from healthdata.sources.preferences import SOURCE, WILDCARD

#: What orders may be given for: figures of the day, single series, a night.
METRICS_OF_ORDERS: Final = METRIC_NAMES | set(SERIES) | {WILDCARD, "sleep", "workouts"}


def faults(user_key: int | None, order: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Unknown metrics, and sources that are not the end user's. One query where single sources are named."""
    known: set[str] | None = None
    for metric, said in order.items():
        if metric not in METRICS_OF_ORDERS:
            yield (
                metric,
                f"Unknown metric. Accepted: {', '.join(sorted(METRIC_NAMES))}, sleep, workouts, * or a series type.",
            )
            continue
        for name in single_sources(said["order"] if isinstance(said, Mapping) else said):
            if user_key is None:
                yield metric, "An organization's order names types and providers; sources belong to single end users."
                break
            if known is None:
                known = {str(uid) for uid in Source.objects.filter(user_key=user_key).values_list("uid", flat=True)}
            if name not in known:
                yield metric, f"{SOURCE}{name[:64]} is no source of this end user."


def single_sources(names: Sequence[str]) -> list[str]:
    """The ids of the sources that an order names, in the form in which ids are told."""
    return [canonical(bare.removeprefix(SOURCE)) for name in names if (bare := name.lstrip("-")).startswith(SOURCE)]


def canonical(text: str) -> str:
    try:
        return str(UUID(text))
    except ValueError:
        return text


source_preferences.register(faults)
