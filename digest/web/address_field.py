"""The field for a mail address, with what is wrong with it said beside it."""

from typing import Any

from django import forms

from accounts.address import mail_address


class AddressInput(forms.TextInput):
    """An input of type "email" would refuse international domains, and say what is wrong in the browser's words."""

    def __init__(self) -> None:
        super().__init__(
            {"autocomplete": "email", "inputmode": "email", "autocapitalize": "none", "spellcheck": "false"}
        )


class AddressField(forms.Field):
    widget = AddressInput

    def __init__(self, label: str = "Your mail address", **given: Any) -> None:
        super().__init__(label=label, **given)

    def clean(self, value: Any) -> str:
        return mail_address(str(value or ""))
