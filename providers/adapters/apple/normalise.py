"""HealthKit's tables. Quantities and categories come by their identifiers, in the letter case Apple gave them."""

from healthdata.catalogue import APPLE_SERIES
from providers.sdk.dialect import Dialect

#: Beginnings of what Apple calls its hardware: Watch6,3, iPhone14,2.
MODELS = {
    "watch": "watch",
    "iphone": "phone",
    "ipod": "phone",
    "ipad": "tablet",
    "realitydevice": "head_mounted",
}
DIALECT = Dialect(
    provider="apple",
    series=APPLE_SERIES,
    any_case=False,
    # A client that reads sleep like any other category sample sends it among the records, with HealthKit's number.
    sleep_types=frozenset({"HKCategoryTypeIdentifierSleepAnalysis"}),
    system=("com.apple.",),
    models=MODELS,
    # HealthKit says of every sample on which device its writer ran; a ring's app runs on the phone.
    model_is_host=True,
)
