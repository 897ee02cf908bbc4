"""A reader answers a paper by the link in a real mail, and the next day's digest follows it; undo undoes it all."""

import re
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from html import unescape
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.management import call_command
from django.test import Client

from accounts.models import Reader
from digest.delivery.preview import preview_reader
from digest.models import Digest, Feedback
from tests.make import make_match, make_paper, make_reader, make_topic

pytestmark = pytest.mark.django_db

FIRST = datetime(2026, 3, 4, 7, 30, tzinfo=UTC)
NEXT = FIRST + timedelta(days=1)
ON_MOTHS, ON_TIDES = "How moths find their way to lamps", "Tides under a weak moon"
TOMORROW = ["Bread that rises slowly", "Lamps that moths leave alone", "Clocks without hands"]
LIKED_FIRST = [TOMORROW[1], TOMORROW[0], TOMORROW[2]]


def mail_to(outbox: Path, reader: Reader, number: int) -> tuple[str, str]:
    """Return the text and the HTML of the reader's mail, the first or a later one."""
    mails = [message_from_bytes(path.read_bytes(), policy=policy.default) for path in sorted(outbox.glob("*.eml"))]
    mine = sorted((mail for mail in mails if mail["To"] == reader.email), key=lambda mail: mail["Date"].datetime)
    bodies = [mine[number].get_body((kind,)) for kind in ("plain", "html")]
    text, html = (body.get_content() for body in bodies if body)
    return text, html


def links_in(html: str, word: str) -> list[str]:
    return [unescape(link) for link in re.findall(rf'href="(https://[^"]*/{word}/\d+/)"', html)]


def path_of(link: str) -> str:
    return link.removeprefix("https://papers.example.org")


def order_tomorrow(reader: Reader) -> list[str]:
    preview = preview_reader(reader, NEXT.date())
    assert preview is not None
    return [card.title for card in preview.content.picks]


@pytest.fixture
def readers() -> tuple[Reader, Reader]:
    """Two readers of one topic, a first day with two papers, and a second with three that match equally well."""
    topic = make_topic("observations")
    with time_machine.travel(FIRST - timedelta(days=1), tick=False):
        both = make_reader("ada@example.org", topics=(topic,)), make_reader("bea@example.org", topics=(topic,))
        for number in range(20):
            make_paper(title=f"Other things {number}", announced_on=None)
    for title in (ON_MOTHS, ON_TIDES):
        make_match(topic, make_paper(title=title, announced_on=FIRST.date(), url="https://papers.example.net/1"))
    for title in TOMORROW:
        make_match(topic, make_paper(title=title, announced_on=NEXT.date()))
    return both


def test_answer_by_the_mails_link_moves_the_next_digest_and_undo_restores_it(
    client: Client, settings: Any, readers: tuple[Reader, Reader]
) -> None:
    ada, bea = readers
    outbox = Path(settings.EMAIL_FILE_PATH)
    with time_machine.travel(FIRST, tick=False):
        call_command("run_due")
        text, html = mail_to(outbox, ada, 0)
        more = path_of(links_in(html, "more")[0])
        assert ON_MOTHS in html
        assert order_tomorrow(ada) == TOMORROW
        assert client.get(more).status_code == 200
        assert Feedback.objects.count() == 0
        assert "Noted: more like this" in client.post(more, follow=True).content.decode()
        assert order_tomorrow(ada) == LIKED_FIRST
        client.post(more, {"undo": "1"})
        assert order_tomorrow(ada) == TOMORROW
        client.post(more)
        archived = re.search(r"\S+/archive/2026-03-04/", text)
        assert archived is not None
        assert "More like this: noted." in client.get(path_of(archived[0])).content.decode()
    with time_machine.travel(NEXT, tick=False):
        call_command("run_due")
        text, html = mail_to(outbox, ada, 1)
        assert sorted(TOMORROW, key=html.index) == LIKED_FIRST
        said = f"like “{ON_MOTHS}”, of which you asked for more"
        assert said in " ".join(text.split())
        assert said in html
        other_text, other_html = mail_to(outbox, bea, 1)
        assert sorted(TOMORROW, key=other_html.index) == TOMORROW
        assert "of which you asked for more" not in other_text


def test_topic_stopped_by_the_mails_link_brings_no_more_mail_and_undo_brings_it_back(
    client: Client, settings: Any, readers: tuple[Reader, Reader]
) -> None:
    ada, _ = readers
    with time_machine.travel(FIRST, tick=False):
        call_command("run_due")
        _, html = mail_to(Path(settings.EMAIL_FILE_PATH), ada, 0)
        (stop,) = map(path_of, links_in(html, "stop"))
        client.post(stop)
        assert preview_reader(ada, NEXT.date()) is None
        client.post(stop, {"undo": "1"})
        assert order_tomorrow(ada) == TOMORROW
        client.post(stop)
    with time_machine.travel(NEXT, tick=False):
        call_command("run_due")
        found = Digest.objects.get(reader=ada, edition__date=NEXT.date())
        assert (found.state, found.reason) == ("empty", "no new paper was close enough")
