"""Health Connect's tables: SDK types, record class names with or without "Record", Google Fit data type names."""

from healthdata.catalogue import SDK_SERIES
from providers.sdk.dialect import Dialect

DIALECT = Dialect(
    provider="google",
    series=SDK_SERIES,
    record_ids=True,  # an edited record keeps its id and may move
)
