"""Paths of the documentation."""

from django.urls import path

from adminportal.docs import reference, views

urlpatterns = [
    path("docs", views.page, name="docs"),
    path("docs/", views.page),
    path("docs/search", views.results, name="docs-search"),
    path("docs/api", reference.every_call, name="api-reference"),
    path("docs/api/<slug:operation_id>", reference.one_call, name="api-call"),
    path("docs/<slug:slug>.md", views.markdown, name="docs-markdown"),
    path("docs/<slug:slug>", views.page, name="docs-page"),
]
