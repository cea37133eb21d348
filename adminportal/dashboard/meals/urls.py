"""The addresses of meals and foods, below /dashboard."""

from typing import Final

from django.urls import path

from adminportal.dashboard.meals import entering, foods, meal, nutrition, snapshots

OF_USER: Final = "/end-users/<str:user_id>/nutrition"

urlpatterns = [
    path("/foods", foods.listed, name="foods"),
    path(OF_USER, nutrition.nutrition, name="nutrition"),
    path(f"{OF_USER}/new", entering.enter, name="meal-new"),
    path(f"{OF_USER}/photo", snapshots.send, name="meal-photo"),
    path(f"{OF_USER}/<str:log_id>", meal.detail, name="meal"),
    path(f"{OF_USER}/<str:log_id>/delete", meal.delete, name="meal-delete"),
    path(f"{OF_USER}/<str:log_id>/items/<str:item_id>", meal.correct, name="meal-item"),
]
