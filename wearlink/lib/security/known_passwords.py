"""Refuses passwords that are known from leaks, and what people make of these; asks nobody.

common_passwords.bin (scripts/common_passwords.py writes it) holds the first four bytes of the SHA-256 of some 80,000
passwords, sorted. A password is refused where it is one of them whatever the letter case, where it is one with digits
or signs around it ("Password2026!!"), or where it repeats one ("monkeymonkey").
"""

import hashlib
import re
import sys
from array import array
from bisect import bisect_left
from functools import cache
from pathlib import Path
from typing import Final

from django.core.exceptions import ValidationError

LIST: Final = Path(__file__).with_name("common_passwords.bin")
EDGES: Final = re.compile(r"^[\W\d_]+|[\W\d_]+$")
FAULT: Final = "This password is known from leaks, or made of one that is."


class KnownPasswordValidator:
    def validate(self, password: str, user: object = None) -> None:
        """Raise ValidationError for a password in the list."""
        if is_known(password):
            raise ValidationError(FAULT, code="password_known")

    def get_help_text(self) -> str:
        return "Your password must not be one that is known from leaks."


def is_known(password: str) -> bool:
    """Return whether it is on the list, with or without digits or signs around it, or repeats such a one."""
    folded = password.lower()
    return any(_is_listed(one) for one in {folded, EDGES.sub("", folded), _repeated(folded)})


def _repeated(text: str) -> str:
    """Return what the text repeats; the text itself where it repeats nothing."""
    return text[: (text + text).find(text, 1)]


def _is_listed(text: str) -> bool:
    number = int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big")
    numbers = _numbers()
    place = bisect_left(numbers, number)
    return place < len(numbers) and numbers[place] == number


@cache
def _numbers() -> "array[int]":
    found = array("I", LIST.read_bytes())
    if sys.byteorder == "little":
        found.byteswap()
    return found
