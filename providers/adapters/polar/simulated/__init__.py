from providers.adapters.polar.simulated.vendor import SimulatedPolar

VENDOR = SimulatedPolar()
