"""How a paper is put into words, for mail and pages alike: mathematics, bylines, excerpts, reasons.

Every filter takes and returns plain text; escaping stays with the template engine.
"""

import re
from collections.abc import Sequence
from datetime import date, datetime
from functools import lru_cache
from textwrap import wrap
from urllib.parse import urlsplit

from django import template
from django.template.defaultfilters import wordwrap
from django.utils.dateformat import format as date_format
from django.utils.encoding import iri_to_uri

from digest.delivery.content import Card
from digest.sources import latex

register = template.Library()

# White space of every kind, control characters, halves of surrogate pairs, and the marks that turn the direction of
# all text after them: none belongs in one line of somebody else's page.
_UNPRINTABLE = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]+")
_GAIN = re.compile(r"(?<!\S)(\+\d[\d,]*(?: since \w+)?)")
TEXT_WIDTH = 72
NAMED_AUTHORS = 3
NAMED_TOPICS = 3
LIKE_LENGTH = 48  # of the title of another paper, in a reason


@register.filter
def one_line(text: str) -> str:
    if text.isprintable() and "  " not in text:  # nearly always, and quicker to find out
        return text.strip()
    return _UNPRINTABLE.sub(" ", text).strip()


@register.filter
@lru_cache(maxsize=4096)  # text and HTML, subject and community part ask for the same titles
def readable(text: str) -> str:
    """Return `text` on one line, with its LaTeX as Unicode."""
    return one_line(latex.readable(text))


@register.filter
def excerpt(text: str, length: int) -> str:
    """Return the start of `text`, at most `length` characters with the ellipsis, ending on a whole word."""
    if len(text) <= length:
        return text
    start = text[:length]
    words = start.rpartition(" ")[0] or start[:-1]
    return words.rstrip(" .,;:–—-(") + "…"


def listed(names: Sequence[str], shown: int, total: int) -> str:
    """Return "A, B and C", or "A, B, C and 5 more" where `total` is more than the names shown."""
    named = list(names[:shown])
    if total > len(named):
        named = [", ".join(named), f"{total - len(named):,} more"]
    elif len(named) > 1:
        named = [", ".join(named[:-1]), named[-1]]
    return " and ".join(named) if names else ""


@register.filter
def byline(authors: Sequence[str], count: int) -> str:
    """Return the first three authors and how many more there are: `count` is the true number."""
    names = [one_line(latex.readable_name(name)) for name in authors[:NAMED_AUTHORS]]
    return listed(names, NAMED_AUTHORS, max(count, len(authors)))


@register.filter
def named(labels: Sequence[str]) -> str:
    return listed([one_line(label) for label in labels], NAMED_TOPICS, len(labels))


@register.filter
def reason(card: Card, topic: str) -> str:
    """Return why `card` is shown under the heading `topic`: match, attention, the reader's taste and other topics.

    What would only repeat the heading is left out, unless there is nothing else to say.
    """
    why = one_line(card.why)
    repeats = why.casefold().removeprefix("matches ").strip("“”\"' ") == topic.casefold()
    others = [label for label in card.topics if label != topic]
    like = f"like “{excerpt(readable(card.like), LIKE_LENGTH)}”, of which you asked for more" if card.like else ""
    parts = ["" if repeats else why, one_line(card.attention), like, f"also in {named(others)}" if others else ""]
    return " · ".join(filter(None, parts)) or why or one_line(topic)


@register.filter
def gains(text: str) -> list[tuple[str, bool]]:
    """Return `text` in pieces, each with whether it tells of a gain: "+31 since yesterday"."""
    return [(piece, position % 2 == 1) for position, piece in enumerate(_GAIN.split(text)) if piece]


@register.filter
@lru_cache(maxsize=512)
def day(value: date) -> str:
    """Return a date that no line break can split: "3 Nov 2025"."""
    return date_format(value, "j\u00a0M\u00a0Y")


@register.filter
@lru_cache(maxsize=512)
def weekday(value: date) -> str:
    """Return a date in full: "Monday, 3 November 2025"."""
    return date_format(value, "l, j F Y")


@register.filter
def since(first: date, today: date) -> str:
    """Return from when on, as people say it on `today`: "today", "since yesterday", "since Friday", "since 3 March"."""
    match (today - first).days:
        case 0:
            return "today"
        case 1:
            return "since yesterday"
        case 2 | 3 | 4 | 5 | 6:
            return f"since {date_format(first, 'l')}"
    return f"since {date_format(first, 'j F')}"


@register.filter
def opening(label: str) -> str:
    """Return a topic's label as the start of a line: plain words get a capital, "cs.CL" and "mRNA" stay."""
    label = one_line(label)
    first = label.partition(" ")[0]
    return label[:1].upper() + label[1:] if first.isalpha() and first.islower() else label


@register.filter
@lru_cache(maxsize=4096)
def underlined(heading: str) -> str:
    """Return a heading for plain text."""
    lines = wrap(heading, TEXT_WIDTH)
    return "\n".join([*lines, "-" * max(map(len, lines), default=0)])


@register.filter
def wrapped(text: str) -> str:
    """Return `text` for plain text, as `wordwrap` would, which takes ten times as long for one line of plain words."""
    if "  " in text or text != text.strip() or not text.replace("\u00a0", "_").isprintable():
        return wordwrap(text, TEXT_WIDTH)
    lines = []
    while len(text) > TEXT_WIDTH:
        end = text.rfind(" ", 0, TEXT_WIDTH + 1)
        if end < 0:
            end = text.find(" ", TEXT_WIDTH)
        if end < 0:
            break
        lines.append(text[:end])
        text = text[end + 1 :]
    return "\n".join([*lines, text])


@register.filter
def bullet(text: str) -> str:
    """Return `text` as an item of a list in plain text."""
    return "\n  ".join(wrap(f"- {text}", TEXT_WIDTH - 2))


@register.filter
def slot(value: datetime) -> str:
    """Return when a digest comes, in local time: "Thursday, 5 March, soon after 07:00"."""
    return date_format(value, "l, j F, {} H:00").format("soon after")


@register.filter
@lru_cache(maxsize=4096)
def weblink(url: str) -> str:
    """Return `url` as an https address in ASCII; "" where it is no web address, so that it is not linked."""
    try:
        parts = urlsplit(iri_to_uri(one_line(url)))
    except ValueError:  # "https://[broken"
        return ""
    if parts.scheme not in ("http", "https") or not parts.netloc:
        return ""
    return parts._replace(scheme="https").geturl()
