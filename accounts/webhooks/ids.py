"""Public ids: a prefix that names the kind, ten characters of time, sixteen of chance.

They sort by the time they were made, and have nothing but letters and digits after the prefix, since dots separate
the parts of the text that is signed.
"""

import secrets

from wearlink.lib import clock

ENDPOINT, LISTENER, MESSAGE, ATTEMPT = "ep", "lst", "msg", "atmpt"
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's: none is taken for another
_PAIRS = [first + second for first in ALPHABET for second in ALPHABET]  # ten bits at a time
_CHANCE_BITS = 80
_SHIFTS = range(120, -1, -10)


def new(prefix: str) -> str:
    """Return the prefix and a ULID, such as ``msg_01KAV3…``."""
    number = clock.now_ms() << _CHANCE_BITS | secrets.randbits(_CHANCE_BITS)
    return f"{prefix}_{''.join([_PAIRS[number >> shift & 1023] for shift in _SHIFTS])}"
