"""The paths of exports below /api/v1/."""

from django.urls import path

from accounts.exports.api import downloads, exports

urlpatterns = [
    path("users/<uuid:user_id>/export", exports.ExportNowView.as_view()),
    path("users/<uuid:user_id>/export/async", exports.ExportLaterView.as_view()),
    path("users/<uuid:user_id>/exports", exports.ExportsView.as_view()),
    path("users/<uuid:user_id>/exports/<uuid:export_id>", exports.ExportView.as_view()),
    path("data-exports/<str:token>/download", downloads.DownloadView.as_view()),
]
