"""A month of real announcements at a simulated clock: weekends, a stale morning, an outage, a holiday, a moving feed.

The announcements are those of ../shared/data; the server, the archive and what goes wrong are the test's own.
"""

import gzip
import json
from collections import defaultdict
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from xml.sax.saxutils import escape
from zoneinfo import ZoneInfo

import pytest

from accounts.models import Reader
from digest.delivery.deliver import deliver_due
from digest.ingest.catch_up import catch_up_due
from digest.ingest.parse import parse
from digest.ingest.rank import match_due, update_trends
from digest.ingest.refresh import refresh_due
from digest.ingest.signals import refresh_signals
from digest.models import Digest, Fetch, Gap, Host, Paper, PaperIdentifier, Source
from digest.models.health import health
from digest.sources.listing import Listing
from tests.feedserver import Answer, Asked, FeedServer, feed_server
from tests.make import make_reader, make_source, make_topic

DATA = Path(__file__).parents[2].parent / "shared" / "data"
pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not DATA.exists(), reason="needs the real input of ../shared/data"),
]
EASTERN = ZoneInfo("America/New_York")
START = datetime(2025, 4, 6, 20, tzinfo=UTC)  # a Sunday
END = datetime(2025, 5, 8, 3, tzinfo=UTC)
GROUPS = {"cs.CL+cs.CV+cs.MM+cs.LG+cs.SI": "csCL+4", "cs.SD+eess.AS": "csSD+eessAS"}
TEXT, SOUND = GROUPS
STALE_DAY, STALE_UNTIL = date(2025, 4, 16), time(3)  # of the text feed, Eastern time
OUTAGE = (datetime(2025, 4, 22, 0, tzinfo=EASTERN), datetime(2025, 4, 24, 1, tzinfo=EASTERN))
MISSED = (date(2025, 4, 22), date(2025, 4, 23))
HOLIDAY = date(2025, 4, 29)  # on which nothing was announced
MOVED_FROM = datetime(2025, 4, 28, 12, tzinfo=UTC)  # the sound feed
VOTES_FROM = date(2025, 4, 25)  # the first day of which Hugging Face's list is known
DAYS = [START.date() + timedelta(days=number) for number in range(1, 32)]


@cache
def batch(group: str, day: date) -> bytes | None:
    """Return the feed of a day, None where nothing was announced."""
    path = DATA / "arxiv_feeds" / f"{day}__{GROUPS[group]}.rss.xml.gz"
    return gzip.decompress(path.read_bytes()) if path.exists() else None


@cache
def listed(group: str, day: date) -> tuple[Listing, ...]:
    body = batch(group, day)
    return parse(body, kind="arxiv").listings if body else ()


@cache
def votes() -> dict[date, list[dict[str, Any]]]:
    """Return what Hugging Face listed on each day, as it was the next midnight, in the shape of its API."""
    found = defaultdict(list)
    with gzip.open(DATA / "hf_daily" / "daily_snapshots.jsonl.gz", "rt") as lines:
        for row in map(json.loads, lines):
            day = date.fromisoformat(row["snapshot"][:10]) - timedelta(days=1)
            if VOTES_FROM <= day < END.date() and day.weekday() < 5:
                paper = {"id": row["arxiv_id"], "title": row["title"], "summary": row["summary"]}
                told = {"upvotes": row["upvotes"], "submittedOnDailyAt": f"{day}T00:00:00.000Z"}
                found[day].append({"paper": paper | told})
    return found


def empty(day: date) -> bytes:
    dated = f"{datetime.combine(day, time(0), tzinfo=EASTERN):%a, %d %b %Y %H:%M:%S %z}"
    return (
        f'<?xml version="1.0"?><rss version="2.0"><channel><title>x updates on arXiv.org</title>'
        f"<link>http://rss.arxiv.org/rss/x</link><pubDate>{dated}</pubDate></channel></rss>"
    ).encode()


@cache
def announced() -> dict[str, date]:
    """Return each paper with the day on which it was first announced by one of the three sources."""
    first: dict[str, date] = {}
    for day in DAYS:
        named = [
            listing.identifiers[0].value
            for group in GROUPS
            for listing in listed(group, day)
            if listing.announce_type.is_announcement
        ]
        for paper in (*named, *(item["paper"]["id"] for item in votes().get(day, ()))):
            first.setdefault(paper, day)
    return first


