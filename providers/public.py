"""What vendors' screens are given: served under /v1/ and, with the rest of the API, under /api/v1/."""

from providers.api.callback import CallbackView
from providers.api.pushes import PushView

PUBLIC = (
    ("providers/<str:provider>/callback", CallbackView.as_view()),
    ("webhooks/<str:provider>", PushView.as_view()),
    ("webhooks/<str:provider>/<uuid:app_id>", PushView.as_view()),
)
