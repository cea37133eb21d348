"""Imports as part of what belongs to an end user: erasing someone takes the uploaded files along."""

from accounts import erasure
from providers.models import ImportJob
from providers.payloads.erasure import part

erasure.register(part("imports", ImportJob))
