"""Weeks of readers who change everything at awkward hours: one digest a date at most, and none skipped silently.

The clock stands still but for what is due: it strikes, in order, each moment at which a digest comes.
"""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client

from accounts.models import Reader
from digest.delivery.deliver import deliver_due
from digest.delivery.editions import close_over
from digest.feedback.erase import erase_reader
from digest.feedback.links import Purpose, link
from digest.models import Digest, Edition, Signup
from tests.digest.web.reports import ANYMAIL, report
from tests.digest.web.visits import filled, page_of, path_for, signed_in
from tests.make import make_match, make_paper, make_reader, make_topic

pytestmark = pytest.mark.django_db
FIRST, LAST = date(2026, 2, 28), date(2026, 3, 20)
ADDRESS = "ada@example.org"


def at(local: str, zone: str = "UTC") -> datetime:
    """Return the moment at which clocks in `zone` show `local`, in March 2026: "4 06:59"."""
    day, clock = local.split()
    hour, minute = clock.split(":")
    return datetime(2026, 3, int(day), int(hour), int(minute), tzinfo=ZoneInfo(zone)).astimezone(UTC)


@pytest.fixture
def clock(settings: Any) -> Iterator[time_machine.Traveller]:
    """Begin on the second of March, a Monday, with papers for each day."""
    settings.ANYMAIL = ANYMAIL
    cache.clear()
    with time_machine.travel(at("2 12:00"), tick=False) as clock:
        topic = make_topic("moths")
        for number in range((LAST - FIRST).days):
            day = FIRST + timedelta(days=number)
            make_match(topic, make_paper(title=f"Moths of {day}", announced_on=day))
        yield clock


def live(clock: time_machine.Traveller, until: datetime) -> None:
    """Go on to `until`, and stop whenever a digest is due."""
    while due := Reader.objects.due(until).order_by("next_digest_at").first():
        assert due.next_digest_at
        clock.move_to(due.next_digest_at)
        deliver_due()
    clock.move_to(until)
    deliver_due()


def following(zone: str = "UTC", address: str = ADDRESS, **given: Any) -> Reader:
    return make_reader(address, topics=(make_topic("moths"),), time_zone=zone, **given)


def change(reader: Reader, **changed: Any) -> None:
    """Change when digests come, in the preference centre."""
    reader.refresh_from_db()
    answer = Client().post(page_of(reader, "schedule"), filled(reader, **changed))
    assert answer.status_code == 302
    reader.refresh_from_db()


def post(reader: Reader, page: str, **said: str) -> None:
    assert Client().post(page_of(reader, page), said).status_code == 302


def digests(reader: Reader) -> dict[int, str]:
    """Return the state of the digest of each day in March, as the ledger, the archive and the feed agree on it."""
    rows = list(reader.digests.order_by("edition__date").values_list("edition__date", "state"))
    days = [day for day, _ in rows]
    assert len(days) == len(set(days))
    mailed = {day for day, state in rows if state == "accepted"}
    archive = Client().get(page_of(reader, "archive")).content.decode()
    assert {date.fromisoformat(day) for day in re.findall(r"/archive/([\d-]+)/", archive)} == mailed
    if reader.feed_key is None:
        reader.renew_feed()
    feed = Client().get(f"/feeds/{reader.feed_key}.atom").content.decode()
    assert feed.count("<entry>") == sum(len(digest.picks) for digest in reader.digests.filter(state="accepted"))
    return {day.day: state for day, state in rows}


def accepted(*days: int) -> dict[int, str]:
    return dict.fromkeys(days, "accepted")


def test_who_signs_up_before_midnight_and_confirms_after_it_gets_the_new_days_digest(clock: Any) -> None:
    clock.move_to(at("3 23:50", "Europe/Berlin"))
    Client().post("/sign-up", {"address": ADDRESS, "topics": ["moths"], "time_zone": "Europe/Berlin"})
    live(clock, at("4 00:10", "Europe/Berlin"))
    Client().post(link(Purpose.CONFIRM, Signup.objects.get().pk))
    live(clock, at("6 06:00", "Europe/Berlin"))
    reader = Reader.objects.get()
    assert digests(reader) == accepted(4, 5)
    assert {digest.due_at.astimezone(ZoneInfo("Europe/Berlin")).hour for digest in reader.digests.all()} == {7}


def test_who_confirms_after_the_hour_waits_for_the_next_day(clock: Any) -> None:
    clock.move_to(at("3 08:30"))
    Client().post("/sign-up", {"address": ADDRESS, "topics": ["moths"], "time_zone": "UTC"})
    Client().post(link(Purpose.CONFIRM, Signup.objects.get().pk))
    live(clock, at("4 08:30"))
    assert digests(Reader.objects.get()) == accepted(4)


def test_week_around_the_world_brings_each_date_once(clock: Any) -> None:
    """From Auckland to Honolulu, where it is the day before, and back, where the eighth's comes at once: it is late."""
    reader = following("Pacific/Auckland")
    live(clock, at("5 08:30", "Pacific/Auckland"))
    change(reader, time_zone="Pacific/Honolulu")  # where it is the fourth, 09:30
    assert digests(reader) == accepted(3, 4, 5)
    live(clock, at("5 12:00", "Pacific/Honolulu"))
    assert digests(reader) == accepted(3, 4, 5)
    live(clock, at("7 12:00", "Pacific/Honolulu"))
    assert digests(reader) == accepted(3, 4, 5, 6, 7)
    change(reader, time_zone="Pacific/Auckland")  # where it is the eighth, 11:00
    live(clock, at("10 12:00", "Pacific/Auckland"))
    assert digests(reader) == accepted(3, 4, 5, 6, 7, 8, 9, 10)


