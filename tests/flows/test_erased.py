"""A reader's whole life, and nothing left of it: the address, its local part and the name are looked for everywhere."""

import json
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, Permission
from django.core.cache import cache
from django.test import Client

from accounts.models import Reader
from digest.delivery.editions import close
from digest.feedback.erase import Needed, erase_reader
from digest.feedback.export import as_json_text, export_reader
from digest.feedback.links import Purpose, link
from digest.models import Digest, Edition, Feedback, Letter, MailEvent, Paper, Signup, Suppression, Topic, Vote
from tests.digest.web.reports import ANYMAIL, report
from tests.digest.web.visits import signed_in
from tests.make import NOON, TODAY, make_digest, make_match, make_paper, make_reader, make_submission, make_topic
from tests.walk import tables_with

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
ADDRESS, NAME = "zoe.quillfeather@example.org", "Zoë Quillfeather"
WORDS = (ADDRESS, "zoe.quillfeather", "Quillfeather", "zoe.before")


@pytest.fixture(autouse=True)
def clean(settings: Any) -> Any:
    settings.ANYMAIL = ANYMAIL
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    cache.clear()
    with time_machine.travel(NOON, tick=False):
        yield


def path(purpose: Purpose, key: int) -> str:
    return link(purpose, key).removeprefix("https://papers.example.org")


def live() -> Reader:
    """Sign up, confirm, read, vote, bounce, mend, complain, leave, come back, sign in here and there, move house."""
    paper, topic = make_paper(title="Moths at night"), make_topic("moths")
    make_match(topic, paper)
    Client().post("/sign-up", {"address": ADDRESS.upper(), "topics": ["moths"], "time_zone": "UTC"})
    Client().post(path(Purpose.CONFIRM, Signup.objects.get().pk))
    reader: Reader = Reader.objects.get(email=ADDRESS)
    digests = [
        make_digest(reader, TODAY - DAY * back, state="accepted", next_attempt_at=None, picks=[[paper.pk, topic.pk]])
        for back in (1, 2, 3)
    ]
    make_digest(reader)  # is still open
    Feedback.objects.say(reader.pk, paper.pk, wants_more=True, now=NOON)
    Vote.objects.cast(reader.pk, paper.pk, NOON)
    make_submission(paper, reader, said=f"By a friend of {NAME}")
    with time_machine.travel(NOON - timedelta(hours=2), tick=False):
        report(
            "postmark", "hard", ADDRESS, digest=digests[0].key.hex, said=f"550 5.1.1 <{ADDRESS}> unknown", at=NOON - DAY
        )
    with time_machine.travel(NOON - timedelta(hours=1), tick=False):
        signed_in(reader).post("/you/repair/")
    report("postmark", "complaint", ADDRESS.title(), number=2)
    Client().post(path(Purpose.UNSUBSCRIBE, reader.pk))
    Client().post(path(Purpose.UNSUBSCRIBE, reader.pk), {"back": "1"})
    Client().post("/accounts/login/", {"email": ADDRESS})  # and the code is never typed
    for email, primary in ((ADDRESS, True), ("zoe.before@example.org", False)):
        EmailAddress.objects.create(user=reader, email=email, verified=True, primary=primary)
    Suppression.objects.suppress("zoe.before@example.org", "hard bounce", "<zoe.before@example.org> is gone")
    Authenticator.objects.create(user=reader, type="totp", data={"secret": "of nobody"})
    Letter.objects.post("moved", "zoe.before@example.org", reader=reader.pk, now=NOON)
    return reader


def be_looked_after(reader: Reader, desk: Client) -> None:
    """Have staff change the name, pause, resume, suppress with a note and look at what else names the reader."""
    Reader.objects.filter(pk=reader.pk).update(name=NAME)
    for action in ("pause", "resume"):
        desk.post("/admin/accounts/reader/", {"action": action, "_selected_action": [reader.pk]})
    staff = Reader.objects.get(is_superuser=True)
    for thing in (reader, *reader.subscriptions.all(), *reader.digests.all()[:1], *reader.mail_events.all()[:1]):
        LogEntry.objects.log_actions(
            staff.pk, [thing], 2, [{"changed": {"name": "reader", "object": f"{NAME} <{ADDRESS.upper()}>"}}]
        )


def test_erased_reader_is_nowhere_but_as_a_hash(admin_client: Client) -> None:
    reader = live()
    be_looked_after(reader, admin_client)
    own = {
        "accounts_reader",
        "accounts_session",
        "account_emailaddress",
        "digest_letter",
        "digest_mailevent",
        "digest_signup",
        "digest_submission",
        "digest_suppression",
        "django_admin_log",
    }
    assert tables_with(*WORDS) == own
    logged = LogEntry.objects.count()
    reader.refresh_from_db()
    answer = signed_in(reader).post("/you/erase/")
    assert "<h1>Everything is erased</h1>" in answer.content.decode()
    assert tables_with(*WORDS) == set()
    assert Reader.objects.count() == 1
    assert Paper.objects.get().votes == 0
    assert LogEntry.objects.count() == logged
    assert set(LogEntry.objects.values_list("object_repr", flat=True)) == {"an erased reader"}
    assert [*Suppression.objects.values_list("address", "reason", "note")] == [("", "erased", "")] * 2
    assert Suppression.objects.of(ADDRESS.upper()).exists()


