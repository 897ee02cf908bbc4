from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.utils import timezone

from digest.ingest import catch_up
from digest.ingest.catch_up import FIRST_TRY, LOOK_AGAIN, MAX_ATTEMPTS, MAX_PAGES, NOTHING, catch_up_due, note_gaps
from digest.ingest.store import Stored, store
from digest.models import Fetch, Gap, Host, Paper, PaperIdentifier, Sighting, Source
from tests.feedserver import Answer, Asked, FeedServer, feed_server
from tests.make import NOON, make_source

pytestmark = pytest.mark.django_db

MONDAY, THURSDAY = date(2026, 3, 2), date(2026, 3, 5)
LATER = NOON + timedelta(hours=1)


@pytest.fixture
def feeds(settings: Any) -> Iterator[FeedServer]:
    settings.FETCH_ALLOWED_HOSTS = ["127.0.0.1"]
    Host.objects.update_or_create(name="*", defaults={"gap_seconds": 0})
    with feed_server() as server:
        settings.ARXIV_OAI_URL = server.url("/oai")
        yield server


def make_record(number: str, submitted: str = "Mon, 2 Mar 2026 15:00:00 GMT", *, versions: int = 1) -> str:
    dated = "".join(
        f'<version version="v{place}"><date>{submitted}</date></version>' for place in range(1, versions + 1)
    )
    return (
        f"<record><header><identifier>oai:arXiv.org:{number}</identifier><datestamp>2026-03-03</datestamp></header>"
        f'<metadata><arXivRaw xmlns="http://arxiv.org/OAI/arXivRaw/"><id>{number}</id>{dated}'
        f"<title>Paper {number}</title><authors>Ida Lindgren</authors><categories>cs.CL</categories>"
        f"<abstract>What it says.</abstract></arXivRaw></metadata></record>"
    )


def make_page(*records: str, token: str = "", error: str = "") -> Answer:
    more = f"<resumptionToken>{token}</resumptionToken>" if token else ""
    content = f'<error code="{error}">no</error>' if error else f"<ListRecords>{''.join(records)}{more}</ListRecords>"
    return Answer(f'<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/">{content}</OAI-PMH>'.encode())


def make_gap(**given: Any) -> Gap:
    source = given.pop("source", None) or make_source(url="https://rss.arxiv.org/rss/cs.CL")
    stated = {"category": "cs.CL", "first": date(2026, 3, 3), "last": date(2026, 3, 3), "next_attempt_at": NOON}
    return Gap.objects.create(source=source, **stated | given)


def clock() -> datetime:
    return LATER


@pytest.mark.parametrize(
    ("path", "categories"),
    [
        ("/rss/cs.CL", ["cs.CL"]),
        ("/atom/cs.CL+hep-th", ["cs.CL", "hep-th"]),
        ("/rss/astro-ph.GA?x=1", ["astro-ph.GA"]),
        ("/feeds/today.xml", []),
    ],
)
def test_gap_is_noted_for_each_category_that_the_address_names(path: str, categories: list[str]) -> None:
    note_gaps(make_source(url=f"https://rss.arxiv.org{path}"), MONDAY, THURSDAY, NOON)
    gaps = Gap.objects.order_by("category").values_list("category", "first", "last", "next_attempt_at")
    assert list(gaps) == [
        (category, date(2026, 3, 3), date(2026, 3, 4), NOON + FIRST_TRY) for category in sorted(categories)
    ]


@pytest.mark.parametrize("previous", [None, date(2026, 3, 4), THURSDAY])
def test_no_gap_without_a_day_between(previous: date | None) -> None:
    note_gaps(make_source(url="https://rss.arxiv.org/rss/cs.CL"), previous, THURSDAY, NOON)
    assert not Gap.objects.exists()


def test_gap_that_is_noted_twice_is_one() -> None:
    source = make_source(url="https://rss.arxiv.org/rss/cs.CL")
    note_gaps(source, MONDAY, THURSDAY, NOON)
    note_gaps(source, MONDAY, THURSDAY, NOON)
    assert Gap.objects.count() == 1


