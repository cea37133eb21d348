"""The encrypted columns of this app, for accounts.field_keys."""

from accounts import field_keys
from accounts.webhooks.models import Secret

field_keys.register("webhook secrets", Secret, "encrypted")
