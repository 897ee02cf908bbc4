from datetime import timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from digest.delivery.editions import close
from digest.models import Digest, Edition, MailEvent, Topic
from tests.make import NOON, TODAY, make_digest, make_match, make_paper, make_reader, make_topic

pytestmark = pytest.mark.django_db


def settled(state: str) -> dict[str, Any]:
    return {"state": state, "next_attempt_at": None}


def shown(client: Client, **asked: Any) -> list[Digest]:
    answer: Any = client.get("/admin/digest/digest/", asked)
    assert answer.status_code == 200
    return list(answer.context["cl"].result_list)


@pytest.mark.parametrize("action", ["add/", "{pk}/delete/"])
def test_digests_cannot_be_added_or_deleted(admin_client: Client, action: str) -> None:
    digest = make_digest(make_reader())
    path = f"/admin/digest/digest/{action.format(pk=digest.pk)}"
    assert admin_client.get(path).status_code == 403
    assert admin_client.post(path, {"post": "yes"}).status_code == 403
    assert Digest.objects.count() == 1


@pytest.mark.parametrize("noun", ["digest", "edition"])
def test_history_cannot_be_changed(admin_client: Client, noun: str) -> None:
    digest = make_digest(make_reader())
    row = digest if noun == "digest" else digest.edition
    before = Digest.objects.values().get(), Edition.objects.values().get()
    path = f"/admin/digest/{noun}/{row.pk}/change/"
    assert 'name="_save"' not in admin_client.get(path).content.decode()
    assert admin_client.post(path, {"state": "accepted", "reason": "x", "date": "2020-01-01"}).status_code == 403
    assert (Digest.objects.values().get(), Edition.objects.values().get()) == before


def test_list_of_digests_offers_no_deletion(admin_client: Client) -> None:
    digest = make_digest(make_reader())
    asked = {"action": "delete_selected", "_selected_action": [digest.pk], "post": "yes"}
    admin_client.post("/admin/digest/digest/", asked)
    assert Digest.objects.count() == 1


def test_list_of_digests_finds_a_readers_and_says_why(admin_client: Client) -> None:
    make_digest(make_reader("ada@example.org"), **settled("failed"), reason="550 no such mailbox", code=550)
    make_digest(make_reader("bo@example.org"), **settled("empty"), reason="no new paper was close enough")
    page = admin_client.get("/admin/digest/digest/", {"q": "Ada@"}).content.decode()
    assert "550 no such mailbox" in page
    assert "no new paper was close enough" not in page


def test_list_of_digests_shows_a_hostile_reply_as_text(admin_client: Client) -> None:
    make_digest(make_reader(), **settled("failed"), reason="<script>alert(1)</script>")
    assert "<script>alert(1)" not in admin_client.get("/admin/digest/digest/").content.decode()


def test_list_is_narrowed_by_edition_state_and_reason(admin_client: Client) -> None:
    day = TODAY - timedelta(days=1)
    accepted = make_digest(make_reader(), **settled("accepted"))
    full = make_digest(make_reader(), **settled("failed"), reason="mailbox full")
    gone = make_digest(make_reader(), **settled("failed"), reason="no such mailbox")
    old = make_digest(make_reader(), day, **settled("failed"), reason="mailbox full")
    today = full.edition_id
    assert shown(admin_client) == [old, gone, full, accepted]
    assert shown(admin_client, edition__id__exact=today) == [accepted, gone, full]
    assert shown(admin_client, state__exact="failed") == [old, gone, full]
    asked = {"edition__id__exact": today, "state__exact": "failed"}
    assert shown(admin_client, **asked) == [gone, full]
    assert shown(admin_client, **asked, reason="mailbox full") == [full]
    assert shown(admin_client, edition__id__exact="x") == []
    assert shown(admin_client, state__exact="x") == [old, gone, full, accepted]
    assert shown(admin_client, edition__id__exact="9" * 30) == []


def test_list_offers_an_edition_that_is_asked_for_although_it_is_old(admin_client: Client) -> None:
    digests = [make_digest(make_reader(), TODAY - timedelta(days=days)) for days in range(16)]
    answer: Any = admin_client.get("/admin/digest/digest/", {"edition__id__exact": digests[-1].edition_id})
    offered = dict(answer.context["cl"].filter_specs[0].lookup_choices)
    assert len(offered) == 15
    assert str(digests[-1].edition_id) in offered


