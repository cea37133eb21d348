"""The end of a sign-in, in words for the end user: a heading, a sentence, and whether it is alarming."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Ending:
    """`is_fault`: something went wrong, which is shown in red with its code; else somebody chose it so."""

    heading: str
    sentence: str
    is_fault: bool = True


NOT_CONNECTED: Final = "Not connected"
UNKNOWN: Final = Ending(NOT_CONNECTED, "The provider answered something we did not understand. Please try again.")
ENDINGS: Final = {
    "access_denied": Ending(NOT_CONNECTED, "You did not allow the connection. Nothing was changed.", is_fault=False),
    "vendor_refused": Ending(NOT_CONNECTED, "The provider refused the connection."),
    "vendor_retired": Ending(
        NOT_CONNECTED,
        "The provider has ended this way of connecting. Please connect the one that took its place.",
    ),
    "vendor_unavailable": Ending(
        NOT_CONNECTED, "The provider does not answer at the moment. Please try again a little later."
    ),
    "vendor_error": UNKNOWN,
    "bad_state": Ending(
        NOT_CONNECTED, "This sign-in was not begun here, is too old, or was used before. Please start again."
    ),
    "other_browser": Ending(
        NOT_CONNECTED, "This sign-in was begun in another browser. Please start again in this one."
    ),
    "not_configured": Ending(NOT_CONNECTED, "This provider is not set up any more."),
    "user_gone": Ending("This link leads nowhere", "The user whom it was made for does not exist any more."),
    "unknown_provider": Ending("There is no such device", "No device or service of this name can be connected here."),
    "not_connected": Ending(
        "Nothing to disconnect", "This device is not connected, so no data comes from it.", is_fault=False
    ),
    "expired_link": Ending(
        "This link has expired", "Links are good for a quarter of an hour. The app gives you a new one.", is_fault=False
    ),
    "bad_link": Ending(
        "This link is not complete",
        "Part of the address is missing or was changed. Please open the link in the app again.",
        is_fault=False,
    ),
}


def ending_of(code: str) -> Ending:
    """Return the ending of a code."""
    return ENDINGS.get(code, UNKNOWN)
