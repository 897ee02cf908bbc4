"""Pensoft: DOI, authors and abstract are labelled paragraphs of one text, with the address of the PDF after them.

An abstract of one sentence is an abstract here, since it is called one.
"""

import re

from digest.sources.entry import Entry, people, string
from digest.sources.markup import plain_text
from digest.sources.names import split_names

_PARAGRAPH = re.compile(r"<p>(?P<text>(?:(?!</?p>).){1,30000}?)</p>", re.DOTALL)
_JOURNAL = re.compile(r"(?P<journal>.{2,150}?) \d+(?:\(\d+\))?: (?:e?\d+).{0,40}")
_PDF = re.compile(r"<a href=\"(?P<address>[^\"]{1,500})\">PDF</a>")


def recognises(entry: Entry) -> bool:
    return "<p>DOI: 10.3897/" in string(entry, "summary") or "pensoft.net/" in string(entry, "link")


def adjusted(entry: Entry) -> Entry:
    summary = string(entry, "summary")
    paragraphs = [plain_text(found["text"]) for found in _PARAGRAPH.finditer(summary)]
    labelled = {label: text for label, colon, text in (text.partition(": ") for text in paragraphs) if colon}
    journal = _JOURNAL.fullmatch(paragraphs[0]) if paragraphs else None
    pdf = _PDF.search(summary)
    stated = {
        "prism_doi": labelled.get("DOI"),
        "authors": people(split_names(labelled.get("Authors", ""))),
        "stated_abstract": labelled.get("Abstract"),
        "prism_publicationname": journal["journal"] if journal else "",
        "pdf_url": pdf["address"] if pdf else "",
    }
    return {**entry, **{name: value for name, value in stated.items() if value}}