class World:
    """The servers at the moment `now`."""

    def __init__(self, feeds: FeedServer) -> None:
        self.now = START
        for group in GROUPS:
            feeds.answers[f"/rss/{group}"] = self.feed
            feeds.answers[f"/new/rss/{group}"] = self.feed
        feeds.answers["/api/daily_papers"] = self.daily
        feeds.answers["/oai"] = self.archive
        self.feeds = feeds

    def clock(self) -> datetime:
        return self.now

    def feed(self, asked: Asked) -> Answer:
        local = self.now.astimezone(EASTERN)
        group = asked.path.rpartition("/")[2]
        if OUTAGE[0] <= self.now < OUTAGE[1]:
            return Answer(b"down for maintenance", status=500)
        if group == SOUND and self.now >= MOVED_FROM and asked.path.startswith("/rss"):
            return Answer(status=301, headers={"Location": self.feeds.url(f"/new{asked.path}")})
        day = local.date()
        if group == TEXT and day == STALE_DAY and local.time() < STALE_UNTIL:
            day -= timedelta(days=1)
        return Answer(batch(group, day) or empty(day), headers={"Cache-Control": "max-age=3600"})

    def daily(self, asked: Asked) -> Answer:
        given = parse_qs(urlsplit(asked.path).query).get("date")
        known = [day for day in votes() if day < self.now.date()]
        day = date.fromisoformat(given[0]) if given else max(known, default=None)
        found = votes().get(day, []) if day in known else []
        return Answer(json.dumps(found).encode(), headers={"Content-Type": "application/json"})

    def archive(self, asked: Asked) -> Answer:
        """Answer as arXiv's OAI-PMH server does, a hundred records a page."""
        query = {name: values[0] for name, values in parse_qs(urlsplit(asked.path).query).items()}
        token = query.get("resumptionToken")
        category, start = token.split("|") if token else (query["set"].partition(":")[2].replace(":", "."), "0")
        if not token:
            assert query["from"] == str(MISSED[0])
            assert query["until"] >= str(MISSED[1])
        records = [record(listing, day) for listing, day in archived(category)]
        page, rest = records[int(start) : int(start) + 100], records[int(start) + 100 :]
        more = f"<resumptionToken>{category}|{int(start) + 100}</resumptionToken>" if rest else ""
        none = '<error code="noRecordsMatch">none</error>'
        content = f"<ListRecords>{''.join(page)}{more}</ListRecords>" if page else none
        body = f'<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/">{content}</OAI-PMH>'
        return Answer(body.encode(), headers={"Content-Type": "text/xml"})


@cache
def archived(category: str) -> list[tuple[Listing, date]]:
    """Return what the archive changed in a category on the missed days; what names none of a group's, in its first."""
    found = []
    for group in GROUPS:
        of_group = group.split("+")
        for day in MISSED if category in of_group else ():
            for listing in listed(group, day):
                own = [one for one in listing.categories if one in of_group] or of_group[:1]
                if category in own:
                    found.append((listing, day))
    return found


def record(listing: Listing, day: date) -> str:
    """Return a record with the dates of its versions: submitted at noon, Eastern time, of the day before."""
    number = listing.identifiers[0].value
    first = announced().get(number, date(2024, 1, 3))
    dates = [first - timedelta(days=3 if first.weekday() == 0 else 1), day - timedelta(days=1)]
    if listing.version == 1:
        dates = dates[:1]
    versions = "".join(
        f'<version version="v{place}"><date>{on:%a, %d %b %Y} 16:00:00 GMT</date></version>'
        for place, on in enumerate([dates[0]] * (listing.version - 1) + dates[-1:], start=1)
    )
    categories = " ".join(listing.categories)
    return (
        f"<record><header><identifier>oai:arXiv.org:{number}</identifier><datestamp>{day}</datestamp></header>"
        f'<metadata><arXivRaw xmlns="http://arxiv.org/OAI/arXivRaw/"><id>{number}</id>{versions}'
        f"<title>{escape(listing.title)}</title><authors>{escape(', '.join(listing.authors))}</authors>"
        f"<categories>{categories}</categories><abstract>{escape(listing.abstract)}</abstract>"
        f"</arXivRaw></metadata></record>"
    )


@pytest.fixture
def world(settings: Any) -> Any:
    settings.FETCH_ALLOWED_HOSTS = ["127.0.0.1"]
    Host.objects.update_or_create(name="*", defaults={"gap_seconds": 0})
    with feed_server() as feeds:
        settings.ARXIV_OAI_URL = feeds.url("/oai")
        yield World(feeds)


def next_moment(now: datetime) -> datetime:
    """Return when something is due next; noon, Eastern time, is when the readers' mail leaves and staff look."""
    noon = datetime.combine(now.astimezone(EASTERN).date(), time(12), tzinfo=EASTERN)
    due = [noon if noon > now else noon + timedelta(days=1)]
    due += [source.next_check_at for source in Source.objects.active()]
    due += [source.signals_due_at for source in Source.objects.active() if source.signals_due_at]
    due += [gap.next_attempt_at for gap in Gap.objects.open() if gap.next_attempt_at]
    return max(min(due), now + timedelta(seconds=1))


