"""Turn one digest's content into its subject, text and HTML: all wording and looks are in templates/emails.

Which papers and why is for `digest.delivery.compose` to say; the header and the bytes on the wire are
`digest.delivery.message`'s. What many readers get alike is put into words once: a paper, the reason for it, and the
letter around the papers. For each reader these pieces are only chosen and joined.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from html import escape
from operator import attrgetter
from typing import Any

from django.conf import settings
from django.template import Context
from django.utils.safestring import SafeString

from digest.delivery.content import Card, DigestContent, Section
from digest.delivery.mail_template import mail_template, plain
from digest.delivery.pieces import OWN_PAGES, Frame, Slot, joined, piece, words
from digest.delivery.subject import preheader_of, subject_of
from digest.templatetags.papers import (
    gains,
    named,
    one_line,
    opening,
    reason,
    underlined,
    wrapped,
)

# The forms of a mail, and how text is put into each.
FORMS: dict[str, Callable[[str], str]] = {"txt": str, "html": escape}
# What a card says of its paper, whoever gets it.
OF_PAPER = ("paper", "title", "abstract", "authors", "author_count", "source", "announced_on", "url", "pdf_url")
_of_paper = attrgetter(*OF_PAPER)


@dataclass(frozen=True, slots=True)
class Rendered:
    """One mail in words, both parts in quoted-printable already.

    `preheader` is in the HTML too, hidden: inboxes show it after the subject.
    """

    subject: str
    preheader: str
    encoded_text: bytes
    encoded_html: bytes

    @property
    def text(self) -> str:
        return words(self.encoded_text)

    @property
    def html(self) -> str:
        return words(self.encoded_html)


@dataclass(frozen=True, slots=True)
class Shown:
    """Papers in words, ready to be put into a letter's templates."""

    text: SafeString
    html: SafeString


def render(content: DigestContent) -> Rendered:
    """Return the digest in words. Raises ValueError where it, or one of its sections, holds no paper."""
    if not content.sections or not all(section.cards for section in content.sections):
        raise ValueError(f"digest {content.key} has no papers to show, in all or in one of its sections")
    subject, preheader = subject_of(content), preheader_of(content)
    return Rendered(subject, preheader, *(_part(form, content, subject, preheader) for form in FORMS))


def _part(form: str, content: DigestContent, subject: str, preheader: str) -> bytes:
    put = FORMS[form]
    asked = _asked(settings.SITE_NAME).replace(Slot.TOPICS, named(content.topics))
    filled = _around(form, content).filled(
        {
            Slot.SUBJECT: [piece(put(subject))],
            Slot.PREHEADER: [piece(put(preheader))],
            Slot.SECTIONS: [one for section in content.sections for one in _section(form, section)],
            Slot.TRENDING: [_brief(form, card) for card in content.trending],
            Slot.ASKED: [piece(put(asked) if form == "html" else wrapped(asked))],
            Slot.ARCHIVE: [piece(put(content.archive_url))],
            Slot.UNSUBSCRIBE: [piece(put(content.unsubscribe_url))],
        }
    )
    return joined(filled, own_pages=put(content.preferences_url))


def sections_in_words(content: DigestContent) -> list[tuple[str, Shown]]:
    """Return the papers of each topic, under its label: for a letter that shows them too."""
    return [
        (section.topic, Shown(*(_in_words(form, section, content.preferences_url) for form in FORMS)))
        for section in content.sections
    ]


def _in_words(form: str, section: Section, own_pages: str) -> SafeString:
    # Safe, because each piece was escaped when it was rendered.
    return SafeString(words(joined(_papers(form, section), own_pages=FORMS[form](own_pages))))


def _around(form: str, content: DigestContent) -> Frame:
    picks = len(content.picks)
    return _letter(
        form,
        site=settings.SITE_NAME,
        curator=settings.CURATOR,
        postal_address=one_line(settings.POSTAL_ADDRESS),
        edition=content.edition,
        picks=picks,
        announced=f"{content.announced:,}" if content.announced > picks else "",
        since=content.since,
        trending=Slot.TRENDING if content.trending else "",
        home_url=content.home_url,
    )


@lru_cache(maxsize=512)
def _letter(form: str, **said: str | int | date) -> Frame:
    """Return the digest around what differs from reader to reader."""
    slots = {
        "subject": Slot.SUBJECT,
        "preheader": Slot.PREHEADER,
        "sections": Slot.SECTIONS,
        "asked": Slot.ASKED,
        "archive_url": Slot.ARCHIVE,
        "unsubscribe_url": Slot.UNSUBSCRIBE,
        "preferences_url": OWN_PAGES,
    }
    return _frame(form, "digest", said | slots)


@lru_cache(maxsize=8)
def _asked(site: str) -> str:
    return plain(mail_template("emails/_asked.txt").render(Context({"site": site, "topics": Slot.TOPICS})))


def _section(form: str, section: Section) -> list[bytes]:
    before, after = _around_papers(form, section.topic, section.number)
    return [before, *_papers(form, section), after]


@lru_cache(maxsize=8192)
def _around_papers(form: str, topic: str, number: int) -> tuple[bytes, bytes]:
    """Return what stands before and after the papers of a topic."""
    around = _around_section(form, can_stop=bool(number))
    heading = piece(escape(opening(topic)) if form == "html" else underlined(opening(topic)))
    return around.cut(Slot.PAPERS, {Slot.TOPIC: [heading], Slot.NUMBER: [piece(str(number))]})


@cache
def _around_section(form: str, *, can_stop: bool) -> Frame:
    slots = {"topic": Slot.TOPIC, "papers": Slot.PAPERS, "preferences_url": OWN_PAGES}
    return _frame(form, "_section", slots | {"number": Slot.NUMBER if can_stop else ""})


def _papers(form: str, section: Section) -> list[bytes]:
    return [one for card in section.cards for one in _card(form, section.topic, card)]


@lru_cache(maxsize=16_384)
def _card(form: str, topic: str, card: Card) -> list[bytes]:
    """Return the pieces of a card. Those of its paper are the same whatever the reason for it."""
    because, paper = _reason(form, reason(card, topic)), _paper(form, *_of_paper(card))
    return _around_card(form).filled({Slot.REASON: [because], Slot.PAPER: [paper]})


@cache
def _around_card(form: str) -> Frame:
    return _frame(form, "_card", {"reason": Slot.REASON, "paper": Slot.PAPER})


def _reason(form: str, words: str) -> bytes:
    if form == "txt":
        return piece(wrapped(words))
    pieces = gains(words)
    return piece(_rendered(form, "_reason", {"pieces": pieces}).strip() if len(pieces) > 1 else escape(words))


@lru_cache(maxsize=4096)
def _paper(form: str, *said: Any) -> bytes:
    """Return what of a card is the same whatever the reason for it."""
    card = dict(zip(OF_PAPER, said, strict=True))
    return piece(_rendered(form, "_paper", {"card": card, "own_pages": OWN_PAGES}))


@lru_cache(maxsize=1024)
def _brief(form: str, card: Card) -> bytes:
    return piece(_rendered(form, "_brief", {"card": card}))


def _frame(form: str, name: str, said: dict[str, Any]) -> Frame:
    return Frame(_rendered(form, name, said))


def _rendered(form: str, name: str, said: dict[str, Any]) -> str:
    return mail_template(f"emails/{name}.{form}").render(Context(said))
