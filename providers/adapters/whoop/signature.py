"""The check of WHOOP's pushes: base64 of HMAC-SHA256 over timestamp and body, joined, with the client secret."""

from typing import Final

from providers.contract import HmacSignature

# Five retries come within about an hour, and it is not documented that each gets a timestamp of its own.
WINDOW: Final = 5400
SIGNATURE: Final = HmacSignature(
    header="X-WHOOP-Signature",
    encoding="base64",
    timestamp_header="X-WHOOP-Signature-Timestamp",
    message="{timestamp}{body}",
    window=WINDOW,
)
