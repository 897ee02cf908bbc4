"""The kinds of document that can be read, and which of them a document is: for those whose kind nobody has named."""

import json
import re
from collections.abc import Collection

from digest.ingest.document import HEAD
from digest.sources.topic_page import BANNER

KINDS = ("arxiv", "arxiv-api", "arxiv-oai", "hf-daily", "biorxiv", "crossref", "feed", "topic-page", "paper-page")

_ARXIV = re.compile(
    rb"http://arxiv\.org/schemas/atom|oai:arXiv\.org:|Announce Type:|updates on arXiv\.org"
    rb"|Feed error for query|<link>https?://(?:\w+\.)?arxiv\.org/?(?:(?:rss|atom|list)/[^<]*)?</link>"
)
_ARXIV_API = re.compile(rb"<id>https?://(?:export\.)?arxiv\.org/api/")
_OAI = re.compile(rb"<(?:\w+:)?OAI-PMH[\s>]")
_JSON_KINDS = {"collection": "biorxiv", "message-type": "crossref", "items": "feed"}  # by a key that only they have


def kind_of(body: bytes) -> str:
    """Return the kind of source whose document this looks like; "feed" for what looks like none of the others.

    The page of a paper is only read as one when that is asked for: as a source, its feed is wanted.
    """
    start = body[:HEAD].lstrip()
    if start[:1] == b"{":
        return next((kind for key, kind in _JSON_KINDS.items() if key in _keys(body)), "hf-daily")
    if start[:1] == b"[":
        return "hf-daily"
    if start.startswith(BANNER.encode()):
        return "topic-page"
    if _OAI.search(start):
        return "arxiv-oai"
    if _ARXIV_API.search(start):
        return "arxiv-api"
    return "arxiv" if _ARXIV.search(start) else "feed"


def _keys(body: bytes) -> Collection[str]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return ()
    return found.keys() if isinstance(found, dict) else ()
