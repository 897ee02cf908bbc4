import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from digest.models import Feedback, Paper, Topic, Vote
from tests.digest.web.visits import signed_in
from tests.make import (
    NOON,
    TODAY,
    index_papers,
    make_identifier,
    make_match,
    make_paper,
    make_reader,
    make_sighting,
    make_signal,
    make_source,
    make_topic,
)

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def today() -> Any:
    cache.clear()
    with time_machine.travel(NOON, tick=False):
        yield


def make_known(**given: Any) -> Paper:
    paper = make_paper(**{"title": "Moths at night"} | given)
    make_identifier(paper, "2506.00001")
    return paper


def page(address: str = "2506.00001", client: Client | None = None) -> str:
    answer = (client or Client()).get(f"/papers/{address}")
    assert answer.status_code == 200
    return answer.content.decode()


def words(found: str) -> str:
    """Return what a page says, without what marks it up."""
    said = re.sub(r"<[^>]*>", " ", found.partition("<main")[2].partition("</main>")[0].partition(">")[2])
    return re.sub(r"\s+([.,])", r"\1", " ".join(unescape(said).split()))


def metas(found: str) -> list[tuple[str, str]]:
    return [(name, unescape(content)) for name, content in re.findall(r'<meta \w+="([\w:]+)" content="(.*?)">', found)]


def make_catalogued(query: str) -> Topic:
    topic = make_topic(query)
    topic.slug = query.replace(" ", "-")
    topic.save()
    return topic


@pytest.mark.parametrize(
    ("address", "leads_to"),
    [
        ("2506.00001v3", "/papers/2506.00001"),
        ("arXiv:2506.00001", "/papers/2506.00001"),
        ("https://arxiv.org/abs/2506.00001v1", "/papers/2506.00001"),
        ("10.5555/ABC", "/papers/2506.00001"),
        ("2506.00001/?format=bibtex", "/papers/2506.00001?format=bibtex"),
    ],
)
def test_other_name_leads_to_the_one_address(address: str, leads_to: str) -> None:
    paper = make_known()
    make_identifier(paper, "10.5555/abc", scheme="doi")
    for name in (address, str(paper.pk) + leads_to.removeprefix("/papers/2506.00001")):
        answer = Client().get(f"/papers/{name}")
        assert (answer.status_code, answer.headers["Location"]) == (301, leads_to)


@pytest.mark.parametrize("doi", ["10.1002/(sici)1097<693::aid>3.0.co;2-o", "10.5555/a#b?c%d&e", "10.5555/a//b"])
def test_doi_of_any_signs_is_an_address(doi: str) -> None:
    paper = make_paper()
    make_identifier(paper, doi, scheme="doi")
    answer = Client().get(f"/papers/{paper.pk}", follow=True)
    assert (answer.status_code, len(answer.redirect_chain)) == (200, 1)


@pytest.mark.parametrize(
    "address", ["2506.99999", "10.5555/nothing", "9" * 19, "nothing", "%00", "a/b/c", "2506.00002"]
)
def test_unknown_or_hidden_paper_is_not_there_and_a_page_says_so(address: str) -> None:
    make_identifier(make_paper(hidden_at=NOON, title="Hidden moths"), "2506.00002")
    answer = Client().get(f"/papers/{address}")
    assert answer.status_code == 404
    assert words(answer.content.decode()).startswith("There is no such paper here It may be mistyped")


def test_page_says_all_that_is_known() -> None:
    paper = make_known(
        title="Moths at $\\alpha$ < $\\beta$",
        authors=["Ada Lindqvist", "José Ortega"],
        categories=["cs.CL", "cs.AI"],
        abstract="We count $x^2$ moths & lights.",
        venue="Moths & Light",
        url="https://arxiv.org/abs/2506.00001",
        pdf_url="https://arxiv.org/pdf/2506.00001",
        version=2,
        submitted_at=NOON - 3 * DAY,
        attention="84 upvotes, +31 since yesterday",
        votes=84,
        gained=31,
    )
    make_identifier(paper, "10.5555/a(b)", scheme="doi")
    make_identifier(paper, "1234", scheme="pmid")
    make_sighting(paper, make_source(name="arXiv cs.CL"))
    make_sighting(paper, make_source(name="Feed"), announce_type="replace-cross", version=2, is_estimated=True)
    found = page()
    assert words(found) == (
        "Moths at α < β Ada Lindqvist, José Ortega Moths & Light · 4 Mar 2026 · version 2"
        " 84 votes +31 since yesterday Abstract page PDF At the publisher Sign in to vote"
        " We count x² moths & lights."
        " Attention 84 upvotes, +31 since yesterday."
        " Cite it @article{lindqvist2026moths,"
        r" title = {{Moths at \ensuremath{\alpha} \ensuremath{<} \ensuremath{\beta}}},"
        r" author = {Ada Lindqvist and Jos\'e Ortega},"
        r" journal = {Moths \& Light}, eprint = {2506.00001}, archivePrefix = {arXiv}, primaryClass = {cs.CL},"
        " doi = {10.5555/a(b)}, url = {https://doi.org/10.5555/a(b)}, year = {2026}, month = mar, }"
        " Copy BibTeX Save as a file"
        " Ada Lindqvist and José Ortega. Moths at α < β. Moths & Light, arXiv:2506.00001, 2026."
        " https://doi.org/10.5555/a(b) Copy as text"
        " About this paper arXiv 2506.00001 DOI 10.5555/a(b) PubMed 1234 Published in Moths & Light"
        " Categories cs.CL, cs.AI Submitted 1 Mar 2026 First announced 4 Mar 2026 Version 2"
        " Where it was seen arXiv cs.CL 4 Mar 2026, new"
        " Feed 4 Mar 2026 (first read then), new version, listed there too, version 2"
    )
    links = re.findall(r'<a href="(https[^"]*)"', found)
    assert links == [
        "https://arxiv.org/abs/2506.00001",
        "https://arxiv.org/pdf/2506.00001",
        "https://doi.org/10.5555/a%28b%29",
        "https://arxiv.org/abs/2506.00001",
        "https://doi.org/10.5555/a%28b%29",
        "https://pubmed.ncbi.nlm.nih.gov/1234",
    ]


