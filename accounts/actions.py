"""The audit actions of this app."""

from accounts import audit

ACTIONS = {
    "organization.created": "An organization was created with its first owner.",
    "organization.updated": "Settings of the organization were changed.",
    "organization.reclaimed": "What was made before the owner's address was proved was revoked.",
    "auth.signed_in": "A developer signed in to the dashboard.",
    "auth.sign_in_failed": "A sign-in was refused.",
    "auth.locked": "An account was locked after too many failed sign-ins.",
    "auth.signed_out": "A developer ended all dashboard sessions.",
    "auth.password_changed": "A developer changed the password.",
    "auth.password_reset": "A developer set a new password by mail.",
    "auth.email_verified": "A developer confirmed the e-mail address.",
    "developer.second_factor_added": "A developer set up a second factor.",
    "developer.second_factor_refused": "A code of a second factor did not fit.",
    "developer.second_factor_removed": "A second factor was removed, by its developer or for who had lost it.",
    "developer.recovery_code_used": "A developer signed in with a recovery code.",
    "developer.recovery_codes_renewed": "A developer made new recovery codes.",
    "api_key.created": "An API key was created.",
    "api_key.rotated": "An API key was replaced by a new one.",
    "api_key.deleted": "An API key was revoked.",
    "sdk_tokens.withdrawn": "SDK tokens of an end user, or of all, were ended before their hour was over.",
    "member.updated": "A member's role or reviewer flag was changed.",
    "member.removed": "A member was removed from the organization.",
    "invitation.created": "Somebody was invited to the organization.",
    "invitation.revoked": "An invitation was withdrawn.",
    "invitation.accepted": "An invitation was accepted.",
    "audit_log.exported": "The audit trail was exported.",
    "field_keys.rotated": "Stored secrets were encrypted again with the first key.",
    "retention.applied": "What was older than the platform keeps it was removed.",
    "objects.swept": "Objects that no row knew were deleted.",
    "end_user.erased": "An end user was erased with all data.",
    "end_user.erasure_finished": "Nothing of an erased end user is left, here or with others.",
}

for _action, _description in ACTIONS.items():
    audit.register(_action, _description)