def live(world: World, told: dict[date, dict[str, str]]) -> None:
    """Live through the month, and note each noon what the health page says."""
    while world.now < END:
        world.now = next_moment(world.now)
        refresh_due(world.clock)
        catch_up_due(world.clock)
        refresh_signals(world.now)
        local = world.now.astimezone(EASTERN)
        if local.time() == time(12):
            told[local.date()] = {source.name: health(source, world.now).word.value for source in Source.objects.all()}
            update_trends(world.now)
            match_due(world.now)
            deliver_due(clock=world.clock)


@pytest.fixture
def month(world: World) -> tuple[World, dict[date, dict[str, str]]]:
    for name, group in (("text", TEXT), ("sound", SOUND)):
        make_source(
            name=name, kind="arxiv", url=world.feeds.url(f"/rss/{group}"), next_check_at=START, created_at=START
        )
    daily = make_source(
        name="votes",
        kind="hf-daily",
        url=world.feeds.url("/api/daily_papers"),
        check_minutes=360,
        next_check_at=START,
        created_at=START,
    )
    daily.signals_due_at = datetime.combine(VOTES_FROM, time(6), tzinfo=UTC)
    daily.save()
    reader = make_reader("sound@example.org", topics=(make_topic("cat:cs.SD"),), delivery_hour=8, papers=10)
    Reader.objects.filter(pk=reader.pk).update(
        time_zone="America/New_York", next_digest_at=datetime(2025, 4, 7, 12, tzinfo=UTC)
    )
    told: dict[date, dict[str, str]] = {}
    live(world, told)
    return world, told


def test_month_of_announcements_is_stored_once_and_told_truly(month: tuple[World, dict[date, dict[str, str]]]) -> None:
    world, told = month
    check_papers()
    check_health(told)
    check_catching_up()
    check_move(world)
    check_digests()


def check_papers() -> None:
    """Every paper is there once, with the day of its first announcement, and no other paper is."""
    stored = dict(PaperIdentifier.objects.filter(scheme="arxiv").values_list("value", "paper__announced_on"))
    named = {listing.identifiers[0].value for group in GROUPS for day in DAYS for listing in listed(group, day)}
    expected = {number: announced().get(number) for number in named | announced().keys()}
    wrong = {number: (stored.get(number), day) for number, day in expected.items() if stored.get(number, 0) != day}
    assert wrong == {}
    assert stored.keys() == expected.keys()
    assert Paper.objects.count() == len(expected)


def check_health(told: dict[date, dict[str, str]]) -> None:
    """The page said "failing" on the days of the outage, "quiet" of a list that was still empty, and else "ok"."""
    expected = {}
    for day in DAYS:
        feeds = "failing" if day in MISSED else "ok"
        expected[day] = {"text": feeds, "sound": feeds, "votes": "ok" if day > VOTES_FROM else "quiet"}
    assert told == expected
    stale = Fetch.objects.filter(outcome="stale")
    assert {fetch.at.astimezone(EASTERN).date() for fetch in stale} == {STALE_DAY}
    assert {fetch.source.name for fetch in stale} == {"text"}


def check_catching_up() -> None:
    assert {(gap.first, gap.last, gap.next_attempt_at) for gap in Gap.objects.all()} == {(*MISSED, None)}
    assert sorted(Gap.objects.values_list("category", flat=True)) == sorted([*TEXT.split("+"), *SOUND.split("+")])


def check_move(world: World) -> None:
    sound = Source.objects.get(name="sound")
    assert sound.url == world.feeds.url(f"/new/rss/{SOUND}")
    moved = [asked.path for asked in world.feeds.asked if asked.path.startswith("/new")]
    assert len(moved) >= 6


def check_digests() -> None:
    """Every announcement day has its mail with that day's papers first of all, and no paper comes twice."""
    digests = Digest.objects.filter(state="accepted").select_related("edition").order_by("edition__date")
    days = {paper.pk: paper.announced_on or date.min for paper in Paper.objects.only("announced_on")}
    picks = {digest.edition.date: [pick[0] for pick in digest.picks] for digest in digests}
    every = [paper for papers in picks.values() for paper in papers]
    assert len(every) == len(set(every))
    for day in DAYS:
        if day.weekday() >= 5 or day in (HOLIDAY, *MISSED):
            continue
        assert max(days[paper] for paper in picks[day]) == day
        assert min(days[paper] for paper in picks[day]) >= day - timedelta(days=8)
    caught_up = {days[paper] for day, papers in picks.items() if day > MISSED[1] for paper in papers}
    assert set(MISSED) <= caught_up
