"""Where data comes from: the phones' SDKs and vendor clouds, each an adapter folder, and the inbox they share."""
