"""Every page that readers and strangers see, phone and desktop, light and dark: what axe and the Nu checker say."""

from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Reader
from digest.feedback.links import Purpose, link
from digest.models import Feedback, Signup, Subscription, Suppression, Topic, TopicDay
from tests.browser.checks import accessibility_problems, keep_markup, markup_problems, needs_checkers
from tests.browser.conftest import LOOKS, Visit, sign_in
from tests.make import make_digest, make_match, make_paper, make_reader, make_topic

pytestmark = needs_checkers

# The others that are open to everybody: `test_looks`, over real days.
OPEN_PAGES = [
    "/",
    "/date/2030-01-01",
    "/topics/transfer",
    "/topics/transfer?order=best&period=month",
    "/topics/nowhere",
    "/sign-up",
    "/accounts/login/",
    "/accounts/login/password/",
    "/no",
]


def make_full_reader() -> Reader:
    """Make a reader who has all that a page can show: topics of each sort, digests, feedback, a feed, a suppression."""
    today = timezone.now().date()
    topics = [make_topic(query) for query in ("knowledge transfer", "cat:cs.CL", 'author:"Ada Lindqvist"')]
    said = {"slug": "transfer", "group": "Learning", "description": "What one place teaches another."}
    Topic.objects.filter(pk=topics[0].pk).update(**said)
    TopicDay.objects.create(topic=topics[0], day=today, papers=4)
    reader = make_reader("ada@example.org", topics=tuple(topics))
    Subscription.objects.filter(topic=topics[0]).update(weight=2)
    Subscription.objects.filter(topic=topics[1]).update(is_muted=True)
    papers = [
        make_paper(
            title=f"Knowledge transfer, part {number}", abstract="What it says. " * 40, announced_on=today, trend=number
        )
        for number in range(1, 5)
    ]
    for paper in papers:
        make_match(topics[0], paper)
    for days, state in enumerate(("accepted", "empty", "failed"), 1):
        settled = {"state": state, "next_attempt_at": None, "settled_at": timezone.now(), "subject": "Two papers"}
        picks = [[papers[0].pk, topics[0].pk], [papers[1].pk, topics[0].pk]]
        make_digest(reader, today - timedelta(days=days), picks=picks, trending=[papers[2].pk], **settled)
    Feedback.objects.say(reader.pk, papers[0].pk, wants_more=True, now=timezone.now())
    Suppression.objects.suppress(reader.email, Suppression.Reason.HARD_BOUNCE, "550 no such user")
    reader.renew_feed()
    return reader


def paths_of(reader: Reader) -> list[str]:
    """Return all pages of one reader that can be opened."""
    paper, topic = Feedback.objects.get(reader=reader).paper_id, reader.subscriptions.earliest("pk").topic_id
    day = timezone.now().date() - timedelta(days=1)
    names: dict[str, list[Any]] = {
        "preferences": [], "feedback": [], "next": [], "archive": [], "archived": [day], "more": [paper],
        "less": [paper], "stop": [topic], "export": [], "erase": [], "repair": [], "address": [],
    }  # fmt: skip
    return [reverse(f"you:{name}", args=args) for name, args in names.items()] + ["/topics/transfer"]


def paths_by_mail(reader: Reader) -> list[str]:
    signup = Signup.objects.create(
        address="new@example.org", topics=["speech"], asked_at=timezone.now(), consent_text="", consent_version=""
    )
    links = [
        link(Purpose.PREFERENCES, reader.pk),
        link(Purpose.UNSUBSCRIBE, reader.pk),
        link(Purpose.CONFIRM, signup.pk),
    ]
    return [urlsplit(address).path for address in links] + ["/unsubscribe/forged"]


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
def test_pages_keep_to_all_rules(visit: Visit, tmp_path: Path, width: int, scheme: Any) -> None:
    page = visit("/", viewport={"width": width, "height": 900}, color_scheme=scheme)
    root, reader = page.url.rstrip("/"), make_full_reader()
    problems = []

    def look_at(paths: list[str]) -> None:
        for path in paths:
            page.goto(root + path)
            assert page.url == root + path
            problems.extend(accessibility_problems(page))
            keep_markup(page, tmp_path)

    look_at(OPEN_PAGES + paths_by_mail(reader))
    sign_in(page, reader)
    look_at(["/", *paths_of(reader)])
    problems += markup_problems(tmp_path)
    assert problems == []
