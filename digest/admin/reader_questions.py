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
        Question(
            "send_again",
            "Send today's digest again",
            "Each of these readers gets today's digest once more, as a new mail, within a minute or two: chosen anew, "
            "so that it may differ a little. It goes only where today's was mailed.",
            "Send again",
        ),
        Question(
            "erase",
            "Erase readers",
            "All that is known of these readers goes for good: topics, digests, votes, sign-ups, mails and what mail "
            "providers reported. What stays is a mark that nobody can read, so that no import brings them back. This "
            "cannot be undone; an export can be made before.",
            "Erase for good",
        ),
    )
}


class NoteForm(forms.Form):
    note = forms.CharField(label="Why", max_length=300, widget=forms.TextInput(attrs={"class": "vTextField"}))
