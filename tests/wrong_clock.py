"""Sets this process's clock wrong; the database's stays right."""

from datetime import UTC, datetime, timedelta

import pytest

from wearlink.lib import clock

TEN_MINUTES = 600


class Off:
    """Each call puts the clock so many seconds ahead of the real one; negative: behind."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._patch = monkeypatch

    def __call__(self, seconds: float) -> None:
        self._patch.setattr(clock, "now", lambda: datetime.now(UTC) + timedelta(seconds=seconds))
        self._patch.setattr(clock, "now_ms", lambda: clock.to_ms(clock.now()))
