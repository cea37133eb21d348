"""The interface of adapters: what they offer, and what they are given.

A provider is a folder: providers/adapters/<slug>/provider.py defines one class, and nothing else names it. Adapters
are pure: they see no database, no settings and no clock. A vendor cloud in full:

    class AcmeRing(CloudProvider):
        slug = "acme"
        name = "Acme Ring"
        capabilities = Capabilities(pull=True, push=True, deletes=True, history_days=180)
        api_url = "https://api.acme.example"           # setting PROVIDER_ACME_API_URL replaces it
        oauth = OAuth2(
            authorize_url="https://acme.example/oauth/authorize",   # PROVIDER_ACME_AUTHORIZE_URL
            token_url="https://acme.example/oauth/token",           # PROVIDER_ACME_TOKEN_URL
            revoke_url="https://acme.example/oauth/revoke",         # PROVIDER_ACME_REVOKE_URL
            scopes=("daily", "heartrate"),
            pkce=True,
        )
        signature = HmacSignature(header="X-Acme-Signature", timestamp_header="X-Acme-Timestamp")
        coverage = Coverage(series=tuple(SERIES.values()), sleep=True, scores=("sleep",))  # from the mapping tables
        sync_hours, look_back_days, window_days = 6, 2, 30

        def account_id(self, client: VendorClient) -> str:
            return str(client.get("/v1/me")["id"])

        def fetch(self, client: VendorClient, window: Window) -> Iterator[RawDocument | PartialFailure]:
            yield from collect("days", client.pages("days", "/v1/days", window.as_params(), next_key="next"))

        def notifications(self, inbound: InboundRequest) -> Iterator[Notification]:
            event = read_json(inbound.body, HookEvent)      # a broken body raises AnomalousPayload
            if event.kind not in KINDS:
                raise UnsupportedEvent(event.kind)          # answered 200 and counted
            deleted = event.action == "delete"
            yield Notification(account=event.user, kind=event.kind, object_id=event.id, deleted=deleted)

        def resolve(self, client: VendorClient, notification: Notification) -> Iterator[RawDocument | PartialFailure]:
            yield RawDocument("days", client.raw(f"/v1/days/{notification.object_id}").body)

        def normalise(self, body: bytes, context: Context) -> Iterator[Record | Rejected | Retraction]:
            ...                                             # by context.kind, which is the RawDocument's kind

The errors a client call ends with (an adapter catches only what it can make something of):

    VendorError
    ├── VendorUnavailable     no answer, 5xx, open circuit: the frame tries again later
    ├── RateLimited           over the vendor's limit: the frame goes on after `until`
    ├── GrantLost             the token is not valid any more: the connection becomes expired
    │   └── VendorRetired     the vendor ended the API; its successor is named instead
    ├── AppRefused            the app's credentials are not accepted: a matter of the settings
    ├── NotGranted            this call needs a scope the end user did not give; other calls work
    ├── VendorNotFound        404: gone, or not there yet
    ├── NotReady              there, but not complete yet (raised by adapters): asked for again later
    └── BadAnswer             any other status, or an answer that is too large or not what it says it is
"""

from providers.contract.answers import VendorAnswer, collect, read_json
from providers.contract.base import Coverage, Provider, ProviderKind, Retraction
from providers.contract.clients import AppClient, Credentials, FormerAccount, Grant, Urls, VendorClient
from providers.contract.cloud import Capabilities, CloudProvider, OAuth2
from providers.contract.context import Context
from providers.contract.errors import (
    AnomalousPayload,
    AppRefused,
    BadAnswer,
    BadWebhookSignature,
    GrantLost,
    NotGranted,
    NotReady,
    RateLimited,
    UnknownSigningKey,
    UnsupportedEvent,
    VendorError,
    VendorNotFound,
    VendorRetired,
    VendorUnavailable,
)
from providers.contract.file_import import FileFault, FileImport, OpenedFile, RecordSlice, RefusedFile
from providers.contract.history import HistoryAnswer, HistoryKind, HistoryType
from providers.contract.limits import Allowance, Quota, counted_pairs
from providers.contract.pull import Deleted, GrantedScopes, PartialFailure, RawDocument, Window, windows
from providers.contract.push import Body, InboundRequest, Notification, TopicSubscription, WebhookReply
from providers.contract.signatures import HmacSignature, PathSecret, SecretHeader, Signature, Unsigned

__all__ = [
    "Allowance",
    "AnomalousPayload",
    "AppClient",
    "AppRefused",
    "BadAnswer",
    "BadWebhookSignature",
    "Body",
    "Capabilities",
    "CloudProvider",
    "Context",
    "Coverage",
    "Credentials",
    "Deleted",
    "FileFault",
    "FileImport",
    "FormerAccount",
    "Grant",
    "GrantLost",
    "GrantedScopes",
    "HistoryAnswer",
    "HistoryKind",
    "HistoryType",
    "HmacSignature",
    "InboundRequest",
    "NotGranted",
    "NotReady",
    "Notification",
    "OAuth2",
    "OpenedFile",
    "PartialFailure",
    "PathSecret",
    "Provider",
    "ProviderKind",
    "Quota",
    "RateLimited",
    "RawDocument",
    "RecordSlice",
    "RefusedFile",
    "Retraction",
    "SecretHeader",
    "Signature",
    "TopicSubscription",
    "UnknownSigningKey",
    "Unsigned",
    "UnsupportedEvent",
    "Urls",
    "VendorAnswer",
    "VendorClient",
    "VendorError",
    "VendorNotFound",
    "VendorRetired",
    "VendorUnavailable",
    "WebhookReply",
    "Window",
    "collect",
    "counted_pairs",
    "read_json",
    "windows",
]
