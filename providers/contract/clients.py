"""The two clients an adapter is given.

providers.vendor_api.client builds them; tests of an adapter may give their own.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Literal, Protocol, TypedDict, Unpack

import msgspec

from providers.contract.answers import VendorAnswer
from providers.contract.pull import PartialFailure, RawDocument

Params = Mapping[str, str | int | float]
Auth = Literal["bearer", "basic", "none"]


class CallOptions(TypedDict, total=False):
    """The optional parts of a call, beside its method and path.

    auth: "bearer" (the default with an end user's grant), "basic" (client id and secret), "none" (the default without).
    """

    params: Params | None
    json: Any
    form: Mapping[str, str] | None
    headers: Mapping[str, str] | None
    auth: Auth | None


class Credentials(msgspec.Struct, frozen=True):
    """An app's credentials as the vendor gave them, and our own token for its handshakes.

    key_set: what the vendor publishes at CloudProvider.keys_url; empty where it has none or does not answer.
    """

    client_id: str
    client_secret: str
    verification_token: str = ""
    signing_secret: str = ""
    scopes: tuple[str, ...] = ()
    key_set: str = ""


class Urls(msgspec.Struct, frozen=True):
    """A provider's addresses as the settings have them; without a slash at the end."""

    api: str
    authorize: str
    token: str
    revoke: str = ""
    keys: str = ""


class FormerAccount(msgspec.Struct, frozen=True):
    """The account that an end user had at another provider before the vendor moved them to this one."""

    provider: str
    account: str


class Grant(msgspec.Struct, frozen=True):
    """An end user's grant: the scopes given and, while connecting, the whole token answer."""

    scopes: tuple[str, ...] = ()
    answer: Mapping[str, Any] = {}


class AppClient(Protocol):
    """Calls in the name of the app. Paths are below the provider's API address; whole URLs go where they say."""

    @property
    def credentials(self) -> Credentials:
        """The app's credentials."""

    @property
    def urls(self) -> Urls:
        """The vendor's addresses."""

    def request(self, method: str, path: str, **options: Unpack[CallOptions]) -> VendorAnswer:
        """Return a 2xx answer. Raises VendorError."""


class VendorClient(AppClient, Protocol):
    """Calls in the name of an end user who connected. Tokens are refreshed, limits kept and faults counted below it."""

    @property
    def account(self) -> str:
        """The vendor's id of the end user; empty while connecting."""

    @property
    def grant(self) -> Grant:
        """The end user's grant."""

    @property
    def access_token(self) -> str:
        """The access token, for calls that want it in another place than the Authorization header."""

    @property
    def refresh_token(self) -> str:
        """Empty where the vendor gave none."""

    def get(self, path: str, params: Params | None = None) -> Any:
        """Return the decoded JSON of a GET; None for an answer without a body, such as a 204. Raises VendorError."""

    def raw(self, path: str, params: Params | None = None) -> VendorAnswer:
        """Return the body of a GET unchanged. Raises VendorError."""

    def pages(
        self, kind: str, path: str, params: Params | None = None, *, next_key: str, next_param: str = "",
        items_key: str = "data",
    ) -> Iterator[RawDocument | PartialFailure]:  # fmt: skip
        """Return the pages of a collection that names its next page by a token in `next_key`, sent back as `next_param`
        (the same name if empty). Ends where there is no token or no body (204), not where a page is empty. A page that
        is not JSON is kept and ends the collection with a PartialFailure. A token that comes twice ends it too.
        """
