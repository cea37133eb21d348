"""The paths of the platform's administrators below /api/v1/."""

from django.urls import path

from adminportal.api import messages, money, operations, people

urlpatterns = [
    path("contact", messages.Contact.as_view()),
    path("admin/overview", money.Overview.as_view()),
    path("admin/developers", people.Developers.as_view()),
    path("admin/developers/<str:developer_id>", people.DeveloperDetail.as_view()),
    path("admin/developers/<str:developer_id>/superuser", people.DeveloperSuperuser.as_view()),
    path("admin/developers/<str:developer_id>/lock", people.DeveloperLock.as_view()),
    path("admin/developers/<str:developer_id>/unlock", people.DeveloperUnlock.as_view()),
    path("admin/end-users", people.EndUsers.as_view()),
    path("admin/end-users/<str:user_id>", people.EndUserDetail.as_view()),
    path("admin/finance/summary", money.FinanceSummary.as_view()),
    path("admin/finance/subscriptions", money.PlatformSubscriptions.as_view()),
    path("admin/finance/invoices", money.PlatformInvoices.as_view()),
    path("admin/finance/invoices/<str:invoice_id>/mark-refunded", money.MarkRefunded.as_view()),
    path("admin/cogs/summary", money.Cogs.as_view()),
    path("admin/insights", money.Insights.as_view()),
    path("admin/audit", operations.AuditTrail.as_view()),
    path("admin/system/health", operations.SystemHealth.as_view()),
    path("admin/jobs", operations.Jobs.as_view()),
    path("admin/jobs/<str:job_name>/run", operations.RunJob.as_view()),
    path("admin/support", messages.Tickets.as_view()),
    path("admin/support/<str:ticket_id>/resolve", messages.ResolveTicket.as_view()),
    path("admin/announcements/active", messages.ActiveAnnouncement.as_view()),
    path("admin/announcements/history", messages.AnnouncementHistory.as_view()),
    path("admin/announcements/publish", messages.PublishAnnouncement.as_view()),
    path("admin/announcements/<str:announcement_id>/dismiss", messages.DismissAnnouncement.as_view()),
]