@pytest.mark.parametrize("minute", [0, 10, 30, 50])
def test_hour_that_changes_around_the_hour_brings_one_digest_a_day(clock: Any, minute: int) -> None:
    reader = following(delivery_hour=7)
    live(clock, at("3 06:59"))
    change(reader, delivery_hour=9)
    live(clock, at(f"3 09:{minute:02}"))
    change(reader, delivery_hour=7)
    live(clock, at(f"4 07:{minute:02}"))
    change(reader, delivery_hour=8)
    live(clock, at(f"5 08:{minute:02}"))
    change(reader, delivery_hour=7)
    live(clock, at("6 12:00"))
    got = digests(reader)
    assert set(got.values()) == {"accepted"}
    assert sorted(got) == [3, 4, 5, 6]


def test_weekly_digest_comes_once_in_its_week_whatever_day_is_chosen(clock: Any) -> None:
    reader = following(days="weekly", weekday=2)
    live(clock, at("4 12:00"))
    change(reader, weekday=4)
    live(clock, at("8 12:00"))
    assert digests(reader) == accepted(4, 6)
    live(clock, at("14 12:00"))
    assert digests(reader) == accepted(4, 6, 13)


def test_weekdays_with_a_pause_over_the_weekend(clock: Any) -> None:
    reader = following(days="weekdays")
    live(clock, at("6 12:00"))
    post(reader, "pause", until="2026-03-10")
    live(clock, at("11 12:00"))
    assert digests(reader) == accepted(3, 4, 5, 6, 10, 11)


def test_pause_that_is_taken_back_before_the_hour_skips_nothing(clock: Any) -> None:
    reader = following()
    live(clock, at("3 12:00"))
    post(reader, "pause", until="2026-03-10")
    live(clock, at("5 06:00"))
    post(reader, "resume")
    live(clock, at("6 12:00"))
    assert digests(reader) == accepted(3, 5, 6)


def test_who_leaves_and_comes_back_on_one_day_gets_no_second_digest(clock: Any) -> None:
    reader = following()
    leave = path_for(reader, Purpose.UNSUBSCRIBE)
    live(clock, at("3 12:00"))
    Client().post(leave, {"List-Unsubscribe": "One-Click"})
    clock.move_to(at("3 13:00"))
    Client().post(leave, {"back": "1"})
    live(clock, at("4 05:00"))
    Client().post(leave, {"leave": "1"})
    live(clock, at("4 06:00"))
    Client().post(leave, {"back": "1"})
    live(clock, at("5 05:00"))
    Client().post(leave, {"leave": "1"})
    live(clock, at("5 12:00"))
    Client().post(leave, {"back": "1"})
    live(clock, at("6 12:00"))
    reader.refresh_from_db()
    assert digests(reader) == accepted(3, 4, 6)


def test_who_leaves_between_the_hour_and_the_mail_gets_none_and_is_told_why(clock: Any) -> None:
    reader = following()
    due = at("3 07:00") + reader.jitter
    clock.move_to(due + timedelta(seconds=1))
    Client().post(path_for(reader, Purpose.UNSUBSCRIBE), {"List-Unsubscribe": "One-Click"})
    deliver_due()
    assert digests(reader) == {}
    Client().post(path_for(reader, Purpose.UNSUBSCRIBE), {"back": "1"})
    live(clock, at("4 12:00"))
    assert digests(reader) == accepted(4)


def test_bounced_reader_has_a_reason_for_each_date_and_mends_it(clock: Any) -> None:
    reader = following()
    live(clock, at("3 12:00"))
    assert report("postmark", "hard", ADDRESS, digest=Digest.objects.get().key.hex, at=at("3 12:00")) == 200
    live(clock, at("5 12:00"))
    assert digests(reader) == {3: "accepted", 4: "suppressed", 5: "suppressed"}
    assert set(reader.digests.filter(state="suppressed").values_list("reason", flat=True)) != {""}
    assert signed_in(reader).post("/you/repair/").status_code == 302
    live(clock, at("6 12:00"))
    assert digests(reader) == {3: "accepted", 4: "suppressed", 5: "suppressed", 6: "accepted"}


def test_equation_closes_with_one_sent_again_and_one_erased_in_between(clock: Any) -> None:
    readers = [following(address=f"reader{number}@example.org") for number in range(4)]
    live(clock, at("3 12:00"))
    staff = Client()
    staff.force_login(Reader.objects.create_superuser("desk@example.org", "a long password 7"))
    chosen = {"action": "send_again", "_selected_action": [readers[0].pk, readers[1].pk], "sure": "1"}
    assert staff.post("/admin/accounts/reader/", chosen).status_code == 302
    edition = Edition.objects.get()
    assert edition.digests.by_state() == {"accepted": 2, "pending": 2}
    erase_reader(readers[1])
    readers[2].leave()
    live(clock, at("3 13:00"))
    assert digests(readers[0]) == accepted(3)
    live(clock, at("6 12:00"))
    close_over(at("6 12:00"))
    edition.refresh_from_db()
    assert edition.counts == {"eligible": 3, "accepted": 3}
    assert not any(digest.digests.open().exists() for digest in Edition.objects.exclude(closed_at=None))
