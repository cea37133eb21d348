"""The check of Oura's pushes: HMAC-SHA256 over timestamp and body with the client secret, in upper-case hex."""

from functools import lru_cache
from typing import Final

import msgspec

from providers.contract import BadWebhookSignature, Credentials, HmacSignature, InboundRequest

# Ten retries may come within about an hour, and it is not documented that each gets a timestamp of its own.
WINDOW: Final = 5400
MAX_COMPACTED_BYTES: Final = 64 * 1024  # the vendor's notifications have some hundred bytes; anybody may send more
RAW: Final = HmacSignature(
    header="X-Oura-Signature", timestamp_header="X-Oura-Timestamp", message="{timestamp}{body}", window=WINDOW
)


class OuraSignature(msgspec.Struct, frozen=True):
    """Check the raw bytes; failing that, the body without blanks, which is what the vendor's own sample signs."""

    def check(self, inbound: InboundRequest, credentials: Credentials) -> bool:
        """Return True, or raise BadWebhookSignature."""
        try:
            return RAW.check(inbound, credentials)
        except BadWebhookSignature:
            compact = _compact(inbound.body) if len(inbound.body) <= MAX_COMPACTED_BYTES else None
            if compact is None:
                raise
            return RAW.check(msgspec.structs.replace(inbound, body=compact), credentials)


@lru_cache(maxsize=4)  # a push is judged once per app
def _compact(body: bytes) -> bytes | None:
    """Return the JSON text without blanks; None for what is no JSON."""
    try:
        return msgspec.json.encode(msgspec.json.decode(body))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
