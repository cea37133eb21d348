"""The data that each provider can deliver, read from the tables that its adapter normalises with."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from providers import registry
from providers.contract import CloudProvider, Provider


@cache
def coverage_table() -> Mapping[str, Any]:
    """Return the answer of GET /meta/coverage: by provider, and by series."""
    providers = registry.providers()
    by_series: dict[str, list[str]] = {}
    for slug, provider in providers.items():
        for code in provider.coverage.series:
            by_series.setdefault(code, []).append(slug)
    return {
        "providers": [{"slug": slug, "name": one.name, **describe_coverage(one)} for slug, one in providers.items()],
        "series": [{"code": code, "providers": by_series[code]} for code in sorted(by_series)],
    }


def describe_coverage(provider: Provider) -> dict[str, Any]:
    found = provider.coverage
    return {
        "series": sorted(found.series),
        "workout_types": sorted(found.workout_types),
        "sleep": found.sleep,
        "scores": sorted(found.scores),
    }


def describe(provider: Provider, configured: set[str]) -> dict[str, Any]:
    """Return a provider as GET /providers shows it. A phone's data need no credentials."""
    clouded = isinstance(provider, CloudProvider)
    return {
        "slug": provider.slug,
        "name": provider.name,
        "kind": "cloud" if clouded else "sdk",
        "auth": "oauth2" if clouded else "sdk_token",
        "is_configured": provider.slug in configured if clouded else True,
        "scopes": list(provider.oauth.scopes) if isinstance(provider, CloudProvider) else [],
        "history_days": provider.capabilities.history_days if isinstance(provider, CloudProvider) else None,
        "supports": _supported(provider),
        "coverage": describe_coverage(provider),
        "notes": provider.notes,
    }


def _supported(provider: Provider) -> list[str]:
    if not isinstance(provider, CloudProvider):
        return ["upload"]
    able = provider.capabilities
    return [name for name in ("pull", "push", "deletes") if getattr(able, name)]
