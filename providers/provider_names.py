"""Tells the domain which providers its data may come from."""

from healthdata import provider_names
from providers import registry

provider_names.register(registry.providers())
