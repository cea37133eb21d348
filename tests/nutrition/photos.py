"""Photos as phones make them, with a place hidden everywhere a place can be."""

import struct
import zlib
from functools import cache
from io import BytesIO

import pillow_heif
from PIL import Image, ImageCms, ImageDraw, PngImagePlugin, TiffImagePlugin

PLACE = b"SECRET-PLACE-48.8584N"
_TEXT = PLACE.decode()
XMP = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    b'<rdf:Description exif:GPSLatitude="48,51.5N" dc:title="' + PLACE + b'"/></rdf:RDF></x:xmpmeta>'
)
GPS = {1: "N", 2: (48.0, 51.0, 30.24), 3: "E", 4: (2.0, 17.0, 40.2), 29: "2026:04:26"}
ORIENTED = 6


@cache
def picture(width: int = 240, height: int = 180) -> Image.Image:
    """Return a plate on a table."""
    image = Image.effect_noise((width, height), 40).convert("RGB")
    draw = ImageDraw.Draw(image)
    draw.ellipse((width * 0.2, height * 0.1, width * 0.8, height * 0.9), fill=(240, 200, 90))
    draw.rectangle((0, 0, width // 6, height // 6), fill=(200, 0, 0))  # tells which way up it is
    return image


def exif(orientation: int = ORIENTED) -> bytes:
    """Return what a phone writes, with the place in GPS, description, artist, comments and maker note."""
    tags = Image.Exif()
    tags[0x010F], tags[0x0110], tags[0x0112] = "Acme", "Phone 3", orientation
    tags[0x010E] = tags[0x013B] = _TEXT
    tags[0x9C9C] = _TEXT.encode("utf-16le")
    tags[0x0132] = "2026:04:26 13:52:11"
    camera = tags.get_ifd(0x8769)
    camera[0x9003], camera[0x9011] = "2026:04:26 13:52:11", "+02:00"
    camera[0x8827], camera[0x829D] = 80, TiffImagePlugin.IFDRational(18, 10)
    camera[0x927C] = b"MAKER" + PLACE
    camera[0x9286] = b"ASCII\0\0\0" + PLACE
    camera[0xA431] = _TEXT
    tags.get_ifd(0x8825).update(GPS)
    return tags.tobytes()


def profile() -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def jpeg(orientation: int = ORIENTED, *, size: tuple[int, int] = (240, 180), progressive: bool = False) -> bytes:
    """Return it with JFIF thumbnail, EXIF, XMP, IPTC, a comment, a second image and a motion video behind the first."""
    out = BytesIO()
    picture(*size).save(
        out, "JPEG", quality=90, exif=exif(orientation), icc_profile=profile(), comment=PLACE, progressive=progressive
    )
    plain = out.getvalue()
    more = _segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + XMP)
    more += _segment(0xED, b"Photoshop 3.0\x008BIM\x04\x04\0\0" + struct.pack(">I", len(PLACE)) + PLACE)
    more += _segment(0xE2, b"MPF\0" + PLACE) + _segment(0xE0, b"JFXX\0\x10" + PLACE)
    return plain[:2] + more + plain[2:] + plain + b"\0\0\0\x18ftypmp42" + PLACE


def _segment(marker: int, body: bytes) -> bytes:
    return bytes((0xFF, marker)) + (len(body) + 2).to_bytes(2) + body


def png(orientation: int = ORIENTED) -> bytes:
    """Return it with texts of all three kinds, EXIF, an unknown chunk and bytes behind the end."""
    texts = PngImagePlugin.PngInfo()
    texts.add_text("Comment", _TEXT)
    texts.add_text("Location", _TEXT, zip=True)
    texts.add_itxt("XML:com.adobe.xmp", XMP.decode())
    texts.add(b"prVt", PLACE)
    out = BytesIO()
    picture().save(out, "PNG", pnginfo=texts, exif=exif(orientation), icc_profile=profile())
    return out.getvalue() + PLACE


def webp(orientation: int = ORIENTED) -> bytes:
    """Extended form with EXIF and XMP."""
    out = BytesIO()
    picture().save(out, "WEBP", exif=exif(orientation), xmp=XMP, icc_profile=profile(), quality=85)
    return out.getvalue() + PLACE


def heic(size: tuple[int, int] = (240, 180)) -> bytes:
    """Return it with EXIF, XMP and a thumbnail."""
    whole = pillow_heif.from_pillow(picture(*size))
    whole.info["exif"] = exif(1)
    whole.info["xmp"] = XMP
    out = BytesIO()
    whole.save(out, quality=80, thumbnails=[64])
    return out.getvalue() + PLACE


def chunk(name: bytes, body: bytes) -> bytes:
    """Return one chunk of a PNG."""
    return len(body).to_bytes(4) + name + body + zlib.crc32(name + body).to_bytes(4)


def bare_png(width: int, height: int, *more: bytes) -> bytes:
    """Return a one-bit PNG of any size in few bytes, with further chunks before its pixels."""
    rows = zlib.compressobj(9)
    line = bytes(1 + (width + 7) // 8)
    packed = b"".join([*(rows.compress(line) for _ in range(height)), rows.flush()])
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + b"".join(more) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


SAMPLES = {
    "JPEG": jpeg,
    "progressive JPEG": lambda: jpeg(progressive=True),
    "PNG": png,
    "WebP": webp,
    "HEIC": heic,
}
