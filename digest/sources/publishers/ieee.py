"""IEEE: all authors in one element, separated by semicolons; no DOI, but a number in the address."""

from digest.sources.entry import Entry, people, string
from digest.sources.names import split_names


def recognises(entry: Entry) -> bool:
    return "ieeexplore.ieee.org/" in string(entry, "link")


def adjusted(entry: Entry) -> Entry:
    names = string(entry, "authors")  # feedparser leaves an element of this name as a text
    return {**entry, "authors": people(split_names(names))} if names else entry
