"""The demo: three end users who do not exist, with 60 days of data that a phone might have sent.

demo_users, day, nights, movement, training and vitals say what happened (pure, the same at every call), wire writes it
as a phone would, tenant makes the organization, upload sends, credentials_file tells the operator.
"""
