import pytest

from digest.ranking.clauses import QueryError
from digest.ranking.label import label


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("knowledge  transfer", "knowledge transfer"),
        ('"speech recognition" low-resource', "speech recognition low-resource"),
        ('few shot "speech recognition" "call centre"', "few shot speech recognition call centre"),
        ('"human feedback" cat:cs.CL -robots', "human feedback in cs.CL without robots"),
        ('protein -membrane -"lipid bilayer"', "protein without membrane or lipid bilayer"),
        ('author:"Jane Doe"', "papers by Jane Doe"),
        ('author:"Jane Doe" author:Roe cat:cs.CL', "papers by Jane Doe or Roe in cs.CL"),
        ("cat:CS.cl cat:stat.*", "cs.CL or stat"),
        ("Graph Neural Networks", "Graph Neural Networks"),
    ],
)
def test_label_says_a_query_in_plain_words(text: str, said: str) -> None:
    assert label(text) == said


def test_label_of_a_query_that_cannot_be_read_is_an_error() -> None:
    with pytest.raises(QueryError):
        label('"unbalanced')
