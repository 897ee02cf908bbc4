"""American Chemical Society: "[ASAP]" before the title; picture, journal and DOI in the abstract's place."""

import re

from digest.sources.entry import Entry, string
from digest.sources.markup import plain_text

_ASAP = re.compile(r"\s*\[ASAP\]\s*")
_JOURNAL = re.compile(r"<cite>(?P<journal>[^<]{1,200})</cite>")


def recognises(entry: Entry) -> bool:
    return "/10.1021/" in string(entry, "link") or bool(_ASAP.match(string(entry, "title")))


def adjusted(entry: Entry) -> Entry:
    found = _JOURNAL.search(string(entry, "summary")[:5000])
    journal = plain_text(found["journal"]) if found else ""
    return {
        **entry,
        "title": _ASAP.sub("", string(entry, "title")),
        "prism_publicationname": string(entry, "prism_publicationname") or journal,
    }
