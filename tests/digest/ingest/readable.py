"""How many entries of a feed a person could read, counted without any parser: what ingest must account for.

An entry can be read where a word is left of its title or its text once markup is gone, or where it has an address of
its own on the web. What it says of the feed that it was taken from does not count.
"""

import html
import re

_ENTRY = re.compile(
    r"<((?:\w+:)?(?:item|entry))(?=[\s>/])(?:\"[^\"]*\"|'[^']*'|[^>\"'])*?(?:/>|>(.*?)(?:</\1\s*>|$|(?=<\1[\s>])))",
    re.DOTALL | re.IGNORECASE,
)
_ELSEWHERE = re.compile(r"<!--.*?-->|<((?:\w+:)?source)\b.*?</\1\s*>", re.DOTALL | re.IGNORECASE)
_TEXT = re.compile(
    r"<(?:[\w.-]+:)?(title|description|summary|content|encoded|body|abstract)(?=[\s>])(?:\"[^\"]*\"|[^>\"])*>"
    r"(.*?)</(?:[\w.-]+:)?\1\s*>",
    re.DOTALL | re.IGNORECASE,
)
_ADDRESS = re.compile(r"<(?:[\w.-]+:)?(?:link|guid|id)\b[^>]*>\s*https?://[^<\s]", re.IGNORECASE)
_LINK = re.compile(r"<(?:[\w.-]+:)?link\b[^>]*>", re.IGNORECASE)
_MARKUP = re.compile(
    r"<!--.*?-->|<(script|style)\b.*?</\1>|<!\[CDATA\[|\]\]>|<[a-zA-Z/!?][^>]*>", re.DOTALL | re.IGNORECASE
)


def readable_entries(document: bytes) -> int:
    entries = _ENTRY.finditer(document.decode("utf-8", "replace"))
    return sum(_is_readable(_ELSEWHERE.sub("", entry[2] or "")) for entry in entries)


def _is_readable(entry: str) -> bool:
    return (
        any(_has_words(text[2]) for text in _TEXT.finditer(entry))
        or bool(_ADDRESS.search(entry))
        or any(_leads_to_it(link[0]) for link in _LINK.finditer(entry))
    )


def _has_words(text: str) -> bool:
    for _ in range(3):  # escaped by the author, the publisher and the feed
        text = html.unescape(_MARKUP.sub("", text))
    return bool(re.search(r"\w", text))


def _leads_to_it(link: str) -> bool:
    rel = re.search(r"rel\s*=\s*[\"']([^\"']+)", link)
    return bool(re.search(r"href\s*=\s*[\"']https?://", link)) and (not rel or rel[1] == "alternate")