def test_page_tells_what_became_of_a_digest_and_what_it_held(admin_client: Client) -> None:
    topic, paper, other = make_topic("knowledge transfer"), make_paper(title="A quiet method"), make_paper(title="Loud")
    make_match(topic, paper, why="mentions transfer")
    reader = make_reader("ada@example.org")
    given: dict[str, Any] = {"reason": "550 no such mailbox", "code": 550, "attempts": 2, "settled_at": NOON}
    digest = make_digest(
        reader, **settled("failed"), **given, picks=[[paper.pk, topic.pk], [99999, topic.pk]], trending=[other.pk]
    )
    MailEvent.objects.create(
        provider="p",
        event_key="1",
        kind="hard bounce",
        address=reader.email,
        digest=digest,
        at=NOON,
        said="unknown user",
    )
    page = admin_client.get(f"/admin/digest/digest/{digest.pk}/change/").content.decode()
    for said in (
        "Handed to the mail system 2 times.",
        "Failed, code 550: 550 no such mailbox",
        "knowledge transfer",
        "A quiet method",
        "mentions transfer",
        "Loud",
        "1 more is no longer here",
        "unknown user",
        f"/admin/accounts/reader/{reader.pk}/change/",
    ):
        assert said in page


def test_page_asks_as_many_questions_for_three_picks_as_for_one(
    admin_client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    topics = [make_topic(f"word{number}") for number in range(3)]
    papers = [make_paper() for _ in range(3)]
    picks = [[paper.pk, topic.pk] for paper, topic in zip(papers, topics, strict=True)]
    one, three = (make_digest(make_reader(), picks=picks[:count], trending=[]) for count in (1, 3))
    with django_assert_max_num_queries(14) as asked:
        admin_client.get(f"/admin/digest/digest/{one.pk}/change/")
    with django_assert_max_num_queries(len(asked)):
        admin_client.get(f"/admin/digest/digest/{three.pk}/change/")


def test_page_shows_hostile_text_as_text(admin_client: Client) -> None:
    evil = "<script>alert(1)</script>"
    paper = make_paper(title=evil)
    topic = make_topic("word")
    Topic.objects.update(label=evil)
    make_match(topic, paper, why=evil)
    digest = make_digest(make_reader(), reason=evil, subject=evil, picks=[[paper.pk, topic.pk]])
    MailEvent.objects.create(
        provider="p", event_key="1", kind="delivered", address="a@example.org", digest=digest, at=NOON, said=evil
    )
    page = admin_client.get(f"/admin/digest/digest/{digest.pk}/change/").content.decode()
    assert evil not in page
    assert page.count("alert(1)") >= 5


# --- What is uncertain


def say_arrived(client: Client, *digests: Digest, **given: Any) -> Any:
    chosen = [digest.pk for digest in digests]
    return client.post("/admin/digest/digest/", {"action": "arrived", "_selected_action": chosen} | given, follow=True)


def test_uncertain_digest_that_arrived_is_counted_as_accepted_and_logged(admin_client: Client) -> None:
    digest = make_digest(make_reader(), **settled("uncertain"))
    close(digest.edition, NOON + timedelta(days=3))
    page = admin_client.get(f"/admin/digest/digest/{digest.pk}/change/").content.decode()
    assert "It arrived</button>" in page
    answer = say_arrived(admin_client, digest, back=digest.pk)
    assert answer.redirect_chain == [(f"/admin/digest/digest/{digest.pk}/change/", 302)]
    assert "Counted as accepted: 1 of 1." in answer.content.decode()
    assert "It arrived</button>" not in answer.content.decode()
    digest.refresh_from_db()
    assert (digest.state, digest.reason) == ("accepted", "it arrived, as staff found out")
    assert Edition.objects.get().counts == {"eligible": 1, "accepted": 1}
    assert LogEntry.objects.get(object_id=str(digest.pk)).change_message == "It arrived."


def test_digest_whose_fate_is_known_stays_as_it_is(admin_client: Client) -> None:
    digest = make_digest(make_reader(), **settled("failed"))
    assert "It arrived</button>" not in admin_client.get(f"/admin/digest/digest/{digest.pk}/change/").content.decode()
    said = say_arrived(admin_client, digest).content.decode()
    assert "Counted as accepted: 0 of 1. The others were not uncertain." in said
    digest.refresh_from_db()
    assert digest.state == "failed"


def test_staff_who_only_look_cannot_say_that_it_arrived(client: Client) -> None:
    staff = make_reader(is_staff=True)
    staff.user_permissions.add(Permission.objects.get(codename="view_digest"))
    client.force_login(staff)
    digest = make_digest(make_reader(), **settled("uncertain"))
    assert "It arrived</button>" not in client.get(f"/admin/digest/digest/{digest.pk}/change/").content.decode()
    say_arrived(client, digest)
    digest.refresh_from_db()
    assert digest.state == "uncertain"


def test_page_tells_when_it_was_put_back_to_go_out_once_more(admin_client: Client) -> None:
    digest = make_digest(make_reader(), **settled("uncertain"), resent_at=NOON)
    assert (
        "Put back to go out once more" in admin_client.get(f"/admin/digest/digest/{digest.pk}/change/").content.decode()
    )
