"""Photos lose everything but their pixels, and files that are no photos are refused with a reason."""

import random
from collections.abc import Callable
from contextlib import suppress
from io import BytesIO

import exifread
import pytest
from PIL import Image, ImageCms

from nutrition import images
from nutrition.images import pixels, sniff
from tests.nutrition import photos, tiles

pytestmark = pytest.mark.filterwarnings("ignore:Image appears to be a malformed MPO")
REFUSALS = (images.EmptyImage, images.TooManyPixels, images.UnreadableImage, images.UnsupportedImage)  # 4xx, all
FORMATS = ["JPEG", "PNG", "WEBP", "HEIF"]
every_kind = pytest.mark.parametrize("make", photos.SAMPLES.values(), ids=photos.SAMPLES)
MUTATED = {**photos.SAMPLES, "HEIC in tiles": tiles.heic}


def decoded(data: bytes) -> Image.Image:
    image = Image.open(BytesIO(data), formats=FORMATS)
    image.load()
    return image


def colours(image: Image.Image) -> Image.Image:
    """Return the pixels by the profile that the file brings."""
    profile = image.info.get("icc_profile")
    if not profile:
        return image
    wide = ImageCms.createProfile("LAB")
    return ImageCms.profileToProfile(image, ImageCms.ImageCmsProfile(BytesIO(profile)), wide, outputMode="LAB")


def tells_a_place(data: bytes) -> bool:
    """Return whether a place is found by an independent parser, by Pillow, or in the bytes themselves."""
    with suppress(Exception):
        if any("GPS" in name for name in exifread.process_file(BytesIO(data), details=False)):
            return True
    with suppress(Exception):
        image = decoded(data)
        if image.getexif().get_ifd(0x8825) or image.info.get("xmp") or image.info.get("comment"):
            return True
    return photos.PLACE in data or b"GPSLatitude" in data


@every_kind
def test_a_photo_keeps_its_pixels_and_nothing_else(make: Callable[[], bytes]) -> None:
    raw = make()
    assert tells_a_place(raw)
    photo = images.accept(raw)
    assert not tells_a_place(photo.data)
    before, after = decoded(raw), decoded(photo.data)
    assert before.tobytes() == after.tobytes()
    assert (photo.width, photo.height) == before.size
    assert set(after.getexif()) <= {0x0112}
    assert not after.info.get("photoshop")


@every_kind
def test_colours_and_the_right_way_up_survive(make: Callable[[], bytes]) -> None:
    raw = make()
    photo = images.accept(raw)
    before, after = decoded(raw), decoded(photo.data)
    assert colours(before).tobytes() == colours(after).tobytes()
    assert after.getexif().get(0x0112, 1) == before.getexif().get(0x0112)
    shown = decoded(images.view(photo.data, photo.kind))
    assert shown.size == ((180, 240) if photo.kind != "heif" else (240, 180))
    corner = shown.getpixel((shown.width - 8, 8) if photo.kind != "heif" else (8, 8))
    assert corner[0] > 150 > corner[1]  # type: ignore[index]  # the red corner is where it belongs


@every_kind
def test_the_camera_is_remembered_and_its_owner_is_not(make: Callable[[], bytes]) -> None:
    found = images.accept(make()).exif
    assert found["Make"] == "Acme"
    assert found["DateTimeOriginal"] == "2026:04:26 13:52:11"
    assert found["OffsetTimeOriginal"] == "+02:00"
    assert found["ISOSpeedRatings"] == 80
    assert found["FNumber"] == pytest.approx(1.8)
    assert photos.PLACE.decode() not in str(found)


def test_a_photo_in_tiles_keeps_its_pixels_its_rotation_and_its_file() -> None:
    raw = tiles.heic()
    assert tells_a_place(raw)
    photo = images.accept(raw)
    assert photo.kind == "heif"  # it was not encoded anew
    assert not tells_a_place(photo.data)
    before, after = decoded(raw), decoded(photo.data)
    assert before.tobytes() == after.tobytes()
    assert before.size == (256, 256)
    assert before.getpixel((8, 8)) != before.getpixel((248, 8))
    assert after.info["thumbnails"] == []
    assert photo.exif["Make"] == "Acme"


def test_bytes_after_the_image_are_dropped_and_not_refused() -> None:
    raw = photos.jpeg()
    assert images.accept(raw + b"PK\x03\x04" + photos.PLACE).data == images.accept(raw).data


