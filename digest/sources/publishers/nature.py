"""Nature Portfolio: the DOI is in each address; news and comments stand among the articles, told by their numbers.

"s41586-026-01234-5" is an article of Nature, "d41586-..." its news. The text begins with where and when it was
published.
"""

import re
from collections.abc import Iterable

from digest.sources.entry import Entry, string, texts

_NUMBER = re.compile(r"nature\.com/(?:articles/)?(?P<number>[a-z]*[sd]?\d{3,5}[\w.-]{4,30})(?:[?#].*)?$")
_ARTICLE = re.compile(r"s\d{5}-\d{3}-\d{5}-[\dxyzw]")
_NEWS = re.compile(r"d\d{5}-\d{3}-\d{5}-[\da-z]")
_LEAD = re.compile(r"\s*<p>[^<]{0,200}Published online:(?:(?!</p>).){0,500}</p>", re.DOTALL)


def recognises(entry: Entry) -> bool:
    return "nature.com/" in string(entry, "link")


def adjusted(entry: Entry) -> Entry:
    number = _number(entry)
    known = {"prism_doi": string(entry, "prism_doi") or f"10.1038/{number}"} if number else {}
    contents = [{"value": _LEAD.sub("", text, count=1)} for text in texts(entry)[:-1]]
    return {**entry, **known, "content": contents, "summary": _LEAD.sub("", string(entry, "summary"), count=1)}


def mixes_news(entries: Iterable[Entry]) -> bool:
    """Say whether a feed has articles as well as news: then nobody subscribed to it for the news."""
    numbers = [_number(entry) for entry in entries if recognises(entry)]
    return any(map(_ARTICLE.fullmatch, numbers)) and any(map(_NEWS.fullmatch, numbers))


def is_news(entry: Entry) -> bool:
    return recognises(entry) and bool(_NEWS.fullmatch(_number(entry)))


def _number(entry: Entry) -> str:
    found = _NUMBER.search(string(entry, "link"))
    return found["number"] if found else ""
