from providers.adapters.whoop.simulated.vendor import SimulatedWhoop

VENDOR = SimulatedWhoop()
