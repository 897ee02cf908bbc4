"""What staff are asked before an action that cannot be undone, or that mails somebody."""

from dataclasses import dataclass

from django import forms


@dataclass(frozen=True, slots=True)
class Question:
    """`text` says what will happen; `button` is the verb that does it."""

    action: str
    title: str
    text: str
    button: str


QUESTIONS = {
    question.action: question
    for question in (
        Question(
            "suppress",
            "Suppress readers",
            "These addresses get no mail any more, whatever their readers choose, until they are taken off the list "
            "of suppressions. Please say why: others will want to know.",
            "Suppress",
        ),
    )
}


class NoteForm(forms.Form):
    note = forms.CharField(label="Why", max_length=300, widget=forms.TextInput(attrs={"class": "vTextField"}))
