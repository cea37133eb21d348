"""Routes for people and vendors, from the root: /connect/… and /v1/…"""

from django.urls import path

from providers.api.vendor_addresses import AT_ROOT
from providers.widget import views

urlpatterns = [
    path("connect/logos/<str:provider>.svg", views.logo, name="connect-logo"),
    path("connect/<str:token>", views.overview, name="connect"),
    path("connect/go/<str:state>", views.go, name="connect-go"),
    path("connect/<str:token>/start/<str:provider>", views.start, name="connect-start"),
    path("connect/<str:token>/disconnect/<str:provider>", views.disconnect, name="connect-disconnect"),
    *(path(f"v1/{route}", view) for route, view in AT_ROOT),
]
