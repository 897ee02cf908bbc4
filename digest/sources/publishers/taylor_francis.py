"""Taylor & Francis: PRISM's name of the journal is the article's title, the journal's name is Dublin Core's source.

There is no abstract: what stands in its place is the volume, the issue and the pages.
"""

from digest.sources.entry import Entry, string


def recognises(entry: Entry) -> bool:
    return "tandfonline.com/" in string(entry, "link")


def adjusted(entry: Entry) -> Entry:
    return {**entry, "prism_publicationname": string(entry, "dc_source")}
