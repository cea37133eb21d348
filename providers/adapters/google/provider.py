"""The provider of Google's Health Connect."""

from providers.adapters.google.normalise import DIALECT
from providers.sdk.provider import PhoneProvider


class Google(PhoneProvider):
    """The Android SDK's upper-case types with Health Connect's lasting ids, under which records are edited."""

    slug = "google"
    name = "Google Fit"
    dialect = DIALECT
