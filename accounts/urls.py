"""The paths of accounts below /api/v1/."""

from django.urls import path

from accounts.api import audit_logs, auth, erasures, keys, organization, team, users

urlpatterns = [
    path("auth/register", auth.Register.as_view()),
    path("auth/login", auth.Login.as_view()),
    path("auth/logout", auth.Logout.as_view()),
    path("auth/me", auth.Me.as_view()),
    path("auth/password", auth.Password.as_view()),
    path("auth/password/forgot", auth.ForgotPassword.as_view()),
    path("auth/password/reset", auth.ResetPassword.as_view()),
    path("auth/verify-email", auth.VerifyEmail.as_view()),
    path("organization", organization.OrganizationDetail.as_view()),
    path("organization/sdk-tokens", organization.OrganizationSdkTokens.as_view()),
    path("organization/members", team.Members.as_view()),
    path("organization/members/<uuid:member_id>", team.Member.as_view()),
    path("organization/invitations", team.Invitations.as_view()),
    path("organization/invitations/accept", team.AcceptInvitation.as_view()),
    path("organization/invitations/<uuid:invitation_id>", team.InvitationDetail.as_view()),
    path("developer/api-keys", keys.ApiKeys.as_view()),
    path("developer/api-keys/<str:key_id>", keys.ApiKeyDetail.as_view()),
    path("developer/api-keys/<str:key_id>/rotate", keys.RotateApiKey.as_view()),
    path("audit-logs", audit_logs.AuditLogs.as_view()),
    path("audit-logs/export", audit_logs.AuditLogsExport.as_view()),
    path("audit-logs/verify", audit_logs.AuditLogsVerify.as_view()),
    path("erasures", erasures.Erasures.as_view()),
    path("erasures/<uuid:erasure_id>", erasures.ErasureDetail.as_view()),
    path("users", users.Users.as_view()),
    path("users/<uuid:user_id>", users.UserDetail.as_view()),
    path("users/<uuid:user_id>/token", users.UserToken.as_view()),
]
