"""Reading health data: paths below /api/v1/."""

from django.urls import path

from healthdata.api import activity, changes, events, meta, scores, sources, summaries, timeseries, zones

urlpatterns = [
    path("meta/series-types", meta.SeriesTypesView.as_view(), name="series-types"),
    path("meta/workout-types", meta.WorkoutTypesView.as_view(), name="workout-types"),
    path("changes", changes.OrganizationChangesView.as_view(), name="changes"),
    path("users/<str:user_id>/changes", changes.UserChangesView.as_view(), name="user-changes"),
    path("users/<str:user_id>/timeseries", timeseries.TimeseriesView.as_view(), name="timeseries"),
    path("users/<str:user_id>/events/workouts", events.WorkoutsView.as_view(), name="workouts"),
    path("users/<str:user_id>/events/workouts/<str:workout_id>", events.WorkoutView.as_view(), name="workout"),
    path("users/<str:user_id>/events/sleep", events.SleepSessionsView.as_view(), name="sleep-sessions"),
    path("users/<str:user_id>/events/sleep/<str:session_id>", events.SleepSessionView.as_view(), name="sleep-session"),
    path("users/<str:user_id>/summaries/activity", activity.ActivityView.as_view(), name="activity-summary"),
    path(
        "users/<str:user_id>/summaries/activity/<str:day>/revisions",
        activity.ActivityRevisionsView.as_view(),
        name="activity-revisions",
    ),
    path("users/<str:user_id>/summaries/sleep", summaries.SleepView.as_view(), name="sleep-summary"),
    path("users/<str:user_id>/summaries/body", summaries.BodyView.as_view(), name="body-summary"),
    path("users/<str:user_id>/summaries/data", summaries.DataView.as_view(), name="data-summary"),
    path("users/<str:user_id>/sources", sources.SourcesView.as_view(), name="sources"),
    path("users/<str:user_id>/sources/<str:source_id>", sources.SourceView.as_view(), name="source"),
    path(
        "users/<str:user_id>/source-preferences/preview",
        sources.SourcePreferencesPreviewView.as_view(),
        name="source-preferences-preview",
    ),
    path("users/<str:user_id>/zone-changes", zones.ZoneChangesView.as_view(), name="zone-changes"),
    path("users/<str:user_id>/health-scores", scores.HealthScoresView.as_view(), name="health-scores"),
]
