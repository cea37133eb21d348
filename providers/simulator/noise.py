"""Numbers that look like chance and are always the same: derived from names, not drawn."""

import hashlib


def share(*names: object) -> float:
    """Return a number between 0 and 1."""
    digest = hashlib.blake2b("\x1f".join(map(str, names)).encode(), digest_size=6).digest()
    return int.from_bytes(digest) / 2**48


def between(low: float, high: float, *names: object) -> float:
    return low + (high - low) * share(*names)


def number(low: int, high: int, *names: object) -> int:
    """Return a whole number, both ends included."""
    return low + int(share(*names) * (high - low + 1))


def name_of(*names: object) -> str:
    """Return an id in the usual shape of a UUID."""
    text = hashlib.blake2b("\x1f".join(map(str, names)).encode(), digest_size=16).hexdigest()
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))
