import json
from collections.abc import Iterator
from contextlib import suppress
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from digest.ingest import look_up as looked
from digest.ingest.look_up import (
    ASKED_TOO_OFTEN,
    HIDDEN,
    NO_NAME,
    NO_PAPER,
    NOT_PUBLIC,
    SHUT,
    SILENT,
    TOO_LARGE,
    UNKNOWN,
    WITHDRAWN,
    Refused,
    look_up,
    named,
    stored,
)
from digest.models import Host, Paper
from digest.sources.listing import AnnounceType, Identifier, Listing, Scheme
from tests.digest.ingest.make import make_api_page, make_paper_page
from tests.digest.sources.make import ABSTRACT
from tests.feedserver import Answer, Asked, FeedServer, feed_server
from tests.make import NOON, make_identifier, make_paper

pytestmark = pytest.mark.django_db
ARXIV, DOI, URL = Scheme.ARXIV, Scheme.DOI, Scheme.URL
HOST = "127.0.0.1"


@pytest.fixture
def web(settings: Any) -> Iterator[FeedServer]:
    settings.FETCH_ALLOWED_HOSTS = [HOST]
    settings.REDIS_URL = ""
    Host.objects.update_or_create(name="*", defaults={"gap_seconds": 0})
    with feed_server() as server:
        settings.CROSSREF_URL = server.url("")
        settings.ARXIV_API_URL = server.url("/api/query")
        yield server


def make_work(**given: Any) -> Answer:
    stated = {"DOI": "10.5555/jir.1", "type": "journal-article", "title": ["What Comes Back"], "abstract": ABSTRACT}
    author = [{"given": "Ida", "family": "Lindgren"}]
    created = {"date-time": "2026-01-07T10:00:00Z", "date-parts": [[2026, 1, 7]]}
    message = stated | {"author": author, "created": created} | given
    return Answer(json.dumps({"status": "ok", "message-type": "work", "message": message}).encode())


def found(text: str) -> Listing:
    listing = look_up(text, NOON)
    assert isinstance(listing, Listing)
    return listing


def refused(text: str) -> str:
    with pytest.raises(Refused) as caught:
        look_up(text, NOON)
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "scheme", "value"),
    [
        (" 2603.00001v2 ", ARXIV, "2603.00001"),
        ("arXiv:2603.00001v1 [cs.CL] 4 Mar 2026", ARXIV, "2603.00001"),
        ("https://arxiv.org/pdf/2603.00001", ARXIV, "2603.00001"),
        ("https://huggingface.co/papers/2603.00001", ARXIV, "2603.00001"),
        ("https://doi.org/10.48550/arXiv.2603.00001", ARXIV, "2603.00001"),
        ("doi 10.48550/arXiv.2603.00001", ARXIV, "2603.00001"),
        ("10.5555/JIR.1", DOI, "10.5555/jir.1"),
        ("https://jir.example.org/doi/full/10.5555/jir.1?af=R", DOI, "10.5555/jir.1"),
        ("https://www.biorxiv.org/content/10.1101/2026.03.04.100001v2.full", DOI, "10.1101/2026.03.04.100001"),
        ("jir.example.org/articles/1", URL, "https://jir.example.org/articles/1"),
        ("https://jir.example.org/articles/1?utm_source=x#top", URL, "https://jir.example.org/articles/1"),
    ],
)
def test_text_names_a_paper(text: str, scheme: Scheme, value: str) -> None:
    assert named(text) == Identifier(scheme, value)


@pytest.mark.parametrize("text", ["", "stones", "ftp://x.example.org/1", "javascript:alert(7)", "file:///etc/passwd"])
@pytest.mark.parametrize("end", ["", "\0", "\n"])
def test_text_that_names_none_is_refused_in_words(text: str, end: str) -> None:
    assert refused(text + end) == NO_NAME


def test_arxiv_is_asked_for_an_arxiv_id(web: FeedServer) -> None:
    web.answers["/api/query"] = Answer(make_api_page("2603.00001"))
    listing = found("2603.00001")
    assert (listing.title, listing.abstract) == ("Paper 2603.00001", ABSTRACT)
    assert (listing.announced_on, listing.announce_type) == (date(2026, 3, 4), AnnounceType.NEW)
    assert web.paths() == ["/api/query?id_list=2603.00001"]


def test_paper_of_several_versions_has_the_day_of_the_first(web: FeedServer) -> None:
    web.answers["/api/query"] = Answer(make_api_page("2503.00001").replace(b"v1<", b"v3<"))
    listing = found("2503.00001")
    assert (listing.version, listing.announce_type) == (3, AnnounceType.NEW)
    assert listing.announced_on == date(2026, 3, 4)


@pytest.mark.parametrize("body", [make_api_page(), make_api_page("2603.00002"), b"<html>", b"", b"\xff" * 99])
def test_id_that_arxiv_does_not_know_is_refused(web: FeedServer, body: bytes) -> None:
    web.answers["/api/query"] = Answer(body)
    assert refused("2603.00001") == UNKNOWN[ARXIV]


def test_crossref_is_asked_for_a_doi(web: FeedServer) -> None:
    web.answers["/works/10.5555%2Fjir.1"] = make_work()
    listing = found("https://doi.org/10.5555/jir.1")
    assert (listing.title, listing.authors) == ("What Comes Back", ("Ida Lindgren",))
    assert listing.identifiers[0] == Identifier(DOI, "10.5555/jir.1")


