"""Photos of meals coming in, and the energy balance of a quarter of a year."""

import random
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from datetime import time as clock_time
from io import BytesIO
from urllib.parse import urlencode

from PIL import Image

from accounts.audit import SYSTEM
from billing import plans
from nutrition import images
from nutrition.models import MealImage, MealItem, MealLog
from nutrition.models.meal import MealStatus, MealType
from tests.bench import load
from tests.bench.cast import Answering, answering, people, reader, reading, tenant, vacuum
from tests.bench.figures import BenchFigure, at_most, benchmark, median
from tests.bench.ground import Ground
from tests.bench.peaks import peak
from wearlink.lib import storage

BOUNDARY = "wearlink-bench"
MB = 1024 * 1024
QUALITIES = (97, 96, 95, 94, 92, 90, 88, 85, 80)


def photo(width: int, height: int) -> bytes:
    """Return a JPEG of noise, as large as it may be and no larger, with EXIF as phones write it."""
    noise = Image.effect_noise((width, height), 16).convert("RGB")
    exif = Image.Exif()
    exif[0x010F], exif[0x0112] = "Acme", 6
    exif.get_ifd(0x8825).update({1: "N", 2: (48.0, 51.0, 30.0)})
    for quality in QUALITIES:
        out = BytesIO()
        noise.save(out, "JPEG", quality=quality, exif=exif)
        if len(out.getvalue()) < images.MAX_BYTES - 32 * 1024:
            break
    return out.getvalue()


def form(raw: bytes) -> bytes:
    """Return the photo as a client sends it."""
    disposition = 'Content-Disposition: form-data; name="{}"'
    meal = f"--{BOUNDARY}\r\n{disposition.format('meal_type')}\r\n\r\nlunch\r\n"
    file = f'--{BOUNDARY}\r\n{disposition.format("file")}; filename="meal.jpg"\r\nContent-Type: image/jpeg\r\n\r\n'
    return (meal + file).encode() + raw + f"\r\n--{BOUNDARY}--\r\n".encode()


@benchmark("meals", order=71)
def meals(ground: Ground) -> Iterator[BenchFigure]:
    """Uploads of a large photo one after the other; what of them is scrubbing; what stays in the web process."""
    raw = photo(*ground.size((4000, 3000), (400, 300)))
    plans.apply(tenant().organization, "enterprise", SYSTEM)
    (user,) = people(1)
    body = form(raw)
    head = load.head("POST", f"/api/v1/nutrition/log/image?user_id={user.id}", tenant().credentials, len(body))
    head = head.replace(b"application/json", f"multipart/form-data; boundary={BOUNDARY}".encode())
    port, times = ground.web(), ground.size(60, 3)

    def send(number: int) -> Answering:
        return answering(ground, [load.ClientJob(port, [(head, 0)] * number, bodies=[body])], expect=202)

    send(ground.size(60, 2))  # until each thread of the server has had one: its memory stays with it
    before = peak(ground, "web")
    found = send(times)
    yield BenchFigure(
        f"POST of a {len(raw) / MB:.1f} MB photo: p50", found.p50_ms, "ms", at_most(50), cpu_ms=found.cpu_ms
    )
    yield BenchFigure("  of it scrubbing", scrubbing(raw, times), "ms", at_most(10))
    growth = (peak(ground, "web") - before) / MB
    yield BenchFigure(f"  web process's peak, more after {times} photos", max(growth, 0.01), "MB", at_most(10))
    for image in MealImage.objects.filter(log__user_key=user.key):
        storage.delete(image.s3_key)
    MealLog.objects.for_user(user.key).delete()


def scrubbing(raw: bytes, times: int) -> float:
    """Middle CPU time in ms."""
    spent = []
    for _ in range(times):
        before = time.process_time()
        images.accept(raw)
        spent.append(time.process_time() - before)
    return median(spent) * 1000


@benchmark("balance", order=72)
def balance(ground: Ground) -> Iterator[BenchFigure]:
    """Four meals of two dishes on each of 92 days that a watch was worn."""
    one, days = reader(ground), ground.size(92, 20)
    for back in range(days):
        eat(one.user.organization_id, one.user.key, one.today - timedelta(days=back))
    vacuum()
    query = urlencode({"date_from": one.today - timedelta(days=days - 1), "date_to": one.today})
    found = reading(ground, [f"{one.path}/energy_balance?{query}"], ground.size(100, 5))
    yield BenchFigure(f"energy balance of {days} days: p50", found.p50_ms, "ms", at_most(15), cpu_ms=found.cpu_ms)


def eat(organization_id: object, user_key: int, day: object) -> None:
    chance = random.Random(str(day))
    for hour, meal in ((8, MealType.BREAKFAST), (13, MealType.LUNCH), (16, MealType.SNACK), (20, MealType.DINNER)):
        moment = datetime.combine(day, clock_time(hour), UTC)  # type: ignore[arg-type]
        log = MealLog.objects.create(
            organization_id=organization_id,
            user_key=user_key,
            meal_type=meal,
            status=MealStatus.RECOGNIZED,
            detected_at=moment,
        )
        MealItem.objects.bulk_create(
            MealItem(
                log=log,
                dish_name="dish",
                quantity_grams=100,
                quantity_uncertainty=0.3,
                calories_kcal=chance.randint(50, 400),
            )
            for _ in range(2)
        )
