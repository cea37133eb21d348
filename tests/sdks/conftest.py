"""A vendor's cloud, so that an end user can have a connection."""

from tests.providers.connecting import acme, vendor

__all__ = ["acme", "vendor"]
