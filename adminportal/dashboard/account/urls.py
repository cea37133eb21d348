"""The addresses of the organization's own matters, below /dashboard."""

from django.urls import path

from adminportal.dashboard.account import (
    audit_log,
    billing,
    credentials,
    organization,
    password,
    payment,
    providers,
    second_factor,
    source_order,
    team,
)

urlpatterns = [
    path("/credentials", credentials.keys_page, name="credentials"),
    path("/credentials/<str:key_id>/rotate", credentials.rotate, name="key-rotate"),
    path("/credentials/<str:key_id>/delete", credentials.delete, name="key-delete"),
    path("/credentials/sdk-tokens/withdraw", credentials.withdraw_sdk_tokens, name="sdk-tokens-withdraw"),
    path("/providers", providers.listed, name="providers"),
    path("/providers/<str:slug>", providers.detail, name="provider"),
    path("/providers/<str:slug>/remove", providers.remove, name="provider-remove"),
    path("/providers/<str:slug>/check", providers.check, name="provider-check"),
    path("/team", team.team_page, name="team"),
    path("/team/<uuid:member_id>/role", team.change_role, name="member-role"),
    path("/team/<uuid:member_id>/remove", team.remove, name="member-remove"),
    path("/team/<uuid:member_id>/second-factor/remove", second_factor.remove_for_member, name="member-factor"),
    path("/second-factor", second_factor.second_factor_page, name="second-factor"),
    path("/team/invitations/<uuid:invitation_id>/withdraw", team.withdraw, name="invitation-withdraw"),
    path("/password", password.change, name="password"),
    path("/organization", organization.organization_page, name="organization"),
    path("/source-order", source_order.source_order_page, name="source-order"),
    path("/source-order/try", source_order.try_source_order, name="try-source-order"),
    path("/source-order/save", source_order.save_source_order, name="save-source-order"),
    path("/billing", billing.billing_page, name="billing"),
    path("/billing/subscribe", billing.subscribe, name="billing-subscribe"),
    path("/billing/verify", payment.verify, name="billing-verify"),
    path("/billing/change", billing.change, name="billing-change"),
    path("/billing/cancel", billing.cancel, name="billing-cancel"),
    path("/billing/pause", billing.pause, name="billing-pause"),
    path("/billing/resume", billing.resume, name="billing-resume"),
    path("/billing/invoices/<uuid:invoice_id>.pdf", billing.invoice_file, name="invoice-file"),
    path("/audit", audit_log.audit_page, name="audit"),
    path("/audit/export", audit_log.export, name="audit-export"),
    path("/audit/verify", audit_log.verify, name="audit-verify"),
]
