"""The encrypted columns of this app, for accounts.field_keys."""

from accounts import field_keys
from providers.models import ConnectionToken, OAuthState, ProviderApp, Revocation, VendorSubscription

field_keys.register("credentials of vendor apps", ProviderApp, "secrets")
field_keys.register("tokens of connections", ConnectionToken, "access", "refresh")
field_keys.register("tokens to be given back", Revocation, "access", "refresh")
field_keys.register("people on their way to a vendor", OAuthState, "verifier")
field_keys.register("secrets of vendor subscriptions", VendorSubscription, "signing_secret")
