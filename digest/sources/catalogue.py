"""The catalogue: sources that staff switch on by name, without looking for an address.

The addresses were taken from the publishers' own documentation and from public programs that use them, in November
2026; none of them was fetched for it. What a source really answers is seen before it is added (`digest.ingest.preview`)
and at each visit after that.
"""

import re
from dataclasses import dataclass
from difflib import get_close_matches

from digest.sources.arxiv_categories import CATEGORIES
from digest.sources.journals import JOURNALS, Journal
from digest.sources.preprint_servers import AT_CROSSREF, BIORXIV, FEEDS, MEDRXIV, MEDRXIV_FEEDS

DAILY = 60  # minutes between visits to what changes once a day, at an hour that is not quite certain
BUSY = 180
SLOW = 360

_RARE = {"cs.GL": 60, "nlin.CG": 45}  # days that arXiv's smallest categories may well be silent
_WORDS = re.compile(r"\w[\w.-]*")


@dataclass(frozen=True, slots=True)
class Entry:
    """A source as it is when switched on; `kind` is one of `Source.Kind`.

    `code` is a short name of its own, "" without one; `publisher` is "" but for journals.
    """

    name: str
    kind: str
    url: str
    group: str
    check_minutes: int = DAILY
    quiet_days: int = 30
    code: str = ""
    publisher: str = ""


class NotInCatalogue(LookupError):
    """No entry has this name; the message gives the names that are near."""


def find(name: str) -> Entry:
    """Return the entry of this name or code, in any case and punctuation. Raises NotInCatalogue."""
    wanted = _plain(name)
    if wanted in _BY_NAME:
        return _BY_NAME[wanted]
    keys = get_close_matches(wanted, _BY_NAME, n=5, cutoff=0.6)
    holding = search(wanted) if wanted else ()
    near = dict.fromkeys(entry.name for entry in (*(_BY_NAME[key] for key in keys), *holding))
    hint = f" Near: {'; '.join(list(near)[:5])}." if near else ""
    raise NotInCatalogue(f"“{name}” is not in the catalogue.{hint}")


def search(text: str) -> tuple[Entry, ...]:
    """Return the entries in whose name, publisher or group each word of `text` occurs; all of them for no words."""
    words = _plain(text).split()
    return tuple(entry for entry, said in _SAID if all(word in said for word in words))


def _plain(text: str) -> str:
    return " ".join(_WORDS.findall(text.casefold()))


def _arxiv(code: str, name: str, group: str) -> Entry:
    return Entry(
        f"arXiv {code}: {name}",
        "arxiv",
        f"https://rss.arxiv.org/rss/{code}",
        f"arXiv: {group}",
        quiet_days=_RARE.get(code, 14),
        code=code,
    )


def _biorxiv(subject: str) -> Entry:
    category = subject.lower().replace(" ", "_")
    url = f"https://api.biorxiv.org/details/biorxiv?category={category}"
    return Entry(f"bioRxiv: {subject}", "biorxiv", url, "bioRxiv", BUSY)


def _medrxiv(subject: str) -> Entry:
    feed = MEDRXIV_FEEDS.get(subject, subject.replace(" ", "_"))
    url = f"https://connect.medrxiv.org/medrxiv_xml.php?subject={feed}"
    return Entry(f"medRxiv: {subject}", "feed", url, "medRxiv", BUSY, 60)


def _at_crossref(name: str, prefix: str) -> Entry:
    url = f"https://api.crossref.org/prefixes/{prefix}/works"
    return Entry(name, "crossref", url, "Preprint servers", SLOW)


def _journal(journal: Journal) -> Entry:
    title, publisher, place, quiet_days = journal
    if place.startswith("https://"):
        return Entry(title, "feed", place, "Journals", BUSY, quiet_days, publisher=publisher)
    url = f"https://api.crossref.org/journals/{place}/works"
    return Entry(title, "crossref", url, "Journals", SLOW, quiet_days, publisher=publisher)


CATALOGUE: tuple[Entry, ...] = (
    Entry(
        "Hugging Face daily papers", "hf-daily", "https://huggingface.co/api/daily_papers", "Hugging Face", quiet_days=7
    ),
    *(_arxiv(code, name, group) for group, named in CATEGORIES.items() for code, name in named.items()),
    Entry("bioRxiv: all subjects", "biorxiv", "https://api.biorxiv.org/details/biorxiv", "bioRxiv", BUSY, 7),
    *map(_biorxiv, BIORXIV),
    Entry("medRxiv: all subjects", "biorxiv", "https://api.biorxiv.org/details/medrxiv", "medRxiv", BUSY, 7),
    *map(_medrxiv, MEDRXIV),
    *(_at_crossref(name, prefix) for name, prefix in AT_CROSSREF.items()),
    *(Entry(name, "feed", url, "Preprint servers", BUSY) for name, url in FEEDS.items()),
    *map(_journal, JOURNALS),
)

_BY_NAME = {_plain(key): entry for entry in CATALOGUE for key in (entry.name, entry.code, entry.url) if key}
_SAID = [(entry, _plain(f"{entry.name} {entry.publisher} {entry.group}")) for entry in CATALOGUE]
