"""The calls of a customer, by their parts."""

from typing import Any
from urllib.parse import urlencode

from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.test import APIClient

from accounts.models import EndUser
from tests.nutrition import photos

ROOT = "/api/v1/nutrition"


def path(end_user: EndUser, rest: str, **query: Any) -> str:
    """Below /nutrition, for one end user."""
    return f"{ROOT}/{rest}?{urlencode({'user_id': end_user.id, **query})}"


def send_photo(client: APIClient, end_user: EndUser, raw: bytes | None = None, **form: Any) -> Any:
    """Upload a photo; the file's name and type say nothing true."""
    file = SimpleUploadedFile("notes.txt", photos.jpeg() if raw is None else raw, content_type="text/plain")
    body = {"meal_type": "lunch", **form, "file": file}
    return client.post(path(end_user, "log/image"), body, format="multipart")


def enter(client: APIClient, end_user: EndUser, *items: dict[str, Any], **fields: Any) -> Any:
    """Enter a meal by hand."""
    dishes = items or ({"dish_name": "biryani", "quantity_grams": 280},)
    body = {"meal_type": "lunch", "items": list(dishes), **fields}
    return client.post(path(end_user, "log/manual"), body, format="json")
