"""The three ways to authenticate, as the OpenAPI description shows them."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension


class ApiKeyScheme(OpenApiAuthenticationExtension):
    target_class = "accounts.authentication.ApiKeyAuthentication"
    name = "ApiKey"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        return {
            "type": "apiKey",
            "in": "header",
            "name": "X-WearLink-API-Key",
            "description": "A server's key, from Settings → Credentials. `Authorization: Bearer sk-…` does as well.",
        }


class DashboardScheme(OpenApiAuthenticationExtension):
    target_class = "accounts.authentication.DashboardAuthentication"
    name = "Dashboard"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        """Bearer token of POST /auth/login."""
        return {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "JWT",
            "description": "A developer's session: the access_token of POST /auth/login.",
        }


class SdkScheme(OpenApiAuthenticationExtension):
    target_class = "accounts.authentication.SdkAuthentication"
    name = "SDK"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        """Bearer token of POST /users/{user_id}/token."""
        return {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "JWT",
            "description": "One end user's phone: the access_token of POST /users/{user_id}/token.",
        }
