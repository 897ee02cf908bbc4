import pytest

from digest.ranking.batch import Batch
from digest.ranking.matching import Document
from digest.ranking.narrow import Narrower, narrower
from digest.ranking.query import parse_query


def batch(*papers: tuple[str, str, str]) -> Batch:
    return Batch([Document(key, title, text, (), (category,)) for key, (title, text, category) in enumerate(papers)])


BASKETS = [
    ("Baskets of willow", "We weave thin willow rods (TWR) into baskets.", "craft.WV"),
    ("Baskets again", "Some thin willow rods, woven.", "craft.WV"),
    ("Baskets of straw", "Straw, plaited.", "craft.ST"),
    ("Baskets of wire", "Wire, bent.", "smithing"),
]
OTHERS = [(f"Other thing {number}", "Nothing of the kind.", "stone") for number in range(12)]


def ways(text: str, papers: list[int]) -> list[Narrower]:
    return narrower(text, parse_query(text), batch(*BASKETS, *OTHERS), papers)


def test_topic_is_narrowed_by_categories_and_word_pairs_that_its_papers_share() -> None:
    assert ways("baskets", [0, 1, 2, 3]) == [
        Narrower("in craft.WV", "baskets cat:craft.WV"),
        Narrower("in craft.ST", "baskets cat:craft.ST"),
        Narrower("with “thin willow”", 'baskets "thin willow"'),
        Narrower("with “willow rods”", 'baskets "willow rods"'),
    ]


def test_pairs_reach_across_no_punctuation() -> None:
    assert not any("twr" in way.text for way in ways("baskets", [0, 1, 2, 3]))


def test_pairs_do_not_end_inside_a_word_with_hyphens() -> None:
    papers = [(f"Paper {number}", "We generate high-quality baskets.", "") for number in range(2)]
    found = narrower("paper", parse_query("paper"), batch(*papers, *BASKETS, *OTHERS), [0, 1, 2])
    assert [way.adds for way in found if "with" in way.adds] == ["with “high quality”"]


def test_what_all_papers_have_narrows_nothing() -> None:
    assert ways("baskets", [0, 1]) == []


def test_topic_with_a_category_gets_no_second_one() -> None:
    assert [way.adds for way in ways("baskets cat:craft", [0, 1, 2, 3])] == [
        "with “thin willow”",
        "with “willow rods”",
    ]


def test_pair_of_the_topics_own_words_is_not_offered() -> None:
    assert [way.adds for way in ways("thin willow baskets cat:craft", [0, 1, 2, 3])] == ["with “willow rods”"]


def test_category_with_spaces_is_put_between_quotation_marks() -> None:
    papers = batch(("One", "", "cell biology"), ("Two", "", "cell biology"), ("Three", "", "botany"), *OTHERS)
    found = narrower("cells", parse_query("cells"), papers, [0, 1, 2])
    assert Narrower("in cell biology", 'cells cat:"cell biology"') in found


@pytest.mark.parametrize("text", ['author:"Jane Doe"', "baskets " + "x" * 280])
def test_nothing_is_offered_for_names_alone_and_beyond_the_longest_query(text: str) -> None:
    assert ways(text, [0, 1, 2, 3]) == []


def test_no_papers_offer_nothing() -> None:
    assert ways("baskets", []) == []


def test_category_that_would_break_out_of_its_quotation_marks_is_not_offered() -> None:
    papers = batch(("One", "", 'x" -author:"Jane'), ("Two", "", 'x" -author:"Jane'), ("Three", "", "y"))
    assert [way.adds for way in narrower("one", parse_query("one"), papers, [0, 1, 2])] == ["in y"]
