"""Turn one digest's content into its subject, text and HTML: all wording and looks are in templates/emails.

Which papers and why is for `digest.delivery.compose` to say; the bytes on the wire are `digest.delivery.message`'s.
A paper that many readers get for the same reason is put into words once; the address of the reader's own pages, which
its links need, is put in last.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import product

from django.conf import settings
from django.template import Context
from django.utils.html import escape
from django.utils.safestring import SafeString

from digest.delivery.content import Card, DigestContent
from digest.delivery.mail_template import mail_template, plain
from digest.templatetags.papers import excerpt, listed, one_line, opening, readable

SUBJECT_LENGTH = 70
ALL_NAMED = 3  # as many topics as a subject names without counting the rest
LABEL_LENGTH = 30  # of a topic that shares the subject with a paper's title
PREHEADER_LENGTH = 150
PREHEADER_TITLES = 3
# Where the address of the reader's own pages goes. No text can hold it: `one_line` lets no control character through.
OWN_PAGES = "\x1a"


@dataclass(frozen=True, slots=True)
class Rendered:
    """One digest in words. `preheader` is in the HTML too, hidden: inboxes show it after the subject."""

    subject: str
    preheader: str
    text: str
    html: str


@dataclass(frozen=True, slots=True)
class Shown:
    """Papers in words, ready to be put into the mail's templates."""

    text: SafeString
    html: SafeString


def render(content: DigestContent) -> Rendered:
    """Return the digest in words. Raises ValueError where it, or one of its sections, holds no paper."""
    if not content.sections or not all(section.cards for section in content.sections):
        raise ValueError(f"digest {content.key} has no papers to show, in all or in one of its sections")
    subject, preheader = _subject(content), _preheader(content)
    context = Context(_said(content) | {"subject": subject, "preheader": preheader})
    return Rendered(
        subject=subject,
        preheader=preheader,
        text=plain(mail_template("emails/digest.txt").render(context)),
        html=mail_template("emails/digest.html").render(context),
    )


def _said(content: DigestContent) -> dict[str, object]:
    picks = len(content.picks)
    return {
        "site": settings.SITE_NAME,
        "curator": settings.CURATOR,
        "postal_address": one_line(settings.POSTAL_ADDRESS),
        "edition": content.edition,
        "picks": picks,
        "announced": f"{content.announced:,}" if content.announced > picks else "",
        "since": content.since,
        "sections": [
            (topic, section.number, shown)
            for section, (topic, shown) in zip(content.sections, sections_in_words(content), strict=True)
        ],
        "trending": _joined([_brief(card) for card in content.trending]),
        "topics": content.topics,
        "home_url": content.home_url,
        "preferences_url": content.preferences_url,
        "archive_url": content.archive_url,
        "unsubscribe_url": content.unsubscribe_url,
    }


def sections_in_words(content: DigestContent) -> list[tuple[str, Shown]]:
    """Return the papers of each topic, under its label: a letter can show them too."""
    own_pages = escape(content.preferences_url)
    shown = [
        (section.topic, _joined([_card(card, section.topic) for card in section.cards])) for section in content.sections
    ]
    return [
        (topic, Shown(papers.text, SafeString(papers.html.replace(OWN_PAGES, own_pages)))) for topic, papers in shown
    ]


@lru_cache(maxsize=8192)
def _card(card: Card, topic: str) -> Shown:
    paper = _paper(replace(card, topics=(), why="", attention="", like=""))
    return _shown("emails/_card", Context({"card": card, "topic": topic, "paper": paper}))


@lru_cache(maxsize=2048)
def _paper(card: Card) -> Shown:
    """Return what of a card is the same whatever the reason for it."""
    return _shown("emails/_paper", Context({"card": card, "own_pages": OWN_PAGES}))


@lru_cache(maxsize=1024)
def _brief(card: Card) -> Shown:
    return _shown("emails/_brief", Context({"card": card}))


def _shown(name: str, context: Context) -> Shown:
    text, html = (mail_template(f"{name}.{form}").render(context) for form in ("txt", "html"))
    return Shown(text=SafeString(text), html=SafeString(html))


def _joined(shown: list[Shown]) -> Shown:
    # Safe, because each was escaped when it was rendered.
    text, html = "".join(one.text for one in shown), "".join(one.html for one in shown)
    return Shown(text=SafeString(text), html=SafeString(html))


def _subject(content: DigestContent) -> str:
    """Return the fullest of the ways to say it that fits into 70 characters."""
    names = [opening(content.sections[0].topic), *(one_line(section.topic) for section in content.sections[1:])]
    if len(content.picks) == 1:
        name = excerpt(names[0], LABEL_LENGTH)
        title = excerpt(readable(content.picks[0].title), SUBJECT_LENGTH - len(f"{name}: "))
        return _subject_line(topics=name, title=title)
    for topics, trending in product(_namings(names), (len(content.trending), 0)):
        subject = _subject_line(topics=topics, one_topic=len(names) == 1, picks=len(content.picks), trending=trending)
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


def _subject_line(**said: object) -> str:
    return one_line(mail_template("emails/digest.subject.txt").render(Context(said)))


def _preheader(content: DigestContent) -> str:
    """Return what continues the subject: the first titles, or the abstract of the one paper that the subject names."""
    picks = content.picks
    if len(picks) == 1:
        return excerpt(readable(picks[0].abstract), PREHEADER_LENGTH)
    return excerpt(" · ".join(readable(card.title) for card in picks[:PREHEADER_TITLES]), PREHEADER_LENGTH)
