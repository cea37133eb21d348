"""The paths of billing below /api/v1/."""

from django.urls import path

from billing.api import hooks, invoices, subscription, usage

urlpatterns = [
    path("billing/plans", subscription.Plans.as_view()),
    path("billing/subscription", subscription.SubscriptionDetail.as_view()),
    path("billing/subscription/verify", subscription.VerifyCheckout.as_view()),
    path("billing/subscription/cancel", subscription.CancelSubscription.as_view()),
    path("billing/subscription/pause", subscription.PauseSubscription.as_view()),
    path("billing/subscription/resume", subscription.ResumeSubscription.as_view()),
    path("billing/invoices", invoices.Invoices.as_view()),
    path("billing/invoices/<uuid:invoice_id>", invoices.InvoiceDetail.as_view()),
    path("billing/invoices/<uuid:invoice_id>/pdf", invoices.InvoicePdf.as_view()),
    path("billing/usage", usage.Usage.as_view()),
    path("billing/webhooks/razorpay", hooks.OtherRazorpayHook.as_view()),
    path("webhooks/razorpay", hooks.OtherRazorpayHook.as_view()),
]
