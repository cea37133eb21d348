"""Routes of the providers app, under /api/v1/."""

from django.urls import path

from providers.api.views import SyncStatusView, SyncView

urlpatterns = [
    path("sdk/users/<str:user_id>/sync", SyncView.as_view(), name="sdk-sync"),
    path("sdk/users/<str:user_id>/sync/<str:batch_id>", SyncStatusView.as_view(), name="sdk-sync-status"),
]
