"""What one digest says, as plain data: the contract between composing and rendering.

No database and no wording here: `compose` fills it from rows, `render` turns it into subject, text and HTML.
"""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Card:
    """One paper as a mail or page shows it. `authors` may be cut short: `author_count` is the true number.

    `topics` are the labels of the reader's topics it belongs to, the one that won it its place first.
    `why` is the matching's reason and `attention` the trending's, both in plain words, either may be "".
    `like` is the title of a paper of which the reader asked for more, where that moved this one up.
    """

    paper: int
    title: str
    abstract: str
    authors: tuple[str, ...]
    author_count: int
    source: str
    announced_on: date
    url: str
    pdf_url: str
    topics: tuple[str, ...] = ()
    why: str = ""
    attention: str = ""
    like: str = ""

    def __hash__(self) -> int:
        return hash((self.paper, self.topics, self.why))  # quick, and hardly two cards have all three alike


@dataclass(frozen=True, slots=True)
class Section:
    """The picks of one topic, under its label. `number` is the topic's key, by which a reader can stop it."""

    topic: str
    cards: tuple[Card, ...]
    number: int = 0


@dataclass(frozen=True, slots=True)
class DigestContent:
    """One reader's digest of one edition.

    `key` is the digest's UUID in hex: it makes the Message-ID. `trending` is what the whole community reads, without
    the picks. `announced` counts the papers announced from the day `since` on, of which the picks are the chosen ones.
    `topics` are the labels of all that the reader follows. The addresses are absolute https links; `unsubscribe_url`
    also takes the one-click POST, and `archive_url` shows this digest with its buttons for more and less.
    """

    key: str
    email: str
    edition: date
    topics: tuple[str, ...]
    sections: tuple[Section, ...]
    trending: tuple[Card, ...]
    announced: int
    since: date
    preferences_url: str
    unsubscribe_url: str
    archive_url: str
    home_url: str

    @property
    def picks(self) -> tuple[Card, ...]:
        return tuple(card for section in self.sections for card in section.cards)
