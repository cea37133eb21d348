"""The addresses of Fitbit's data, and the scope that each needs."""

from typing import Final

import msgspec

PROFILE_PATH: Final = "/1/user/-/profile.json"
EXERCISE_PATH: Final = "/1/user/-/activities/list.json"
PAGE: Final = 100


class FitbitResource(msgspec.Struct, frozen=True):
    """One kind of document. path has {a} and {b} for days, or {d} where a call answers one day only."""

    kind: str
    scope: str
    path: str
    around: int = 0  # days more at both ends, where a document's days are not those of the profile's clock

    @property
    def by_day(self) -> bool:
        """Return whether each day is a call of its own."""
        return "{d}" in self.path


RANGES: Final = (
    FitbitResource("sleep", "sleep", "/1.2/user/-/sleep/date/{a}/{b}.json", 1),
    FitbitResource("hrv", "heartrate", "/1/user/-/hrv/date/{a}/{b}.json"),
    FitbitResource("hrv_intraday", "heartrate", "/1/user/-/hrv/date/{a}/{b}/all.json"),
    FitbitResource("spo2", "oxygen_saturation", "/1/user/-/spo2/date/{a}/{b}.json"),
    FitbitResource("spo2_intraday", "oxygen_saturation", "/1/user/-/spo2/date/{a}/{b}/all.json"),
    FitbitResource("br", "respiratory_rate", "/1/user/-/br/date/{a}/{b}.json"),
    FitbitResource("temp_core", "temperature", "/1/user/-/temp/core/date/{a}/{b}.json"),
    FitbitResource("temp_skin", "temperature", "/1/user/-/temp/skin/date/{a}/{b}.json"),
    FitbitResource("cardioscore", "cardio_fitness", "/1/user/-/cardioscore/date/{a}/{b}.json"),
    FitbitResource("azm", "activity", "/1/user/-/activities/active-zone-minutes/date/{a}/{b}.json"),
    FitbitResource("weight", "weight", "/1/user/-/body/log/weight/date/{a}/{b}.json"),
    FitbitResource("fat", "weight", "/1/user/-/body/log/fat/date/{a}/{b}.json"),
    FitbitResource("activity", "activity", "/1/user/-/activities/date/{d}.json"),
    FitbitResource("steps_intraday", "activity", "/1/user/-/activities/steps/date/{d}/{d}/1min.json"),
    FitbitResource("heart_intraday", "heartrate", "/1/user/-/activities/heart/date/{d}/{d}/1sec.json"),
    FitbitResource("food", "nutrition", "/1/user/-/foods/log/date/{d}.json"),
    FitbitResource("water", "nutrition", "/1/user/-/foods/log/water/date/{d}.json"),
)
BY_KIND: Final = {one.kind: one for one in RANGES}
EXERCISE: Final = "exercise"
PROFILE: Final = "profile"
#: what a push of a collection says may have changed; some of it has no collection of its own
PUSHED: Final = {
    "activities": ("activity", "azm", "steps_intraday", "heart_intraday", EXERCISE),
    "sleep": ("sleep", "hrv", "hrv_intraday", "spo2", "spo2_intraday", "br", "temp_skin"),
    "body": ("weight", "fat"),
    "foods": ("food", "water"),
}
REVOKED: Final = "userRevokedAccess"
SUBSCRIBED: Final = {"activities": "activity", "sleep": "sleep", "body": "weight", "foods": "nutrition", REVOKED: ""}
