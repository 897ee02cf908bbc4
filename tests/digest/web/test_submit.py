import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from accounts.models import Reader
from digest.ingest.look_up import HIDDEN, NO_NAME, NO_PAPER, UNKNOWN
from digest.ingest.submit import ANOTHERS, TOO_OLD, YOURS
from digest.models import Host, Paper, Submission
from digest.sources.listing import Scheme
from digest.web.submit import TOO_MANY, TOO_OFTEN
from tests.digest.ingest.make import make_api_page, make_paper_page
from tests.digest.web.visits import said, signed_in
from tests.feedserver import Answer, FeedServer, feed_server
from tests.make import NOON, make_identifier, make_paper, make_reader, make_submission

pytestmark = pytest.mark.django_db
SCRIPT = '"><script>alert(7)</script>'


@pytest.fixture(autouse=True)
def web(settings: Any) -> Iterator[FeedServer]:
    cache.clear()
    settings.FETCH_ALLOWED_HOSTS = ["127.0.0.1"]
    settings.REDIS_URL = ""
    Host.objects.update_or_create(name="*", defaults={"gap_seconds": 0})
    with feed_server() as server:
        settings.ARXIV_API_URL = server.url("/api/query")
        server.answers["/api/query"] = Answer(make_api_page("2603.00001"))
        server.answers["/article"] = Answer(make_paper_page())
        yield server


def look_up(client: Client, address: str) -> Any:
    return client.post("/submit", {"address": address})


def sealed(answer: Any) -> str:
    found = re.search(r'name="sealed" value="([^"]+)"', answer.content.decode())
    assert found
    return found[1]


def known(**given: Any) -> Paper:
    paper = make_paper(**given)
    make_identifier(paper, "2603.00007")
    return paper


def wrong(answer: Any) -> list[str]:
    return list(answer.context["form"].errors.get("address", []))


def test_whoever_is_not_signed_in_is_led_to_the_login_and_back() -> None:
    for answer in (Client().get("/submit?address=2603.00001"), Client().get("/submit")):
        assert answer.status_code == 302
        assert answer["Location"].startswith("/accounts/login/?next=/submit")
    assert look_up(Client(), "2603.00001").status_code == 302


def test_field_is_filled_in_by_the_address(reader: Reader) -> None:
    page = signed_in(reader).get("/submit", {"address": f"2603.00001{SCRIPT}"}).content.decode()
    assert "2603.00001&quot;&gt;&lt;script" in page


def test_new_paper_is_previewed_and_stored_once_it_is_confirmed(reader: Reader, web: FeedServer) -> None:
    client = signed_in(reader)
    preview = look_up(client, "arXiv:2603.00001")
    page = preview.content.decode()
    assert "<h1>Submit this paper?</h1>" in page
    assert "Paper 2603.00001" in page
    assert not Paper.objects.exists()
    web.answers["/api/query"] = Answer(status=500)  # what is confirmed is not asked for again
    answer = client.post("/submit", {"sealed": sealed(preview), "said": "It floats"})
    assert (answer.status_code, answer["Location"]) == (302, "/submit")
    submission = Submission.objects.get()
    assert (submission.reader, submission.paper.title, submission.said) == (reader, "Paper 2603.00001", "It floats")
    shown = client.get("/submit")
    assert said(shown) == ["Submitted. Staff read it next; what becomes of it stands below."]
    assert '<a href="/papers/2603.00001">Paper 2603.00001</a>' in shown.content.decode()
    assert len(web.asked) == 1


def test_paper_that_is_known_is_previewed_without_asking_anybody(reader: Reader, web: FeedServer) -> None:
    paper = known(title="On $n<p$")
    client = signed_in(reader)
    preview = look_up(client, "2603.00007")
    assert "It is in the library already" in preview.content.decode()
    client.post("/submit", {"sealed": sealed(preview)})
    assert Submission.objects.get().paper == paper
    assert web.asked == []


@pytest.mark.parametrize(
    ("address", "words"),
    [("stones", NO_NAME), ("2603.00002", UNKNOWN[Scheme.ARXIV]), ("10.5555/x", UNKNOWN[Scheme.DOI])],
)
def test_failure_stands_at_the_field_in_words(
    reader: Reader, web: FeedServer, settings: Any, address: str, words: str
) -> None:
    settings.CROSSREF_URL = web.url("")
    answer = look_up(signed_in(reader), address)
    assert (answer.status_code, wrong(answer)) == (200, [words])
    assert not Paper.objects.exists()


def test_page_without_a_paper_says_what_to_paste(reader: Reader, web: FeedServer) -> None:
    web.answers["/news"] = Answer(b"<html><title>News</title></html>")
    assert wrong(look_up(signed_in(reader), web.url("/news"))) == [NO_PAPER]


