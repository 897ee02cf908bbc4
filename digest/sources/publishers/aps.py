"""American Physical Society: authors, abstract, citation and date, one after the other in one text.

"Author(s): A. One and B. Two<br/><p>Abstract</p><br/>[Phys. Rev. Lett. 136, 1] Published Tue Mar 3, 2026"
"""

import re

from digest.sources.entry import Entry, people, string
from digest.sources.markup import plain_text
from digest.sources.names import split_names

_SUMMARY = re.compile(
    r"\s*Author\(s\):(?P<authors>[^<]{1,20000})<br\s*/?>(?P<abstract>.*?)(?:<br\s*/?>\s*)?"
    r"(?:\[(?P<journal>[A-Z][A-Za-z. ]{1,60}?)[\d ,A-Z()/-]{0,60}\]\s*Published.{0,60})?\s*",
    re.DOTALL,
)


def recognises(entry: Entry) -> bool:
    return ".aps.org/" in string(entry, "link")


def adjusted(entry: Entry) -> Entry:
    found = _SUMMARY.fullmatch(string(entry, "summary"))
    if not found:
        return entry
    return {
        **entry,
        "authors": entry.get("authors") or people(split_names(plain_text(found["authors"]))),
        "summary": found["abstract"],
        "prism_publicationname": string(entry, "prism_publicationname") or (found["journal"] or "").strip(),
    }
