"""WearLink's own scores: pure functions with cited constants. They describe wellness and diagnose nothing.

A part whose inputs are missing is left out and the weights of the others are scaled up, so that a new user or a phone
without stages is not punished for what nobody measured; `missing` and `confidence` say so.
"""
