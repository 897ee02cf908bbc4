"""Every hostile or broken document at hand through a whole visit: fetched, read, stored, and the digest that mails it.

What must come of each is EXPECTED.json's; how that shows in rows and mails is said here, one check for each file.
"""

import json
import re
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from digest.ingest.by_hand import Document, ingest
from digest.models import Host, Paper, Sighting
from tests.digest.ingest.visited import ETAG, NOW, Check, Visited, dated, fails, holds, mail_of, visit
from tests.digest.sources.make import ABSTRACT
from tests.feedserver import FeedServer, feed_server

NASTY = Path(__file__).parents[3].parent / "shared" / "data" / "feeds_nasty"
EXPECTED: dict[str, str] = json.loads((NASTY / "EXPECTED.json").read_text()) if NASTY.exists() else {}

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not EXPECTED, reason="needs the hostile documents of ../shared/data"),
]


@pytest.fixture
def server(settings: Any) -> Iterator[FeedServer]:
    settings.FETCH_ALLOWED_HOSTS = ["127.0.0.1"]
    Host.objects.update_or_create(name="*", defaults={"gap_seconds": 0})
    with feed_server() as server:
        yield server


def body_of(name: str) -> bytes:
    return (NASTY / name).read_bytes()


def withdrawn(visited: Visited) -> None:
    """Let the paper be there before: the replacement must not make it news, and takes it out of digests."""
    [paper] = visited.papers
    assert paper.withdrawn_at == NOW
    assert not Paper.objects.announced_between(date(2000, 1, 1), date(2100, 1, 1)).exists()
    Paper.objects.all().delete()
    new = body_of("arxiv_withdrawn.xml").decode().replace("v3", "v1").replace("Type: replace", "Type: new")
    new = re.sub("This paper has been withdrawn.*(?=</description>)", "We show that foo.", new).replace(
        "Withdrawn: ", ""
    )
    ingest(Document(new.encode()), now=NOW - timedelta(days=2), source=visited.source)
    assert Paper.objects.get().withdrawn_at is None
    ingest(Document(body_of("arxiv_withdrawn.xml")), now=NOW, source=visited.source)
    [paper] = visited.papers
    assert (paper.withdrawn_at, paper.announced_on, paper.version) == (NOW, (NOW - timedelta(days=2)).date(), 3)


def old_ids(visited: Visited) -> None:
    assert visited.names("arxiv") == {"hep-th/9901001", "2403.00001", "math/0309136", "2506.00001"}
    assert len(visited.papers) == 4


def many_authors(visited: Visited) -> None:
    [paper] = visited.papers
    assert (len(paper.authors), paper.author_count) == (500, 5000)
    assert "A. Author2 and 4,997 more" in mail_of(visited).text


def many_tags(visited: Visited) -> None:
    [paper] = visited.papers
    assert len(paper.categories) <= 50


def three_announce_types(visited: Visited) -> None:
    [paper] = visited.papers
    assert (paper.version, visited.names("arxiv")) == (2, {"2506.00001"})
    first = Sighting.objects.order_by("pk")[0]
    assert first.announce_type == "new"


def stale(visited: Visited) -> None:
    """The batch is yesterday's: looked at again soon, until today's is there."""
    assert (visited.fetch.outcome, visited.fetch.batch_on) == ("stale", date(2026, 8, 11))
    assert visited.source.etag == visited.source.body_hash == ""
    assert timedelta(minutes=10) <= visited.source.next_check_at - NOW <= timedelta(hours=1)
    body = body_of("stale_batch_yesterday.xml")
    fresh = body.replace(b"Tue, 11 Aug", b"Wed, 12 Aug").replace(b"2608.09930", b"2608.09931")
    assert visited.send(fresh, NOW + timedelta(minutes=30)).outcome == "stored"
    assert visited.source.etag == ETAG


def same_after_more_visits(visited: Visited) -> None:
    for hours in range(1, 4):
        body = body_of("guid_changes_each_fetch.xml").replace(b"9f1c0c1e", b"9f1c0c1%d" % hours)
        assert (
            visited.send(body.replace(b"ff=20251103", b"ff=2025110%d" % hours), NOW + timedelta(hours=hours)).new == 0
        )
    assert visited.titles == ["Same paper"]


def twenty_papers(visited: Visited) -> None:
    assert visited.titles == [f"P{number}" for number in range(20)]


def nothing_stored(visited: Visited) -> None:
    assert (visited.fetch.outcome, visited.papers) == ("stored", [])
    assert visited.fetch.seen == visited.fetch.skipped > 0


def noise_left_out(visited: Visited) -> None:
    assert visited.titles == ["Z"]
    assert (visited.fetch.skipped, visited.fetch.seen) == (9, 10)


def first_5000(visited: Visited) -> None:
    assert len(visited.papers) == 5000
    assert visited.fetch.reasons == [[5001, "45,000 more entries: only 5,000 are read"]]


def bounded_title(visited: Visited) -> None:
    [title] = visited.titles
    assert len(title) <= 1000
    assert title.startswith("AAAA")


def one_line_title(visited: Visited) -> None:
    assert visited.titles == ["New result Bcc: victim@example.org X: y"]
    mail = mail_of(visited)
    assert not {"bcc", "x"} & mail.headers.keys()
    assert "New result Bcc: victim@example.org X: y" in mail.text


