"""Routes of the providers app, under /api/v1/."""

from django.urls import path

from providers.api.backfills import BackfillCancelView, BackfillRetryView, BackfillStatusView
from providers.api.clouds import AuthorizeView, CoverageView, ProviderSettingsView, ProvidersView
from providers.api.connections import ConnectionsView, ConnectionView, ConnectLinkView, DiagnosisView
from providers.api.imports import DirectImportView, ImportListView, ImportView
from providers.api.sdk_sync import SyncStatusView, SyncView
from providers.api.sns import SnsView
from providers.api.syncs import SyncHistoryView, SyncNowView, SyncRunsView
from providers.api.uploads import UploadCompletedView, UploadLinkView, UploadView
from providers.api.vendor_addresses import BESIDE

urlpatterns = [
    path("sdk/users/<str:user_id>/sync", SyncView.as_view(), name="sdk-sync"),
    path("sdk/users/<str:user_id>/sync/<str:batch_id>", SyncStatusView.as_view(), name="sdk-sync-status"),
    path(
        "users/<str:user_id>/import/apple/xml/direct",
        DirectImportView.as_view(kind="apple_xml"),
        name="import-apple-direct",
    ),
    path("users/<str:user_id>/import/apple/xml/s3", UploadLinkView.as_view(kind="apple_xml"), name="import-apple-s3"),
    path("users/<str:user_id>/imports", ImportListView.as_view(), name="imports"),
    path("users/<str:user_id>/imports/<str:job_id>", ImportView.as_view(), name="import"),
    path("users/<str:user_id>/imports/<str:job_id>/complete", UploadCompletedView.as_view(), name="import-complete"),
    path("uploads/<str:token>", UploadView.as_view(), name="upload"),
    path("sns/notification", SnsView.as_view(), name="sns-notification"),
    path("providers", ProvidersView.as_view(), name="providers"),
    path("meta/coverage", CoverageView.as_view(), name="coverage"),
    path("providers/<str:provider>/settings", ProviderSettingsView.as_view(), name="provider-settings"),
    path("providers/<str:provider>/authorize", AuthorizeView.as_view(), name="provider-authorize"),
    path("providers/<str:provider>/users/<str:user_id>/sync", SyncNowView.as_view(), name="sync-now"),
    path("providers/<str:provider>/users/<str:user_id>/sync/historical", SyncHistoryView.as_view(), name="sync-all"),
    path("providers/<str:provider>/users/<str:user_id>/backfill/status", BackfillStatusView.as_view(), name="backfill"),
    path(
        "providers/<str:provider>/users/<str:user_id>/backfill/cancel",
        BackfillCancelView.as_view(),
        name="backfill-cancel",
    ),
    path(
        "providers/<str:provider>/users/<str:user_id>/backfill/<str:type_name>/retry",
        BackfillRetryView.as_view(),
        name="backfill-retry",
    ),
    path("users/<str:user_id>/sync-runs", SyncRunsView.as_view(), name="sync-runs"),
    path("users/<str:user_id>/connect-link", ConnectLinkView.as_view(), name="connect-link"),
    path("users/<str:user_id>/connections", ConnectionsView.as_view(), name="connections"),
    path("users/<str:user_id>/connections/<str:provider>", ConnectionView.as_view(), name="connection"),
    path("users/<str:user_id>/connections/<str:provider>/diagnosis", DiagnosisView.as_view(), name="diagnosis"),
    *(path(route, view) for route, view in BESIDE),
]
