"""Wiley: the summary is the journal with the issue ("Stones, EarlyView."), the abstract stands in the content."""

from digest.sources.entry import Entry, string
from digest.sources.publishers.atypon import citation


def recognises(entry: Entry) -> bool:
    return "onlinelibrary.wiley.com/" in string(entry, "link")


def adjusted(entry: Entry) -> Entry:
    journal, _ = citation(entry)
    return {
        **entry,
        "summary": "" if journal or entry.get("content") else string(entry, "summary"),
        "prism_publicationname": string(entry, "prism_publicationname") or journal,
    }
