"""The addresses below /dashboard/webhooks."""

from django.urls import path

from adminportal.dashboard.webhooks import (
    catalogue,
    deliveries,
    endpoints,
    listening,
    messages,
    signing_secret,
)

urlpatterns = [
    path("", endpoints.listed, name="webhooks"),
    path("/new", endpoints.create, name="webhook-new"),
    path("/messages", messages.listed, name="webhook-messages"),
    path("/messages/<str:message_id>", messages.detail, name="webhook-message"),
    path("/event-types", catalogue.listed, name="event-types"),
    path("/event-types/<str:event_type>", catalogue.detail, name="event-type"),
    path("/listeners", listening.listed, name="listeners"),
    path("/listeners/<str:listener_id>/close", listening.close, name="listener-close"),
    path("/listeners/<str:listener_id>/test", listening.test, name="listener-test"),
    path("/listeners/<str:listener_id>/look", listening.look, name="listener-look"),
    path("/<str:endpoint_id>", deliveries.log, name="webhook"),
    path("/<str:endpoint_id>/edit", endpoints.edit, name="webhook-edit"),
    path("/<str:endpoint_id>/pause", endpoints.pause, name="webhook-pause"),
    path("/<str:endpoint_id>/delete", endpoints.delete, name="webhook-delete"),
    path("/<str:endpoint_id>/secret", signing_secret.reveal, name="webhook-secret"),
    path("/<str:endpoint_id>/secret/rotate", signing_secret.rotate, name="webhook-rotate"),
    path("/<str:endpoint_id>/test", deliveries.test, name="webhook-test"),
    path("/<str:endpoint_id>/recover", deliveries.recover, name="webhook-recover"),
    path("/<str:endpoint_id>/retry", deliveries.retry, name="webhook-retry"),
    path("/<str:endpoint_id>/attempts/<str:attempt_id>", deliveries.attempt, name="webhook-attempt"),
    path("/<str:endpoint_id>/messages/<str:message_id>/resend", deliveries.resend, name="webhook-resend"),
    path("/<str:endpoint_id>/messages/<str:message_id>/retry", deliveries.retry_one, name="webhook-retry-one"),
]