def formulas_kept(visited: Visited) -> None:
    """Let the text be as long as an abstract: shorter ones are taken for teasers, and left out."""
    assert visited.titles == ["Bounds for $n<p$ and $a < b$ with x<y>z"]
    body = body_of("title_math_lt.xml").replace(b"n&gt;3", b"n&gt;3. " + ABSTRACT.encode())
    visited.send(body, NOW + timedelta(hours=1))
    [paper] = visited.papers
    assert paper.abstract == rf"$2.6<\eta<4$ and p < 0.05, n>3. {ABSTRACT}"


CHECKS: dict[str, Check] = {
    "arxiv_api_error.xml": fails("source_error", "incorrect id format"),
    "arxiv_old_ids.xml": old_ids,
    "arxiv_withdrawn.xml": withdrawn,
    "atom_relative_base.xml": holds("t", url="https://j.example/p/1"),
    "authors_5000.xml": many_authors,
    "body_is_local_path.txt": fails("not_a_feed"),
    "bom_utf16_no_decl.xml": holds("A good paper"),
    "bomb_billion_laughs.xml": nothing_stored,
    "bomb_quadratic_illformed.xml": holds("x", abstract=""),
    "bomb_quadratic_small.xml": holds("x", abstract=""),
    "categories_20000.xml": many_tags,
    "charref_nul.xml": holds("a\ufffdb\ufffd"),
    "charref_surrogate.xml": holds("lone \ufffd surrogate \ufffd"),
    "date_badtz.xml": dated(None),
    "date_dateonly.xml": dated(date(2025, 6, 3)),
    "date_feb30.xml": dated(None),
    "date_future.xml": dated(None),
    "date_mdy.xml": dated(None),
    "date_none.xml": dated(None),
    "date_year1.xml": dated(None),
    "deep_nesting_100k.xml": holds("x"),
    "editorial_noise.xml": noise_left_out,
    "empty.xml": fails("empty_body"),
    "fp599_charref_overflow.xml": holds("a\ufffdb"),
    "fp599_doctype_backslash.xml": holds("&path; good"),
    "guid_changes_each_fetch.xml": same_after_more_visits,
    "guids_all_equal.xml": twenty_papers,
    "gzip_bytes_served_as_xml.xml": holds("A good paper"),
    "html_error_page.xml": fails("not_a_feed", "503"),
    "huge_link_100k.xml": holds("t", url=""),
    "huge_title_5MB.xml": bounded_title,
    "item_guid_only_permalink.xml": holds("t", url="https://e/9"),
    "item_javascript_link.xml": holds("t", "u", "v", url="", pdf_url=""),
    "item_no_title.xml": holds("Abs only"),
    "item_nothing.xml": nothing_stored,
    "json_error.xml": fails("not_a_feed"),
    "latin1_declared_utf8.xml": holds("A café naïve paper"),
    "many_items_50000.xml": first_5000,
    "nul_bytes.xml": holds("A good paper"),
    "same_paper_three_announce_types.xml": three_announce_types,
    "stale_batch_yesterday.xml": stale,
    "title_control_chars.xml": holds("bad char"),
    "title_double_escaped.xml": holds("Erdős & Rényi"),
    "title_math_lt.xml": formulas_kept,
    "title_newline_header_injection.xml": one_line_title,
    "title_type_text_plain_xss_atom.xml": holds("<script>alert(1)</script>"),
    "truncated_gzip.xml.gz": fails("broken_feed", "ends too early"),
    "unknown_encoding.xml": holds("A good paper"),
    "utf16le_no_bom.xml": holds("A good paper"),
    "utf8_declared_ascii.xml": holds("A Schrödinger − α paper"),
    "whitespace.xml": fails("empty_body"),
    "xxe_http.xml": nothing_stored,
    "xxe_param_dtd.xml": holds("A good paper"),
}


@pytest.mark.parametrize("name", EXPECTED)
def test_hostile_document_has_the_outcome_that_is_expected_of_it(name: str, server: FeedServer) -> None:
    CHECKS[name](visit(server, body_of(name)))


@pytest.mark.parametrize("name", EXPECTED)
def test_hostile_document_never_reaches_readers_as_more_than_text(name: str, server: FeedServer) -> None:
    visited = visit(server, body_of(name))
    for paper in visited.papers:
        assert paper.title == " ".join(paper.title.split())
        assert not re.search("[\x00-\x1f\x7f-\x9f]", paper.title + paper.abstract + "".join(paper.authors))
        assert re.fullmatch(r"(https?://\S+)?", paper.url)
        assert re.fullmatch(r"(https?://\S+)?", paper.pdf_url)
    if not visited.papers or all(paper.withdrawn_at for paper in visited.papers):
        return
    mail = mail_of(visited)
    assert not {"bcc", "cc", "x"} & mail.headers.keys()
    assert not re.search(r"<script|<img|<iframe|<[^>]*\son\w+=|(?:href|src)=\"(?!https?:|mailto:|#)", mail.html)


def test_every_document_has_its_check() -> None:
    assert CHECKS.keys() == EXPECTED.keys()
