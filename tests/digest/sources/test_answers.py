"""Whatever JSON a server answers, it becomes a listing or a ValueError that says what is wrong."""

import contextlib
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from digest.sources import biorxiv, crossref
from digest.sources.listing import Listing, Parsed
from tests.digest.sources.make import make_posting, make_work

VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=30)
    | st.sampled_from(["10.5555/jir.17", "retraction"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["DOI", "type", "id", "id-type", "URL", "date-parts", "primary", "name", "family"]), inner
        )
    ),
    max_leaves=6,
)
WORK_FIELDS = [
    *make_work(),
    "subtitle",
    "original-title",
    "alternative-id",
    "link",
    "relation",
    "update-to",
    "updated-by",
    "resource",
    "institution",
    "subject",
    "posted",
]


@given(st.dictionaries(st.sampled_from(WORK_FIELDS), VALUES, max_size=4))
def test_any_work_is_a_listing_or_a_reason(changed: dict[str, Any]) -> None:
    with contextlib.suppress(ValueError):
        assert isinstance(crossref.work({"status": "ok", "message": make_work() | changed}), Listing)


@given(st.dictionaries(st.sampled_from([*make_posting()]), VALUES, max_size=4))
def test_any_posting_is_a_listing_or_a_reason(changed: dict[str, Any]) -> None:
    payload = {"messages": [{"status": "ok", "total": 1}], "collection": [make_posting() | changed]}
    parsed = biorxiv.read(payload, url="https://api.biorxiv.org/details/biorxiv/2026-03-01/2026-03-04/0/json")
    assert len(parsed.listings) + len(parsed.skipped) == 1
    assert not any("Error" in skipped.reason for skipped in parsed.skipped)


@given(VALUES, VALUES, VALUES)
def test_any_answer_is_read_or_refused(status: Any, head: Any, items: Any) -> None:
    payloads = ({"status": status, "message": {"items": items}}, {"status": "ok", "message": head}, head)
    for payload in payloads:
        with contextlib.suppress(ValueError):
            assert isinstance(crossref.read(payload, url=""), Parsed)
    for payload in ({"messages": [head], "collection": items}, {"messages": [{"status": "ok", "total": head}]}, head):
        with contextlib.suppress(ValueError):
            assert isinstance(biorxiv.read(payload, url=""), Parsed)
