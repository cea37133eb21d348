"""Public ids: a prefix that names the kind, ten characters of time, sixteen of chance.

They sort by the time they were made, and have nothing but letters and digits after the prefix, since dots separate
the parts of the text that is signed.
"""

import secrets

from wearlink.lib import clock

ENDPOINT, LISTENER, MESSAGE, ATTEMPT = "ep", "lst", "msg", "atmpt"
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's: none is taken for another
_TIME_BITS, _CHANCE_BITS = 50, 80


def new(prefix: str) -> str:
    """``msg_01KAV3…``"""
    number = clock.now_ms() << _CHANCE_BITS | secrets.randbits(_CHANCE_BITS)
    bits = range(_TIME_BITS + _CHANCE_BITS - 5, -1, -5)
    return f"{prefix}_{''.join(ALPHABET[number >> shift & 31] for shift in bits)}"
