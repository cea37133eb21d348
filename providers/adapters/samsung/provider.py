"""The provider of Samsung Health."""

from providers.adapters.samsung.normalise import DIALECT
from providers.sdk.provider import PhoneProvider


class Samsung(PhoneProvider):
    """The Android SDK's upper-case types, with Samsung's milliseconds, numbered exercises and sleep scores."""

    slug = "samsung"
    name = "Samsung Health"
    dialect = DIALECT
