"""The frame: settings, URLs, Celery, the embedded servers and the command that runs them all."""

from wearlink.celery import app as celery_app

__all__ = ["celery_app"]
