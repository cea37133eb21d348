"""Forms of the portal's sign-in pages. The rules are the API's: its verbs refuse, and a form shows it at the field."""

from django import forms

from accounts.pages.forms import NEW_PASSWORD


def _email() -> forms.EmailField:
    return forms.EmailField(
        label="E-mail",
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "username", "autofocus": True}),
    )


class SignInForm(forms.Form):
    """The e-mail address and password of somebody who signs in."""

    email = _email()
    password = forms.CharField(max_length=1000, widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}))


class SecondFactorForm(forms.Form):
    """Six digits, or a recovery code."""

    code = forms.CharField(
        label="Code",
        max_length=40,
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
    """The address of an account whose password is to be reset."""

    email = _email()


class EndUserForm(forms.Form):
    """The fields of an end user; all are optional. Lengths and formats are checked as the API does."""

    external_id = forms.CharField(label="Your id", required=False, help_text="The id this person has in your system.")
    first_name = forms.CharField(required=False, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    last_name = forms.CharField(required=False, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    email = forms.CharField(label="E-mail", required=False, widget=forms.EmailInput(attrs={"autocomplete": "off"}))
    time_zone = forms.CharField(
        required=False,
        help_text="Days begin at the end user’s midnight. Leave it unchanged if you do not know it: it is learned from "
        "the data, too.",
        widget=forms.TextInput(attrs={"list": "zones", "autocomplete": "off"}),
    )
