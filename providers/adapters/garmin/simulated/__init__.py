from providers.adapters.garmin.simulated.vendor import SimulatedGarmin

VENDOR = SimulatedGarmin()
