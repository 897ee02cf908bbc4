"""A reader's whole life through the real pages and the real mails: with JavaScript, and without."""

from datetime import UTC
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from accounts.models import Reader
from digest import sample
from digest.ingest.by_hand import Document, ingest
from digest.ingest.rank import update_trends
from digest.models import Digest, Suppression
from tests.browser.conftest import Visit
from tests.browser.inbox import Inbox
from tests.browser.life import Life

ADDRESS = "ada@example.org"


@pytest.fixture
def papers(transactional_db: None) -> None:
    """Fill the last days with the invented sample, as the demo does."""
    for read_at, kind, body in sample.documents(timezone.now().date()):
        ingest(Document(body), kind=kind, now=read_at)
        update_trends(read_at)


@pytest.mark.usefixtures("papers")
@pytest.mark.parametrize("has_script", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_life_of_a_reader(visit: Visit, inbox: Inbox, has_script: bool) -> None:
    life = Life(visit("/", java_script_enabled=has_script), inbox, ADDRESS, has_script)

    life.sign_up()
    assert [mail.subject for mail in life.mails()] == ["Confirm your address for Broadsheet"]
    assert not Reader.objects.filter(email=ADDRESS).exists()
    life.confirm()
    assert life.reader.time_zone == ("Europe/Berlin" if has_script else "UTC")
    followed = life.reader.subscriptions.order_by("pk").values_list("topic__label", flat=True)
    assert list(followed) == ["knowledge transfer", "Graph neural networks", "protein structure prediction"]

    life.follow("Change topics, hour or days")
    life.choose_hour(18)
    due = life.get_next_digest()
    assert due.astimezone(ZoneInfo(life.reader.time_zone)).hour == 18
    assert due.tzinfo == UTC
    life.vote()
    life.follow("All that you can change is in your preferences.")
    life.change_topics()
    life.pause_and_resume()
    life.read_archive()
    life.get_next_digest()

    life.leave()
    life.press("Send me digests again")
    life.sees("Welcome back")
    assert life.reader.state == Reader.State.ACTIVE

    life.follow("Sign in")
    life.sign_in()
    data = life.export()
    assert data["account"]["email"] == ADDRESS
    assert len(data["digests"]) == Digest.objects.filter(reader=life.reader).count() == 2
    life.follow("Back to your digest")
    life.erase()
    assert not Reader.objects.filter(email=ADDRESS).exists()
    assert Suppression.objects.among([ADDRESS]) == {ADDRESS: "erased"}
