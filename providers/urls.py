"""Routes of the providers app, under /api/v1/."""

from django.urls import path

from providers.api.views import SyncStatusView, SyncView
from providers.import_api import DirectImportView, ImportListView, ImportView

urlpatterns = [
    path("sdk/users/<str:user_id>/sync", SyncView.as_view(), name="sdk-sync"),
    path("sdk/users/<str:user_id>/sync/<str:batch_id>", SyncStatusView.as_view(), name="sdk-sync-status"),
    path("users/<str:user_id>/import/apple/xml/direct", DirectImportView.as_view(), name="import-apple-direct"),
    path("users/<str:user_id>/imports", ImportListView.as_view(), name="imports"),
    path("users/<str:user_id>/imports/<str:job_id>", ImportView.as_view(), name="import"),
]
