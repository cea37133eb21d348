"""Every URL: the API of each app under /api/v1/, its documentation, and the operator's endpoints."""

from importlib.util import find_spec

from django.urls import URLPattern, URLResolver, include, path

from wearlink import health, metrics
from wearlink.lib.web.route_tree import tree
from wearlink.site import schema

API_APPS = (
    "accounts",
    "accounts.webhooks",
    "accounts.exports",
    "billing",
    "healthdata",
    "providers",
    "nutrition",
    "adminportal",
)

api: list[URLPattern | URLResolver] = [
    path("schema", schema.schema, name="schema"),
    path("schema/", schema.schema),
    *(path("", include(f"{app}.urls")) for app in API_APPS if find_spec(f"{app}.urls")),
]

urlpatterns = [
    path("api/v1/", include(tree(api))),
    path("", include("wearlink.site.urls")),
    path("", include("accounts.pages.urls")),
    path("", include("billing.hook_urls")),
    path("", include("providers.connect_urls")),
    path("", include("adminportal.site_urls")),
    path("", include("adminportal.docs.urls")),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", metrics.metrics, name="metrics"),
]

handler400 = "wearlink.lib.api.errors.bad_request"
handler403 = "wearlink.lib.api.errors.forbidden"
handler404 = "wearlink.lib.api.errors.not_found"
handler500 = "wearlink.lib.api.errors.server_error"
