"""The audit actions of review: every act, with what was before and after."""

from accounts import audit

ACTIONS = {
    "meal_review.claimed": "A reviewer took a meal.",
    "meal_review.released": "A reviewer gave a meal back to the queue.",
    "meal_review.viewed": "A reviewer opened a meal and its photo.",
    "meal_review.approved": "A reviewer approved a meal.",
    "meal_review.rejected": "A reviewer rejected a meal.",
    "meal_review.item_changed": "A reviewer changed a dish of a meal.",
    "meal_review.item_added": "A reviewer added a dish to a meal.",
    "meal_review.item_removed": "A reviewer removed a dish from a meal.",
}

for _action, _description in ACTIONS.items():
    audit.register(_action, _description)
