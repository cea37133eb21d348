"""The addresses of the developers' portal, below /dashboard."""

from django.urls import include, path

from adminportal.dashboard import changes, entrance, home, preferences

app_name = "dashboard"
urlpatterns = [
    path("", home.home, name="home"),
    path("/verification", home.send_verification, name="send-verification"),
    path("/login", entrance.login, name="login"),
    path("/login/code", entrance.code, name="code"),
    path("/sign-up", entrance.sign_up, name="sign-up"),
    path("/forgot", entrance.forgot, name="forgot"),
    path("/logout", entrance.logout, name="logout"),
    path("/changes", changes.changes, name="changes"),
    path("/end-users/<str:user_id>/changes", changes.changes_of_user, name="user-changes"),
    path("/announcement", preferences.dismiss, name="dismiss"),
    path("", include("adminportal.dashboard.end_users.urls")),
    path("", include("adminportal.dashboard.meals.urls")),
    path("/webhooks", include("adminportal.dashboard.webhooks.urls")),
    path("", include("adminportal.dashboard.account.urls")),
]
