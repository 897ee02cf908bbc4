"""The invented sample that ships with the product, as the documents that real sources would have published.

The papers, names and votes are invented (see README.md here); the demo ingests them like any other input.
"""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET
from zoneinfo import ZoneInfo

FOLDER = Path(__file__).parent
DAYS = (3, 2, 1, 0)  # days before today, oldest first
ARXIV = "http://arxiv.org/schemas/atom"
DC = "http://purl.org/dc/elements/1.1/"
EASTERN = ZoneInfo("America/New_York")


def readers() -> list[dict[str, Any]]:
    return _load("readers.json")


def documents(today: date) -> Iterator[tuple[datetime, str, bytes]]:
    """Yield (read at, kind, body) of what two sources publish on four days up to `today`, in order of time."""
    papers = _load("papers.json")
    for days_ago in DAYS:
        day = today - timedelta(days=days_ago)
        read_at = datetime.combine(day, time(5, 30), tzinfo=UTC)
        yield read_at, "arxiv", arxiv_feed([paper for paper in papers if paper["day"] == days_ago], day)
        yield read_at + timedelta(minutes=5), "hf-daily", daily_papers(papers, days_ago, today)


def featured(today: date) -> Iterator[tuple[str, str]]:
    """Yield (arXiv id, why) of what staff would feature."""
    yield from ((arxiv_id(paper, today), paper["featured"]) for paper in _load("papers.json") if "featured" in paper)


def arxiv_id(paper: dict[str, Any], today: date) -> str:
    """Return an id of arXiv's form from a range that arXiv has never reached in any month."""
    return f"{today - timedelta(days=max(DAYS)):%y%m}.{paper['number']}"


def arxiv_feed(papers: list[dict[str, Any]], day: date) -> bytes:
    """Return the day's announcements as an RSS 2.0 document in arXiv's layout."""
    ET.register_namespace("arxiv", ARXIV)
    ET.register_namespace("dc", DC)
    published = f"{datetime.combine(day, time(0), tzinfo=EASTERN):%a, %d %b %Y %H:%M:%S %z}"
    feed = ET.Element("rss", version="2.0")
    channel = ET.SubElement(feed, "channel")
    _add(channel, title="Invented sample", link="https://rss.arxiv.org/rss/sample", pubDate=published)
    for paper in papers:
        _add_item(channel, paper, day, published)
    return b'<?xml version="1.0" encoding="UTF-8"?>' + ET.tostring(feed)


def _add_item(channel: ET.Element, paper: dict[str, Any], day: date, published: str) -> None:
    today = day + timedelta(days=paper["day"])
    key, kind = arxiv_id(paper, today), paper["announce_type"]
    version = 2 if kind.startswith("replace") else 1
    item = ET.SubElement(channel, "item")
    _add(
        item,
        title=paper["title"],
        link=f"https://arxiv.org/abs/{key}",
        description=f"arXiv:{key}v{version} Announce Type: {kind} \nAbstract: {paper['abstract']}",
        guid=f"oai:arXiv.org:{key}v{version}",
        pubDate=published,
    )
    for category in paper["categories"]:
        _add(item, category=category)
    ET.SubElement(item, f"{{{ARXIV}}}announce_type").text = kind
    ET.SubElement(item, f"{{{DC}}}creator").text = ", ".join(paper["authors"])


def daily_papers(papers: list[dict[str, Any]], days_ago: int, today: date) -> bytes:
    """Return what the daily papers API would have said `days_ago` about every paper that has votes by then."""
    voted = [paper for paper in papers if paper["votes"] and paper["day"] >= days_ago]
    return json.dumps([_daily_paper(paper, days_ago, today) for paper in voted]).encode()


def _daily_paper(paper: dict[str, Any], days_ago: int, today: date) -> dict[str, Any]:
    day = f"{today - timedelta(days=paper['day'])}T00:00:00.000Z"
    stated = {
        "id": arxiv_id(paper, today),
        "title": paper["title"],
        "summary": paper["abstract"],
        "authors": [{"name": name, "hidden": False} for name in paper["authors"]],
        "publishedAt": day,
        "submittedOnDailyAt": day,
        "upvotes": paper["votes"][paper["day"] - days_ago],
    }
    item = {"paper": stated, "title": paper["title"], "publishedAt": day}
    if days_ago == 0 and "stars" in paper:
        stated["githubStars"] = paper["stars"]
    if days_ago == 0 and "comments" in paper:
        item["numComments"] = paper["comments"]
    return item


def _add(parent: ET.Element, **texts: str) -> None:
    for tag, text in texts.items():
        ET.SubElement(parent, tag).text = text


def _load(name: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads((FOLDER / name).read_text(encoding="utf-8"))
    return rows
