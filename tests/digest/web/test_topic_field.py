from typing import Any

import pytest
from django import forms
from django.http import QueryDict

from digest.models import Topic
from digest.web.topic_field import ANOTHER, MOST, TopicsField, TopicsForm

pytestmark = pytest.mark.django_db


class Form(TopicsForm, forms.Form):
    topics = TopicsField(label="Your topics")
    email = forms.EmailField()


def posted(*texts: str, **more: str) -> Form:
    data = QueryDict(mutable=True)
    data.setlist("topics", list(texts))
    data.update({"email": "ada@example.org"} | more)
    return Form(data)


def beside(form: Form) -> list[tuple[str, ...]]:
    bound: Any = form["topics"]
    return [tuple(shown.errors) for shown in bound.inputs]


def values(form: Form) -> list[str]:
    bound: Any = form["topics"]
    return [shown.text for shown in bound.inputs]


def test_topics_are_stripped_and_blanks_and_repeats_dropped() -> None:
    form = posted("  knowledge   transfer ", "", "cat:cs.CL", "Knowledge transfer", " ")
    assert form.is_valid()
    assert form.cleaned_data["topics"] == ["knowledge transfer", "cat:cs.CL"]


def test_name_of_the_catalogue_stands_for_its_query() -> None:
    form = posted("Machine  translation")
    assert form.is_valid()
    assert form.cleaned_data["topics"] == ['"machine translation"']
    assert Topic.objects.named(form.cleaned_data["topics"][0]).label == "Machine translation"


def test_no_topic_is_refused_in_words() -> None:
    form = posted("", " ")
    assert not form.is_valid()
    assert form.errors["topics"] == ["Name at least one topic, in a few words: knowledge transfer"]
    assert "Name at least one topic" in form["topics"].errors.as_text()


def test_more_than_the_most_are_refused_in_words() -> None:
    form = posted(*(f"topic number{place}" for place in range(MOST + 1)))
    assert not form.is_valid()
    assert form.errors["topics"] == ["20 topics are the most. Leave out those that matter least to you."]
    assert posted(*(f"topic number{place}" for place in range(MOST))).is_valid()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('"half a phrase', "has no partner"),
        ('100% "of', "has no partner"),
        ("x" * 301, "301 characters long, and 300 is the most"),
        ("x" * 10_000, "10000 characters long"),
        ("null\x00byte", "invisible character (code 0)"),
        ("bell\x07", "invisible character (code 7)"),
        ("the of", "in nearly every paper"),
        ("-survey", "only says what to leave out"),
    ],
)
def test_what_cannot_be_read_is_said_beside_its_input(text: str, said: str) -> None:
    form = posted("fine topic", "", text)
    assert not form.is_valid()
    first, second, third = beside(form)
    assert (first, second) == ((), ())
    assert said in third[0]
    assert list(form["topics"].errors) == []
    html = str(form["topics"])
    assert html.count('aria-invalid="true"') == 1
    assert 'aria-describedby="id_topics_3_error"' in html


def test_marks_that_turn_text_around_are_no_part_of_a_query() -> None:
    form = posted("\u202eknowledge\u202c transfer")
    assert form.is_valid()
    assert Topic.objects.named(form.cleaned_data["topics"][0]).label == "knowledge transfer"


def test_three_inputs_to_begin_with_and_as_many_as_there_are_texts() -> None:
    assert values(Form()) == ["", "", ""]
    assert values(Form(initial={"topics": ["a", "b", "c", "d"]})) == ["a", "b", "c", "d"]


def test_another_topic_gives_one_more_input_and_judges_nothing() -> None:
    form = posted("one", "two", '"half', email="no address", **{ANOTHER: "1"})
    assert not form.is_valid()
    assert form.errors == {}
    assert values(form) == ["one", "two", '"half', ""]
    assert "errorlist" not in form.as_div()


def test_another_topic_is_not_offered_when_there_are_the_most() -> None:
    assert ANOTHER in str(posted("one")["topics"])
    assert ANOTHER not in str(posted(*["x"] * MOST, **{ANOTHER: "1"})["topics"])


def test_text_is_escaped_where_it_comes_back() -> None:
    html = str(posted('"><script>alert(1)</script>')["topics"])
    assert "<script>" not in html
    assert "&lt;script&gt;" in html


def test_catalogue_is_offered_in_one_query(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        html = str(Form()["topics"])
    assert '<option value="Machine translation">' in html
