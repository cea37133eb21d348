"""The providers whose data there may be. The adapters' app tells them, since this one knows none."""

from collections.abc import Iterable

from healthdata.scores.result import PROVIDER as OWN_SCORES

_names: set[str] = {OWN_SCORES}


def register(slugs: Iterable[str]) -> None:
    """Tell of providers; called once at start."""
    _names.update(slugs)


def known() -> list[str]:
    """Return every slug that data may carry, in alphabetical order."""
    return sorted(_names)
