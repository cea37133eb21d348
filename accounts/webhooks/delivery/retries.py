"""The delays between attempts. Pure; seconds throughout.

Eight attempts over about 27 and a half hours. A Retry-After may stretch a delay to its double and never shortens it.
"""

import random

DELAYS = (5.0, 300.0, 1800.0, 7200.0, 18_000.0, 36_000.0, 36_000.0)
ATTEMPTS = len(DELAYS) + 1
JITTER = 0.2
SLOW_DOWN = 60.0  # at least, after 429 and after no answer in time
MAX_SERVICE_DELAY = 900.0  # between two tries to hand a message to Svix, which never end


def delay(attempts: int, *, overloaded: bool, retry_after: float | None, chance: float | None = None) -> float | None:
    """Return seconds until the next attempt after `attempts` failed ones; None: that was the last.

    `chance` in [0, 1) decides the jitter.
    """
    if attempts >= ATTEMPTS:
        return None
    base = DELAYS[attempts - 1]
    rolled = random.random() if chance is None else chance
    wait = (
        base * (1 - JITTER + 2 * JITTER * rolled)
        if retry_after is None
        else float(min(max(retry_after, base), 2 * base))
    )
    return float(max(wait, SLOW_DOWN)) if overloaded else wait


def service_delay(attempts: int) -> float:
    """Return seconds until the next try to reach Svix: longer and longer, for as long as it takes."""
    return min(5.0 * 2 ** min(attempts - 1, 10), MAX_SERVICE_DELAY) * random.uniform(0.8, 1.2)