def test_reference_managers_and_previews_read_what_they_need() -> None:
    paper = make_known(
        title='A "moth" & $\\alpha$',
        authors=["Ada Lindqvist", "José Ortega"],
        abstract="We count moths.",
        venue="Moths",
        pdf_url="https://arxiv.org/pdf/2506.00001",
    )
    make_identifier(paper, "10.5555/abc", scheme="doi")
    address = "https://papers.example.org/papers/2506.00001"
    found = page()
    assert f'<link rel="canonical" href="{address}">' in found
    assert [meta for meta in metas(found) if meta[0] not in ("viewport", "htmx")] == [
        ("description", "We count moths."),
        ("og:type", "article"),
        ("og:site_name", "Broadsheet"),
        ("og:title", 'A "moth" & α'),
        ("og:description", "We count moths."),
        ("og:url", address),
        ("citation_title", 'A "moth" & α'),
        ("citation_author", "Ada Lindqvist"),
        ("citation_author", "José Ortega"),
        ("citation_publication_date", "2026/03/04"),
        ("citation_journal_title", "Moths"),
        ("citation_doi", "10.5555/abc"),
        ("citation_arxiv_id", "2506.00001"),
        ("citation_pdf_url", "https://arxiv.org/pdf/2506.00001"),
        ("citation_abstract_html_url", address),
    ]


def test_bare_paper_has_a_page() -> None:
    make_known(announced_on=None)
    found = words(page())
    assert found.startswith(
        "Moths at night 0 votes Sign in to vote No source has given an abstract of it so far. Cite it"
    )


@pytest.mark.parametrize(
    ("authors", "count", "more"),
    [(20, 0, None), (20, 23, None), (21, 0, "1 more author"), (500, 3000, "2,980 more authors")],
)
def test_authors_after_the_twentieth_are_folded_away(authors: int, count: int, more: str | None) -> None:
    make_known(authors=[f"Ada {number}" for number in range(authors)], author_count=count)
    found = page()
    folded = re.findall(r"<summary>(.*?)</summary>", found)
    assert folded == ([more] if more else [])
    assert ("Ada 19 and 3 more</p>" in found) == (count == 23)
    assert f"Ada {authors - 1}" in found


def test_withdrawn_paper_says_so_with_the_date_and_takes_no_votes() -> None:
    make_known(withdrawn_at=NOON - DAY)
    found = page(client=signed_in(make_reader()))
    assert "Withdrawn: a source said on 3 Mar 2026 that this paper was taken back." in words(found)
    assert "/vote/" not in found.partition("<main")[2]


@pytest.mark.parametrize(("days", "is_shown"), [(6, True), (8, False)])
def test_words_of_staff_stand_above_while_it_is_featured(days: int, is_shown: bool) -> None:
    make_known(featured_at=NOON - days * DAY, staff_note="read it")
    assert words(page()).startswith("Chosen by Broadsheet: read it Moths") == is_shown


def test_attention_over_time_is_a_chart_for_each_kind_that_says_itself_in_words() -> None:
    paper = make_known()
    for days, upvotes, stars in ((2, 5, 100), (0, 84, 120)):
        make_signal(paper, upvotes, observed_at=NOON - days * DAY)
        make_signal(paper, stars, kind="stars", observed_at=NOON - days * DAY)
    make_signal(paper, 3, kind="comments")
    charts = re.findall(r'role="img" aria-label="(.*?)"', page())
    assert [chart.replace("\u00a0", " ") for chart in charts] == [
        "upvotes: 5 upvotes on 2 Mar 2026, 84 on 4 Mar 2026.",
        "stars: 100 stars on 2 Mar 2026, 120 on 4 Mar 2026.",
    ]


