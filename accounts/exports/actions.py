"""The audit actions of exports."""

from accounts import audit

ACTIONS = {
    "data_export.requested": "An export of an end user's data was asked for.",
    "data_export.answered": "A small end user's data was exported and answered at once.",
    "data_export.downloaded": "An export was downloaded by its link.",
}

for _action, _description in ACTIONS.items():
    audit.register(_action, _description)
