"""Synthetic Apple Health exports: the same bytes every time, laid out as real ones are."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

START: Final = 1_262_304_000  # 2010-01-01, so that a gigabyte ends before today
PROLOG: Final = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE HealthData [
<!-- HealthKit Export Version: 14 -->
<!ELEMENT HealthData ANY>
<!ATTLIST HealthData
  locale CDATA #REQUIRED
>
]>
<HealthData locale="en_PL">
 <ExportDate value="2026-04-16 09:00:00 +0200"/>
"""
WATCH: Final = (
    'sourceName="Sam’s Apple\u00a0Watch" sourceVersion="10.3.1" device="&lt;&lt;HKDevice: 0x300000001&gt;, '
    "name:Apple Watch, manufacturer:Apple Inc., model:Watch, hardware:Watch6,3, software:10.3.1, "
    'creation date:2026-04-15 06:00:00 +0000&gt;"'
)
MOTION: Final = '\n  <MetadataEntry key="HKMetadataKeyHeartRateMotionContext" value="1"/>\n </Record>\n'
STAGES: Final = ("AsleepCore", "AsleepDeep", "AsleepCore", "AsleepREM", "Awake")
Maker = Callable[[int], str]


def write(path: Path, size: int) -> None:
    """An export of about `size` bytes. Types follow each other, each in the order of time, as Apple writes them."""
    shares: tuple[tuple[float, Maker], ...] = (
        (0.52, heart_rate), (0.2, energy), (0.12, steps), (0.08, distance), (0.06, respiration), (0.02, sleep),
    )  # fmt: skip
    with path.open("w", encoding="utf-8") as file:
        file.write(PROLOG)
        for share, maker in shares:
            file.writelines(_run(maker, int(size * share)))
        file.write("</HealthData>\n")


def _run(maker: Maker, size: int) -> Iterator[str]:
    """Elements of one type until so many bytes are full."""
    written = number = 0
    while written < size:
        rows = [maker(one) for one in range(number, number + 500)]
        text = "".join(rows)
        number += len(rows)
        written += len(text.encode())
        yield text


def _time(seconds: int) -> str:
    return datetime.fromtimestamp(START + seconds + 7200, UTC).strftime("%Y-%m-%d %H:%M:%S +0200")


def _record(kind: str, unit: str, start: int, length: int, value: object, end: str = "/>\n") -> str:
    first, last = _time(start), _time(start + length) if length else _time(start)
    return (
        f' <Record type="HK{kind}" {WATCH}{unit} creationDate="{last}" startDate="{first}" endDate="{last}" '
        f'value="{value}"{end}'
    )


def heart_rate(n: int) -> str:
    """Return instants every 5 seconds for ten minutes of an hour, else every 5 minutes."""
    hour, turn = divmod(n, 130)
    second = hour * 3600 + (turn * 5 if turn < 120 else 600 + (turn - 119) * 290)
    value = 60 + (n * 7 + n // 13) % 70
    return _record("QuantityTypeIdentifierHeartRate", ' unit="count/min"', second, 0, value, f">{MOTION}")


def energy(n: int) -> str:
    """Return a reading for each minute."""
    return _record("QuantityTypeIdentifierActiveEnergyBurned", ' unit="Cal"', n * 61, 60, f"{n % 97 / 7:.3f}")


def steps(n: int) -> str:
    """Return a reading every ten minutes."""
    return _record("QuantityTypeIdentifierStepCount", ' unit="count"', n * 620, 600, 20 + n % 900)


def distance(n: int) -> str:
    """Ten minutes each, in miles."""
    kind = "QuantityTypeIdentifierDistanceWalkingRunning"
    return _record(kind, ' unit="mi"', n * 620, 600, f"{n % 500 / 1000:.4f}")


def respiration(n: int) -> str:
    """Return a value for every ten minutes of the night."""
    night, turn = divmod(n, 48)
    return _record(
        "QuantityTypeIdentifierRespiratoryRate", ' unit="count/min"', night * 86_400 + turn * 600, 0, 12 + n % 9
    )


def sleep(n: int) -> str:
    """Return twenty-five stages a night."""
    night, turn = divmod(n, 25)
    value = f"HKCategoryValueSleepAnalysis{STAGES[turn % len(STAGES)]}"
    zone = '>\n  <MetadataEntry key="HKTimeZone" value="Europe/Warsaw"/>\n </Record>\n'
    return _record("CategoryTypeIdentifierSleepAnalysis", "", night * 86_400 + turn * 1080, 1080, value, zone)
