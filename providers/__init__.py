"""The ways in which data arrive: phones' SDKs and vendor clouds, each an adapter folder, and their payloads."""
