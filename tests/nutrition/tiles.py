"""A HEIC as iPhones build it: tiles, the grid in the meta box's own data, a thumbnail, EXIF, rotation, motion video."""

import struct
from io import BytesIO

import pillow_heif
from PIL import Image

from tests.nutrition import photos

TILE = 128


def box(kind: bytes, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return struct.pack(">I4s", 8 + len(body), kind) + body


def full(kind: bytes, version: int, flags: int, *parts: bytes) -> bytes:
    return box(kind, struct.pack(">I", version << 24 | flags), *parts)


def coded(image: Image.Image) -> tuple[bytes, bytes]:
    """Decoder configuration (a box) and coded bytes of a picture, out of a file of the encoder's."""
    out = BytesIO()
    pillow_heif.from_pillow(image).save(out, quality=70)
    data = out.getvalue()
    at = data.index(b"hvcC") - 4
    configuration = data[at : at + int.from_bytes(data[at : at + 4])]
    start = data.index(b"mdat") + 4
    return configuration, data[start:]


def heic() -> bytes:
    whole = photos.picture(2 * TILE, 2 * TILE)
    corners = [(x, y) for y in (0, TILE) for x in (0, TILE)]
    tiles = [coded(whole.crop((x, y, x + TILE, y + TILE))) for x, y in corners]
    configuration = tiles[0][0]
    thumbnail = coded(whole.resize((TILE, TILE)))[1]
    exif = struct.pack(">I", 6) + b"Exif\0\0" + photos.exif(1).removeprefix(b"Exif\0\0")
    pieces = [*(tile for _, tile in tiles), exif, thumbnail, photos.XMP]
    lead = box(b"ftyp", b"heic\0\0\0\0mif1heic")
    meta_length = len(meta(configuration, [0] * len(pieces), pieces))
    start = len(lead) + meta_length + 8
    places = [start + sum(map(len, pieces[:number])) for number in range(len(pieces))]
    motion = box(b"mpvd", b"\0\0\0\x18ftypmp42" + photos.PLACE)
    return lead + meta(configuration, places, pieces) + box(b"mdat", *pieces) + motion


def meta(configuration: bytes, places: list[int], pieces: list[bytes]) -> bytes:
    """Return a HEIF file: items 1 to 4 are tiles, 5 EXIF, 6 a thumbnail, 7 XMP, and 8 the grid, which is the photo."""
    kinds = [b"hvc1"] * 4 + [b"Exif", b"hvc1", b"mime", b"grid"]
    names = [photos.PLACE + b"\0" + (b"application/rdf+xml\0" if kind == b"mime" else b"") for kind in kinds]
    entries = [
        full(b"infe", 2, 0, struct.pack(">HH4s", number, 0, kind), name)
        for number, (kind, name) in enumerate(zip(kinds, names, strict=True), 1)
    ]
    grid = struct.pack(">BBBBHH", 0, 0, 1, 1, 2 * TILE, 2 * TILE)
    iloc = b"".join(
        struct.pack(">HHHHII", number, 0, 0, 1, place, len(piece))
        for number, (place, piece) in enumerate(zip(places, pieces, strict=True), 1)
    ) + struct.pack(">HHHHII", 8, 1, 0, 1, 0, len(grid))
    properties = box(
        b"ipco",
        configuration,
        full(b"ispe", 0, 0, struct.pack(">II", TILE, TILE)),
        full(b"ispe", 0, 0, struct.pack(">II", 2 * TILE, 2 * TILE)),
        box(b"irot", b"\3"),
        full(b"udes", 0, 0, photos.PLACE),
    )
    coded_items = [struct.pack(">HBBB", number, 2, 0x81, 2) for number in (1, 2, 3, 4, 6)]
    ipma = full(b"ipma", 0, 0, struct.pack(">I", 6), *coded_items, struct.pack(">HBBBB", 8, 3, 3, 0x84, 5))
    return full(
        b"meta", 0, 0,
        full(b"hdlr", 0, 0, b"\0\0\0\0pict" + bytes(12) + photos.PLACE + b"\0"),
        box(b"dinf", full(b"dref", 0, 0, struct.pack(">I", 1), full(b"url ", 0, 1))),
        full(b"pitm", 0, 0, struct.pack(">H", 8)),
        full(b"iinf", 0, 0, struct.pack(">H", len(entries)), *entries),
        full(
            b"iref", 0, 0,
            box(b"dimg", struct.pack(">HH4H", 8, 4, 1, 2, 3, 4)),
            box(b"cdsc", struct.pack(">HHH", 5, 1, 8)),
            box(b"thmb", struct.pack(">HHH", 6, 1, 8)),
            box(b"cdsc", struct.pack(">HHH", 7, 1, 8)),
        ),
        box(b"iprp", properties, ipma),
        box(b"idat", grid),
        full(b"iloc", 1, 0, struct.pack(">HH", 0x4400, len(pieces) + 1), iloc),
    )  # fmt: skip
