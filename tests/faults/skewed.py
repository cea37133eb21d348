"""A worker (app) or web server (application) whose clock is CLOCK_AHEAD seconds ahead; negative: behind."""

import os
from datetime import timedelta

from wearlink.lib import clock

AHEAD = int(os.environ["CLOCK_AHEAD"])
_now, _now_ms = clock.now, clock.now_ms
clock.now = lambda: _now() + timedelta(seconds=AHEAD)
clock.now_ms = lambda: _now_ms() + AHEAD * 1000

if os.environ["PROCESS"] == "web":
    from wearlink.wsgi import application  # noqa: F401 - what granian serves
else:
    from wearlink.celery import app  # noqa: F401 - what celery runs
