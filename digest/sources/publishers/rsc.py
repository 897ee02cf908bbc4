"""Royal Society of Chemistry: journal, DOI, licence, authors and the first lines of the abstract, all in one HTML text.

The DOI is the number in the address, too.
"""

import re

from digest.sources.entry import Entry, people, string
from digest.sources.markup import plain_text
from digest.sources.names import split_names

MAX_READ = 50_000  # characters of a text

_NUMBER = re.compile(r"/ArticleLanding/\d{4}/\w{2}/(?P<number>[\w.-]{6,20})", re.IGNORECASE)
_JOURNAL = re.compile(r"<i>\s*<b>(?P<journal>[^<]{1,200})</b>\s*</i>")
_PAPER = re.compile(r"<div>(?P<authors>[^<]{1,20000})<br\s*/?>(?P<abstract>.{1,20000}?)</div>\s*$", re.DOTALL)
_TAIL = re.compile(r"<br\s*/?>\s*(?:To cite this article|The content of this RSS Feed).*", re.DOTALL)


def recognises(entry: Entry) -> bool:
    return "pubs.rsc.org/" in string(entry, "link")


def adjusted(entry: Entry) -> Entry:
    number = _NUMBER.search(string(entry, "link"))
    summary = string(entry, "summary")[:MAX_READ]
    journal, paper = _JOURNAL.search(summary), _PAPER.search(summary)
    changed = {"prism_doi": f"10.1039/{number['number']}"} if number else {}
    if journal:
        changed["prism_publicationname"] = plain_text(journal["journal"])
    if paper:
        return {
            **entry,
            **changed,
            "authors": entry.get("authors") or people(split_names(plain_text(paper["authors"]))),
            "summary": _TAIL.sub("", paper["abstract"]),
        }
    return {**entry, **changed}
