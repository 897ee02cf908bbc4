"""What an inbox shows of a digest: its subject, and the preheader that continues it."""

from collections.abc import Iterator
from functools import lru_cache
from itertools import product
from typing import Any

from django.template import Context

from digest.delivery.content import DigestContent
from digest.delivery.mail_template import mail_template, plain
from digest.delivery.pieces import Slot
from digest.templatetags.papers import excerpt, listed, one_line, opening, readable

SUBJECT_LENGTH = 70
ALL_NAMED = 3  # as many topics as a subject names without counting the rest
LABEL_LENGTH = 30  # of a topic that shares the subject with a paper's title
PREHEADER_LENGTH = 150
PREHEADER_TITLES = 3


def subject_of(content: DigestContent) -> str:
    """Return the fullest of the ways to say it that fits into 70 characters."""
    names = [opening(content.sections[0].topic), *(one_line(section.topic) for section in content.sections[1:])]
    if len(content.picks) == 1:
        name = excerpt(names[0], LABEL_LENGTH)
        title = excerpt(readable(content.picks[0].title), SUBJECT_LENGTH - len(f"{name}: "))
        return _subject_line(name, title=title)
    for topics, trending in product(_namings(names), (len(content.trending), 0)):
        subject = _subject_line(topics, one_topic=len(names) == 1, picks=len(content.picks), trending=trending)
        if len(subject) <= SUBJECT_LENGTH:
            break
    return subject


def _namings(names: list[str]) -> Iterator[str]:
    """Yield ways to name the topics, from the fullest to one that always fits."""
    if len(names) <= ALL_NAMED:
        yield listed(names, len(names), len(names))
    for shown in range(min(len(names) - 1, 2), 0, -1):
        yield listed(names, shown, len(names))
    yield listed([excerpt(names[0], LABEL_LENGTH)], 1, len(names))


def _subject_line(topics: str, title: str = "", **said: int) -> str:
    around = _around_topics(has_title=bool(title), **said)
    return one_line(around.replace(Slot.TOPICS, topics).replace(Slot.TITLE, title))


@lru_cache(maxsize=512)
def _around_topics(*, has_title: bool, **said: int) -> str:
    slots: dict[str, Any] = {"topics": Slot.TOPICS, "title": Slot.TITLE if has_title else ""}
    return plain(mail_template("emails/digest.subject.txt").render(Context(said | slots)))


def preheader_of(content: DigestContent) -> str:
    """Return what continues the subject: the first titles, or the abstract of the one paper that the subject names."""
    picks = content.picks
    if len(picks) == 1:
        return excerpt(readable(picks[0].abstract), PREHEADER_LENGTH)
    return excerpt(" · ".join(readable(card.title) for card in picks[:PREHEADER_TITLES]), PREHEADER_LENGTH)
