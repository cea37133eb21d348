from django.apps import AppConfig


class HealthdataConfig(AppConfig):
    name = "healthdata"
    verbose_name = "Health data"
    default_auto_field = "django.db.models.BigAutoField"
