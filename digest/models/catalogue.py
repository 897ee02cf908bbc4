"""The catalogue that people see: the starter's entries and the topics that staff promoted."""

from collections.abc import Sequence
from dataclasses import dataclass

from digest.models.topic import Topic
from digest.ranking.starter import Entry, starter_by_query


@dataclass(frozen=True, slots=True)
class PublicTopic:
    """A topic that has a page, and what the catalogue says of it."""

    topic: Topic
    entry: Entry


def public_topics(entries: Sequence[Entry] | None = None) -> list[PublicTopic]:
    """Return the topics that have a page, in the order of the catalogue, or of `entries`; two queries.

    An entry that was merged into another topic is left out: the other has its place.
    """
    chosen = catalogue() if entries is None else entries
    topics = {topic.query: topic for topic in Topic.objects.public()}
    return [PublicTopic(topics[entry.canonical], entry) for entry in chosen if entry.canonical in topics]


def catalogue() -> tuple[Entry, ...]:
    """Return all entries, group by group; one query, however many there are.

    A promoted topic takes the place of the starter's entry with the same query, and a name is given once.
    """
    entries = dict(starter_by_query())
    promoted = Topic.objects.promoted().values_list("label", "group", "description", "query")
    entries |= {query: Entry(label, group, said, query) for label, group, said, query in promoted}
    by_name = {entry.name.casefold(): entry for entry in entries.values()}
    places = {group: place for place, group in enumerate(dict.fromkeys(entry.group for entry in entries.values()))}
    return tuple(sorted(by_name.values(), key=lambda entry: (places[entry.group], entry.name.casefold())))
