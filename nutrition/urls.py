"""Routes of this app, below /api/v1/."""

from django.urls import path

from nutrition.api import foods, meals, summary

urlpatterns = [
    path("nutrition/log/image", meals.MealPhoto.as_view()),
    path("nutrition/log/manual", meals.ManualMeal.as_view()),
    path("nutrition/log", meals.MealList.as_view()),
    path("nutrition/log/<str:log_id>", meals.MealDetail.as_view()),
    path("nutrition/log/<str:log_id>/items/<str:item_id>", meals.MealItemDetail.as_view()),
    path("nutrition/foods", foods.FoodList.as_view()),
    path("nutrition/summary", summary.MealSummary.as_view()),
]
