"""The next step after a check of a diagnosis, for the portal: words, and a link to where it is done.

The API tells the same steps as calls (providers.connections.diagnosis); a check without an entry here names no call.
"""

from dataclasses import dataclass
from typing import Final

from django.conf import settings
from django.urls import reverse

from providers import registry
from providers.connections import diagnosis
from providers.connections.check import Check
from providers.contract import AppRefused, CloudProvider
from providers.runs import sync_runs

TONES: Final = {"ok": "ok", "warning": "warn", "problem": "bad", "unknown": "idle"}
CONNECT, SETTINGS, SYNC, RUNS = "connect", "settings", "sync", "runs"
RECONNECT: Final = "Have {name} connect again, by a new connect link."
SUCCEED: Final = (
    "Have {name} connect {successor} instead, by a new connect link; what the account was called before is recognised."
)
ENTER: Final = (
    "Compare id and secret with {provider}’s developer screens and enter them again. Nobody need connect again."
)
#: (name of the check, its code) → words and where it is done; code "": any that has a next step.
STEPS: Final = {
    ("credentials", "not_configured"): ("Enter the client id and secret again.", SETTINGS),
    ("credentials", AppRefused.code): (ENTER, SETTINGS),
    ("connection", ""): (RECONNECT, CONNECT),
    ("token", ""): (RECONNECT, CONNECT),
    ("scopes", ""): ("What needs these is left out. " + RECONNECT, CONNECT),
    ("subscription", "set_up_by_hand"): ("Compare the address there: {base}/v1/webhooks/{slug}", SETTINGS),
    ("last_sync", AppRefused.code): ("Correct the client id and secret first; then sync.", SETTINGS),
    ("last_sync", "never_synced"): ("Start one.", SYNC),
    ("last_sync", ""): ("It is tried again at the next appointment, or now. The runs below say why.", RUNS),
}
#: What goes on by itself: nothing is done here, and the API's words name no call.
AS_TOLD: Final = frozenset({"sync_waits", sync_runs.SYNC_FAILING})


@dataclass(frozen=True, slots=True)
class ShownCheck:
    """A check with its pill, what to do in words, and the link to where; both empty where there is nothing to do."""

    check: Check
    tone: str
    step: str
    link: str
    href: str


def shown(check: Check, name: str, provider: CloudProvider, *, is_own: bool) -> ShownCheck:
    """Return a check of a connection of the end user of that name; is_own: made with the organization's own
    credentials.
    """
    words, place = _step(check, provider, is_own=is_own)
    successor = registry.get(provider.successor).name if provider.successor else ""
    step = words.format(
        name=name, provider=provider.name, slug=provider.slug, successor=successor, base=settings.BASE_URL
    )
    link, href = _link(place, provider)
    return ShownCheck(check, TONES[check.status], step, link, href)


def _step(check: Check, provider: CloudProvider, *, is_own: bool) -> tuple[str, str]:
    """Return words with their gaps, and the place."""
    if not check.next_step:
        return "", ""
    step_of_check = check.next_step.replace("{", "{{").replace("}", "}}"), ""
    if check.code in diagnosis.ENDED_FOR_GOOD and provider.successor:
        return SUCCEED, CONNECT
    if check.code in AS_TOLD or (check.code == AppRefused.code and not is_own):
        return step_of_check
    return STEPS.get((check.name, check.code)) or STEPS.get((check.name, "")) or step_of_check


def _link(place: str, provider: CloudProvider) -> tuple[str, str]:
    if place == SETTINGS:
        return f"Settings of {provider.name}", reverse("dashboard:provider", args=[provider.slug])
    known = {
        CONNECT: ("Make a connect link", "#connect"),
        SYNC: ("To “Sync now”", f"#of-{provider.slug}"),
        RUNS: ("See the sync runs", "#runs"),
    }
    return known.get(place, ("", ""))
