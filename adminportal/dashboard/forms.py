"""What the doors of the portal ask for. The rules are the API's: its verbs refuse, and a form shows it at the field."""

from django import forms

from accounts.pages.forms import NEW_PASSWORD


def _email() -> forms.EmailField:
    return forms.EmailField(
        label="E-mail",
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "username", "autofocus": True}),
    )


class SignInForm(forms.Form):
    """Who wants to come in."""

    email = _email()
    password = forms.CharField(max_length=1000, widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}))


class SecondFactorForm(forms.Form):
    """Six digits, or a recovery code."""

    code = forms.CharField(
        label="Code",
        max_length=20,
        help_text="The six digits that your authenticator shows, or one of your recovery codes.",
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "autofocus": True}),
    )


class SignUpForm(forms.Form):
    """A new organization and its owner."""

    email = _email()
    password = forms.CharField(
        max_length=128,
        help_text=NEW_PASSWORD,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    organization_name = forms.CharField(
        label="Organization",
        max_length=120,
        required=False,
        help_text="Your company or app. You can change it later.",
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
    )


class ForgotForm(forms.Form):
    """Whose password is to be set anew."""

    email = _email()
