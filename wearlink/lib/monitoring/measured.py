"""The counters of django-prometheus, which looks each of a dozen up again for every request."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django_prometheus.middleware import PrometheusAfterMiddleware


class Measured(PrometheusAfterMiddleware):
    """The same figures; a counter of known labels is kept. Labels are views, methods and statuses, so they are few."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._known: dict[tuple[Any, ...], Any] = {}

    def label_metric(
        self, metric: Any, request: HttpRequest, response: HttpResponse | None = None, **labels: str
    ) -> Any:
        """Return the counter of these labels."""
        if not labels:
            return metric
        key = (metric, *labels.values())
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = metric.labels(**labels)
        return found
