"""The field in which readers name their topics: a few inputs of one name, with a live preview under each.

A form uses it so, and gets a list of queries for `Topic.objects.named`:

    class SignupForm(TopicsForm, forms.Form):              # TopicsForm first: it makes "Another topic" work
        topics = TopicsField(label="Your topics")          # required=False where none will do; initial=[texts]

Its page shows it with `{% include "web/_field.html" with field=form.topics %}` (or in a loop over the form), and has
`{% block script %}{% include "web/_topics_script.html" %}{% endblock %}` for the preview. The view has nothing to do:
while the button "Another topic" was pressed, `form.is_valid()` is False and there are no errors, so that the page comes
again with what was typed and one input more. A post gives the texts under the field's name, once for each input.

A name of the catalogue stands for its query. What is wrong with one topic is said beside its input; `form.errors` has
it too. Which papers a topic brings is in `digest.web.topic_preview`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.forms.utils import ErrorDict, ErrorList
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from digest.models.catalogue import catalogue
from digest.ranking.query import QueryError, parse_query
from digest.ranking.starter import query_of

MOST = 20
EXAMPLES = ("knowledge transfer", "graph neural networks", "protein structure prediction")
ANOTHER = "another_topic"
HELP = 'A few words each; one topic is enough. To be exact: "a phrase", -without, author:"Jane Doe", cat:cs.CL (arXiv).'


@dataclass(frozen=True, slots=True)
class Input:
    """One input: its identifier on the page, what stands in it or could, what is wrong with that."""

    id: str
    label: str
    text: str
    example: str
    errors: Sequence[str]


class TopicsInput(forms.Widget):
    """Reads all inputs of one name. `BoundTopics` draws them."""

    use_fieldset = True

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[str]:
        given = data.getlist(name) if hasattr(data, "getlist") else data.get(name, [])
        return [given] if isinstance(given, str) else [str(text) for text in given]

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return name not in data


class BoundTopics(forms.BoundField):
    """The inputs of a form on a page, each with what is wrong with it beside it."""

    @property
    def inputs(self) -> list[Input]:
        texts = [str(text) for text in self.value() or ()][: MOST + 1]
        wrong: dict[int, list[str]] = {}
        for error in self._all_errors.as_data():
            if error.code == "topic":
                wrong.setdefault((error.params or {})["at"], []).extend(error.messages)
        number = max(cast("TopicsField", self.field).inputs, len(texts))
        if ANOTHER in self.form.data:
            number = min(MOST, number + 1)
        texts += [""] * (number - len(texts))
        return [
            Input(f"{self.auto_id}_{place}", f"Topic {place}", text, example, wrong.get(place - 1, ()))
            for place, (text, example) in enumerate(zip_longest(texts, EXAMPLES[: len(texts)], fillvalue=""), 1)
        ]

    @property
    def errors(self) -> ErrorList:
        """What is wrong with the topics as a whole; the rest stands beside the inputs."""
        whole = self.form.error_class(renderer=self.form.renderer)
        whole.extend(error for error in self._all_errors.as_data() if error.code != "topic")
        return whole

    @property
    def _all_errors(self) -> ErrorList:
        return self.form.errors.get(self.name, ErrorList())

    def __str__(self) -> SafeString:
        return render_to_string(
            "web/_topics.html",
            {"field": self, "catalogue": catalogue(), "another": ANOTHER, "most": MOST},
        )


class TopicsField(forms.Field):
    """A list of topics, each in words that `digest.ranking.query` can read. Its page begins with `inputs` inputs."""

    widget = TopicsInput
    bound_field_class = BoundTopics

    def __init__(self, *, inputs: int = len(EXAMPLES), **given: Any) -> None:
        self.inputs = inputs
        defaults = {
            "help_text": HELP,
            "error_messages": {"required": "Name at least one topic, in a few words: knowledge transfer"},
        }
        super().__init__(**defaults | given)

    def to_python(self, value: Any) -> list[str]:
        """Return the topics as queries, without blanks and repeats. Raises ValidationError, with the place of each."""
        texts = [" ".join(text.split()) for text in value or ()]
        if sum(map(bool, texts)) > MOST:
            raise ValidationError(f"{MOST} topics are the most. Leave out those that matter least to you.", "many")
        entries = catalogue() if any(texts) else ()
        queries: dict[str, str] = {}
        wrong = []
        for place, text in enumerate(texts):
            if text:
                try:
                    query = query_of(text, entries)
                    queries.setdefault(parse_query(query).canonical, query)
                except QueryError as error:
                    said = str(error).replace("%", "%%")  # Django puts the parameters into it
                    wrong.append(ValidationError(said, "topic", {"at": place}))
        if wrong:
            raise ValidationError(wrong)
        return list(queries.values())

    def has_changed(self, initial: Any, data: Any) -> bool:
        return list(initial or ()) != [text for text in data or () if text.strip()]


class TopicsForm(forms.BaseForm):
    """A form with a TopicsField. Before another class of forms, it lets the button "Another topic" ask for an input."""

    @property
    def errors(self) -> ErrorDict:
        return ErrorDict() if ANOTHER in self.data else super().errors

    def is_valid(self) -> bool:
        return ANOTHER not in self.data and super().is_valid()
