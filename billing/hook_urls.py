"""Routes for Razorpay, from the root: /v1/…"""

from django.urls import path

from billing.api.hooks import RazorpayHook

urlpatterns = [path("v1/webhooks/razorpay", RazorpayHook.as_view())]
