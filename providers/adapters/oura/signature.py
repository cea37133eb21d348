"""How Oura proves a push: HMAC-SHA256 over timestamp and body with the client secret, in upper-case hex."""

from typing import Final

import msgspec

from providers.contract import BadSignature, Credentials, HmacSignature, InboundRequest

# Ten retries may come within about an hour, and it is not documented that each gets a timestamp of its own.
WINDOW: Final = 5400
RAW: Final = HmacSignature(
    header="X-Oura-Signature", timestamp_header="X-Oura-Timestamp", message="{timestamp}{body}", window=WINDOW
)


class OuraSignature(msgspec.Struct, frozen=True):
    """The bytes as they came; failing that, the body without blanks, which is what the vendor's own sample signs."""

    def check(self, inbound: InboundRequest, credentials: Credentials) -> bool:
        """Raises BadSignature."""
        try:
            return RAW.check(inbound, credentials)
        except BadSignature:
            return RAW.check(msgspec.structs.replace(inbound, body=_compact(inbound.body)), credentials)


def _compact(body: bytes) -> bytes:
    try:
        return msgspec.json.encode(msgspec.json.decode(body))
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BadSignature("The signature does not fit the body.") from error
