"""Which papers a topic gets, in what order, with what score and what reason."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.ranking.matching import (
    CROSS_LISTED,
    DEFAULT_BAR,
    K1,
    SCATTERED,
    B,
    Background,
    Batch,
    Document,
    Hit,
    TopicIndex,
    decide,
    hits,
    match,
    match_batch,
    overlap,
)
from digest.ranking.query import parse_query
from tests.digest.ranking.make import FILLER, found_by, hits_of, make_background, make_document

ABOUT = make_document("Street lamps and moths", f"Moths circle street lamps. {FILLER}", key=1)
ASIDE = make_document("Sleep in cities", f"{FILLER} A lamp was near.", key=2)
OTHER = make_document("Tides", key=3)


def why_of(query: str, *documents: Document, **options: float) -> list[str]:
    return [hit.why for hit in hits_of(query, *documents, **options)]


def test_topic_finds_what_is_about_it_and_not_what_mentions_half_of_it() -> None:
    assert found_by("street lamps", OTHER, ASIDE, ABOUT) == [1]


def test_topic_finds_all_that_mention_it_without_a_bar() -> None:
    assert found_by("street lamps", OTHER, ASIDE, ABOUT, bar=0) == [1, 2]


def test_hit_says_topic_paper_score_and_why() -> None:
    (hit,) = hits_of("street lamps", ABOUT)
    assert hit == Hit(7, 1, hit.score, "matches street lamps")
    assert DEFAULT_BAR < hit.score < 1


def test_score_is_bm25_in_units_of_the_topics_words() -> None:
    paper = make_document("Moths", "Moths and more", key=1)
    background = make_background("moths", fillers=9)
    (hit,) = match([paper], [(7, parse_query("moths"))], background, bar=0)
    norm = K1 * (
        1 - B + B * 4 / background.mean_length
    )  # 3 for the title, "moths" once more; "and more" are no content
    frequency = 3 + 1
    assert hit.score == pytest.approx(1 - math.exp(-frequency * (K1 + 1) / (frequency + norm) / 2))


def test_score_grows_with_title_frequency_and_neighbourhood() -> None:
    papers = [
        make_document("Tides", f"{FILLER} lamp then street", key=1),
        make_document("Tides", f"{FILLER} then street lamp", key=2),
        make_document("Tides", f"{FILLER} street lamp street lamp", key=3),
        make_document("Street lamp", f"{FILLER} street lamp street lamp", key=4),
    ]
    assert found_by("street lamp", *papers, bar=0) == [4, 3, 2, 1]


def test_score_of_all_words_in_a_title_passes_the_bar() -> None:
    assert found_by("lamp street", make_document("A street with a lamp", key=5)) == [5]


def test_score_of_one_word_named_once_in_an_abstract_is_below_the_bar() -> None:
    assert found_by("lamp", ASIDE) == []
    assert found_by("lamp", make_document("Tides", f"{FILLER} Lamp by lamp.", key=5)) == [5]


def test_score_of_different_topics_is_comparable() -> None:
    rare = hits_of("quokka", make_document("Quokka", key=1))[0].score
    usual = hits_of("question", make_document("Question", FILLER.replace("question", "matter"), key=1))[0].score
    assert rare == pytest.approx(usual, abs=0.02)


def test_paper_without_abstract_is_matched_by_its_title() -> None:
    assert found_by("street lamp", make_document("Street lamps at dusk", "", key=4)) == [4]


def test_word_of_another_form_matches() -> None:
    assert found_by("normalized adaptations", make_document("Adaptive normalization", key=4)) == [4]


def test_accents_and_case_do_not_matter() -> None:
    assert found_by("SCHRODINGER", make_document("Schrödinger’s équation", key=4)) == [4]


def test_phrase_must_stand_together() -> None:
    apart = make_document("A street, and a lamp", f"{FILLER} Lamp street.", key=5)
    assert found_by('"street lamp"', apart, ABOUT) == [1]


def test_phrase_with_stop_words_must_stand_word_for_word() -> None:
    speech = make_document("Speech to text", key=4)
    other = make_document("Speech and text", key=5)
    assert found_by('"speech to text"', speech, other) == [4]


def test_phrase_of_one_word_is_required() -> None:
    assert found_by('street "lamp"', make_document("Street street", key=5), ABOUT, bar=0) == [1]


def test_phrase_alone_passes_the_bar_however_faint() -> None:
    faint = make_document("Tides", " ".join([FILLER] * 9) + " One lamp.", key=5)
    (hit,) = hits_of('"lamp"', faint)
    assert DEFAULT_BAR <= hit.score < 0.6
    assert found_by("lamp", faint) == []


def test_phrase_named_more_scores_more() -> None:
    assert found_by('"lamp"', ASIDE, ABOUT, OTHER) == [1, 2]


def test_all_phrases_are_required() -> None:
    assert found_by('"street lamp" "moths"', ABOUT, make_document("Street lamp", key=5)) == [1]


def test_words_beside_a_phrase_need_not_be_there() -> None:
    both = make_document("Moths at a street lamp", key=5)
    phrase_alone = make_document("A street lamp", f"{FILLER} Street lamp by street lamp.", key=6)
    words_alone = make_document("Moths", f"{FILLER} Moths in a street.", key=7)
    assert found_by('"street lamp" moths', words_alone, phrase_alone, both) == [5, 6]


def test_phrase_with_words_has_to_pass_the_bar() -> None:
    query = '"lamp" quokka wombat'
    assert found_by(query, ASIDE, ABOUT, make_document("Quokka and wombat by a lamp", key=5)) == [5]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("moths -lamps", []),
        ("moths -quokka", [1]),
        ('moths -"street lamp"', []),
        ('moths -"lamp street"', [1]),
        ("moths -cat:cs", []),
        ("moths -cat:cs.CL", []),
        ("moths -cat:cs.LG", [1]),
        ('moths -author:"J. Doe"', []),
        ("moths -author:roe", [1]),
        ("cat:cs -moths", []),
        ("author:doe -cat:cs.CL", []),
    ],
)
def test_exclusions_remove(query: str, expected: list[int]) -> None:
    paper = make_document(ABOUT.title, ABOUT.abstract, key=1, categories=("cs.CL",), authors=("Jane Doe",))
    assert found_by(query, paper) == expected


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("cat:cs.CL", [1, 2]),
        ("cat:cs.LG", [2]),
        ("cat:cs", [1, 2]),
        ("cat:cs.LG cat:math.AG", [3, 2]),
        ('cat:"cell biology"', [4]),
        ("cat:stat", []),
        ("moth cat:cs.CL", [1]),
        ("moth cat:math", [3]),
        ("author:doe", [1, 3]),
        ("author:doe author:roe", [1, 2, 3]),
        ("author:doe cat:math", [3]),
        ("moth author:roe", []),
    ],
)
def test_lists_hold_together_with_text(query: str, expected: list[int]) -> None:
    papers = [
        make_document("Moth", key=1, categories=("cs.CL",), authors=("Jane Doe",)),
        make_document("Lamp", key=2, categories=("cs.CL", "cs.LG"), authors=("John Roe",)),
        make_document("Moth", key=3, categories=("math.AG",), authors=("J. Doe",)),
        make_document("Lamp", key=4, categories=("Cell Biology",)),
    ]
    assert found_by(query, *papers) == expected


def test_category_scores_full_for_the_primary_and_less_for_a_cross_list() -> None:
    primary = make_document(key=1, categories=("cs.CL", "cs.LG"))
    cross = make_document(key=2, categories=("math.AG", "cs.CL"))
    assert [(hit.paper, hit.score) for hit in hits_of("cat:cs.CL", cross, primary)] == [(1, 1.0), (2, CROSS_LISTED)]


def test_category_among_alternatives_scores_by_the_best() -> None:
    paper = make_document(key=1, categories=("cs.CL", "cs.LG"))
    assert [hit.score for hit in hits_of("cat:cs.LG cat:cs.CL", paper)] == [1.0]


def test_author_scores_full() -> None:
    paper = make_document(key=1, authors=("Jane Doe",), categories=("math.AG", "cs.CL"))
    assert [hit.score for hit in hits_of('author:"Jane Doe" cat:cs', paper)] == [1.0]


@pytest.mark.parametrize(
    ("query", "why"),
    [
        ("street lamps", "matches street lamps"),
        ("street quokka lamps", "mentions street and lamps"),
        ('"street lamp"', 'has "street lamp" in its title'),
        ('"circle street"', 'has "circle street"'),
        ('"street lamps" "moths circle" moth', 'matches moth, has "street lamps" in its title, has "moths circle"'),
        ("author:doe", "by Jane Q. Doe"),
        ('author:"Jane Doe" author:roe', "by Jane Q. Doe and John Roe"),
        ("cat:cs.CL", "in cs.CL"),
        ("cat:cs", "in cs.CL and cs.LG"),
        ("moth author:roe cat:cs.LG", "matches moth, by John Roe, in cs.LG"),
        ("moth -quokka", "matches moth"),
    ],
)
def test_why_names_what_was_found(query: str, why: str) -> None:
    paper = make_document(
        ABOUT.title, ABOUT.abstract, authors=("Jane Q. Doe", "John Roe"), categories=("cs.CL", "math.AG", "cs.LG")
    )
    assert why_of(query, paper, bar=0) == [why]


def test_why_does_not_take_a_word_in_the_middle_of_the_title_for_the_phrase() -> None:
    paper = make_document("Backstreet lampshades", f"{FILLER} street lamp")
    assert why_of('"street lamp"', paper) == ['has "street lamp"']


def test_why_of_a_long_topic_fits_a_line() -> None:
    names = [f"word{number}" for number in range(40)]
    paper = make_document(" ".join(names), authors=tuple(f"{'Very ' * 30}Long{n} Doe" for n in range(9)))
    (why,) = why_of(f"{' '.join(names[:38])} author:doe", paper, bar=0)
    assert len(why) == 300


def test_keep_takes_the_best_of_each_topic() -> None:
    papers = [make_document("Moth" if key < 25 else "Moth moth", key=key) for key in range(1, 31)]
    topics = [(1, parse_query("moth")), (2, parse_query('"moth"'))]
    hits = match(papers, topics, make_background("moth"), keep=7)
    assert [(hit.topic, hit.paper) for hit in hits] == [(t, p) for t in (1, 2) for p in (25, 26, 27, 28, 29, 30, 1)]


def test_keep_is_twenty_unless_said() -> None:
    papers = [make_document("Moth", key=key) for key in range(1, 31)]
    assert found_by("moth", *papers) == list(range(1, 21))


def test_keep_none_takes_all() -> None:
    papers = [make_document("Moth", key=key) for key in range(1, 31)]
    assert found_by("moth", *papers, keep=None) == list(range(1, 31))


def test_equal_scores_keep_the_order_of_the_papers() -> None:
    papers = [make_document("Moth", key=key) for key in (9, 4, 6)]
    assert found_by("moth", *papers) == [9, 4, 6]
    assert found_by('"moth"', *papers) == [9, 4, 6]


def test_hits_come_topic_by_topic_as_given() -> None:
    topics = [(9, parse_query("cat:cs")), (4, parse_query("moth")), (6, parse_query("author:doe"))]
    paper = make_document("Moth", key=1, categories=("cs.CL",), authors=("Jane Doe",))
    assert [hit.topic for hit in match([paper], topics, make_background("moth"))] == [9, 4, 6]


def test_bar_of_one_lets_only_lists_pass() -> None:
    paper = make_document("Moth", key=1, categories=("cs.CL",))
    topics = [(1, parse_query("moth")), (2, parse_query('"moth"')), (3, parse_query("cat:cs"))]
    assert [hit.topic for hit in match([paper], topics, make_background("moth"), bar=1)] == [3]


def test_bar_applies_to_phrases_and_lists_too() -> None:
    paper = make_document("Tides", f"{FILLER} moth", key=1, categories=("math.AG", "cs.CL"))
    topics = [(1, parse_query('"moth"')), (2, parse_query("cat:cs"))]
    assert [hit.topic for hit in match([paper], topics, make_background("moth"), bar=0.5)] == [1, 2]
    assert match([paper], topics, make_background("moth"), bar=0.99) == []


def test_match_of_nothing_is_nothing() -> None:
    topics = [(1, parse_query("moth")), (2, parse_query("cat:cs")), (3, parse_query('"moth"'))]
    assert match([], topics, make_background()) == []
    assert match([ABOUT], [], make_background()) == []
    assert match([], [], Background.of([])) == []


def test_match_of_lists_alone_needs_no_words() -> None:
    paper = make_document("", "", key=1, categories=("cs.CL",))
    assert [hit.paper for hit in match([paper], [(1, parse_query("cat:cs"))], Background.of([]))] == [1]


@pytest.mark.parametrize("background", [Background.of([]), Background.of([ABOUT]), make_background("moths")])
def test_match_with_any_background_is_sane(background: Background) -> None:
    hits = match([OTHER, ASIDE, ABOUT], [(7, parse_query("street lamps"))], background)
    assert [hit.paper for hit in hits] == [1]


def test_batch_and_index_can_be_used_again() -> None:
    batch = Batch([ABOUT, ASIDE, OTHER])
    queries = ["street lamps", '"sleep"', "cat:cs", "moths -lamps"]
    index = TopicIndex([(number, parse_query(query)) for number, query in enumerate(queries)], make_background())
    first = match_batch(batch, index)
    assert match_batch(batch, index) == first
    assert [hit.topic for hit in match_batch(Batch([ASIDE]), index)] == [1]


def test_deciding_gives_positions_and_scores_and_hits_put_them_into_words() -> None:
    batch = Batch([OTHER, ABOUT])
    index = TopicIndex([(7, parse_query("quokka")), (9, parse_query("street lamps"))], make_background())
    shared = overlap(batch, index)
    pairs = decide(batch, index, shared, bar=DEFAULT_BAR, keep=20)
    assert (pairs.topics.tolist(), pairs.papers.tolist()) == ([1], [1])
    (hit,) = hits(batch, index, shared.presence, pairs)
    assert hit == Hit(9, 1, pairs.scores[0], "matches street lamps")


@pytest.mark.parametrize("keep", [0, 1, 2, 3, 4, 5, 6])
def test_keep_of_topics_with_more_and_with_fewer_papers(keep: int) -> None:
    papers = [make_document("Moth", key=1), make_document("Moth and quokka", key=2), make_document("Moth", key=3)]
    topics = [(number, parse_query(query)) for number, query in enumerate(["quokka", "moth", "tides", "moths -quokka"])]
    found = [(hit.topic, hit.paper) for hit in match(papers, topics, make_background("moth quokka"), keep=keep)]
    every = [[(0, 2)], [(1, 1), (1, 3), (1, 2)], [(3, 1), (3, 3)]]
    assert found == [pair for of_topic in every for pair in of_topic[:keep]]


def test_conditions_hold_for_the_topics_that_have_them_alone() -> None:
    queries = ["moth", '"street lamp" moth', "moth -lamp", "moth", "moth cat:cs", "moth author:doe", "moth"]
    papers = [
        make_document("Moth", key=1, categories=("math.AG",), authors=("Jane Doe",)),
        make_document("Moth and street lamp", key=2, categories=("cs.CL",)),
    ]
    topics = [(number, parse_query(query)) for number, query in enumerate(queries)]
    found = [(hit.topic, hit.paper) for hit in match(papers, topics, make_background("moth street lamp"), bar=0)]
    assert sorted(found) == [(0, 1), (0, 2), (1, 2), (2, 1), (3, 1), (3, 2), (4, 2), (5, 1), (6, 1), (6, 2)]


def test_topics_beyond_one_slice_are_all_matched(monkeypatch: pytest.MonkeyPatch) -> None:
    topics = [(number, parse_query(query)) for number, query in enumerate(["moth", "tides", '"street lamps"'] * 5)]
    papers, background = [ABOUT, ASIDE, OTHER], make_background("moth tides street lamps")
    whole = match(papers, topics, background)
    monkeypatch.setattr("digest.ranking.matching._SLICE", 2)
    assert match(papers, topics, background) == whole
    assert [hit.topic for hit in whole] == list(range(15))


def test_one_topic_scores_the_same_alone_and_among_others() -> None:
    background = make_background("moths street lamps")
    others = [(number, parse_query(query)) for number, query in enumerate(["moth", '"street lamp"', "cat:cs"])]
    wanted = (7, parse_query("street moths"))
    alone = match([ABOUT, ASIDE], [wanted], background)
    assert [hit for hit in match([ABOUT, ASIDE], [*others, wanted], background) if hit.topic == 7] == alone


VOCABULARY = st.lists(st.sampled_from(["moth", "lamp", "street", "the", "dusk", "tide"]), max_size=10).map(" ".join)
QUERIES = st.sampled_from(["moth", "street lamp", '"street lamp"', 'dusk "moth"', "moth -tide", 'lamp -"moth dusk"'])


@given(st.lists(st.tuples(VOCABULARY, VOCABULARY), max_size=8), st.lists(QUERIES, max_size=4))
def test_hits_are_scored_and_sorted_within_bounds(texts: list[tuple[str, str]], queries: list[str]) -> None:
    papers = [Document(key, *text) for key, text in enumerate(texts)]
    topics = [(number, parse_query(query)) for number, query in enumerate(queries)]
    every = match(papers, topics, Background.of(papers), bar=0, keep=None)
    assert all(0 < hit.score <= 1 and hit.why for hit in every)
    assert every == sorted(every, key=lambda hit: (hit.topic, -hit.score, hit.paper))
    passed = match(papers, topics, Background.of(papers), keep=None)
    assert passed == [hit for hit in every if hit in set(passed)]
    near = [hit for hit in every if DEFAULT_BAR <= hit.score < DEFAULT_BAR * SCATTERED and "mentions" in hit.why]
    assert {*passed} | {*near} == {hit for hit in every if hit.score >= DEFAULT_BAR}


@pytest.mark.parametrize(("abstract", "passes"), [("street moths", True), ("moths of the street", False)])
def test_words_that_stand_apart_must_pass_a_higher_bar(abstract: str, passes: bool) -> None:
    paper = make_document("Nothing to see", f"{abstract} {FILLER}")
    background = make_background("moths street lamps")
    wanted = [(0, parse_query("street moths"))]
    [hit] = match([paper], wanted, background, bar=0, keep=None)
    bar = hit.score / (1 + (SCATTERED - 1) / 2)  # the paper is above it, but not by much
    assert bool(match([paper], wanted, background, bar=bar)) is passes
