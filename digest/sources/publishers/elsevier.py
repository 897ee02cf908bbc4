"""Elsevier: ScienceDirect's feeds state no DOI; a paper is known by its PII, the number in its address.

Instead of an abstract there is "Publication date: 4 March 2026 Source: Journal, Volume 7 Author(s): A. One, B. Two".
Crossref knows the PII, too, and so finds the DOI and whatever else Elsevier deposits there.
"""

import re

from digest.sources.entry import Entry, people, string
from digest.sources.markup import plain_text
from digest.sources.names import split_names

_PII = re.compile(r"[SB]\d{15}[\dX]", re.IGNORECASE)
_IN_ADDRESS = re.compile(r"/(?:pii|fulltext|abstract)/(S[\dX()-]{16,21})(?:[/?#]|$)", re.IGNORECASE)
_HOSTS = ("sciencedirect.com/", "elsevier.com/", "cell.com/", "thelancet.com/")
_BLOB = "Publication date:"
_ISSUE = re.compile(r", (?:Volumes?|Issues?|Parts?|Supplement|Vol\.) ")
_DAY = re.compile(r"\d{1,2} [A-Z][a-z]+ \d{4}")


def pii(text: str) -> str | None:
    """Return the PII that `text` is, or that an address at Elsevier holds: "S2542-4351(25)00414-3" as it is stored."""
    if "://" in text:
        found = _IN_ADDRESS.search(text) if any(host in text for host in _HOSTS) else None
        text = found[1] if found else ""
    number = re.sub(r"[-()\s]", "", text)
    return number.upper() if _PII.fullmatch(number) else None


def page(pii: str) -> str:
    return f"https://www.sciencedirect.com/science/article/pii/{pii}"


def recognises(entry: Entry) -> bool:
    return any(host in string(entry, "link") for host in _HOSTS) or _BLOB in string(entry, "summary")[:200]


def adjusted(entry: Entry) -> Entry:
    number = pii(string(entry, "link")) or pii(string(entry, "id"))
    found = {"prism_url": page(number)} if number else {}
    text = plain_text(string(entry, "summary"))
    return {**entry, **found, **(_stated(entry, text) if text.startswith(_BLOB) else {})}


def _stated(entry: Entry, text: str) -> Entry:
    """Return the fields that the text in the abstract's place tells, where the entry itself does not."""
    about, _, authors = text.partition("Author(s):")
    dated, _, source = about.partition("Source:")
    day = _DAY.search(dated)
    names = entry.get("authors") or people(split_names(authors))
    return {
        "summary": "",
        "authors": names,
        "prism_publicationname": string(entry, "prism_publicationname") or _ISSUE.split(source)[0].strip(),
        "published": string(entry, "published") or (day[0] if day else ""),
    }