@pytest.mark.parametrize(
    "answer",
    [
        Answer(b"Resource not found.", status=404),
        Answer(b"no JSON"),
        Answer(b"[" * 100_000),
        make_work(type="peer-review"),
        make_work(DOI="10.5555/jir.2"),
        make_work(title=[], abstract=""),
    ],
)
def test_doi_that_crossref_does_not_know_is_refused(web: FeedServer, answer: Answer) -> None:
    web.answers["/works/10.5555%2Fjir.1"] = answer
    assert refused("10.5555/jir.1") == UNKNOWN[DOI]


def test_page_says_itself_which_paper_it_is_about(web: FeedServer) -> None:
    web.answers["/article"] = Answer(make_paper_page())
    listing = found(web.url("/article"))
    assert (listing.title, listing.authors, listing.announced_on) == ("What comes back", ("Ida Lindgren",), None)
    assert Identifier(DOI, "10.5555/jir.1") in listing.identifiers


@pytest.mark.parametrize("body", [b"", b"<html><body>News</body></html>", b"%PDF-1.7", b"<rss></rss>", b"[" * 99_999])
def test_page_without_a_paper_is_refused_and_says_what_to_paste(web: FeedServer, body: bytes) -> None:
    web.answers["/article"] = Answer(body)
    assert refused(web.url("/article")) == NO_PAPER


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (Answer(status=400), UNKNOWN[URL]),
        (Answer(status=404), UNKNOWN[URL]),
        (Answer(status=410), UNKNOWN[URL]),
        (Answer(status=500), SILENT),
        (Answer(status=429), ASKED_TOO_OFTEN),
        (Answer(status=401), SHUT),
        (Answer(status=403), SHUT),
        (Answer(status=302, headers={"Location": "gopher://x.example.org/"}), NOT_PUBLIC),
        (Answer(status=302, headers={"Location": "/loop"}), SILENT),
    ],
)
def test_failure_is_words(web: FeedServer, answer: Answer, words: str) -> None:
    web.answers["/article"] = web.answers["/loop"] = answer
    assert refused(web.url("/article")) == words.format(host=f"{HOST}:{web.port}")


def test_host_that_asked_to_be_left_alone_is_not_asked_again(web: FeedServer) -> None:
    web.answers["/article"] = Answer(status=429, headers={"Retry-After": "600"})
    assert (
        refused(web.url("/article")) == refused(web.url("/other")) == ASKED_TOO_OFTEN.format(host=f"{HOST}:{web.port}")
    )
    assert web.paths() == ["/article"]


def test_host_that_is_silent_is_not_waited_for(web: FeedServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(looked, "DEADLINE", 0.2)
    web.answers["/api/query"] = Answer(seconds=5)
    assert refused("2603.00001") == SILENT.format(host=f"{HOST}:{web.port}")


def test_page_of_a_size_that_none_has_is_refused(web: FeedServer) -> None:
    web.answers["/article"] = Answer(b"x" * 5_000_001)
    assert refused(web.url("/article")) == TOO_LARGE


@pytest.mark.parametrize(
    "address", ["http://10.0.0.1/a", "http://[::1]/a", "http://169.254.169.254/latest", "http://0/a"]
)
def test_address_in_a_private_network_is_refused(web: FeedServer, address: str) -> None:
    assert refused(address) == NOT_PUBLIC


def test_redirect_into_a_private_network_is_refused(web: FeedServer) -> None:
    asked: list[Asked] = []

    def secret(one: Asked) -> Answer:
        asked.append(one)
        return Answer(make_paper_page())

    web.answers["/secret"] = secret
    web.answers["/article"] = Answer(status=302, headers={"Location": web.url("/secret", "127.0.0.2")})
    assert refused(web.url("/article")) == NOT_PUBLIC
    assert asked == []


def test_paper_that_is_stored_is_not_asked_for(web: FeedServer) -> None:
    paper = make_paper()
    for value, scheme in (("2603.00001", "arxiv"), ("10.5555/jir.1", "doi"), ("https://jir.example.org/1", "url")):
        make_identifier(paper, value, scheme)
    for text in ("arXiv:2603.00001v2", "10.5555/JIR.1", "http://jir.example.org/1/", "10.48550/arxiv.2603.00001"):
        assert look_up(text, NOON) == paper
    assert web.asked == []


def test_page_of_a_paper_that_is_stored_is_that_paper(web: FeedServer) -> None:
    paper = make_paper()
    make_identifier(paper, "10.5555/jir.1", "doi")
    web.answers["/article"] = Answer(make_paper_page())
    assert look_up(web.url("/article"), NOON) == paper


@pytest.mark.parametrize(("field", "words"), [("hidden_at", HIDDEN), ("withdrawn_at", WITHDRAWN)])
def test_paper_that_nobody_is_shown_is_refused(web: FeedServer, field: str, words: str) -> None:
    make_identifier(make_paper(**{field: NOON}), "2603.00001")
    assert refused("2603.00001") == words


def test_paper_that_its_journal_took_back_is_refused(web: FeedServer) -> None:
    web.answers["/works/10.5555%2Fjir.1"] = make_work(title=["RETRACTED: What Comes Back"])
    assert refused("10.5555/jir.1") == WITHDRAWN


def test_looking_up_stores_nothing(web: FeedServer) -> None:
    web.answers["/article"] = Answer(make_paper_page())
    found(web.url("/article"))
    assert not Paper.objects.exists()


def test_script_in_a_title_stays_text(web: FeedServer) -> None:
    web.answers["/article"] = Answer(make_paper_page(title='"><script>alert(7)</script> stones'))
    assert found(web.url("/article")).title == '"> stones'


@given(st.text() | st.text(max_size=99).map("https://{}".format) | st.text(max_size=99).map("10.5555/{}".format))
@examples(max_examples=50)
def test_any_text_names_a_paper_or_is_refused(text: str) -> None:
    with suppress(Refused):
        assert stored([named(text)]) is None
