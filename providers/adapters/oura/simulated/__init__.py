from providers.adapters.oura.simulated.vendor import SimulatedOura

VENDOR = SimulatedOura()