def test_gap_is_filled_page_by_page(feeds: FeedServer) -> None:
    gap = make_gap()

    def page(asked: Asked) -> Answer:
        query = parse_qs(urlsplit(asked.path).query)
        if "resumptionToken" in query:
            assert query == {"verb": ["ListRecords"], "resumptionToken": ["a|b c"]}
            return make_page(make_record("2603.00003", "Fri, 3 Jan 2025 15:00:00 GMT", versions=2))
        assert (query["set"], query["from"]) == (["cs:cs:CL"], ["2026-03-03"])
        return make_page(make_record("2603.00001"), make_record("2603.00002"), token="a|b c")

    feeds.answers["/oai"] = page
    assert catch_up_due(clock) == 2
    gap.refresh_from_db()
    assert (gap.next_attempt_at, gap.page_url, gap.papers, gap.note) == (None, "", 2, "")
    days = dict(PaperIdentifier.objects.values_list("value", "paper__announced_on"))
    assert days["2603.00001"] == days["2603.00002"] == date(2026, 3, 3)
    assert Paper.objects.count() == 3
    assert set(Sighting.objects.values_list("source", flat=True)) == {gap.source_id}
    fetches = Fetch.objects.order_by("pk").values_list("purpose", "outcome", "seen", "new", "message")
    assert list(fetches) == [
        ("catch-up", "stored", 2, 2, "cs.CL, 2026-03-03 to 2026-03-03: goes on"),
        ("catch-up", "stored", 1, 1, "cs.CL, 2026-03-03 to 2026-03-03: complete"),
    ]
    assert catch_up_due(clock) == 0


def test_days_on_which_nothing_was_announced_are_looked_at_twice(feeds: FeedServer) -> None:
    gap = make_gap()
    feeds.answers["/oai"] = make_page(error="noRecordsMatch")
    assert catch_up_due(clock) == 1
    gap.refresh_from_db()
    assert (gap.next_attempt_at, gap.papers, gap.attempts, gap.note) == (LATER + LOOK_AGAIN, 0, 0, NOTHING)
    assert catch_up_due(lambda: LATER + LOOK_AGAIN) == 1
    gap.refresh_from_db()
    assert (gap.next_attempt_at, gap.papers, gap.note) == (None, 0, NOTHING)


def test_days_of_which_the_archive_was_late_are_found_at_the_second_look(feeds: FeedServer) -> None:
    gap = make_gap()
    feeds.answers["/oai"] = make_page(error="noRecordsMatch")
    catch_up_due(clock)
    feeds.answers["/oai"] = make_page(make_record("2603.00001"))
    assert catch_up_due(lambda: LATER + LOOK_AGAIN) == 1
    gap.refresh_from_db()
    assert (gap.next_attempt_at, gap.papers, gap.note) == (None, 1, "")


@pytest.mark.parametrize(
    ("answer", "kind", "words"),
    [
        (Answer(b"no", status=500), "http_status", "500"),
        (Answer(b"<html></html>"), "source_error", ""),
        (make_page(error="badResumptionToken"), "source_error", "badResumptionToken"),
    ],
)
def test_failing_page_is_tried_again_later_from_the_beginning(
    feeds: FeedServer, answer: Answer, kind: str, words: str
) -> None:
    gap = make_gap(page_url=feeds.url("/oai?verb=ListRecords&resumptionToken=old"), attempts=1)
    feeds.answers["/oai"] = answer
    assert catch_up_due(clock) == 0
    gap.refresh_from_db()
    assert (gap.page_url, gap.attempts, gap.next_attempt_at) == ("", 2, LATER + 4 * FIRST_TRY)
    assert words in gap.note
    assert list(Fetch.objects.values_list("outcome", "error_kind")) == [("failed", kind)]


def test_gap_that_cannot_be_filled_is_given_up_with_its_last_error(feeds: FeedServer) -> None:
    gap = make_gap(attempts=MAX_ATTEMPTS - 1)
    feeds.answers["/oai"] = Answer(status=503)
    catch_up_due(clock)
    gap.refresh_from_db()
    assert (gap.next_attempt_at, gap.attempts) == (None, MAX_ATTEMPTS)
    assert "503" in gap.note


def test_server_that_wants_to_be_left_alone_is(feeds: FeedServer) -> None:
    gap = make_gap()
    feeds.answers["/oai"] = Answer(status=503, headers={"Retry-After": "7200"})
    catch_up_due(clock)
    gap.refresh_from_db()
    assert gap.next_attempt_at == LATER + timedelta(hours=2)


