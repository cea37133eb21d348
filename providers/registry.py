"""The registry of providers: every package below providers.adapters that has a provider.py. Nothing lists them."""

from collections.abc import Mapping
from functools import lru_cache
from importlib import import_module
from pkgutil import iter_modules
from types import MappingProxyType, ModuleType

from providers import adapters
from providers.contract import FileImport, Provider, ProviderKind


class FaultyAdapter(TypeError):
    """An adapter folder that does not keep the contract: a fault of the program, found at start."""


@lru_cache(maxsize=1)
def providers() -> Mapping[str, Provider]:
    """Return slug → provider, in alphabetical order."""
    return MappingProxyType(discover(adapters))


def get(slug: str) -> Provider:
    """Return the provider of a slug; raises LookupError if there is none."""
    return providers()[slug]


@lru_cache(maxsize=1)
def file_imports() -> Mapping[str, tuple[str, FileImport]]:
    """Return kind of file → the slug of the provider that reads it, and how."""
    found = {one.kind: (slug, one) for slug, provider in providers().items() for one in provider.file_imports}
    return MappingProxyType(found)


@lru_cache(maxsize=1)
def sdk_slugs() -> tuple[str, ...]:
    """Return the providers whose SDK posts to us, in alphabetical order."""
    return tuple(slug for slug, provider in providers().items() if provider.kind is ProviderKind.SDK)


def discover(package: ModuleType) -> dict[str, Provider]:
    """Return slug → provider of the adapter folders in a package. Raises FaultyAdapter."""
    folders = sorted(module.name for module in iter_modules(package.__path__) if module.ispkg)
    return {folder: _load(f"{package.__name__}.{folder}.provider", folder) for folder in folders}


def _load(module_name: str, folder: str) -> Provider:
    module = import_module(module_name)
    classes = [
        thing
        for thing in vars(module).values()
        if isinstance(thing, type) and issubclass(thing, Provider) and thing.__module__ == module_name
    ]
    if len(classes) != 1:
        raise FaultyAdapter(f"{module_name} must define exactly one Provider, not {len(classes)}.")
    provider: Provider = classes[0]()
    if provider.slug != folder:
        raise FaultyAdapter(f"{module_name} calls itself {provider.slug}; its folder is {folder}.")
    return provider
