"""The wire format the three phone SDKs share. Adapters bring tables; nothing in here knows a provider by name."""
