import json
from collections.abc import Sequence
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from digest.ingest import search as engine
from digest.ingest.index import index_due
from digest.ingest.rank import background, match_query
from digest.ingest.search import Found, search, similar
from digest.models import Paper
from digest.ranking.matching import DEFAULT_BAR, Hit
from digest.ranking.query import QueryError, parse_query
from tests.digest.ranking.real import real_documents
from tests.make import NOON, TODAY, make_paper

pytestmark = pytest.mark.django_db

WORDS = ("deep", "learning", "graphs", "neural", "networks", "of", "the", "transfer", "2d", "β")
NAMES = ("Wei Wang", "Wang, W.", "Ada Lindqvist", "José Núñez-Ibarra")
CATEGORIES = ("cs.LG", "cs.CL", "math.PR", "Cell Biology", "c++ & co")


def exactly(text: str, *, bar: float = 0) -> list[Hit]:
    """Return what a pass over every paper finds, as `manage.py match` makes it."""
    hits = match_query(parse_query(text), Paper.objects.order_by("pk"), background(), bar=bar)
    return sorted(hits, key=lambda hit: (-hit.score, -hit.paper))


def found(text: str, **asked: Any) -> list[int]:
    index_due(timezone.now())
    return [hit.paper for hit in search(parse_query(text), **asked).hits]


def test_search_finds_the_best_first_and_of_equally_good_ones_the_newest() -> None:
    weaker = make_paper(title="Birds", abstract="What they know of knowledge transfer.")
    first, second = (make_paper(title="Knowledge transfer") for _ in range(2))
    make_paper(title="Something else")
    index_due(timezone.now())
    page = search(parse_query("knowledge transfer"))
    assert [hit.paper for hit in page.hits] == [second.pk, first.pk, weaker.pk]
    assert [hit.why for hit in page.hits] == ["matches knowledge transfer"] * 3
    assert (page.has_more, page.total, page.is_capped) == (False, 3, False)


def test_search_newest_first_goes_by_the_day_of_the_announcement() -> None:
    late = make_paper(title="Knowledge transfer", announced_on=TODAY)
    early = make_paper(title="Knowledge transfer", announced_on=TODAY - timedelta(days=1))
    undated = make_paper(title="Knowledge transfer", announced_on=None)
    assert found("knowledge transfer", newest=True) == [late.pk, early.pk, undated.pk]
    assert found("knowledge transfer", newest=True, since=TODAY) == [late.pk]
    assert found("knowledge transfer", since=TODAY) == [late.pk]


def test_search_newest_first_shows_what_a_topic_would_have_brought() -> None:
    paper = make_paper(title="Knowledge transfer")
    passing = make_paper(title="Birds", abstract="They have some knowledge.")
    assert found("knowledge transfer") == [paper.pk, passing.pk]
    assert found("knowledge transfer", newest=True) == [paper.pk]


def test_search_gives_page_after_page() -> None:
    keys = [make_paper(title="Knowledge transfer").pk for _ in range(5)][::-1]
    index_due(timezone.now())
    pages = [search(parse_query("knowledge transfer"), start=start, count=2) for start in (0, 2, 4, 6)]
    assert [[hit.paper for hit in page.hits] for page in pages] == [keys[:2], keys[2:4], keys[4:], []]
    assert [page.has_more for page in pages] == [True, True, False, False]


def test_search_never_finds_what_was_withdrawn_or_hidden() -> None:
    paper = make_paper(title="Knowledge transfer")
    make_paper(title="Knowledge transfer", withdrawn_at=NOON)
    hidden = make_paper(title="Knowledge transfer")
    index_due(timezone.now())
    hidden.hide("spam", NOON)
    assert found("knowledge transfer") == [paper.pk]
    hidden.take_back(NOON)
    assert found("knowledge transfer") == [hidden.pk, paper.pk]


