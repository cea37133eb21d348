"""Grants and subscriptions kept in a file, so that what was connected stays connected over a restart."""

import os
from pathlib import Path
from typing import Any

import msgspec

from providers.simulator.state import IssuedToken, VendorState


class StoredState(msgspec.Struct):
    """The part of a vendor's state that outlives the process."""

    access: dict[str, IssuedToken] = {}
    refresh: dict[str, IssuedToken] = {}
    subscriptions: dict[str, dict[str, Any]] = {}


def save(path: Path, states: dict[str, VendorState]) -> None:
    """Write all of it; a reader sees the old file or the new one."""
    kept = {}
    for slug, state in states.items():
        with state.lock:
            kept[slug] = StoredState(dict(state.access), dict(state.refresh), dict(state.subscriptions))
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(".new")
    fresh.write_bytes(msgspec.json.encode(kept))
    os.replace(fresh, path)


def load(path: Path, states: dict[str, VendorState]) -> None:
    """Take up what a former process left; nothing where there is no such file, or where it is not ours."""
    try:
        kept = msgspec.json.decode(path.read_bytes(), type=dict[str, StoredState])
    except (OSError, msgspec.DecodeError):
        return
    for slug, state in states.items():
        if slug in kept:
            state.access, state.refresh = kept[slug].access, kept[slug].refresh
            state.subscriptions = kept[slug].subscriptions
