"""The addresses of the developers' portal, below /dashboard."""

from django.urls import include, path

from adminportal.dashboard import (
    connections,
    end_users,
    entrance,
    home,
    nutrition,
    overview,
    preferences,
    samples,
    sources,
    why,
    workouts,
)

app_name = "dashboard"
urlpatterns = [
    path("", home.home, name="home"),
    path("/login", entrance.login, name="login"),
    path("/login/code", entrance.code, name="code"),
    path("/sign-up", entrance.sign_up, name="sign-up"),
    path("/forgot", entrance.forgot, name="forgot"),
    path("/logout", entrance.logout, name="logout"),
    path("/theme", preferences.theme, name="theme"),
    path("/announcement", preferences.dismiss, name="dismiss"),
    path("/end-users", end_users.end_users, name="end-users"),
    path("/end-users/new", end_users.create, name="end-user-new"),
    path("/end-users/<str:user_id>", overview.overview, name="end-user"),
    path("/end-users/<str:user_id>/days/<str:day>", why.why, name="why"),
    path("/end-users/<str:user_id>/workouts", workouts.workouts, name="workouts"),
    path("/end-users/<str:user_id>/workouts/<str:workout_id>", workouts.workout, name="workout"),
    path("/end-users/<str:user_id>/nutrition", nutrition.nutrition, name="nutrition"),
    path("/end-users/<str:user_id>/samples", samples.samples, name="samples"),
    path("/end-users/<str:user_id>/sources", sources.sources, name="sources"),
    path("/end-users/<str:user_id>/sources/try", sources.try_order, name="try-order"),
    path("/end-users/<str:user_id>/sources/order", sources.save_order, name="save-order"),
    path("/end-users/<str:user_id>/connections", connections.connections, name="connections"),
    path("/end-users/<str:user_id>/connect-link", connections.connect_link, name="connect-link"),
    path("/end-users/<str:user_id>/sync-runs", connections.runs, name="sync-runs"),
    path("/end-users/<str:user_id>/connections/<str:provider>/sync", connections.sync_now, name="sync-now"),
    path("/end-users/<str:user_id>/connections/<str:provider>/end", connections.disconnect, name="disconnect"),
    path("/webhooks", include("adminportal.dashboard.webhooks.urls")),
    path("", include("adminportal.dashboard.account.urls")),
]
