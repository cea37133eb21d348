"""The encrypted columns of this app, for accounts.field_keys."""

from accounts import field_keys
from accounts.models import IdempotentReply

field_keys.register("idempotent replies", IdempotentReply, "body")
