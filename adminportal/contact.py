"""The page of the contact form; its rules are those of POST /api/v1/contact."""

from http import HTTPStatus
from typing import Final

from django import forms
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods

from accounts.api.throttle import throttle
from adminportal import support
from adminportal.models import SupportTicket
from wearlink.lib.errors import TooManyRequests
from wearlink.lib.web import pages

TEMPLATE: Final = "support/contact.html"


class ContactForm(forms.ModelForm):
    """A message to the platform, and a field for robots, which people do not see."""

    website = forms.CharField(max_length=200, required=False, label="Leave this field empty")

    class Meta:
        model = SupportTicket
        fields = ("name", "email", "subject", "message")
        labels = {"name": "Your name (optional)", "email": "Your e-mail address", "subject": "Subject (optional)"}
        help_texts = {"email": "Where we answer.", "message": "At most 5,000 characters. Please send no health data."}
        widgets = {
            "name": forms.TextInput(attrs={"autocomplete": "name"}),
            "email": forms.EmailInput(attrs={"autocomplete": "email"}),
            "message": forms.Textarea(attrs={"rows": 7}),
        }


@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest) -> HttpResponse:
    """Show the form, or take what was written. A robot reads the same thanks, and its message is dropped."""
    if request.method != "POST":
        return pages.show(request, TEMPLATE, {"form": ContactForm()})
    form = ContactForm(request.POST)
    try:
        throttle(request, support.SCOPE, support.RATE)
    except TooManyRequests as error:
        form.add_error(None, f"Too many messages. Please try again in {error.retry_after} seconds.")
        return pages.show(request, TEMPLATE, {"form": form}, status=HTTPStatus.TOO_MANY_REQUESTS)
    if not form.is_valid():
        return pages.show(request, TEMPLATE, {"form": form}, status=HTTPStatus.BAD_REQUEST)
    support.receive(form.cleaned_data)
    return pages.show(request, TEMPLATE, {"email": form.cleaned_data["email"]})
