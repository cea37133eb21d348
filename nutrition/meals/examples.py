"""One meal, as the documentation shows it."""

from typing import Any, Final

USER: Final = "550e8400-e29b-41d4-a716-446655440000"
BIRYANI: Final[dict[str, Any]] = {
    "id": "0c6f3d1e-7a52-4f0b-9b1d-5e2a6c8d4f10",
    "dish_name": "biryani",
    "quantity_grams": 280.0,
    "quantity_uncertainty": 0.3,
    "calories_kcal": 560.0,
    "protein_g": 17.0,
    "carbs_g": 84.0,
    "fat_g": 19.6,
    "fiber_g": 2.8,
    "sugar_g": 5.6,
    "sodium_mg": 1190.0,
    "food_db_source": "in_curated",
    "food_db_id": "in_curated:biryani",
    "is_corrected": False,
}
RECOGNIZED: Final[dict[str, Any]] = {
    "id": "5b1e0d7a-3c49-4e62-8a1f-9d6b2c7e4a33",
    "user_id": USER,
    "detected_at": "2026-04-26T13:52:11Z",
    "meal_type": "lunch",
    "status": "recognized",
    "note": None,
    "confidence_score": 0.87,
    "vision_model": "claude-opus-4-7",
    "human_reviewed": False,
    "total_calories_kcal": 560.0,
    "items": [BIRYANI],
    "image": {"format": "jpeg", "width": 4000, "height": 3000, "is_kept": True},
    "created_at": "2026-04-26T13:52:12Z",
    "updated_at": "2026-04-26T13:52:19Z",
}
PENDING: Final[dict[str, Any]] = {
    **RECOGNIZED,
    "status": "pending",
    "confidence_score": None,
    "vision_model": None,
    "total_calories_kcal": None,
    "items": [],
    "updated_at": "2026-04-26T13:52:12Z",
}
MANUAL: Final[dict[str, Any]] = {
    **RECOGNIZED,
    "status": "manual",
    "confidence_score": None,
    "vision_model": None,
    "items": [{**BIRYANI, "quantity_uncertainty": 0.0}],
    "image": None,
    "updated_at": "2026-04-26T13:52:12Z",
}
ACCEPTED: Final[dict[str, Any]] = {
    "job_id": "7f0b9d52-41c6-4c0e-a3a7-2b1d8e6f9c55",
    "log_id": RECOGNIZED["id"],
    "status": "pending",
}
QUOTA: Final[dict[str, Any]] = {
    "detail": {
        "code": "quota_exceeded",
        "message": (
            "Daily nutrition image quota reached (20 for the hobby plan). Resets at 00:00 UTC. "
            "Manual logs are not affected."
        ),
        "limit": 20,
        "used": 20,
        "plan": "hobby",
        "resource": "nutrition_image",
    }
}
