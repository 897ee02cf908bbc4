from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from digest.delivery import pace
from digest.delivery.ledger import Held
from digest.delivery.pace import Room
from digest.delivery.wire.handover import Fate, Outcome, refused
from digest.models import Digest, Letter, Pace, PaceDomain
from tests.make import NOON, TODAY, make_digest, make_reader

pytestmark = pytest.mark.django_db
MINUTE, SECOND = timedelta(minutes=1), timedelta(seconds=1)
TAKEN = Outcome(Fate.ACCEPTED, 250, "2.0.0 queued")
SLOWED = refused(421, b"4.7.28 too fast")
REFUSED = refused(550, b"5.7.1 bad reputation")


def limit(name: str = "", **limits: Any) -> Pace:
    row = Pace.objects.get(name=name) if name else Pace.objects.all_mail()
    Pace.objects.filter(pk=row.pk).update(**limits)
    row.refresh_from_db()
    return row


def digests_to(*domains: str) -> list[Digest]:
    return [make_digest(make_reader(f"reader{number}@{domain}")) for number, domain in enumerate(domains)]


def told(outcome: Outcome, times: int = 1, domain: str = "one.example") -> None:
    pace.told([(f"a@{domain}", outcome)] * times, NOON)


def sort_out(digests: Sequence[Digest]) -> tuple[list[Digest], list[Held]]:
    return pace.sort_out(digests, NOON, Room(100))


def addresses(digests: Sequence[Digest]) -> list[str]:
    return [digest.reader.email for digest in digests]


def test_without_limits_there_is_room_for_all_and_nothing_is_written(django_assert_num_queries: Any) -> None:
    Pace.objects.all_mail()
    with django_assert_num_queries(1):
        assert pace.room(100, NOON) == Room(100)