def test_search_finds_nothing_in_an_empty_library() -> None:
    assert search(parse_query("knowledge transfer")) == Found()
    assert search(parse_query("cat:cs.CL"), newest=True) == Found()


# as `manage.py match` would


@pytest.fixture
def library() -> None:
    """Make a small library in which each clause finds some papers and leaves some out."""
    papers = [
        Paper(
            title=" ".join(WORDS[(number * step) % len(WORDS)] for step in range(1, 2 + number % 5)),
            abstract=" ".join(WORDS[(number + step * step) % len(WORDS)] for step in range(number % 13)),
            authors=[NAMES[number % 4], NAMES[number % 3]],
            categories=[CATEGORIES[number % 5], CATEGORIES[number % 3]][: 1 + number % 2],
            announced_on=TODAY,
        )
        for number in range(60)
    ]
    Paper.objects.bulk_create(papers)
    index_due(timezone.now())


CLAUSES = [
    "deep learning",
    "graphs neural networks transfer deep learning 2d",
    '"deep learning"',
    '"of the deep" networks',
    '"neural networks" deep "deep learning"',
    "learning -deep",
    'learning -"neural networks"',
    "cat:cs.LG",
    "cat:cs -cat:cs.CL",
    'cat:"cell biology"',
    'cat:"c++ & co" deep',
    "author:wang",
    'author:"Wei Wang" author:"Núñez, José"',
    'deep author:ibarra -author:"Ada Lindqvist"',
    "author:lindqvist cat:math",
    "β 2d",
]


@pytest.mark.parametrize("most", [1000, 7])
@pytest.mark.parametrize("text", CLAUSES)
@pytest.mark.usefixtures("library")
def test_search_of_every_clause_finds_what_match_finds(text: str, most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "MOST", most)
    page = search(parse_query(text), count=5)
    wanted = exactly(text)
    assert set(page.hits) <= set(wanted)
    if not page.is_capped:
        assert (page.hits, page.total) == (tuple(wanted[:5]), len(wanted))
    assert page.is_capped <= (most < 60)


def by_command(text: str) -> list[tuple[float, str, str]]:
    """Return what `manage.py match` prints, without what it adds of related papers."""
    out = StringIO()
    call_command("match", text, "--json", "--limit=0", stdout=out)
    lines = map(json.loads, out.getvalue().splitlines())
    return [(line["score"], line["title"], line["why"]) for line in lines if not line["why"].startswith("related")]


@pytest.mark.parametrize("text", ["deep learning", '"deep learning" -graphs', "cat:cs.LG", 'deep author:"Wei Wang"'])
@pytest.mark.usefixtures("library")
def test_search_finds_what_the_command_prints(text: str) -> None:
    page = search(parse_query(text), count=100)
    titles = dict(Paper.objects.values_list("pk", "title"))
    printed = by_command(text)
    assert printed
    assert [(hit.score, titles[hit.paper], hit.why) for hit in page.hits] == printed


queries = st.lists(
    st.one_of(
        st.sampled_from(WORDS),
        st.sampled_from(["cat:cs.LG", "cat:cs", "author:wang", 'author:"w. wang"', "-deep", "-cat:cs.CL", "-2d"]),
        st.lists(st.sampled_from(WORDS), min_size=2, max_size=3).map(lambda words: f'"{" ".join(words)}"'),
    ),
    min_size=1,
    max_size=6,
).map(" ".join)


@given(text=queries, newest=st.booleans())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@pytest.mark.usefixtures("library")
def test_search_of_anything_finds_what_match_finds(text: str, newest: bool) -> None:
    try:
        query = parse_query(text)
    except QueryError:
        return
    page = search(query, newest=newest, count=20)
    wanted = exactly(text, bar=DEFAULT_BAR if newest else 0)
    if newest:
        wanted.sort(key=lambda hit: -hit.paper)
    assert page == Found(tuple(wanted[:20]), len(wanted) > 20, len(wanted))


