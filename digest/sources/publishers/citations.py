"""Texts that are, or begin with, a whole citation: Copernicus's own feeds, and lists that are made of Crossref's data.

"A. One, B. Two<br/>Journal of Stones, vol. 7, pp. 1-9<br/>DOI: 10.5555/12" has the authors and the journal, and after
it there may be the abstract. In Copernicus's "Title<br/>A. One and B. Two<br/>Stones, 7, 1-9, https://doi.org/...,
2026<br/>" a short summary follows. Chinese lists label the journal, and the authors follow the title.
"""

import re
from collections.abc import Sequence

from digest.sources.entry import Entry, people, string
from digest.sources.markup import plain_text
from digest.sources.names import split_names

LONGEST = 20_000  # characters before the abstract

_BREAK = re.compile(r"<br\s*/?>\s*", re.IGNORECASE)
_ISSUE = re.compile(r"(?P<journal>\S.{1,200}?), (?:vol\.|issue|pp\.) ?\d.*")
_DOI = re.compile(r"DOI: ?(?P<doi>10\.\d{4,9}/\S+)", re.IGNORECASE)
_COPERNICUS = re.compile(r"(?P<journal>[A-Z].{1,100}?), \d+, .{1,60}https://doi\.org/(?P<doi>10\.5194/\S+?), \d{4}\.?")
_INSIDE = re.compile(r", \d+, \S{1,20}, https://doi\.org/(?P<doi>10\.5194/\S{1,60}), \d{4}\s+")
_CHINESE = re.compile(r"期刊[：:]\s*(?P<journal>\S.{0,100})")
_DIGIT = re.compile(r"\d")  # of an issue, not of names
_LEVEL = re.compile(r"等级[：:].{0,20}")


def recognises(entry: Entry) -> bool:
    return bool(_found(entry))


def _found(entry: Entry) -> Entry:
    lines = _BREAK.split(string(entry, "summary"), maxsplit=3)
    if len(lines) == 1:
        return _run_together(lines[0])
    if len(lines[0]) > LONGEST:
        return {}
    lines = [plain_text(line) for line in lines]
    return _of_crossref(lines) or _of_copernicus(lines) or _chinese(lines, plain_text(string(entry, "title")))


def _of_crossref(lines: Sequence[str]) -> Entry:
    issue, named = (_ISSUE.fullmatch(lines[1]), _DOI.fullmatch(lines[2])) if len(lines) > 2 else (None, None)
    if not issue or not named:
        return {}
    return _fields(lines[0], issue["journal"], named["doi"], " ".join(lines[3:]))


def _of_copernicus(lines: Sequence[str]) -> Entry:
    found = _COPERNICUS.fullmatch(lines[2]) if len(lines) > 2 else None
    return _fields(lines[1], found["journal"], found["doi"], " ".join(lines[3:])) if found else {}


def _run_together(text: str) -> Entry:
    """Return what follows Copernicus's citation where a relay lost the breaks: nobody knows where the names end."""
    found = _INSIDE.search(text[:LONGEST]) if "doi.org/10.5194/" in text else None
    return {"prism_doi": found["doi"], "summary": text[found.end() :]} if found else {}


def _chinese(lines: Sequence[str], title: str) -> Entry:
    found = _CHINESE.fullmatch(lines[0])
    if not found:
        return {}
    text = " ".join(line for line in lines[1:] if not _LEVEL.fullmatch(line))
    names = text.removeprefix(title) if title and text.startswith(title) else ""
    return _fields("" if _DIGIT.search(names) else names, found["journal"], "", "")


def _fields(authors: str, journal: str, doi: str, abstract: str) -> Entry:
    return {
        "authors": people(split_names(authors)),
        "prism_publicationname": journal,
        "prism_doi": doi,
        "summary": abstract,
    }


def adjusted(entry: Entry) -> Entry:
    found = {name: value for name, value in _found(entry).items() if value or name == "summary"}
    return {**entry, **found}
