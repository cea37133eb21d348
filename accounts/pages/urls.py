"""Addresses in mails, whose token is in the query and is sent to nobody else (Referrer-Policy); logos."""

from django.urls import path

from accounts.pages import logo, views

urlpatterns = [
    path("verify-email", views.verify_email, name="verify-email"),
    path("reset-password", views.reset_password, name="reset-password"),
    path("invitation", views.invitation, name="invitation"),
    path("logos/<uuid:organization>/<str:digest>.png", logo.logo, name="organization-logo"),
]
