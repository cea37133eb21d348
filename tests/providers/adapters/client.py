"""A vendor client that answers from a table, for tests of adapters alone."""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from providers.contract import (
    Credentials,
    Grant,
    InboundRequest,
    PartialFailure,
    RawDocument,
    Urls,
    VendorAnswer,
    VendorNotFound,
)

RECEIVED = 1_773_298_961_000
OURS = Credentials("client", "oura-sample-secret", "our-word")


class TableClient:
    """`answers`: path → body, or an error to raise. What was asked lies in `asked`."""

    account = "account-1"
    access_token = "access-1"
    refresh_token = "refresh-1"
    credentials = OURS

    def __init__(self, answers: Mapping[str, Any] | None = None, *, scopes: tuple[str, ...] = (), revoke: str = "",
                 token_answer: Mapping[str, Any] | None = None) -> None:  # fmt: skip
        self.answers = dict(answers or {})
        self.asked: list[tuple[str, str, dict[str, Any]]] = []
        self.grant = Grant(scopes, token_answer or {})
        self.urls = Urls("https://vendor.example", "", "", revoke)

    def request(self, method: str, path: str, **options: Any) -> VendorAnswer:
        """Answer from the table; a list is answered one by one."""
        self.asked.append((method, path, {name: value for name, value in options.items() if value is not None}))
        found = self.answers.get(path, VendorNotFound("Not in the table."))
        if isinstance(found, list):
            found = found.pop(0)
        if isinstance(found, Exception):
            raise found
        headers, body = found if isinstance(found, tuple) else ({}, found)
        return VendorAnswer(200, headers, body if isinstance(body, bytes) else msgspec.json.encode(body))

    def raw(self, path: str, params: Any = None) -> VendorAnswer:
        return self.request("GET", path, params=params)

    def get(self, path: str, params: Any = None) -> Any:
        return self.raw(path, params).json()

    def pages(
        self, kind: str, path: str, params: Any = None, *, items_key: str = "data", **_: Any
    ) -> Iterator[RawDocument | PartialFailure]:
        """Yield one page; one that is no JSON object counts as one item."""
        body = self.raw(path, params).body
        try:
            yield RawDocument(kind, body, len(msgspec.json.decode(body, type=dict[str, Any]).get(items_key) or ()))
        except msgspec.DecodeError:
            yield RawDocument(kind, body)


def inbound(
    body: Any = b"", *, method: str = "POST", headers: Mapping[str, str] | None = None, **query: str
) -> InboundRequest:
    """Return a call of the vendor's."""
    raw = body if isinstance(body, bytes) else msgspec.json.encode(body)
    return InboundRequest(
        method, {name.replace("__", "."): value for name, value in query.items()}, headers or {}, raw, RECEIVED
    )
