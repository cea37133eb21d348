"""HealthKit's tables. Quantities and categories come by their identifiers, in the letter case Apple gave them."""

from healthdata.catalogue import APPLE_SERIES
from providers.sdk.dialect import Dialect

DIALECT = Dialect(
    provider="apple",
    series=APPLE_SERIES,
    any_case=False,
    # A client that reads sleep like any other category sample sends it among the records, with HealthKit's number.
    sleep_types=frozenset({"HKCategoryTypeIdentifierSleepAnalysis"}),
)
