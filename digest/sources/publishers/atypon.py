"""Journals on the Atypon platform (SAGE, PNAS, Science, ACM and others): a citation stands before the abstract.

"Journal of Stones, Volume 7, Issue 2, Page 1-9, March 2026. <br/>Abstract" gives the journal's name and the text.
"""

import re

from digest.sources.entry import Entry, string
from digest.sources.markup import plain_text

_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
_CITATION = re.compile(
    r"(?P<journal>\S.{1,200}?), (?:Volume \d.{0,200}|Early ?View|Ahead of Print|Accepted Article|Just Accepted"
    r"|Online ?First|Forthcoming)\.?",
    re.IGNORECASE,
)
_GLUED_HEADING = re.compile(r"\s*(?:Significance|Abstract|Summary)(?=[A-Z])")


def citation(entry: Entry) -> tuple[str, str]:
    """Return the journal and the text after the citation that the summary begins with; "" and the whole without one."""
    summary = string(entry, "summary")
    head, *rest = _BREAK.split(summary, maxsplit=1)
    found = _CITATION.fullmatch(plain_text(head)) if len(head) < 1000 else None
    return (found["journal"], _GLUED_HEADING.sub("", "".join(rest))) if found else ("", summary)


def recognises(entry: Entry) -> bool:
    return "/doi/" in string(entry, "link") and bool(citation(entry)[0])


def adjusted(entry: Entry) -> Entry:
    journal, text = citation(entry)
    return {
        **entry,
        "summary": text,
        "prism_publicationname": string(entry, "prism_publicationname") or journal,
    }
