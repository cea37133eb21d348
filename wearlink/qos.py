"""The worker's way to take messages from a broker that may hang."""

from typing import Any

from kombu.transport import redis as redis_transport
from kombu.transport import virtual


class PatientQoS(redis_transport.QoS):
    """Kombu's, for a broker that does not answer in time.

    What could not be acknowledged stays counted as being worked on, and with prefetch 1 the process never takes
    another. Here its place is free in any case; the message comes again after the visibility timeout, which is
    harmless, since rows and not messages say what is to be done.
    """

    def ack(self, delivery_tag: Any) -> None:
        try:
            super().ack(delivery_tag)  # type: ignore[no-untyped-call]
        finally:
            virtual.QoS.ack(self, delivery_tag)

    def reject(self, delivery_tag: Any, requeue: bool = False) -> None:
        """Requeue the message, or drop it."""
        try:
            super().reject(delivery_tag, requeue=requeue)  # type: ignore[no-untyped-call]
        finally:
            virtual.QoS.ack(self, delivery_tag)
