"""A worker is told once, and again as soon as it has begun to look."""

import pytest
from pytest_django import Settings

from wearlink.lib.told import Told


def test_only_the_first_tells_until_a_worker_has_heard() -> None:
    told = Told("test", seconds=5)
    assert [told.first(1) for _ in range(3)] == [True, False, False]
    assert told.first(2)
    told.heard(1)
    assert told.first(1)


def test_without_valkey_everybody_tells(settings: Settings, caplog: pytest.LogCaptureFixture) -> None:
    settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": "unix:///nowhere/valkey.sock"}}
    told = Told("test", seconds=5)
    assert [told.first(1) for _ in range(2)] == [True, True]
    told.heard(1)
    assert "does not answer" in caplog.text
