from providers.adapters.strava.simulated.vendor import SimulatedStrava

VENDOR = SimulatedStrava()
