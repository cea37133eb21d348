"""The vendors' limits as they state them in their answers."""

import msgspec


class Allowance(msgspec.Struct, frozen=True):
    """A limit known beforehand: so many calls in so many seconds, or of whatever CloudProvider.cost says that a call
    uses up. `quotas` of the same name overrule it.
    """

    name: str
    calls: int
    seconds: int
    per_user: bool = False


class Quota(msgspec.Struct, frozen=True):
    """One limit of a vendor: how many calls a window holds, how many are left, when it opens again (epoch seconds).

    Names are the adapter's own ("day", "15min"). per_user: counted for each vendor account instead of for the app.
    """

    name: str
    limit: int
    remaining: int
    resets_at: float
    per_user: bool = False


def counted_pairs(limits: str, usage: str) -> list[tuple[int, int]]:
    """Return (limit, used) of headers that list several windows: "200,2000" and "3,17"; [] if they do
    not fit together.
    """
    try:
        found = [[int(number) for number in text.split(",")] for text in (limits, usage)]
    except ValueError:
        return []
    return list(zip(*found, strict=True)) if len(found[0]) == len(found[1]) else []
