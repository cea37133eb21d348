"""/webhooks/endpoints/{endpoint_id}/…: test, delivery log, recovery, statistics."""

from datetime import timedelta
from http import HTTPStatus

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.replies import idempotent
from accounts.webhooks.api import answers, delivery_shapes, examples
from accounts.webhooks.api.endpoints import TAGS, EndpointView
from accounts.webhooks.api.pages import attempts_page
from accounts.webhooks.backends.chosen import chosen_backend
from accounts.webhooks.endpoints import repeats
from wearlink.lib import clock
from wearlink.lib.api import bodies
from wearlink.lib.api.openapi import errors

STATISTICS_DAYS = 28


class TestEndpoint(EndpointView):
    """POST /webhooks/endpoints/{endpoint_id}/test."""

    @extend_schema(
        operation_id="webhook_endpoints_test",
        summary="Send a test event",
        description="Sends the example of an event type to this endpoint and no other, whatever its filter says and "
        "even while it is paused. One attempt; see the delivery log for what came of it.",
        tags=TAGS,
        request=delivery_shapes.TestEventSerializer,
        responses={202: delivery_shapes.QueuedMessageSerializer, **errors(503)},
        examples=[
            examples.asked("Type", {"event_type": "workout.created"}),
            examples.answer("Queued", {"message_id": examples.MESSAGE_ID, "status": "queued"}),
        ],
    )
    def post(self, request: Request, endpoint_id: str) -> Response:
        event_type = bodies.read(delivery_shapes.TestEventSerializer, request)["event_type"]
        message_id = chosen_backend().test(self.endpoint, event_type)
        return Response({"message_id": message_id, "status": "queued"}, status=HTTPStatus.ACCEPTED)


class Attempts(EndpointView):
    """GET /webhooks/endpoints/{endpoint_id}/attempts."""

    query_class = delivery_shapes.AttemptsQuery

    @extend_schema(
        operation_id="webhook_endpoints_attempts",
        summary="List delivery attempts",
        description="Newest first: what was sent, what was answered, how long it took, when the next attempt is due.",
        tags=TAGS,
        responses={200: delivery_shapes.DeliveryAttemptPage, **errors(503)},
        examples=[examples.answer("Attempts", {"data": [examples.ATTEMPT], "pagination": examples.CURSOR})],
    )
    def get(self, request: Request, endpoint_id: str) -> Response:
        """List the endpoint's attempts, a page at a time."""
        rows, following = attempts_page(self.endpoint, self.query)
        return Response(answers.by_cursor([answers.attempt(one) for one in rows], following))


class Recover(EndpointView):
    """POST /webhooks/endpoints/{endpoint_id}/recover."""

    @extend_schema(
        operation_id="webhook_endpoints_recover",
        summary="Send again what was missed",
        description="Everything of the stretch of time that this endpoint's filter takes and that did not arrive: "
        "given up, dropped, waiting for a retry, or made while the endpoint was paused. Ids stay the same.",
        tags=TAGS,
        request=delivery_shapes.RecoverMessagesSerializer,
        responses={202: delivery_shapes.RecoveredMessagesSerializer, **errors(409, 503)},
        examples=[
            examples.asked("Since", {"start_time": "2026-04-22T00:00:00Z"}),
            examples.answer("Queued", {"messages": 17}),
        ],
    )
    @idempotent
    def post(self, request: Request, endpoint_id: str) -> Response:
        values = bodies.read(delivery_shapes.RecoverMessagesSerializer, request)
        count = repeats.recover(self.endpoint, values["start_time"], values.get("end_time"))
        return Response({"messages": count}, status=HTTPStatus.ACCEPTED)


class RetryEndpoint(EndpointView):
    """POST /webhooks/endpoints/{endpoint_id}/retry."""

    @extend_schema(
        operation_id="webhook_endpoints_retry",
        summary="Make waiting retries now",
        description="For a server that works again: everything that waits for its next attempt is sent at once. What "
        "was given up is not touched, see recover.",
        tags=TAGS,
        request=None,
        responses={202: delivery_shapes.RetriedMessagesSerializer, **errors(409, 501, 503)},
        examples=[examples.answer("Queued", {"messages": 3})],
    )
    @idempotent
    def post(self, request: Request, endpoint_id: str) -> Response:
        return Response({"messages": repeats.retry(self.endpoint)}, status=HTTPStatus.ACCEPTED)


class EndpointStatistics(EndpointView):
    """GET /webhooks/endpoints/{endpoint_id}/statistics."""

    query_class = delivery_shapes.StatisticsQuery

    @extend_schema(
        operation_id="webhook_endpoints_statistics",
        summary="Count what became of an endpoint's messages",
        tags=TAGS,
        responses={200: delivery_shapes.EndpointStatisticsSerializer, **errors(503)},
        examples=[
            examples.answer(
                "Numbers",
                {
                    "start_time": "2026-03-26T10:00:00Z",
                    "end_time": "2026-04-23T10:00:00Z",
                    "delivered": 4120,
                    "pending": 2,
                    "failed": 1,
                    "tests": 3,
                    "by_day": [
                        {
                            "date": "2026-04-23",
                            "event_type": "workout.created",
                            "delivered": 41,
                            "pending": 2,
                            "failed": 1,
                        }
                    ],
                },
            )
        ],
    )
    def get(self, request: Request, endpoint_id: str) -> Response:
        """Count the endpoint's messages of a range of time by their outcome."""
        end = self.query.get("end_time") or clock.now()
        start = self.query.get("start_time") or end - timedelta(days=STATISTICS_DAYS)
        found = chosen_backend().statistics(self.endpoint, start, end)
        return Response(
            {
                "start_time": start,
                "end_time": end,
                "delivered": found.delivered,
                "pending": found.pending,
                "failed": found.failed,
                "tests": found.tests,
                "by_day": answers.by_day(found),
            }
        )