def test_mail_is_free_until_anything_is_limited(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        assert pace.is_free(NOON) is True
    limit("Gmail", closed_until=NOON)
    assert pace.is_free(NOON) is True
    limit("Gmail", backoffs=1)
    assert pace.is_free(NOON) is False


@pytest.mark.parametrize(
    "limits",
    [
        {"is_paused": True},
        {"per_second": 1},
        {"per_day": 1},
        {"warm_up_from": TODAY, "warm_up_first": 1, "warm_up_growth": 1},
        {"closed_until": NOON + SECOND},
        {"backoffs": 1},
        {"stopped_at": NOON, "closed_until": NOON, "stops": 1},
    ],
)
def test_every_limit_of_all_mail_is_one(limits: dict[str, Any]) -> None:
    limit(**limits)
    assert pace.is_free(NOON) is False


def test_room_without_any_row_is_for_all() -> None:
    Pace.objects.all().delete()
    assert pace.room(100, NOON) == Room(100)


def test_room_is_what_is_left_of_the_day() -> None:
    limit(per_day=150)
    assert [pace.room(100, NOON).mails for _ in range(3)] == [100, 50, 0]
    pace.give_back(Room(100, is_taken=True), 80, [], NOON)
    assert pace.room(100, NOON).mails == 20
    assert pace.wait(NOON) == timedelta(hours=12)
    assert pace.why_closed(NOON) == "as many mails as may go in a day had gone"


def test_room_flows_at_the_rate_and_says_how_long_to_wait() -> None:
    limit(per_second=5)
    assert [pace.room(100, NOON).mails for _ in range(2)] == [5, 0]
    assert pace.wait(NOON) == SECOND / 2
    assert pace.room(100, NOON + SECOND / 2).mails == 2


def test_paused_mail_has_no_room_and_costs_one_query(django_assert_num_queries: Any) -> None:
    limit(is_paused=True)
    with django_assert_num_queries(1):
        assert pace.room(100, NOON) == Room(0)


def test_mails_to_a_group_that_is_closed_wait_in_a_line_and_the_others_go() -> None:
    limit("Gmail", closed_until=NOON + MINUTE, backoffs=6)
    digests = digests_to("gmail.com", "example.org", "googlemail.com", "yahoo.com")
    going, held = sort_out(digests)
    assert addresses(going) == ["reader1@example.org", "reader3@yahoo.com"]
    reason = "Gmail wanted to be left alone for a while"
    assert held == [
        Held(digests[0], NOON + MINUTE + SECOND, reason),
        Held(digests[2], NOON + MINUTE + 2 * SECOND, reason),
    ]


def test_mails_beyond_the_limit_of_a_group_wait_and_nobody_elses() -> None:
    limit("Gmail", per_day=2)
    digests = digests_to(*["gmail.com"] * 3, "example.org")
    going, held = sort_out(digests)
    assert addresses(going) == ["reader0@gmail.com", "reader1@gmail.com", "reader3@example.org"]
    assert [one.until.date() - TODAY for one in held] == [timedelta(days=1)]


def test_digest_waits_no_longer_than_it_is_worth() -> None:
    limit("Gmail", per_day=1, counted=1, counted_on=TODAY)
    [digest] = digests_to("gmail.com")
    digest.due_at = NOON - timedelta(hours=10)
    [held] = sort_out([digest])[1]
    assert held.until == NOON + timedelta(hours=10)
    digest.due_at = NOON - timedelta(hours=20)
    assert sort_out([digest]) == ([digest], [])


@pytest.mark.parametrize(("limited", "queries"), [(0, 1), (1, 6), (3, 6)])
def test_sorting_out_costs_the_same_however_many_there_are(
    limited: int, queries: int, django_assert_num_queries: Any
) -> None:
    for name in ["Gmail", "Outlook", "iCloud"][:limited]:
        limit(name, per_second=1)
    digests = digests_to(*["gmail.com", "outlook.com", "me.com", "example.org"] * 5)
    for some in (digests[:4], digests):
        with django_assert_num_queries(queries):
            sort_out(some)


def test_room_in_a_group_that_was_not_used_is_given_back() -> None:
    limit("Gmail", per_day=2)
    digests = digests_to("gmail.com", "gmail.com", "example.org")
    room = Room(100)
    going, _ = pace.sort_out(digests, NOON, room)
    pace.give_back(room, 2, [digest for digest in going if digest != digests[1]], NOON)
    assert Pace.objects.get(name="Gmail").counted == 1


def test_what_was_told_is_counted_for_all_mail_and_for_the_group() -> None:
    pace.told([("a@gmail.com", TAKEN), ("b@gmail.com", refused(550, b"5.1.1 no")), ("c@one.example", TAKEN)], NOON)
    rows = Pace.objects.filter(accepted_total__gt=0).order_by("pk")
    assert [(row.name, row.accepted_total, row.failed_total, row.counted) for row in rows] == [
        ("All mail", 2, 1, 2),
        ("Gmail", 1, 1, 1),
    ]


def test_telling_costs_the_same_however_much_there_is(django_assert_num_queries: Any) -> None:
    Pace.objects.all_mail()
    for times in (1, 50):
        results = [(f"a@{domain}", TAKEN) for domain in ("gmail.com", "yahoo.com", "one.example")] * times
        with django_assert_num_queries(6):
            pace.told(results, NOON)
    with django_assert_num_queries(0):
        pace.told([], NOON)


def test_group_that_asks_for_fewer_is_closed_alone() -> None:
    told(SLOWED, 5, "gmail.com")
    closed = {row.name: row.closed_until for row in Pace.objects.exclude(closed_until=None)}
    assert closed == {"Gmail": NOON + MINUTE}
    assert pace.room(100, NOON) == Room(100)


def test_domain_without_a_group_gets_one_where_it_asks_time_and_again() -> None:
    told(SLOWED, 2)
    assert not PaceDomain.objects.filter(domain="one.example").exists()
    told(SLOWED, 3)
    assert PaceDomain.objects.get(domain="one.example").pace.closed_until == NOON + MINUTE
    assert Pace.objects.all_mail().closed_until is None


def test_all_mail_is_closed_where_many_mail_systems_ask_at_once() -> None:
    pace.told([(f"a@{domain}", SLOWED) for domain in ("gmail.com", "one.example", "two.example")], NOON)
    closed = {row.name: row.closed_until for row in Pace.objects.exclude(closed_until=None)}
    assert closed == {"All mail": NOON + MINUTE}
    assert (pace.room(100, NOON), pace.wait(NOON)) == (Room(0), MINUTE)


@pytest.mark.parametrize(
    ("reason", "minutes"),
    [("cannot be reached: (421, b'too many connections')", 16), ("cannot be reached: refused", 5)],
)
def test_mail_system_that_is_down_is_left_alone_for_longer_each_time(reason: str, minutes: int) -> None:
    now = NOON
    for _ in range(5):
        pace.down(reason, now)
        closed = Pace.objects.all_mail()
        assert closed.closed_until is not None
        waited, now = closed.closed_until - now, closed.closed_until
    assert (waited, closed.trouble) == (minutes * MINUTE, reason)


def test_refusals_stop_all_mail_and_tell_the_superusers_once(caplog: Any) -> None:
    boss = make_reader("boss@example.org", is_superuser=True)
    make_reader("staff@example.org", is_staff=True)
    for _ in range(3):
        told(REFUSED, 1)
        pace.told([(f"a@{n}.example", REFUSED) for n in range(50)], NOON)
    assert (pace.room(100, NOON), pace.wait(NOON)) == (Room(0), 15 * MINUTE)
    [letter] = Letter.objects.all()
    assert (letter.kind, letter.address, letter.said["title"]) == ("notice", boss.email, "Mail has stopped")
    assert letter.said["lines"][0].endswith("550 5.7.1 bad reputation")
    assert [record.levelname for record in caplog.records] == ["ERROR"]


def test_group_that_refuses_stops_alone_and_tells_whom_the_settings_name(settings: Any, caplog: Any) -> None:
    settings.ALERT_EMAIL = ["one@example.org", "two@example.org"]
    told(REFUSED, 50, "gmail.com")
    stopped = {row.name: row.trouble for row in Pace.objects.exclude(stopped_at=None)}
    assert stopped == {"Gmail": "550 5.7.1 bad reputation"}
    assert [letter.said["title"] for letter in Letter.objects.all()] == ["Mail to Gmail has stopped"] * 2
    assert "Mail to Gmail has stopped" in caplog.text


def test_letters_are_counted_and_take_no_room() -> None:
    limit(per_day=10, counted=10, counted_on=TODAY)
    pace.told([("a@one.example", TAKEN)], NOON, took_room=False)
    assert Pace.objects.all_mail().counted == 11


@pytest.mark.django_db(transaction=True)
def test_limit_of_the_day_is_kept_by_many_workers_at_once() -> None:
    limit(per_day=500)

    def work(wanted: int) -> int:
        taken = 0
        try:
            while room := pace.room(wanted, NOON).mails:
                taken += room
            return taken
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as workers:
        taken = list(workers.map(work, [7, 30, 11, 100]))
    assert (sum(taken), Pace.objects.all_mail().counted) == (500, 500)


@pytest.mark.django_db(transaction=True)
def test_workers_that_tell_and_sort_out_at_once_wait_for_each_other_in_no_circle() -> None:
    domains = [f"{name}.example" for name in ("one", "two", "three", "four")]
    for domain in domains[:3]:
        limit(PaceDomain.objects.group_of_its_own(domain).name, per_day=10_000)
    limit(per_day=10_000)
    digests = digests_to(*domains)

    def work(turn: int) -> None:
        try:
            for number in range(10):
                some = domains[turn:] + domains[:turn]
                pace.room(4, NOON)
                sort_out(digests if number % 2 else digests[::-1])
                pace.told([(f"a@{domain}", TAKEN) for domain in some], NOON)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as workers:
        list(workers.map(work, range(4)))
    assert Pace.objects.all_mail().accepted_total == 160
