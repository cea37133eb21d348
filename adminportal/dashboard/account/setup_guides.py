"""The steps to set up an app at a vendor: the numbered lines of setup.md in the adapter's folder."""

import re
from functools import cache
from importlib.resources import files

from providers.contract import CloudProvider
from providers.vendor_api import credentials

STEP = re.compile(r"\d+\. (.+)")


@cache
def steps_for(slug: str) -> tuple[str, ...]:
    """Return the steps; none where the adapter has no guide. Raises UnknownProvider."""
    provider: CloudProvider = credentials.get_cloud(slug)
    guide = files(type(provider).__module__.rpartition(".")[0]).joinpath("setup.md")
    lines = guide.read_text().splitlines() if guide.is_file() else []
    return tuple(match[1] for line in lines if (match := STEP.fullmatch(line)))
