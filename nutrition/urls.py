"""Routes of this app, below /api/v1/."""

from django.urls import path

from nutrition.api import energy, foods, meals, photo, review, summary

_REVIEW = "admin/nutrition/review"

urlpatterns = [
    path("nutrition/log/image", meals.MealPhoto.as_view()),
    path("nutrition/log/manual", meals.ManualMeal.as_view()),
    path("nutrition/log", meals.MealList.as_view()),
    path("nutrition/log/<str:log_id>", meals.MealDetail.as_view()),
    path("nutrition/log/<str:log_id>/items/<str:item_id>", meals.MealItemDetail.as_view()),
    path("nutrition/foods", foods.FoodList.as_view()),
    path("nutrition/summary", summary.MealSummary.as_view()),
    path("nutrition/photos/<str:token>", photo.LinkedPhoto.as_view()),
    path("users/<str:user_id>/energy_balance", energy.EnergyBalance.as_view()),
    path(f"{_REVIEW}/queue", review.ReviewQueue.as_view()),
    path(f"{_REVIEW}/claim", review.ReviewQueueClaim.as_view()),
    path(f"{_REVIEW}/bulk", review.ReviewBulk.as_view()),
    path(f"{_REVIEW}/quality", review.ReviewQuality.as_view()),
    path(f"{_REVIEW}/<str:log_id>", review.ReviewDetail.as_view()),
    path(f"{_REVIEW}/<str:log_id>/claim", review.ReviewClaim.as_view()),
    path(f"{_REVIEW}/<str:log_id>/release", review.ReviewRelease.as_view()),
    path(f"{_REVIEW}/<str:log_id>/approve", review.ReviewApprove.as_view()),
    path(f"{_REVIEW}/<str:log_id>/reject", review.ReviewReject.as_view()),
    path(f"{_REVIEW}/<str:log_id>/items", review.ReviewItems.as_view()),
    path(f"{_REVIEW}/<str:log_id>/items/<str:item_id>", review.ReviewItem.as_view()),
]
