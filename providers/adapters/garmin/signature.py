"""The check of Garmin's pushes. Garmin signs nothing.

The header repeats the app's client id, which all who opened the consent page have seen: it tells apps apart and keeps
strays out, but proves nothing. Proof is the address, which ends with our secret. There the header may be missing, as it
is in calls of the vendor's Data Generator; at the plain address it may not.
"""

import hmac
from typing import Final

import msgspec

from providers.contract import BadWebhookSignature, Credentials, InboundRequest, PathSecret, SecretHeader

HEADER: Final = "garmin-client-id"
CLIENT: Final = SecretHeader(HEADER, key="client_id")
ADDRESS: Final = PathSecret()


class GarminSignature(msgspec.Struct, frozen=True):
    """The app by its id, the sender by the address."""

    def check(self, inbound: InboundRequest, credentials: Credentials) -> bool:
        """Return False for a call to the plain address. Raises BadWebhookSignature."""
        if not inbound.path_secret:
            return CLIENT.check(inbound, credentials)
        given = inbound.headers.get(HEADER)
        if given is not None and not hmac.compare_digest(given.encode(), credentials.client_id.encode()):
            raise BadWebhookSignature("The header names another app.")
        return ADDRESS.check(inbound, credentials)
