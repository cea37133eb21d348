"""The provider of Apple Health."""

from providers.adapters.apple.export.export import HealthExport
from providers.adapters.apple.normalise import DIALECT
from providers.sdk.provider import PhoneProvider


class Apple(PhoneProvider):
    """HealthKit's own identifiers, units and category samples on the phones' wire format."""

    slug = "apple"
    name = "Apple Health"
    dialect = DIALECT
    file_imports = (HealthExport(),)
