"""Pushing: what a vendor calls us with, what it announces, and what it is answered."""

from collections.abc import Mapping
from datetime import date
from http import HTTPStatus
from mmap import mmap

import msgspec

Body = bytes | mmap  # large bodies lie on disk and are mapped


class InboundRequest(msgspec.Struct, frozen=True):
    """A call to /v1/webhooks/{slug}. Header names are in lower case; `received` is in ms.

    path_secret: what the address ended with (PathSecret).
    """

    method: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: Body
    received: int
    path_secret: str = ""


class WebhookReply(msgspec.Struct, frozen=True):
    """The answer to a handshake."""

    status: int = HTTPStatus.OK
    body: bytes = b""
    content_type: str = "application/json"

    @classmethod
    def json(cls, status: int = HTTPStatus.OK, **values: object) -> "WebhookReply":
        return cls(status, msgspec.json.encode(values))


class Notification(msgspec.Struct, frozen=True, omit_defaults=True):
    """One thing a webhook body announces about one vendor account.

    `body` set: the data itself, stored as a payload of this kind if the sender is proven; a body that anybody may have
    sent is never data, and its notification is resolved like one without. Otherwise `resolve` is asked for the
    documents later, by a worker; a notification with `deleted` whose sender is proven needs no asking: what was stored
    under `deleted_ids` is retracted. `deauthorised`: the end user took the grant back at the vendor's.

    `at` is the vendor's time of the event in ms; `event_id` its name, by which a repeat is known. Without both every
    repeat is looked into again. start and end bound the days a notification is about; `link` is where the vendor says
    the data lie, and `details` what the adapter wants to know when it fetches them. `subscription` is the vendor's id
    of the subscription that a push says it comes by. `items` estimates how many records the body makes, `days` are
    those it tells of. `trusted` is set by the frame: whether the sender is proven.
    """

    account: str
    kind: str
    object_id: str = ""
    deleted: bool = False
    deauthorised: bool = False
    at: int = 0
    event_id: str = ""
    start: date | None = None
    end: date | None = None
    link: str = ""
    body: bytes | None = None
    items: int = 1
    days: frozenset[date] = frozenset()
    subscription: str = ""
    details: Mapping[str, str] = {}
    trusted: bool = False


class TopicSubscription(msgspec.Struct, frozen=True):
    """A subscription as the vendor knows it; expires_at in ms, None where it does not end.

    signing_secret: a secret the vendor tells only when it is made; kept encrypted and given back as
    Credentials.signing_secret.
    """

    id: str
    topic: str
    callback_url: str = ""
    expires_at: int | None = None
    signing_secret: str = ""
