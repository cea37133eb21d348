"""Plain records beneath the pages, for support work: read-only, searched on indexed columns, secrets left out."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from accounts.models import ApiKey, AuditEntry, Developer, EndUser, Invitation, Organization
from accounts.webhooks.models import Endpoint, Message
from adminportal.models import Announcement, SupportTicket
from adminportal.platform.site import site
from billing.models import Invoice, Plan, Refund, Subscription
from nutrition.models import Food, MealLog
from providers.models import Connection, ImportJob, Payload, SyncRun


class Records(ModelAdmin):
    """Fifty rows a page that nobody can change here: acts belong to the pages, which audit them."""

    list_per_page = 50
    show_full_result_count = False
    compressed_fields = True

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Organization, site=site)
class OrganizationRecords(Records):
    list_display = ("name", "plan", "time_zone", "created_at")
    search_fields = ("=id", "name")


@admin.register(Developer, site=site)
class DeveloperRecords(Records):
    """Developers, without their passwords."""

    list_display = ("email", "organization", "role", "is_superuser", "created_at")
    list_select_related = ("organization",)
    search_fields = ("=id", "email")
    exclude = ("password",)


@admin.register(ApiKey, site=site)
class ApiKeyRecords(Records):
    """API keys, without their digests."""

    list_display = ("public_id", "name", "organization", "created_at", "last_used_at", "revoked_at")
    list_select_related = ("organization",)
    search_fields = ("=public_id", "=organization__id")
    exclude = ("digest",)
    raw_id_fields = ("organization", "created_by")


@admin.register(EndUser, site=site)
class EndUserRecords(Records):
    """End users of all tenants."""

    list_display = ("id", "organization", "email", "external_id", "created_at")
    list_select_related = ("organization",)
    ordering = ("-key",)
    search_fields = ("search_text",)
    raw_id_fields = ("organization",)


@admin.register(Invitation, site=site)
class InvitationRecords(Records):
    list_display = ("email", "organization", "role", "created_at")
    list_select_related = ("organization",)
    raw_id_fields = ("organization",)


@admin.register(AuditEntry, site=site)
class AuditRecords(Records):
    """Audit entries; the Audit page filters better."""

    list_display = ("id", "action", "actor_kind", "actor_id", "target_type", "created_at")
    ordering = ("-id",)
    search_fields = ("=actor_id", "=action")
    exclude = ("previous_hash", "hash")
    raw_id_fields = ("organization",)


@admin.register(Endpoint, site=site)
class EndpointRecords(Records):
    """Webhook endpoints; secrets and header values stay out."""

    list_display = ("id", "organization", "status", "created_at")
    list_select_related = ("organization",)
    search_fields = ("=id", "=organization__id")
    fields = ("id", "organization", "url", "description", "event_types", "status", "disabled_reason", "created_at")
    raw_id_fields = ("organization",)


@admin.register(Message, site=site)
class MessageRecords(Records):
    """Events that were emitted, without their bodies."""

    list_display = ("id", "organization", "type", "created_at")
    list_select_related = ("organization",)
    ordering = ("-key",)
    search_fields = ("=id",)
    fields = ("id", "organization", "type", "user_id", "created_at")
    raw_id_fields = ("organization",)


@admin.register(Plan, site=site)
class PlanRecords(Records):
    """Plans with the day from which each is valid."""

    list_display = ("code", "name", "price_usd_cents", "photos_per_day", "valid_from")


@admin.register(Subscription, site=site)
class SubscriptionRecords(Records):
    """Subscriptions as Razorpay reported them."""

    list_display = ("razorpay_id", "organization", "status", "current_end", "created_at")
    list_select_related = ("organization",)
    search_fields = ("=razorpay_id",)
    raw_id_fields = ("organization", "vendor_plan")


@admin.register(Invoice, site=site)
class InvoiceRecords(Records):
    list_display = ("number", "organization", "status", "amount", "currency", "paid_at")
    list_select_related = ("organization",)
    search_fields = ("=number", "=payment_id")
    raw_id_fields = ("organization", "subscription")


@admin.register(Refund, site=site)
class RefundRecords(Records):
    list_display = ("razorpay_id", "payment_id", "amount", "currency", "status", "refunded_at")
    search_fields = ("=razorpay_id", "=payment_id")


@admin.register(Connection, site=site)
class ConnectionRecords(Records):
    """Connections to vendors; tokens are rows of their own and not shown."""

    list_display = ("id", "provider", "status", "reason", "last_sync_at")
    ordering = ("-key",)
    search_fields = ("=id", "=account")
    raw_id_fields = ("app",)


@admin.register(SyncRun, site=site)
class SyncRunRecords(Records):
    list_display = ("__str__", "state", "created_at")
    ordering = ("-pk",)


@admin.register(ImportJob, site=site)
class ImportJobRecords(Records):
    list_display = ("job_id", "state", "created_at")
    ordering = ("-pk",)
    search_fields = ("=job_id",)


@admin.register(Payload, site=site)
class PayloadRecords(Records):
    """Payloads of phones and vendors, without their content."""

    list_display = ("batch_id", "state", "received_at")
    ordering = ("-pk",)
    search_fields = ("=batch_id",)
    fields = ("batch_id", "user_key", "state", "received_at")


@admin.register(MealLog, site=site)
class MealLogRecords(Records):
    list_display = ("id", "status", "meal_type", "detected_at")
    ordering = ("-pk",)
    search_fields = ("=id",)


@admin.register(Food, site=site)
class FoodRecords(Records):
    list_display = ("__str__", "tier", "calories_kcal")
    search_fields = ("id",)


@admin.register(Announcement, site=site)
class AnnouncementRecords(Records):
    list_display = ("title", "severity", "is_active", "published_at")
    raw_id_fields = ("published_by",)


@admin.register(SupportTicket, site=site)
class SupportTicketRecords(Records):
    """Messages of the contact form."""

    list_display = ("subject", "email", "created_at", "resolved_at")
    search_fields = ("=email",)
    raw_id_fields = ("resolved_by",)