def test_a_file_that_is_built_strangely_is_encoded_anew() -> None:
    raw = photos.jpeg()
    marked = raw[:2] + b"\xff\xcc\0\2" + raw[2:]  # a table for arithmetic coding, empty
    assert images.accept(marked).kind == "jpeg"
    assert not tells_a_place(images.accept(marked).data)
    frames = [photos.picture(), photos.picture(120, 90).resize((240, 180))]
    out = BytesIO()
    frames[0].save(out, "WEBP", save_all=True, append_images=frames[1:], exif=photos.exif(1), xmp=photos.XMP)
    photo = images.accept(out.getvalue())
    assert photo.kind == "jpeg"
    assert (photo.width, photo.height) == (240, 180)
    assert not tells_a_place(photo.data)


@pytest.mark.parametrize(
    "raw",
    [
        b"<html><body>no photo</body></html>",
        b'<svg xmlns="http://www.w3.org/2000/svg"/>',
        b"%!PS-Adobe-3.0 EPSF-3.0\n",
        b"GIF89a\x01\x00\x01\x00\x00\x00\x00;",
        b"II*\0\x08\0\0\0\0\0",
        b"\0\0\0\x1cftypavif\0\0\0\0avifmif1",
        b"\0" * 100,
    ],
    ids=["HTML", "SVG", "EPS", "GIF", "TIFF", "AVIF", "zeros"],
)
def test_what_is_no_photo_is_refused_by_its_content(raw: bytes) -> None:
    with pytest.raises(images.UnsupportedImage) as refusal:
        images.accept(raw)
    assert refusal.value.status == 415


@every_kind
@pytest.mark.filterwarnings("ignore")
def test_a_truncated_photo_is_refused(make: Callable[[], bytes]) -> None:
    whole = images.accept(make()).data
    for share in (0.01, 0.3, 0.6):
        with pytest.raises(images.UnreadableImage) as refusal:
            images.accept(whole[: max(16, int(len(whole) * share))])
        assert refusal.value.status == 400


def test_magic_bytes_alone_are_no_photo() -> None:
    for magic in (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF\0\0\0\0WEBP", b"\0\0\0\x14ftypheic\0\0\0\0mif1"):
        with pytest.raises(images.UnreadableImage):
            images.accept(magic)
    with pytest.raises(images.EmptyImage):
        images.accept(b"")


def test_many_pixels_in_few_bytes_are_refused_before_anything_is_unpacked() -> None:
    bomb = photos.bare_png(9000, 9000)
    assert len(bomb) < 20_000
    with pytest.raises(images.TooManyPixels) as refusal:
        images.accept(bomb)
    assert "9000×9000" in refusal.value.detail
    assert images.accept(photos.bare_png(8000, 6000)).width == 8000


def test_a_text_that_unpacks_to_megabytes_is_refused() -> None:
    text = pixels.zlib.compress(b"\0" * 50_000_000, 9)
    raw = photos.bare_png(10, 10, photos.chunk(b"zTXt", b"Comment\0\0" + text))
    with pytest.raises(images.UnreadableImage, match="unpacks"):
        images.accept(raw)


def test_five_megabytes_and_one_byte_are_too_much() -> None:
    with pytest.raises(images.ImageTooLarge) as refusal:
        images.accept(photos.jpeg().ljust(images.MAX_BYTES + 1, b"\0"))
    assert refusal.value.status == 413
    assert images.accept(photos.jpeg().ljust(images.MAX_BYTES, b"\0")).width == 240


def mutated(raw: bytes, chance: random.Random) -> bytes:
    """Return a few bytes changed, a piece cut out, doubled, moved or its end lost."""
    data = bytearray(raw)
    for _ in range(chance.randint(1, 4)):
        at, length = chance.randrange(len(data)), chance.randint(1, 64)
        way = chance.randrange(6)
        if way < 3:
            data[at : at + (length if way else 1)] = chance.randbytes(length if way else 1)
        elif way == 3:
            del data[at : at + length]
        elif way == 4:
            data[at:at] = data[at : at + length]
        else:
            data = data[: max(at, 12)]
    return bytes(data)


@pytest.mark.parametrize("make", MUTATED.values(), ids=MUTATED)
@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_mutated_photos_are_refused_cleanly_or_lose_their_place(make: Callable[[], bytes]) -> None:
    raw, chance = make(), random.Random(20260426)
    head = raw[: 12 * 1024]
    taken = refused = 0
    for number in range(400):
        # most mutations near the front, where the structure is
        broken = mutated(head, chance) + raw[len(head) :] if number % 4 else mutated(raw, chance)
        try:
            photo = images.accept(broken)
        except REFUSALS:
            refused += 1
            continue
        taken += 1
        with suppress(images.Undecodable):
            images.view(photo.data, photo.kind)
            assert not tells_a_place(photo.data), number
    assert taken
    assert refused


def test_kinds_are_told_by_content() -> None:
    found = {name: sniff.kind_of(make()) for name, make in photos.SAMPLES.items()}
    assert found == {"JPEG": "jpeg", "progressive JPEG": "jpeg", "PNG": "png", "WebP": "webp", "HEIC": "heif"}