@pytest.mark.skipif(not real_documents(), reason="the real papers of ../shared/data are not here")
def test_search_of_real_papers_agrees_with_match_however_few_are_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    papers = [
        Paper(title=paper.title, abstract=paper.abstract, authors=paper.authors, categories=paper.categories)
        for paper in real_documents()[:200]
    ]
    Paper.objects.bulk_create(papers)
    index_due(timezone.now())
    monkeypatch.setattr(engine, "MOST", 60)
    for text in ("deep learning", "large language models", "transformer", "speech -end", '"language model" reasoning'):
        assert search(parse_query(text), count=10).hits == tuple(exactly(text)[:10])


# whoever asks, and whatever for


@pytest.mark.parametrize(
    "text",
    [
        "' OR 1=1; deep' --x",
        "a & deep | !c <-> d :*",
        "(deep) NEAR(learning, 5)",
        "deep* ^learning {marks} : AND",
        r"back\slash \' '' \\",
        "deep' learning''",
        "title: deep",
        "%s %d %% _",
        "🦆 🦆🦆 deep",
        "ﷺ Ǆungla ŉ ẞ İ 深度学习 ٣ ²",
        "word " * 59,
        " ".join(f"w{number}" for number in range(70)),
        "x" * 300,
        'cat:"\'; DROP TABLE papers; --"',
        'cat:"(~+:%._-a)"',
        "author:\"O'Neil (MIT), 'X'\"",
        '-"a & b" deep -cat:"x\'y" -author:"z|"',
    ],
)
@pytest.mark.usefixtures("library")
def test_search_for_what_a_database_could_misread_finds_or_finds_nothing(text: str) -> None:
    for newest in (False, True):
        assert isinstance(search(parse_query(text), newest=newest), Found)


@pytest.mark.parametrize("text", ["", "\0", "deep\0learning", "the of", '"', "-", "x" * 301, "-deep", "foo:bar"])
def test_search_for_no_query_is_refused_in_words(text: str) -> None:
    with pytest.raises(QueryError, match=r".{20,}"):
        search(parse_query(text))


@given(text=st.text(max_size=60))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@pytest.mark.usefixtures("library")
def test_search_of_any_text_raises_nothing_but_a_query_error(text: str) -> None:
    try:
        query = parse_query(text)
    except QueryError:
        return
    assert isinstance(search(query), Found)


@pytest.mark.parametrize("text", ["knowledge transfer", "cat:cs.CL", 'author:"Ada Lindqvist" transfer'])
def test_search_asks_the_database_equally_often_for_1_and_30_papers(
    text: str, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for papers in (1, 29):
        for _ in range(papers):
            make_paper(title="Knowledge transfer", categories=["cs.CL"], authors=["Ada Lindqvist"])
        index_due(timezone.now())
        search(parse_query(text))  # the frequencies of words are there from now on
        with django_assert_num_queries(3):
            search(parse_query(text))


# similar papers


def make_teaching() -> Sequence[Paper]:
    abstract = "A student network learns from a teacher by distillation of knowledge."
    return (
        make_paper(title="Distillation of teachers into students", abstract=abstract),
        make_paper(title="Distillation of teachers into students.", abstract=abstract),
        make_paper(title="What a student network learns", abstract="Distillation of a teacher."),
        make_paper(title="Birds of the north", abstract="They fly."),
    )


def test_similar_papers_speak_of_the_same_things_and_are_no_doubles() -> None:
    paper, _, close, _ = make_teaching()
    index_due(timezone.now())
    assert [hit.paper for hit in similar(paper)] == [close.pk]


def test_similar_papers_stand() -> None:
    paper, _, close, _ = make_teaching()
    index_due(timezone.now())
    close.hide("spam", NOON)
    assert similar(paper) == []


def test_similar_papers_of_one_without_words_are_none() -> None:
    assert similar(make_paper(title="…")) == []
    assert similar(make_paper(title="Birds")) == []
