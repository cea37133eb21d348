"""Health Connect's tables: SDK types, record class names with or without "Record", Google Fit data type names."""

from healthdata.catalogue import SDK_SERIES
from providers.sdk.dialect import Dialect

DIALECT = Dialect(
    provider="google",
    series=SDK_SERIES,
    record_ids=True,  # an edited record keeps its id and may move
    system=("android", "com.google.android.apps.healthdata", "com.google.android.healthconnect", "com.android.health"),
    models={"pixel watch": "watch", "pixel": "phone", "sm-r": "watch", "sm-l": "watch", "sm-q": "ring", "sm-": "phone"},
)
