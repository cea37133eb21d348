"""Bodies: read from a request with a count and inflated with a bound; packed small to lie in a row."""

import mmap
import tempfile
import zlib
from typing import Final, Protocol

from wearlink.lib.errors import FieldError, InvalidInput, TooLarge

MAX_BYTES: Final = 10 * 1024 * 1024  # of the body as it is meant, after inflating
IN_MEMORY: Final = 1024 * 1024  # of a body that is mapped; what is larger goes to disk
_CHUNK_BYTES: Final = 256 * 1024
_GZIP: Final = 16 + zlib.MAX_WBITS


class ReadableBody(Protocol):
    """Something to read from piece by piece, such as an HTTP request."""

    def read(self, size: int, /) -> bytes: ...


def read(stream: ReadableBody, encoding: str, content_length: int = 0) -> bytes:
    """Return the whole body. `encoding` is the Content-Encoding, `content_length` that header's number (0: not said).

    Raises TooLarge as soon as more than MAX_BYTES have come or come out, InvalidInput for an unknown encoding and
    for gzip that is broken or cut off.
    """
    coding = encoding.strip().lower() or "identity"
    if coding not in ("identity", "gzip", "x-gzip"):
        raise InvalidInput(
            "Content-Encoding must be gzip or identity.",
            errors=[FieldError("Content-Encoding", "Accepted: gzip, identity.")],
            code="unsupported_encoding",
        )
    if content_length > MAX_BYTES:
        raise _too_large()
    return _read_plain(stream) if coding == "identity" else _read_gzip(stream)


def read_mapped(stream: ReadableBody, limit: int) -> bytes | mmap.mmap:
    """Return a body of up to `limit` bytes: a large one lies in a file without a name and is mapped, so that it costs
    no memory but for the piece that is being read. Raises TooLarge.
    """
    head = stream.read(IN_MEMORY + 1)
    if len(head) > limit:
        raise _too_large(limit)
    if len(head) <= IN_MEMORY:
        return head
    with tempfile.TemporaryFile() as file:
        size = file.write(head)
        while piece := stream.read(_CHUNK_BYTES):
            size += file.write(piece)
            if size > limit:
                raise _too_large(limit)
        file.flush()
        return mmap.mmap(file.fileno(), size, access=mmap.ACCESS_READ)


def pack(body: bytes) -> bytes:
    """Return a body as rows keep it. Syncs repeat themselves: a tenth of the size, for a millisecond a
    half megabyte.
    """
    return zlib.compress(body, 1)


def unpack(packed: bytes) -> bytes:
    """Return the body of a row. Raises zlib.error for what `pack` did not make."""
    return zlib.decompress(packed)


def _read_plain(stream: ReadableBody) -> bytes:
    pieces, size = [], 0
    while piece := stream.read(_CHUNK_BYTES):
        size += len(piece)
        if size > MAX_BYTES:
            raise _too_large()
        pieces.append(piece)
    return b"".join(pieces)


def _read_gzip(stream: ReadableBody) -> bytes:
    inflater = zlib.decompressobj(_GZIP)
    pieces, size = [], 0
    while not inflater.eof and (piece := stream.read(_CHUNK_BYTES)):
        try:
            found = inflater.decompress(piece, MAX_BYTES - size + 1)
        except zlib.error as error:
            raise InvalidInput("The body is not valid gzip.", code="malformed_gzip") from error
        size += len(found)
        if size > MAX_BYTES or inflater.unconsumed_tail:
            raise _too_large()
        pieces.append(found)
    if not inflater.eof or inflater.unused_data or stream.read(1):
        raise InvalidInput("The gzip body is cut off or has something behind its end.", code="malformed_gzip")
    return b"".join(pieces)


def _too_large(limit: int = MAX_BYTES) -> TooLarge:
    return TooLarge(f"The body is larger than the {limit // (1024 * 1024)} MB accepted after inflating.")
