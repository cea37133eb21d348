"""The demo: three people who do not exist, with 60 days of data that a phone might have sent.

people, day, nights, movement, training and vitals say what happened (pure, the same at every call), wire writes it as a
phone would, tenant makes the organization, upload sends, handout tells the operator.
"""
