"""The OpenAPI document as it lies in the repository, read once a process: that takes more than a second."""

from functools import cache
from pathlib import Path
from typing import Any

import yaml

FILE = Path(__file__).parents[1] / "openapi.yaml"


@cache
def document() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.load(FILE.read_text(), yaml.CSafeLoader)
    return loaded
