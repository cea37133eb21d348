"""Titles and units of a day's figures on pages."""

from typing import Final

TITLES: Final = {
    "steps": ("Steps", ""),
    "active_calories_kcal": ("Active energy", "kcal"),
    "basal_calories_kcal": ("Energy at rest", "kcal"),
    "total_calories_kcal": ("Energy in all", "kcal"),
    "distance_meters": ("Distance", "m"),
    "flights_climbed": ("Floors climbed", ""),
    "elevation_gain_meters": ("Metres climbed", "m"),
    "active_minutes": ("Active time", "min"),
    "sedentary_minutes": ("Time at rest", "min"),
    "avg_heart_rate_bpm": ("Mean heart rate", "bpm"),
    "min_heart_rate_bpm": ("Lowest heart rate", "bpm"),
    "max_heart_rate_bpm": ("Highest heart rate", "bpm"),
    "resting_heart_rate_bpm": ("Resting heart rate", "bpm"),
}
