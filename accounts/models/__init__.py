"""The tables of accounts, one file a noun."""

from accounts.models.audit import AuditCheck, AuditEntry, AuditSeal
from accounts.models.developer import Developer, Role
from accounts.models.end_user import EndUser, UserZone
from accounts.models.erasure import Erasure
from accounts.models.invitation import Invitation
from accounts.models.key import ApiKey
from accounts.models.leftover import Leftover
from accounts.models.logo import OrganizationLogo
from accounts.models.organization import Organization
from accounts.models.reply import IdempotentReply
from accounts.models.second_factor import SecondFactorDevice
from accounts.models.usage import DailyUsage, MonthlyUsage

__all__ = [
    "ApiKey",
    "AuditCheck",
    "AuditEntry",
    "AuditSeal",
    "DailyUsage",
    "Developer",
    "EndUser",
    "Erasure",
    "IdempotentReply",
    "Invitation",
    "Leftover",
    "MonthlyUsage",
    "Organization",
    "OrganizationLogo",
    "Role",
    "SecondFactorDevice",
    "UserZone",
]
