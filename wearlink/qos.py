"""The worker's way to take messages from a broker that may hang or die."""

from typing import Any

from kombu.transport import redis as redis_transport
from kombu.transport import virtual


class PatientQoS(redis_transport.QoS):
    """Kombu's, for a broker that does not answer in time, or not any more.

    What could not be acknowledged stays counted as being worked on, and with prefetch 1 the process never takes
    another. Here its place is free in any case; the message comes again after the visibility timeout, which is
    harmless, since rows and not messages say what is to be done.
    """

    def ack(self, delivery_tag: Any) -> None:
        try:
            if self._connected():
                super().ack(delivery_tag)  # type: ignore[no-untyped-call]
        finally:
            virtual.QoS.ack(self, delivery_tag)

    def reject(self, delivery_tag: Any, requeue: bool = False) -> None:
        """Requeue the message, or drop it."""
        try:
            if self._connected():
                super().reject(delivery_tag, requeue=requeue)  # type: ignore[no-untyped-call]
        finally:
            virtual.QoS.ack(self, delivery_tag)

    def restore_unacked(self, client: Any = None) -> None:
        """Give back what is not acknowledged, where there is still a broker to give it to."""
        if self._connected():
            super().restore_unacked(client)  # type: ignore[no-untyped-call]
        else:
            self._delivered.clear()

    def _connected(self) -> bool:
        """Return whether the channel still belongs to a connection.

        When the broker dies, Celery closes the connection twice. A first attempt that breaks off at one channel leaves
        others open and without an address; kombu's AttributeError on them would end the worker.
        """
        transport = self.channel.connection
        return transport is not None and transport.client is not None
