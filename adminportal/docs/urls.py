"""Paths of the documentation. /docs/api, the reference, is the frame's own."""

from django.urls import path

from adminportal.docs import views

urlpatterns = [
    path("docs", views.page, name="docs"),
    path("docs/", views.page),
    path("docs/search", views.results, name="docs-search"),
    path("docs/<slug:slug>.md", views.markdown, name="docs-markdown"),
    path("docs/<slug:slug>", views.page, name="docs-page"),
]
