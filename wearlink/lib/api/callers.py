"""The kinds of caller. A module of its own, since DRF loads the authenticators before its views exist."""

API_KEY, DASHBOARD, SDK = "api_key", "dashboard", "sdk"
KEY_HEADER = "X-WearLink-API-Key"
