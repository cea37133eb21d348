"""Beat's scheduler, which outlives an outage of the database that it reads its schedule from."""

import logging
from typing import Any

from django.db import DatabaseError, InterfaceError, close_old_connections
from django_celery_beat.schedulers import DatabaseScheduler

logger = logging.getLogger(__name__)


class PatientScheduler(DatabaseScheduler):
    """django-celery-beat's, whose process ends when a query of the schedule fails; this one tries again."""

    def tick(self, *arguments: Any, **options: Any) -> float:
        """One turn; returns the seconds until the next. After a failure everything is read afresh."""
        try:
            wait: float = super().tick(*arguments, **options)
        except (DatabaseError, InterfaceError) as error:
            logger.warning("Nothing is scheduled: the database does not answer (%s).", type(error).__name__)
            close_old_connections()
            self._initial_read, self._heap = True, None
            return 1.0
        return wait
