"""The route of a workout: a GPX file of the archive, or the Location elements of old exports."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, Final, cast

from healthdata.records import Rejected, Sample, SourceInfo
from healthdata.units import acceptable
from providers.adapters.apple.export.dates import NotADate, moment
from providers.adapters.apple.export.parser import OPTIONS, Attributes
from providers.contract.bounds import EARLIEST
from wearlink.lib.lazy import LazyModule

if TYPE_CHECKING:
    from lxml import etree
else:
    etree = LazyModule("lxml.etree")

COLLECTION: Final = "routes"
_SERIES: Final = ("latitude", "longitude", "altitude")


class _Points:
    """The target that lxml calls for a GPX file; a point has lat, lon, ele and time as text."""

    def __init__(self) -> None:
        self.points: list[Attributes] = []
        self._point: Attributes | None = None
        self._field: str | None = None

    def start(self, tag: str, attributes: Attributes) -> None:
        name = tag.rpartition("}")[2]
        if name == "trkpt":
            self._point = dict(attributes)
        self._field = name if name in ("ele", "time") and self._point is not None else None

    def data(self, text: str) -> None:
        if self._field is not None and self._point is not None:
            self._point[self._field] = self._point.get(self._field, "") + text

    def end(self, tag: str) -> None:
        self._field = None
        if tag.endswith("trkpt") and self._point is not None:
            self.points.append(self._point)
            self._point = None

    def close(self) -> None:
        """Do nothing; lxml calls it at the end."""


def read_gpx(content: bytes) -> list[Attributes] | None:
    """Return the points of a GPX file; None for what is none, or brings declarations, which Apple's never do."""
    if b"<!" in content or b"<gpx" not in content[:4096]:
        return None
    target = _Points()
    parser = etree.XMLParser(target=cast(Any, target), **OPTIONS)
    try:
        parser.feed(content)
        parser.close()
    except etree.XMLSyntaxError:
        return None
    return target.points


def locations(points: Iterable[Attributes]) -> list[Attributes]:
    """Return the Location elements of exports until 2019, in the words of GPX."""
    names = {"latitude": "lat", "longitude": "lon", "altitude": "ele", "date": "time"}
    return [{names[key]: value for key, value in point.items() if key in names} for point in points]


def samples(
    points: Iterable[Attributes], source: SourceInfo, zone: int | None, index: int, latest: int
) -> Iterator[Sample | Rejected]:
    """Latitude, longitude and, where known, altitude of each point, each a sample of its own series."""
    for point in points:
        try:
            at = moment(point.get("time", "").strip())
            values = [float(point["lat"]), float(point["lon"])]
            if point.get("ele"):
                values.append(float(point["ele"]))
        except NotADate:
            yield Rejected(COLLECTION, index, "time", "bad_date")
            continue
        except (KeyError, ValueError):
            yield Rejected(COLLECTION, index, "trkpt", "not_a_number")
            continue
        if not EARLIEST <= at <= latest:
            yield Rejected(COLLECTION, index, "time", "date_out_of_range")
            continue
        for series, value in zip(_SERIES, values, strict=False):
            if reason := acceptable(series, value):
                yield Rejected(COLLECTION, index, series, reason)
                break
        else:
            for series, value in zip(_SERIES, values, strict=False):
                yield Sample(source, series, at, value, None, zone)
