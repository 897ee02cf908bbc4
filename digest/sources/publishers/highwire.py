"""bioRxiv and medRxiv, and lists of their search results: what the server's own HTML calls title, authors and journal.

Their feeds write addresses without the server's part of the DOI: "/cgi/content/short/2026.03.01.123456v2?rss=1".
"""

import re

from digest.sources.entry import Entry, people, string
from digest.sources.markup import plain_text

_ADDRESS = re.compile(
    r"(?P<server>bio|med)rxiv\.org/(?:cgi/)?content/(?:short/|early/)?(?P<doi>(?P<prefix>10\.\d{4,9}/)?[\d.]{6,25})v\d+",
    re.IGNORECASE,
)
_AUTHOR = re.compile(
    r"<span class=\"nlm-given-names\">(?P<given>[^<]{0,100})</span>\s*"
    r"<span class=\"nlm-surname\">(?P<family>[^<]{1,100})</span>"
)
_PREFIX = "10.1101/"  # of all numbers until the servers left the laboratory that founded them, late in 2025
_LAST = "2025.11"


def recognises(entry: Entry) -> bool:
    return "rxiv.org/" in string(entry, "link") and bool(_ADDRESS.search(string(entry, "link")))


def adjusted(entry: Entry) -> Entry:
    found = _ADDRESS.search(string(entry, "link"))
    if not found:
        return entry
    own = found["doi"] if found["prefix"] else _PREFIX + found["doi"] if found["doi"] < _LAST else ""
    summary = string(entry, "summary")
    names = [plain_text(f"{name['given']} {name['family']}") for name in _AUTHOR.finditer(summary)]
    return {
        **entry,
        "authors": entry.get("authors") or people(names),
        "prism_doi": string(entry, "prism_doi") or string(entry, "dc_identifier") or own,
        "prism_publicationname": f"{found['server'].lower()}Rxiv",
    }
