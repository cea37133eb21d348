"""Forms of the sign-in pages. The rules are those of the API: its verbs refuse, forms show the reason at the field."""

from django import forms

NEW_PASSWORD = "At least 12 characters; a few unrelated words are good."  # noqa: S105 - a hint, no password


class NewPasswordForm(forms.Form):
    """A new password for somebody with a mailed token."""

    password = forms.CharField(
        label="New password",
        max_length=128,
        help_text=NEW_PASSWORD,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )


class JoinForm(forms.Form):
    """The name and password that an invited developer chooses."""

    name = forms.CharField(label="Your name", max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    password = forms.CharField(
        label="Password",
        max_length=128,
        help_text=NEW_PASSWORD,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
