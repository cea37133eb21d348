"""The WSGI application that granian serves."""

import gc
import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from wearlink import checks
from wearlink.lib.web.body_watch import BodyWatch
from wearlink.lib.web.large_bodies import LargeBodies
from wearlink.lib.web.slots import Slots, web_slots
from wearlink.lib.web.wsgi import WholeBodies, behind_proxies

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "wearlink.settings")

# The rows of one page are more objects than the 700 after which Python looks for rings, of which requests leave few.
COLLECT_AFTER = (20_000, 10, 10)

_django = get_wsgi_application()
checks.require()
_slots = Slots(_django, web_slots(settings.WEB_THREADS), frozenset({"/healthz"}))
_known, _watch = behind_proxies(_slots, settings.TRUSTED_PROXIES), BodyWatch()
application = LargeBodies(_known, WholeBodies(_known, settings.MAX_BODY_BYTES, _watch), _watch)

gc.freeze()  # what is loaded by now stays for ever: collecting it again and again would cost large answers most
gc.set_threshold(*COLLECT_AFTER)
