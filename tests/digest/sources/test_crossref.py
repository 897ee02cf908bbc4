import re
from datetime import date
from typing import Any

import pytest

from digest.sources import crossref
from digest.sources.listing import Parsed, Skipped
from tests.digest.sources.make import ABSTRACT, make_work

URL = "https://api.crossref.org/journals/1234-5679/works?rows=2&cursor=*&mailto=ops@broadsheet.example"


def answer(*works: object, **given: Any) -> dict[str, Any]:
    message = {"total-results": len(works), "items": list(works)} | given
    return {"status": "ok", "message-type": "work-list", "message": message}


def test_list_of_works() -> None:
    parsed = crossref.read(answer(make_work(), make_work(DOI="10.5555/jir.18", title=["Erratum"]), None), url=URL)
    assert (parsed.kind, parsed.title) == ("crossref", "Journal of Invented Results")
    assert [listing.title for listing in parsed.listings] == ["How stones float"]
    assert parsed.skipped == (Skipped(2, "a notice about another paper: Erratum"), Skipped(3, "no DOI: ''"))
    assert (parsed.announced_on, parsed.next_url) == (date(2026, 3, 4), "")


def test_works_of_several_journals_have_no_title_in_common() -> None:
    other = make_work(DOI="10.5555/stones.1", **{"container-title": ["Stones"]})
    assert crossref.read(answer(make_work(), other), url=URL).title == ""


def test_no_works_are_no_error() -> None:
    assert crossref.read(answer(), url=URL) == Parsed(kind="crossref", title="", url="", listings=())


def test_single_work() -> None:
    listing = crossref.work({"status": "ok", "message-type": "work", "message": make_work()})
    assert (listing.title, listing.abstract) == ("How stones float", ABSTRACT)


def test_single_work_that_is_no_paper_says_why() -> None:
    with pytest.raises(ValueError, match="no paper but a peer-review"):
        crossref.work({"status": "ok", "message": make_work(type="peer-review")})


@pytest.mark.parametrize(
    ("payload", "message"),
    [
        ({}, "no answer of Crossref"),
        ([], "no answer of Crossref"),
        ({"status": "ok"}, "no answer of Crossref: it has no message"),
        ({"status": "ok", "message": []}, "no answer of Crossref: it has no message"),
        ({"status": "ok", "message": make_work()}, "no list of works of Crossref"),
        ({"status": "failed"}, "no answer of Crossref"),
        (
            {"status": "failed", "message-type": "validation-failure", "message": [{"message": "no such filter"}]},
            "Crossref answers: no such filter",
        ),
        (
            {"status": "error", "message": {"name": "Exception", "description": "index is down"}},
            "Crossref answers: index is down",
        ),
    ],
)
def test_what_is_no_list_says_so(payload: object, message: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        crossref.read(payload, url=URL)


def test_page_that_is_full_goes_on_at_the_cursor() -> None:
    full = answer(make_work(), make_work(), **{"next-cursor": "AoJ/ab+c="})
    expected = URL.replace("cursor=*", "cursor=AoJ%2Fab%2Bc%3D")
    assert crossref.read(full, url=URL).next_url == expected


@pytest.mark.parametrize(
    "payload",
    [
        answer(make_work(), **{"next-cursor": "AoJ"}),
        answer(**{"next-cursor": "AoJ"}),
        answer(make_work(), make_work()),
        answer(make_work(), make_work(), **{"next-cursor": None}),
    ],
)
def test_page_that_is_not_full_or_has_no_cursor_is_the_last(payload: object) -> None:
    assert crossref.read(payload, url=URL).next_url == ""


PAGE = "from-created-date:2026-03-01&sort=created&order=asc&rows=100&cursor=*&mailto=ops@broadsheet.example"


@pytest.mark.parametrize(
    ("path", "filters"),
    [
        ("journals/1234-5679/works", ""),
        ("prefixes/10.5555/works", ""),
        ("prefixes/10.5555/works?filter=type:posted-content", "type:posted-content,"),
    ],
)
def test_first_page_asks_for_works_registered_since(path: str, filters: str) -> None:
    url = crossref.page_url(f"https://api.crossref.org/{path}", date(2026, 3, 1), "ops@broadsheet.example")
    assert url == f"https://api.crossref.org/{path.partition('?')[0]}?filter={filters}{PAGE}"


def test_work_is_asked_for_by_its_doi() -> None:
    url = crossref.work_url("10.5555/a(b)<c>;#2?", "ops@broadsheet.example", base="http://127.0.0.1:8001")
    assert url == ("http://127.0.0.1:8001/works/10.5555%2Fa%28b%29%3Cc%3E%3B%232%3F?mailto=ops@broadsheet.example")


def test_work_is_asked_for_by_the_publishers_number() -> None:
    url = crossref.pii_url("S0123456726000173", "ops+crossref@broadsheet.example")
    assert url == (
        "https://api.crossref.org/works?filter=alternative-id:S0123456726000173&rows=2"
        "&mailto=ops%2Bcrossref@broadsheet.example"
    )
