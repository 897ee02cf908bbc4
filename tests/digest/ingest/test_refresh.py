import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from pytest_httpserver import HTTPServer

from digest.ingest.document import MAX_BYTES
from digest.ingest.refresh import Document, InputError, ingest, read, refresh, refresh_due
from digest.models import Paper, Signal, Source
from tests.make import NOON, make_source

pytestmark = pytest.mark.django_db

DAILY = json.dumps(
    [{"paper": {"id": "2603.00001", "title": "One paper", "upvotes": 7}, "publishedAt": "2026-03-04T00:00:00.000Z"}]
).encode()
FEED = b"""<?xml version="1.0"?><rss version="2.0"><channel><title>A journal</title><link>https://j.example.org</link>
<item><title>Two\npapers</title><link>https://j.example.org/2</link></item>
<item><description/></item></channel></rss>"""


@pytest.fixture
def server(httpserver: HTTPServer, settings: Any) -> HTTPServer:
    settings.FETCH_ALLOWED_HOSTS = ["localhost", "127.0.0.1"]
    return httpserver


def test_due_source_is_fetched_stored_and_planned_again(server: HTTPServer) -> None:
    server.expect_request("/daily").respond_with_data(DAILY, content_type="application/json")
    source = make_source(kind="hf-daily", url=server.url_for("/daily"), next_check_at=NOON)
    assert refresh_due(NOON) == 1
    source.refresh_from_db()
    assert (source.last_success_at, source.last_error) == (NOON, "")
    assert source.next_check_at == NOON + timedelta(minutes=60)
    assert list(Paper.objects.values_list("title", "announced_on")) == [("One paper", date(2026, 3, 4))]
    assert Signal.objects.get().value == 7
    assert refresh_due(NOON) == 0


@pytest.mark.parametrize(
    ("body", "error"), [(b"<html><body>Moved</body></html>", "feed"), (b"", "empty"), (b'{"error": "gone"}', "")]
)
def test_answer_that_is_no_listing_is_an_error_and_never_nothing_new(
    server: HTTPServer, body: bytes, error: str
) -> None:
    server.expect_request("/feed").respond_with_data(body)
    source = make_source(kind="feed", url=server.url_for("/feed"))
    assert refresh(source, now=NOON) is None
    source.refresh_from_db()
    assert source.last_success_at is None
    assert error in source.last_error
    assert source.last_error


def test_charset_of_the_http_header_is_used(server: HTTPServer) -> None:
    body = FEED.replace(b'<?xml version="1.0"?>', b"").replace(b"Two\npapers", "Naïve papers".encode("latin-1"))
    server.expect_request("/feed").respond_with_data(body, content_type="application/rss+xml; charset=iso-8859-1")
    refresh(make_source(kind="feed", url=server.url_for("/feed")), now=NOON)
    assert Paper.objects.get().title == "Naïve papers"


def test_one_failing_source_does_not_stop_the_next(server: HTTPServer) -> None:
    server.expect_request("/broken").respond_with_data("no", status=500)
    server.expect_request("/daily").respond_with_data(DAILY)
    broken = make_source(url=server.url_for("/broken"), next_check_at=NOON)
    make_source(kind="hf-daily", url=server.url_for("/daily"), next_check_at=NOON)
    assert refresh_due(NOON) == 2
    broken.refresh_from_db()
    assert "500" in broken.last_error
    assert Paper.objects.count() == 1


def test_document_read_by_hand_names_its_own_source() -> None:
    report = ingest(Document(FEED, "file:journal.xml"), now=NOON)
    assert (report.kind, report.source, report.seen, report.stored.new) == ("feed", "A journal", 2, 1)
    assert [skipped.position for skipped in report.skipped] == [2]
    assert Paper.objects.get().title == "Two papers"
    assert not Source.objects.get().is_active
    assert ingest(Document(FEED, "file:journal.xml"), now=NOON).stored.new == 0
    assert Source.objects.count() == 1


def test_read_of_a_missing_file_says_so(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read: No such file or directory"):
        read(str(tmp_path / "absent.xml"))


@pytest.mark.parametrize("given", ["/dev/zero", "/", ""])
def test_read_of_what_is_no_file_is_refused(given: str) -> None:
    with pytest.raises(InputError, match="cannot be read: not a file"):
        read(given)


def test_read_of_a_file_that_is_too_large_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "large"
    with path.open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    with pytest.raises(InputError, match="cannot be read: larger than 15,000,000 bytes"):
        read(str(path))


def test_read_of_a_broken_address_says_so() -> None:
    with pytest.raises(InputError):
        read("http://[bad")


def test_files_of_one_name_are_different_sources(tmp_path: Path) -> None:
    for folder, title in (("x", b"Journal X"), ("y", b"Journal Y")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "feed.xml").write_bytes(FEED.replace(b"A journal", title))
        ingest(read(str(tmp_path / folder / "feed.xml")), now=NOON)
    assert sorted(Source.objects.values_list("name", flat=True)) == ["Journal X", "Journal Y"]


def test_read_of_a_private_address_is_refused(httpserver: HTTPServer) -> None:
    with pytest.raises(InputError, match=r"127\.0\.0\.1|localhost"):
        read(httpserver.url_for("/"))
