from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse

from digest.admin.front import picture
from digest.admin.pace_words import how_it_stands, limits_in_words, today_in_words, trouble_in_words
from digest.models import Pace, PaceDomain
from tests.digest.admin.make import signed_in, staff_of
from tests.make import NOON, TODAY, make_digest, make_reader

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
LIST = reverse("admin:digest_pace_changelist")
STOPPED = {"stopped_at": NOON, "closed_until": NOON + HOUR, "stops": 1, "trouble": "550 5.7.1 bad"}


@pytest.fixture(autouse=True)
def noon() -> Any:
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def gmail() -> Pace:
    return Pace.objects.get(name="Gmail")


def form(pace: Pace, **typed: Any) -> dict[str, Any]:
    """Return what the page of `pace` sends where nothing was changed but `typed`."""
    return {"name": pace.name, "domains": "\n".join(str(domain) for domain in pace.domains.all())} | typed


def save(client: Client, pace: Pace, **typed: Any) -> Any:
    return client.post(reverse("admin:digest_pace_change", args=[pace.pk]), form(pace, **typed))


def act(client: Client, action: str, *paces: Pace) -> Any:
    return client.post(LIST, {"action": action, "_selected_action": [pace.pk for pace in paces]}, follow=True)


@pytest.mark.parametrize(
    ("stated", "stands", "trouble"),
    [
        ({}, "goes", ""),
        (
            {"is_paused": True},
            "paused by staff",
            "Mail to Gmail is paused by staff: no digest goes until it is taken back.",
        ),
        (
            STOPPED,
            "stopped since 4 March, 12:00 UTC; a few go for trial at 4 March, 13:00 UTC",
            "Mail to Gmail has been stopped since 4 March, 12:00 UTC, too many were refused: 550 5.7.1 bad",
        ),
        (
            STOPPED | {"closed_until": NOON},
            "stopped since 4 March, 12:00 UTC; the next few are a trial",
            "Mail to Gmail has been stopped since 4 March, 12:00 UTC, too many were refused: 550 5.7.1 bad",
        ),
        (
            STOPPED | {"is_trial": True, "trouble": ""},
            "stopped since 4 March, 12:00 UTC; a few mails are on trial",
            "Mail to Gmail has been stopped since 4 March, 12:00 UTC, too many were refused",
        ),
        (
            {"closed_until": NOON + HOUR, "backoffs": 1, "trouble": "421 4.7.28 too fast"},
            "left alone until 4 March, 13:00 UTC",
            "Mail to Gmail waits until 4 March, 13:00 UTC: 421 4.7.28 too fast",
        ),
        (
            {"per_day": 1000, "counted": 1000, "counted_on": TODAY},
            "today's limit is reached; the others go tomorrow",
            "Mail to Gmail has reached today's limit of 1,000; the others go tomorrow.",
        ),
        (
            {"backoffs": 6, "trouble": "421 no"},
            "slowed down to 1 mail a second",
            "Mail to Gmail is slowed down to 1 mail a second: 421 no",
        ),
        (
            {"backoffs": 2, "per_second": 10},
            "slowed down to 2.5 mails a second",
            "Mail to Gmail is slowed down to 2.5 mails a second",
        ),
    ],
)
def test_words_say_how_it_stands(stated: dict[str, Any], stands: str, trouble: str) -> None:
    pace = Pace(name="Gmail", **stated)
    assert (how_it_stands(pace, NOON), trouble_in_words(pace, NOON)) == (stands, trouble)


@pytest.mark.parametrize(
    ("stated", "today", "limits"),
    [
        ({}, "0", "none"),
        ({"counted": 1312, "counted_on": TODAY}, "1,312", "none"),
        ({"counted": 1312, "counted_on": TODAY - timedelta(days=1), "per_day": 2000}, "0 of 2,000", "2,000 a day"),
        (
            {"per_second": 0.5, "warm_up_from": TODAY, "warm_up_first": 50, "warm_up_growth": 1.5},
            "0 of 50",
            "0.5 a second, warm-up from 4 March 2026",
        ),
    ],
)
def test_words_say_what_may_go(stated: dict[str, Any], today: str, limits: str) -> None:
    pace = Pace(name="Gmail", **stated)
    assert (today_in_words(pace, NOON), limits_in_words(pace)) == (today, limits)


def test_limits_are_written_and_nothing_that_workers_write_meanwhile(admin_client: Client, gmail: Pace) -> None:
    url = reverse("admin:digest_pace_change", args=[gmail.pk])
    admin_client.get(url)
    Pace.objects.filter(pk=gmail.pk).update(counted=7, counted_on=TODAY)
    sent = form(gmail, per_second="2.5", per_day="100", warm_up_from="2026-03-04", warm_up_first="10")
    assert admin_client.post(url, sent | {"warm_up_growth": "2"}).status_code == 302
    gmail.refresh_from_db()
    assert (gmail.per_second, gmail.per_day, gmail.warm_up_growth, gmail.counted) == (2.5, 100, 2, 7)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"per_second": "0"}, "Write a number above 0"),
        ({"per_second": "-1"}, "Write a number above 0"),
        ({"per_day": "0"}, "greater than or equal to 1"),
        ({"warm_up_first": "10"}, "A warm-up needs its first day"),
        ({"warm_up_from": "2026-03-04", "warm_up_first": "10", "warm_up_growth": "0.5"}, "greater than or equal to 1"),
    ],
)
def test_limit_that_makes_no_sense_is_explained(
    admin_client: Client, gmail: Pace, typed: dict[str, str], said: str
) -> None:
    answer = save(admin_client, gmail, **typed)
    assert (answer.status_code, said in answer.content.decode()) == (200, True)


