"""The WSGI application that granian serves."""

import gc
import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from wearlink import checks
from wearlink.lib.wsgi import WholeBodies, behind_proxies

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "wearlink.settings")

_django = get_wsgi_application()
checks.require()
application = behind_proxies(WholeBodies(_django, settings.MAX_BODY_BYTES), settings.TRUSTED_PROXIES)

gc.freeze()  # what is loaded by now stays for ever: collecting it again and again would cost large answers most
