"""The spelling of foods' names for comparison."""

import re
import unicodedata
from functools import lru_cache

MAX_LENGTH = 160  # letters that are compared; column FoodAlias.norm

_OTHER = re.compile(r"[^a-z0-9]+")


@lru_cache(maxsize=4096)
def normalised(name: str) -> str:
    """Return the name in lower case without accents, of letters, digits and single spaces; empty where
    nothing is left.
    """
    plain = unicodedata.normalize("NFKD", name[: 2 * MAX_LENGTH]).replace("'", "").replace("’", "")
    letters = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return _OTHER.sub(" ", letters.casefold().replace("&", " and ")).strip()[:MAX_LENGTH].strip()
