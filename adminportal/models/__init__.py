"""The tables of the platform's own screens."""

from adminportal.models.announcement import Announcement, Severity
from adminportal.models.ticket import SupportTicket

__all__ = ["Announcement", "Severity", "SupportTicket"]
