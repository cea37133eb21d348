"""The addresses that are entered at vendors: served under /v1/ and, with the rest of the API, under /api/v1/.

The schema names each once, under /v1/, where it belongs.
"""

from typing import Final

from drf_spectacular.utils import extend_schema

from providers.api.callback import CallbackView
from providers.api.vendor_webhooks import VendorWebhookView


@extend_schema(exclude=True)
class OtherCallbackView(CallbackView):
    """The same at another address."""


@extend_schema(exclude=True)
class OtherVendorWebhookView(VendorWebhookView):
    """The same at another address."""


CALLBACK: Final = "providers/<str:provider>/callback"
PUSH: Final = "webhooks/<str:provider>"
OWN_PUSH: Final = "webhooks/<str:provider>/<uuid:app_id>"  # of an organization's own app
PROVEN: Final = "/secret/<str:path_secret>"  # for vendors that sign nothing (providers.contract.PathSecret)

AT_ROOT: Final = (
    (CALLBACK, CallbackView.as_view()),
    (PUSH, VendorWebhookView.as_view()),
    (OWN_PUSH, OtherVendorWebhookView.as_view()),
    (PUSH + PROVEN, OtherVendorWebhookView.as_view()),
    (OWN_PUSH + PROVEN, OtherVendorWebhookView.as_view()),
)
BESIDE: Final = (
    (CALLBACK, OtherCallbackView.as_view()),
    (PUSH, OtherVendorWebhookView.as_view()),
    (OWN_PUSH, OtherVendorWebhookView.as_view()),
    (PUSH + PROVEN, OtherVendorWebhookView.as_view()),
    (OWN_PUSH + PROVEN, OtherVendorWebhookView.as_view()),
)