def test_gap_of_a_killed_worker_goes_on_with_its_page(feeds: FeedServer) -> None:
    gap = make_gap(page_url=feeds.url("/oai?verb=ListRecords&resumptionToken=two"))
    assert Gap.objects.claim(LATER, limit=5) == [gap]
    assert catch_up_due(clock) == 0  # held by somebody
    feeds.answers["/oai"] = make_page(make_record("2603.00001"))
    assert catch_up_due(lambda: LATER + timedelta(minutes=11)) == 1
    assert feeds.paths() == ["/oai?verb=ListRecords&resumptionToken=two"]


def test_source_without_gaps_is_not_asked(feeds: FeedServer) -> None:
    Source.objects.all().delete()
    assert catch_up_due(clock) == 0
    assert feeds.asked == []


def test_attempts_count_until_all_pages_are_there(feeds: FeedServer) -> None:
    gap = make_gap()

    def page(asked: Asked) -> Answer:
        is_first = "resumptionToken" not in asked.path
        return make_page(make_record("2603.00001"), token="two") if is_first else Answer(status=500)

    feeds.answers["/oai"] = page
    for attempts in (1, 2):
        assert catch_up_due(partial(LATER.__add__, timedelta(days=attempts))) == 1
        gap.refresh_from_db()
        assert (gap.attempts, gap.papers, gap.page_url) == (attempts, 0, "")
    assert "500" in gap.note
    feeds.answers["/oai"] = make_page(make_record("2603.00001"))
    catch_up_due(lambda: LATER + timedelta(days=3))
    gap.refresh_from_db()
    assert (gap.attempts, gap.papers, gap.note, gap.next_attempt_at) == (0, 1, "", None)


def test_gap_whose_turn_does_not_come_goes_on_later_where_it_was(feeds: FeedServer) -> None:
    page_url = feeds.url("/oai?verb=ListRecords&resumptionToken=two")
    gap = make_gap(page_url=page_url, papers=7)
    Host.objects.close("127.0.0.1", until=timezone.now() + timedelta(hours=2))
    assert catch_up_due(clock) == 0
    gap.refresh_from_db()
    assert (gap.page_url, gap.papers, gap.attempts, gap.note) == (page_url, 7, 0, "")
    assert gap.next_attempt_at == LATER + timedelta(hours=2)
    assert not Fetch.objects.exists()


def test_page_that_cannot_be_stored_is_that_gaps_own_failure(
    feeds: FeedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing, _ = make_gap(), make_gap(source=make_source(url="https://rss.arxiv.org/rss/cs.SD"))
    feeds.answers["/oai"] = make_page(make_record("2603.00001"))
    found: list[Exception | Stored] = [RuntimeError("no such luck"), Stored(new=1)]

    def fails_once(*_: object, **__: object) -> Stored:
        if isinstance(first := found.pop(0), Exception):
            raise first
        return first

    monkeypatch.setattr(catch_up, "store", fails_once)
    assert catch_up_due(clock) == 1
    assert list(Gap.objects.order_by("pk").values_list("attempts", "note")) == [
        (1, "RuntimeError: no such luck"),
        (0, ""),
    ]
    assert list(failing.source.fetches.values_list("outcome", "error_kind")) == [("failed", "error")]


def test_gap_that_is_deleted_meanwhile_does_not_come_back(feeds: FeedServer, monkeypatch: pytest.MonkeyPatch) -> None:
    make_gap()
    feeds.answers["/oai"] = make_page(make_record("2603.00001"))

    def stored_and_deleted(*given: Any, **named: Any) -> Stored:
        found = store(*given, **named)
        Gap.objects.all().delete()
        return found

    monkeypatch.setattr(catch_up, "store", stored_and_deleted)
    assert catch_up_due(clock) == 1
    assert not Gap.objects.exists()
    assert not Fetch.objects.exists()


@pytest.mark.parametrize(("token", "pages"), [("x" * 2048, 0), ("next", MAX_PAGES)])
def test_pages_that_do_not_end_are_a_failure(feeds: FeedServer, token: str, pages: int) -> None:
    gap = make_gap(page_url=feeds.url("/oai?verb=ListRecords&resumptionToken=this"), pages=pages)
    feeds.answers["/oai"] = make_page(make_record("2603.00001"), token=token)
    assert catch_up_due(clock) == 0
    gap.refresh_from_db()
    assert (gap.page_url, gap.pages, gap.attempts) == ("", 0, 1)
    assert gap.note.startswith("its pages do not end")
