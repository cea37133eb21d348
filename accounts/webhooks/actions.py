"""The audit actions of this app."""

from accounts import audit

ACTIONS = {
    "webhook_endpoint.created": "A webhook endpoint was created.",
    "webhook_endpoint.updated": "A webhook endpoint's address, filter or state was changed.",
    "webhook_endpoint.deleted": "A webhook endpoint was deleted.",
    "webhook_endpoint.disabled": "A webhook endpoint was disabled because deliveries kept failing.",
    "webhook_endpoint.secret_read": "The signing secret of a webhook endpoint was read.",
    "webhook_endpoint.secret_rotated": "The signing secret of a webhook endpoint was replaced.",
    "webhook_listener.opened": "A command line began to listen to webhook events.",
    "webhook_listener.closed": "A command line ended to listen to webhook events, or was silent for too long.",
}

for _action, _description in ACTIONS.items():
    audit.register(_action, _description)
