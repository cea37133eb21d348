"""Tells the figures of days whether more of an end user's payloads wait."""

from healthdata.figures import arrivals
from providers.models import Payload


def waits(user_key: int) -> bool:
    return Payload.objects.waiting().for_user(user_key).exists()


arrivals.register(waits)
