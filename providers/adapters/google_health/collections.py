"""Google's data types: where they lie, how they are asked for, which scope each needs."""

from typing import Final, Literal

import msgspec

PREFIX: Final = "https://www.googleapis.com/auth/googlehealth."
ACTIVITY: Final = f"{PREFIX}activity_and_fitness.readonly"
METRICS: Final = f"{PREFIX}health_metrics_and_measurements.readonly"
SLEEP: Final = f"{PREFIX}sleep.readonly"
NUTRITION: Final = f"{PREFIX}nutrition.readonly"
PROFILE: Final = f"{PREFIX}profile.readonly"
IDENTITY_PATH: Final = "/v4/users/me/identity"
WEARABLES: Final = "users/me/dataSourceFamilies/google-wearables"  # never all-sources: it has others' steps in it
PAGE: Final = 10_000
SESSION_PAGE: Final = 25  # the most that sleep and exercise give
#: how a type's time is filtered: the member of its filter, by wall time (`civil`) and by instant
Record = Literal["interval", "sample", "daily", "session", "sleep"]
CIVIL: Final[dict[Record, str]] = {
    "interval": "interval.civil_start_time",
    "sample": "sample_time.civil_time",
    "daily": "date",
    "session": "interval.civil_start_time",
    "sleep": "interval.civil_end_time",
}
PHYSICAL: Final[dict[Record, str]] = {
    "interval": "interval.start_time",
    "sample": "sample_time.physical_time",
    "sleep": "interval.end_time",
}


class GoogleDataType(msgspec.Struct, frozen=True):
    """One type by its name in addresses and pushes. worn: only what Google's own devices measured is asked for."""

    path: str
    record: Record
    scopes: tuple[str, ...]
    worn: bool = False

    @property
    def kind(self) -> str:
        """The kind of the type's documents: at most 32 characters."""
        return self.member.removesuffix("_derivations")

    @property
    def key(self) -> str:
        """Its object in a data point: heart-rate → heartRate."""
        first, *rest = self.path.split("-")
        return first + "".join(word.capitalize() for word in rest)

    @property
    def points(self) -> str:
        """The address of the type's data points."""
        return f"/v4/users/me/dataTypes/{self.path}/dataPoints"

    @property
    def member(self) -> str:
        """The member by which filters name the type."""
        return self.path.replace("-", "_")

    @property
    def page(self) -> int:
        return SESSION_PAGE if self.path in ("sleep", "exercise") else PAGE


def _types(record: Record, scopes: tuple[str, ...], *paths: str, worn: bool = False) -> list[GoogleDataType]:
    return [GoogleDataType(path, record, scopes, worn) for path in paths]


TYPES: Final = (
    *_types("session", (ACTIVITY,), "exercise"),
    *_types("sleep", (SLEEP,), "sleep"),
    *_types(
        "daily", (METRICS, ACTIVITY),
        "daily-resting-heart-rate", "daily-heart-rate-variability", "daily-oxygen-saturation",
        "daily-respiratory-rate", "daily-sleep-temperature-derivations", "daily-vo2-max",
    ),
    *_types("session", (NUTRITION,), "hydration-log", "nutrition-log"),
    *_types(
        "sample", (METRICS, ACTIVITY),
        "weight", "height", "body-fat", "blood-glucose", "core-body-temperature", "vo2-max", "run-vo2-max",
        "respiratory-rate-sleep-summary", "oxygen-saturation", "heart-rate-variability", "heart-rate",
    ),
    *_types(
        "interval", (ACTIVITY,),
        "steps", "distance", "floors", "altitude", "active-energy-burned", "basal-energy-burned",
        "active-zone-minutes",
        worn=True,
    ),
)  # fmt: skip
BY_PATH: Final = {one.path: one for one in TYPES}
BY_KIND: Final = {one.kind: one for one in TYPES}
#: Totals of days; 14 days is the most that some of them answer.
TOTALS: Final = tuple(
    GoogleDataType(path, "daily", (ACTIVITY,), worn=True)
    for path in (
        "steps",
        "distance",
        "floors",
        "altitude",
        "total-calories",
        "active-energy-burned",
        "active-minutes",
        "active-zone-minutes",
    )
)
TOTAL_OF: Final = {one.path: one for one in TOTALS}
TOTAL_DAYS: Final = 14
UNANNOUNCED: Final = ("total-calories", "active-minutes")  # totals that change with the steps


def total_kind(one: GoogleDataType) -> str:
    """Return what documents of a type's totals are called."""
    return f"{one.kind}_total"