def test_topics_of_the_catalogue_are_named_with_the_reason_and_own_ones_for_their_reader() -> None:
    paper, moths, lights, own = make_known(), make_catalogued("moths"), make_catalogued("lights"), make_topic("night")
    stopped = make_topic("stopped")
    for topic, score in ((moths, 0.9), (lights, 0.8), (own, 0.7), (stopped, 0.6)):
        make_match(topic, paper, score)
    ada = make_reader(topics=(lights, own, stopped))
    ada.subscriptions.filter(topic=stopped).update(is_muted=True)
    everybody = "Topics it belongs to Moths matches moths Lights matches lights Cite it"
    readers = "Topics it belongs to Night one of yours · matches night Moths matches moths Lights one of yours ·"
    assert everybody in words(page())
    assert readers in words(page(client=signed_in(ada)))


def test_reader_can_vote_and_say_more_or_less() -> None:
    paper, ada = make_known(), make_reader()
    client = signed_in(ada)
    found = page(client=client)
    assert f'action="/vote/{paper.pk}"' in found
    assert f'action="/you/more/{paper.pk}/"' in found
    Vote.objects.cast(ada.pk, paper.pk, NOON)
    Feedback.objects.say(ada.pk, paper.pk, wants_more=True, now=NOON)
    found = page(client=client)
    assert 'aria-label="Take your vote back: Moths at night, 1 so far"' in found
    assert "More like this: noted." in words(found)


def test_page_of_a_stranger_is_kept_and_new_after_a_vote(django_capture_on_commit_callbacks: Any) -> None:
    paper, ada = make_known(), make_reader()
    first = Client().get("/papers/2506.00001")
    assert (first.headers["Cache-Control"], "csrf" in first.content.decode()) == ("public, max-age=60", False)
    again = Client(headers={"If-None-Match": first.headers["ETag"]})
    assert again.get("/papers/2506.00001").status_code == 304
    with django_capture_on_commit_callbacks(execute=True):
        Vote.objects.cast(ada.pk, paper.pk, NOON)
    answer = again.get("/papers/2506.00001")
    assert (answer.status_code, "1 vote" in words(answer.content.decode())) == (200, True)


@pytest.mark.parametrize("reader", [False, True])
def test_citation_is_a_file(reader: bool) -> None:
    make_known(authors=["Ada Lindqvist"])
    client = signed_in(make_reader()) if reader else Client()
    answer = client.get("/papers/2506.00001?format=bibtex")
    assert answer.headers["Content-Type"] == "application/x-bibtex; charset=utf-8"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="lindqvist2026moths.bib"'
    assert answer.content.decode().startswith("@misc{lindqvist2026moths,\n")


def make_full(number: int, many: int, topics: list[Topic]) -> str:
    """Make a paper that has `many` of everything, and as many others like it; return its address."""
    paper = make_paper(title="Moths at night", authors=["Ada Lindqvist"] * many, abstract="Moths and lights.")
    make_identifier(paper, f"2506.{number:05}")
    for ago, topic in enumerate(topics[:many]):
        make_match(topic, paper)
        make_sighting(paper, announced_on=TODAY - ago * DAY)
        make_signal(paper, observed_at=NOON - ago * DAY)
    return f"/papers/2506.{number:05}"


@pytest.mark.parametrize("reader", [False, True])
def test_page_takes_the_same_queries_however_much_there_is(reader: bool) -> None:
    topics = [make_catalogued(f"moth{number}s") for number in range(30)]
    client = signed_in(make_reader(topics=tuple(topics))) if reader else Client()
    for nights in (1, 2):
        make_paper(title=f"Lights that draw moths for {nights} nights", abstract="Moths and lights.")
    asked = []
    for number, many in enumerate((1, 30), 1):
        address = make_full(number, many, topics)
        index_papers()
        client.get(f"{address}?look=1")  # asks what a process asks once
        with CaptureQueriesContext(connection) as queries:
            assert "Similar papers" in client.get(address).content.decode()
        asked.append(len(queries))
    assert asked[0] == asked[1]


@pytest.mark.parametrize("hidden", [None, NOON])
def test_similar_papers_that_stand_are_a_line_each(hidden: Any) -> None:
    make_known(title="Moths at night by the lights", abstract="We count moths at night by lights.")
    other = make_paper(
        title="Lights and $\\alpha$ moths at night", abstract="Counting moths by lights.", authors=["Bo Kim"]
    )
    make_identifier(other, "10.5555/abc", scheme="doi")
    make_paper(title="Steel bridges", abstract="On iron.")
    Paper.objects.filter(pk=other.pk).update(hidden_at=hidden)
    index_papers()
    assert re.findall(r'<li><a href="/papers/([^"]*)">(.*?)</a> <span class="soft">(.*?)</span>', page()) == (
        [] if hidden else [("10.5555/abc", "Lights and α moths at night", "Bo Kim · 4\u00a0Mar\u00a02026")]
    )