def test_hidden_paper_is_refused(reader: Reader) -> None:
    known(hidden_at=NOON)
    assert wrong(look_up(signed_in(reader), "2603.00007")) == [HIDDEN]


def test_paper_of_another_reader_is_to_be_voted_for(reader: Reader) -> None:
    make_submission(known(title="Stones"))
    answer = look_up(signed_in(reader), "2603.00007")
    assert ANOTHERS in answer.content.decode()
    assert '<a href="/papers/2603.00007">Stones</a>' in answer.content.decode()


def test_paper_is_submitted_once_by_a_reader(reader: Reader) -> None:
    client = signed_in(reader)
    preview = look_up(client, "2603.00001")
    for _ in range(2):
        answer = client.post("/submit", {"sealed": sealed(preview)})
    assert YOURS in answer.content.decode()
    assert YOURS in look_up(client, "2603.00001").content.decode()
    assert Submission.objects.count() == 1


@pytest.mark.parametrize("given", ["", "x", SCRIPT, "\0"])
def test_what_nobody_was_shown_is_not_stored(reader: Reader, given: str) -> None:
    answer = signed_in(reader).post("/submit", {"sealed": given, "title": "Mine"})
    assert (answer.status_code, TOO_OLD in answer.content.decode()) == (200, True)
    assert not Paper.objects.exists()


def test_preview_of_another_reader_or_of_long_ago_is_not_stored(reader: Reader, noon: Any) -> None:
    mine = sealed(look_up(signed_in(reader), "2603.00001"))
    assert TOO_OLD in signed_in(make_reader()).post("/submit", {"sealed": mine}).content.decode()
    noon.shift(timedelta(hours=2, minutes=1))
    assert TOO_OLD in signed_in(reader).post("/submit", {"sealed": mine}).content.decode()
    assert not Paper.objects.exists()


def test_word_that_is_too_long_is_told_and_the_preview_stays(reader: Reader) -> None:
    client = signed_in(reader)
    preview = look_up(client, "2603.00001")
    answer = client.post("/submit", {"sealed": sealed(preview), "said": "x" * 301})
    assert set(answer.context["form"].errors) == {"said"}
    assert sealed(answer) == sealed(preview)
    assert not Paper.objects.exists()


def test_script_of_a_page_stays_text(reader: Reader, web: FeedServer) -> None:
    web.answers["/article"] = Answer(make_paper_page(title="&lt;img src=x onerror=alert(7)&gt; stones"))
    page = look_up(signed_in(reader), web.url("/article")).content.decode()
    assert "onerror" not in page or "&lt;img" in page
    assert "<img" not in page


def test_look_ups_are_limited(reader: Reader) -> None:
    client = signed_in(reader)
    known()
    answers = [look_up(client, "2603.00007") for _ in range(21)]
    assert [answer.status_code for answer in answers] == [200] * 20 + [429]
    assert wrong(answers[-1]) == [TOO_OFTEN]
    assert look_up(signed_in(make_reader()), "2603.00007").status_code == 200


def test_submissions_are_limited(reader: Reader, settings: Any) -> None:
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {"submit_paper": "1/d/user"}
    client = signed_in(reader)
    for number in range(2):
        make_identifier(make_paper(), f"2603.1000{number}")
        answer = client.post("/submit", {"sealed": sealed(look_up(client, f"2603.1000{number}"))})
    assert (answer.status_code, TOO_MANY in answer.content.decode()) == (429, True)
    assert Submission.objects.count() == 1


def test_page_tells_what_became_of_each(reader: Reader) -> None:
    make_submission(make_paper(title="One"), reader)
    make_submission(make_paper(title="Two"), reader, state="featured", word="Read it", decided_at=NOON)
    make_submission(make_paper(title="Three", hidden_at=NOON), reader, state="declined", word=SCRIPT, decided_at=NOON)
    make_submission(make_paper(title="Of somebody else"))
    page = " ".join(signed_in(reader).get("/submit").content.decode().split())
    for line in (
        "Waiting: staff have not answered yet.",
        "Featured on 4 Mar 2026: Read it",
        "Declined on 4 Mar 2026: &quot;&gt;&lt;script&gt;",
        '<p class="title">Three</p>',
    ):
        assert line in page
    assert "Of somebody else" not in page


@pytest.mark.parametrize("count", [1, 30])
def test_page_takes_the_same_queries_for_any_number(reader: Reader, count: int, django_assert_num_queries: Any) -> None:
    for _ in range(count):
        make_submission(reader=reader)
    client = signed_in(reader)
    with django_assert_num_queries(4):  # session, reader, submissions, what their papers are known by
        client.get("/submit")


def test_form_without_its_token_is_refused(reader: Reader) -> None:
    client = signed_in(reader, enforce_csrf_checks=True)
    assert look_up(client, "2603.00001").status_code == 403
