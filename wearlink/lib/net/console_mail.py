"""Mail for a developer's terminal: whom it goes to, its subject and its text, without the headers of a mail server."""

import sys
from collections.abc import Sequence

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend


class ConsoleBackend(BaseEmailBackend):
    """Print mails instead of sending them."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Print each; links stay whole on a line of their own, so that a terminal can open them."""
        for message in email_messages:
            text = str(message.body).strip().replace("\n", "\n    ")
            sys.stdout.write(f"\nMail to {', '.join(message.to)}: {message.subject}\n\n    {text}\n\n")
        sys.stdout.flush()
        return len(email_messages)
