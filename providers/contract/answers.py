"""Answers of vendors, and reading them."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeVar, overload

import msgspec

from providers.contract.errors import AnomalousPayload, BadAnswer, NotGranted, NotReady, VendorNotFound
from providers.contract.pull import PartialFailure, RawDocument
from providers.contract.push import Body

T = TypeVar("T")


class VendorAnswer(msgspec.Struct, frozen=True):
    """A 2xx answer. Header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """Decode the body; None for an answer without one, such as a 204. Raises BadAnswer if it is not JSON."""
        if not self.body.strip():
            return None
        try:
            return msgspec.json.decode(self.body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise BadAnswer("The answer is not JSON.", status=self.status) from error


@overload
def read_json(body: Body, type: type[T]) -> T: ...
@overload
def read_json(body: Body) -> Any: ...
def read_json(body: Body, type: Any = Any) -> Any:
    """Decode a body that must be JSON of that type; raises AnomalousPayload that says where it is not."""
    try:
        return msgspec.json.decode(body, type=type)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise AnomalousPayload(f"Not the JSON that was expected: {error}") from error


def collect(kind: str, pages: Iterable[RawDocument | PartialFailure]) -> Iterator[RawDocument | PartialFailure]:
    """Yield the documents of one collection; what keeps only this one away becomes a PartialFailure instead of an
    error.
    """
    try:
        yield from pages
    except (NotGranted, VendorNotFound, NotReady, BadAnswer) as error:
        yield PartialFailure(kind, error.code, str(error))
