"""Addresses in mails. The token stands in the query and is sent to nobody else (Referrer-Policy)."""

from django.urls import path

from accounts.pages import views

urlpatterns = [
    path("verify-email", views.verify_email, name="verify-email"),
    path("reset-password", views.reset_password, name="reset-password"),
    path("invitation", views.invitation, name="invitation"),
]
