from providers.adapters.google_health.simulated.vendor import SimulatedGoogleHealth

VENDOR = SimulatedGoogleHealth()