def test_domains_are_kept_as_addresses_spell_them(admin_client: Client, gmail: Pace) -> None:
    save(admin_client, gmail, domains=" gmail.com Uni.Example.org\r\n@köln.org a@b.org uni.example.org ")
    domains = ["b.org", "gmail.com", "uni.example.org", "xn--kln-sna.org"]
    assert list(gmail.domains.order_by("domain").values_list("domain", flat=True)) == domains


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (
            "gmail.com me.com",
            "gmail.com is in the group Gmail, me.com is in the group iCloud. Take it out there first.",
        ),
        ("nodot", "nodot is no domain. Write what stands after the @, such as example.org."),
    ],
)
def test_domain_of_another_group_or_none_is_explained(admin_client: Client, typed: str, said: str) -> None:
    pace = Pace.objects.create(name="University")
    answer = save(admin_client, pace, domains=typed)
    assert (answer.status_code, said in answer.content.decode()) == (200, True)


def test_group_is_added_with_its_domains(admin_client: Client) -> None:
    sent = {"name": "University", "domains": "uni.example.org", "per_second": "1"}
    assert admin_client.post(reverse("admin:digest_pace_add"), sent).status_code == 302
    [key] = PaceDomain.objects.groups(["cs.uni.example.org"]).values()
    assert Pace.objects.get(pk=key).per_second == 1


def test_row_for_all_mail_keeps_its_name_and_stays(admin_client: Client) -> None:
    pace = Pace.objects.all_mail()
    assert save(admin_client, pace, name="Another", per_day="5").status_code == 302
    pace.refresh_from_db()
    assert (pace.name, pace.per_day) == ("All mail", 5)
    assert admin_client.post(reverse("admin:digest_pace_delete", args=[pace.pk]), {"post": "yes"}).status_code == 403
    assert "delete_selected" not in admin_client.get(LIST).content.decode()


def test_going_on_forgets_the_trouble_and_lets_go_what_waited(admin_client: Client, gmail: Pace) -> None:
    Pace.objects.filter(pk=gmail.pk).update(**STOPPED)
    later = NOON + HOUR
    waiting = make_digest(make_reader(), next_attempt_at=later, reason="Gmail refused too many mails")
    others = make_digest(make_reader(), next_attempt_at=later, reason="451 try later", state="retry")
    page = act(admin_client, "go_on", gmail).content.decode()
    gmail.refresh_from_db()
    assert (gmail.stopped_at, gmail.closed_until, gmail.stops) == (None, None, 0)
    assert "Mail goes on: Gmail." in page
    waiting.refresh_from_db()
    others.refresh_from_db()
    assert (waiting.next_attempt_at, others.next_attempt_at) == (NOON, later)
    assert LogEntry.objects.get().change_message == "Had mail go on."


def test_new_limit_lets_go_what_waited_for_the_old(admin_client: Client, gmail: Pace) -> None:
    waiting = make_digest(make_reader(), next_attempt_at=NOON + HOUR, reason="Gmail gets no more mails a second")
    save(admin_client, gmail, per_second="100")
    waiting.refresh_from_db()
    assert waiting.next_attempt_at == NOON


def test_pause_holds_until_mail_goes_on(admin_client: Client, gmail: Pace) -> None:
    assert "Paused: Gmail." in act(admin_client, "pause", gmail).content.decode()
    gmail.refresh_from_db()
    assert gmail.is_paused is True
    act(admin_client, "go_on", gmail)
    gmail.refresh_from_db()
    assert gmail.is_paused is False


def test_support_pauses_and_changes_limits_but_makes_no_groups(gmail: Pace) -> None:
    client = signed_in("support")
    act(client, "pause", gmail)
    assert save(client, gmail, per_day="10").status_code == 302
    gmail.refresh_from_db()
    assert (gmail.is_paused, gmail.per_day) == (False, 10)  # the box of the form was empty
    save(client, gmail, domains="new.example.org")
    assert list(gmail.domains.order_by("domain").values_list("domain", flat=True)) == ["gmail.com", "googlemail.com"]
    assert client.get(reverse("admin:digest_pace_add")).status_code == 403


def test_editor_neither_sees_nor_acts(gmail: Pace) -> None:
    client = signed_in("editor")
    assert (client.get(LIST).status_code, act(client, "pause", gmail).status_code) == (403, 403)
    gmail.refresh_from_db()
    assert gmail.is_paused is False


def test_front_page_says_what_is_stopped_to_who_may_see_it(gmail: Pace) -> None:
    Pace.objects.filter(pk=gmail.pk).update(**STOPPED)
    Pace.objects.filter(pk=Pace.objects.all_mail().pk).update(is_paused=True)

    def needs(role: str) -> list[str]:
        return [need.said for need in picture(staff_of(role), NOON)["needs"]]

    assert needs("support") == [
        "Mail is paused by staff: no digest goes until it is taken back.",
        "Mail to Gmail has been stopped since 4 March, 12:00 UTC, too many were refused: 550 5.7.1 bad",
    ]
    assert needs("editor") == []
