"""The sources of each of our algorithms."""

from collections.abc import Mapping
from typing import Final

from healthdata.scores import readiness, recovery, sleep, strain

#: algorithm → DOIs, or author, year and book
CITATIONS: Final[Mapping[str, tuple[str, ...]]] = {
    module.ALGORITHM: module.CITATIONS for module in (sleep, recovery, strain, readiness)
}