def test_export_holds_everything_that_erasing_removes(admin_client: Client) -> None:
    reader = live()
    be_looked_after(reader, admin_client)
    reader.refresh_from_db()
    reader.groups.add(Group.objects.create(name="desk"))
    reader.user_permissions.add(Permission.objects.all()[0])
    exported: Any = json.loads(as_json_text(export_reader(reader)))
    assert exported["suppression"]["reason"] == "complaint"
    assert len(exported["staff_log"]) == 3
    held = {
        "accounts.Reader": [exported["account"]],
        "accounts.Reader_groups": exported["account"]["groups"],
        "accounts.Reader_user_permissions": exported["account"]["permissions"],
        "accounts.Session": exported["sessions"],
        "account.EmailAddress": exported["addresses"],
        "mfa.Authenticator": exported["authenticators"],
        "digest.Signup": [exported["sign_up"]],
        "digest.Subscription": exported["topics"],
        "digest.Feedback": exported["feedback"],
        "digest.Vote": exported["votes"],
        "digest.Submission": exported["submissions"],
        "digest.Digest": exported["digests"],
        "digest.Letter": exported["letters"],
        "digest.MailEvent": exported["mail_events"],
    }
    assert erase_reader(reader) == {label: len(rows) for label, rows in held.items()}
    assert all(all(rows) for rows in held.values())


def test_export_holds_no_secret(admin_client: Client) -> None:
    reader = live()
    Letter.objects.post("code", ADDRESS, reader=reader.pk, now=NOON, said={"code": "K7QXRD"})
    reader.set_password("a long password 7")
    reader.save()
    text = as_json_text(export_reader(reader))
    assert [secret for secret in ("K7QXRD", "of nobody", reader.password) if secret in text] == []
    assert "Moths at night" in text


def test_erased_address_is_not_revived_and_is_welcome_when_it_confirms() -> None:
    reader = live()
    erase_reader(reader)
    assert Suppression.objects.among([ADDRESS]) == {ADDRESS: "erased"}
    Client().post("/sign-up", {"address": ADDRESS, "topics": ["moths"], "time_zone": "UTC"})
    Client().post(path(Purpose.CONFIRM, Signup.objects.get().pk))
    assert Suppression.objects.among([ADDRESS]) == {}
    assert Reader.objects.get().state == "active"


def test_confirmation_link_from_before_brings_nobody_back() -> None:
    wish = {"topics": ["moths"], "time_zone": "UTC"}
    Client().post("/sign-up", wish | {"address": ADDRESS})
    old = path(Purpose.CONFIRM, Signup.objects.get().pk)
    assert Client().post(old).status_code == 200
    erase_reader(Reader.objects.get())
    Client().post("/sign-up", wish | {"address": "other@example.org"})
    assert (Client().get(old).status_code, Client().post(old).status_code) == (404, 404)
    assert Reader.objects.count() == 0


def test_equation_of_an_open_edition_is_true_after_erasing() -> None:
    readers = [make_reader() for _ in range(3)]
    for reader in readers:
        make_digest(reader, state="accepted", next_attempt_at=None)
    closed = Edition.objects.create(date=TODAY - DAY, closed_at=NOON, counts={"eligible": 3, "accepted": 3})
    for reader in readers:
        make_digest(reader, TODAY - DAY, state="accepted", next_attempt_at=None)
    erase_reader(readers[0])
    edition = Edition.objects.get(date=TODAY)
    assert close(edition, NOON)
    edition.refresh_from_db()
    closed.refresh_from_db()
    assert edition.counts == {"eligible": 2, "accepted": 2}
    assert closed.counts == {"eligible": 3, "accepted": 3}


def test_erasing_touches_nobody_else() -> None:
    live()
    topic = Topic.objects.get()
    other = make_reader("other@example.org", topics=(topic,))
    make_digest(other)
    MailEvent.objects.create(provider="x", event_key="1", kind="delivered", address=other.email, reader=other, at=NOON)
    erase_reader(Reader.objects.get(email=ADDRESS))
    assert [(Reader.objects.get(), Digest.objects.get().reader, MailEvent.objects.get().reader)] == [(other,) * 3]
    assert other.subscriptions.get().topic == topic
    assert Suppression.objects.among([other.email]) == {}


def test_what_erased_staff_did_stays_under_nobodys_name() -> None:
    Reader.objects.create_superuser("root@example.org", "a long password 7")
    desk = make_reader("desk@example.org", is_staff=True, name="Desk Person")
    LogEntry.objects.log_actions(desk.pk, [make_reader("ada@example.org")], 2, "paused")
    erase_reader(desk)
    entry = LogEntry.objects.get()
    assert (entry.user.get_username(), entry.object_repr) == ("former-staff@broadsheet.invalid", "ada@example.org")
    assert not entry.user.is_active
    assert tables_with("desk@", "Desk Person") == set()


def test_last_superuser_is_not_erased() -> None:
    root = Reader.objects.create_superuser("root@example.org", "a long password 7")
    with pytest.raises(Needed):
        erase_reader(root)
    assert Reader.objects.get() == root


def test_erasing_twice_is_erasing_once() -> None:
    reader = make_reader()
    assert erase_reader(reader) == {"accounts.Reader": 1}
    assert erase_reader(reader) == {}
