"""PLOS: the text begins with a paragraph "by A. One, B. Two", and the journal is told by the DOI alone."""

import re

from digest.sources.entry import Entry, people, string, texts
from digest.sources.markup import plain_text
from digest.sources.names import split_names

_BY = re.compile(r"\s*<p>\s*by (?P<authors>[^<]{1,20000})</p>")
_DOI = re.compile(r"10\.1371/journal\.(?P<code>p[a-z]{3})\.\d{7}")
_JOURNALS = {
    "pbio": "PLOS Biology",
    "pcbi": "PLOS Computational Biology",
    "pclm": "PLOS Climate",
    "pdig": "PLOS Digital Health",
    "pgen": "PLOS Genetics",
    "pgph": "PLOS Global Public Health",
    "pmed": "PLOS Medicine",
    "pntd": "PLOS Neglected Tropical Diseases",
    "pone": "PLOS ONE",
    "ppat": "PLOS Pathogens",
    "pstr": "PLOS Sustainability and Transformation",
    "pwat": "PLOS Water",
}


def recognises(entry: Entry) -> bool:
    return bool(_found(entry))


def _found(entry: Entry) -> re.Match[str] | None:
    return _DOI.search(string(entry, "id")) or _DOI.search(string(entry, "link"))


def adjusted(entry: Entry) -> Entry:
    found = _found(entry)
    code = found["code"] if found else ""
    *contents, summary = texts(entry)
    by = next(filter(None, map(_BY.match, (*contents, summary))), None)
    return {
        **entry,
        "authors": entry.get("authors") or people(split_names(plain_text(by["authors"])) if by else ()),
        "content": [{"value": _BY.sub("", text, count=1)} for text in contents],
        "summary": _BY.sub("", summary, count=1),
        "prism_publicationname": string(entry, "prism_publicationname") or _JOURNALS.get(code, ""),
    }
