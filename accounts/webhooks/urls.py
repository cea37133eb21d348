"""The paths of webhooks below /api/v1/."""

from django.urls import path

from accounts.webhooks.api import deliveries, endpoints, listeners, messages, service

ENDPOINT = "webhooks/endpoints/<str:endpoint_id>"
LISTENER = "webhooks/listeners/<str:listener_id>"

urlpatterns = [
    path("webhooks/event-types", messages.EventTypes.as_view()),
    path("webhooks/event-types/<str:event_type>", messages.EventTypeDetail.as_view()),
    path("webhooks/endpoints", endpoints.Endpoints.as_view()),
    path(ENDPOINT, endpoints.EndpointDetail.as_view()),
    path(f"{ENDPOINT}/secret", endpoints.EndpointSecret.as_view()),
    path(f"{ENDPOINT}/secret/rotate", endpoints.RotateEndpointSecret.as_view()),
    path(f"{ENDPOINT}/test", deliveries.TestEndpoint.as_view()),
    path(f"{ENDPOINT}/attempts", deliveries.Attempts.as_view()),
    path(f"{ENDPOINT}/recover", deliveries.Recover.as_view()),
    path(f"{ENDPOINT}/retry", deliveries.RetryEndpoint.as_view()),
    path(f"{ENDPOINT}/statistics", deliveries.EndpointStatistics.as_view()),
    path("webhooks/listeners", listeners.Listeners.as_view()),
    path(LISTENER, listeners.ListenerDetail.as_view()),
    path(f"{LISTENER}/poll", listeners.PollListener.as_view()),
    path(f"{LISTENER}/test", listeners.TestListener.as_view()),
    path("webhooks/messages", messages.Messages.as_view()),
    path("webhooks/messages/<str:message_id>", messages.MessageDetail.as_view()),
    path("webhooks/messages/<str:message_id>/resend", messages.ResendMessage.as_view()),
    path("webhooks/messages/<str:message_id>/retry", messages.RetryMessage.as_view()),
    path("webhooks/svix", service.SvixNotices.as_view()),
    path("webhooks/egress-addresses", messages.EgressAddresses.as_view()),
]
