import pytest

from digest.ranking.in_words import in_words
from digest.ranking.query import parse_query
from digest.ranking.starter import starter

MORE = "The more of these words a paper has, and the nearer they stand together, the better."


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("transfer learning", f"Papers about transfer learning. {MORE}"),
        ("moths", "Papers about moths. The word stands in the title, or comes more than once."),
        ('"few shot"', "Papers that say “few shot”."),
        ('"few shot" "in context" robots', "Papers that say “few shot” and “in context”. The more they say of robots,"),
        ("cat:cs.CL,cs.LG,math", "Papers in cs.CL, cs.LG or math."),
        ('author:"Jane Doe"', "Papers by jane doe."),
        ("moths cat:q-bio -light", "Papers about moths, in q-bio, without “light”. The word stands in"),
        ('author:doe cat:cs -survey -"case study"', "Papers by doe, in cs, without “survey” or “case study”."),
        ("cat:cs -cat:cs.CL -author:doe", "Papers in cs, without the category cs.CL or the author doe."),
    ],
)
def test_query_is_said_in_a_sentence(query: str, said: str) -> None:
    assert in_words(parse_query(query))[: len(said)] == said


def test_every_topic_of_the_catalogue_can_be_said() -> None:
    said = [in_words(parse_query(entry.query)) for entry in starter()]
    assert all(text.startswith("Papers ") and text.endswith(".") for text in said)
