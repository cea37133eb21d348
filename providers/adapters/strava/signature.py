"""The check of Strava's pushes: X-Strava-Signature: t=<epoch seconds>,v1=<hex>, over "{t}.{body}".

Whether Strava signs at all is not settled. So it is given an address with a secret at its end, which proves a call as
well if it carries no signature; elsewhere a call without the header is taken as one that nobody vouches for, and so
is one whose signature does not fit, unless `strict`: such calls only make us look at Strava with the end user's token.
"""

import hmac
import logging

import msgspec

from providers.contract import BadWebhookSignature, Credentials, InboundRequest
from providers.contract.signatures import check_age, same_mac

logger = logging.getLogger(__name__)


class StravaSignature(msgspec.Struct, frozen=True):
    """strict: refuse what does not fit, for the day on which it is certain what Strava signs."""

    header: str = "x-strava-signature"
    window: int = 300
    strict: bool = False

    def check(self, inbound: InboundRequest, credentials: Credentials) -> bool:
        """True: proven. False: nobody vouches for it. Raises BadWebhookSignature only where strict."""
        given = inbound.headers.get(self.header, "")
        if not given:
            expected = credentials.verification_token
            return bool(expected) and hmac.compare_digest(inbound.path_secret.encode(), expected.encode())
        parts = dict(part.strip().partition("=")[::2] for part in given.split(","))
        try:
            check_age(parts.get("t", ""), inbound.received, self.window)
            signed = parts.get("t", "").encode() + b"." + inbound.body
            if credentials.client_secret and same_mac(
                parts.get("v1", ""), credentials.client_secret, signed, "sha256", "hex"
            ):
                return True
            raise BadWebhookSignature("The signature does not fit the body.")
        except BadWebhookSignature:
            if self.strict:
                raise
            logger.info("A push of Strava's carries a signature that does not fit; it is looked into, not believed.")
            return False
