"""Oura's simulated side."""

from providers.adapters.oura.simulated.vendor import SimulatedOura

VENDOR = SimulatedOura()
