"""The addresses of end users, below /dashboard."""

from typing import Final

from django.urls import path

from adminportal.dashboard.end_users import (
    connections,
    erasures,
    files,
    listing,
    nights,
    overview,
    phone,
    profile,
    samples,
    scores,
    sources,
    why,
    workouts,
)

ONE: Final = "/end-users/<str:user_id>"

urlpatterns = [
    path("/end-users", listing.end_users, name="end-users"),
    path("/end-users/new", listing.create, name="end-user-new"),
    path("/erasures", erasures.listed, name="erasures"),
    path("/erasures/<str:erasure_id>", erasures.erasure, name="erasure"),
    path(ONE, overview.overview, name="end-user"),
    path(f"{ONE}/days/<str:day>", why.why, name="why"),
    path(f"{ONE}/workouts", workouts.workouts, name="workouts"),
    path(f"{ONE}/workouts/<str:workout_id>", workouts.workout, name="workout"),
    path(f"{ONE}/sleep", nights.nights, name="nights"),
    path(f"{ONE}/sleep/<str:session_id>", nights.night, name="night"),
    path(f"{ONE}/scores", scores.scores, name="scores"),
    path(f"{ONE}/samples", samples.samples, name="samples"),
    path(f"{ONE}/sources", sources.sources, name="sources"),
    path(f"{ONE}/sources/try", sources.try_order, name="try-order"),
    path(f"{ONE}/sources/order", sources.save_order, name="save-order"),
    path(f"{ONE}/sources/<str:source_id>", sources.source, name="source"),
    path(f"{ONE}/connections", connections.connections, name="connections"),
    path(f"{ONE}/connect-link", connections.connect_link, name="connect-link"),
    path(f"{ONE}/sync-runs", connections.runs, name="sync-runs"),
    path(f"{ONE}/connections/<str:provider>/sync", connections.sync_now, name="sync-now"),
    path(f"{ONE}/connections/<str:provider>/end", connections.disconnect, name="disconnect"),
    path(f"{ONE}/connections/<str:provider>/history", connections.order_history, name="order-history"),
    path(f"{ONE}/connections/<str:provider>/backfill/cancel", connections.cancel_backfill, name="cancel-backfill"),
    path(f"{ONE}/connections/<str:provider>/backfill/retry", connections.retry_backfill, name="retry-backfill"),
    path(f"{ONE}/files", files.files, name="files"),
    path(f"{ONE}/files/export", files.ask_for_export, name="export"),
    path(f"{ONE}/files/export-now", files.export_now, name="export-now"),
    path(f"{ONE}/files/import", files.receive_import, name="import"),
    path(f"{ONE}/files/link", files.offer_link, name="upload-link"),
    path(f"{ONE}/files/imports/<str:job_id>/arrived", files.look_for_upload, name="upload-arrived"),
    path(f"{ONE}/phone", phone.phone, name="phone"),
    path(f"{ONE}/profile", profile.profile, name="profile"),
    path(f"{ONE}/delete", profile.delete, name="end-user-delete"),
]
