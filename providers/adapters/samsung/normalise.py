"""Samsung's tables: the types the Android SDK uses, and the score that Samsung Health gives a night."""

from healthdata.catalogue import SDK_SERIES
from providers.sdk.dialect import Dialect

DIALECT = Dialect(
    provider="samsung",
    series=SDK_SERIES,
    scores={"sleepscore": "sleep", "sleep_score": "sleep"},
    system=("com.sec.android.app.shealth", "com.samsung.shealth"),
    models={"sm-r": "watch", "sm-l": "watch", "sm-q": "ring", "sm-": "phone"},
)
