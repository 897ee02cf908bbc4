"""JSON Feed: what RSS says, in other words; turned into entries as `digest.sources.feed` reads them.

Fields of another type than theirs count as missing; what an entry means is `feed`'s.
"""

import html
from collections.abc import Mapping
from typing import Any

Fields = dict[str, Any]


def is_json_feed(payload: Any) -> bool:
    return isinstance(payload, Mapping) and "version" in payload and isinstance(payload.get("items"), list)


def translated(payload: Mapping[str, Any]) -> tuple[Fields, list[Fields]]:
    """Return the feed's own fields and its entries, both as feedparser would name them."""
    head = {
        "title": _string(payload, "title"),
        "link": _string(payload, "home_page_url"),
        "links": [{"rel": "self", "href": _string(payload, "feed_url")}],
    }
    return head, [_entry(item) if isinstance(item, Mapping) else {} for item in payload["items"]]


def _entry(item: Mapping[str, Any]) -> Fields:
    text = _string(item, "content_html") or html.escape(_string(item, "content_text"), quote=False)
    author, tags = item.get("author"), item.get("tags")  # one author: in version 1
    people = _mappings(item, "authors") or ([author] if isinstance(author, Mapping) else [])
    return {
        "id": _string(item, "id"),
        "title": _string(item, "title"),
        "link": _string(item, "url") or _string(item, "external_url"),
        "content": [{"value": text}] if text else [],
        "summary": html.escape(_string(item, "summary"), quote=False),
        "authors": [{"name": _string(person, "name")} for person in people],
        "tags": [{"term": tag} for tag in (tags if isinstance(tags, list) else ()) if isinstance(tag, str)],
        "published": _string(item, "date_published"),
        "updated": _string(item, "date_modified"),
    }


def _string(fields: Mapping[str, Any], name: str) -> str:
    """Return a text; of an id that is a number, its digits."""
    value = fields.get(name)
    if isinstance(value, int) and name == "id":
        return str(value)
    return value if isinstance(value, str) else ""


def _mappings(fields: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    values = fields.get(name)
    return [value for value in values if isinstance(value, Mapping)] if isinstance(values, list) else []
