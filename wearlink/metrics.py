"""Prometheus metrics: requests as django-prometheus counts them, and figures read at the moment of the scrape.

Counters belong to one web process. With several, set PROMETHEUS_MULTIPROC_DIR to an empty directory that they share,
and a scrape of any of them adds all of them up; not for `manage.py run`, whose copies close the files in it.
"""

import hmac
import logging
import os
from collections.abc import Iterator
from http import HTTPStatus

import prometheus_client
from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe
from prometheus_client import CollectorRegistry, multiprocess
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from wearlink.celery import QUEUES
from wearlink.lib.monitoring import gauges
from wearlink.lib.work import broker

logger = logging.getLogger(__name__)


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Return the text format; asks for ``Authorization: Bearer METRICS_TOKEN`` when such a token is set."""
    expected = f"Bearer {settings.METRICS_TOKEN}"
    if settings.METRICS_TOKEN and not hmac.compare_digest(
        request.headers.get("Authorization", "").encode(), expected.encode()
    ):
        return HttpResponse(
            "A bearer token is needed.\n", status=HTTPStatus.UNAUTHORIZED, content_type="text/plain; charset=utf-8"
        )
    figures = CollectorRegistry()
    figures.register(Figures())
    text = prometheus_client.generate_latest(_requests()) + prometheus_client.generate_latest(figures)
    return HttpResponse(text, content_type=prometheus_client.CONTENT_TYPE_LATEST)


def _requests() -> CollectorRegistry:
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return prometheus_client.REGISTRY
    registry = CollectorRegistry()
    multiprocess.MultiProcessCollector(registry)
    return registry


class Figures(Collector):
    """Queue depths and whatever apps have registered. A figure that cannot be read is left out, the others still
    come.
    """

    def collect(self) -> Iterator[GaugeMetricFamily]:
        for gauge in gauges.registered():
            try:
                yield _family(gauge, gauge.read())
            except (DatabaseError, broker.BrokerError, OSError) as error:
                logger.warning("gauge %s cannot be read", gauge.name, extra={"data": {"error": type(error).__name__}})


def _family(gauge: gauges.Gauge, reading: gauges.Reading) -> GaugeMetricFamily:
    family = GaugeMetricFamily(gauge.name, gauge.help, labels=[gauge.label] if gauge.label else [])
    if isinstance(reading, (int, float)):
        family.add_metric([], reading)
        return family
    for value, number in reading.items():
        family.add_metric([value], number)
    return family


def queue_depths() -> dict[str, float]:
    """Return how many messages wait, by queue."""
    return dict(broker.depths(settings.REDIS_URL, QUEUES))
