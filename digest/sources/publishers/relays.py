"""Relays: feeds made of several other feeds, with the feed's name before each title and in the author's place."""

from digest.sources.entry import Entry, mappings, string
from digest.sources.markup import plain_text
from digest.sources.venues import framed_journal


def recognises(entry: Entry) -> bool:
    return bool(_feed(entry))


def _feed(entry: Entry) -> str:
    people = mappings(entry, "authors")
    name = string(people[0], "name") if len(people) == 1 else ""
    return name if name and string(entry, "title").startswith(f"[{name}]") else ""


def adjusted(entry: Entry) -> Entry:
    feed = _feed(entry)
    name = plain_text(feed)
    journal = "" if "arXiv" in name else framed_journal(name) or name
    return {
        **entry,
        "title": string(entry, "title")[len(feed) + 2 :].strip(),
        "authors": [],
        "prism_publicationname": string(entry, "prism_publicationname") or journal,
    }
