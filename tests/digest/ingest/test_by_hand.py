from pathlib import Path
from typing import Any

import pytest
from pytest_httpserver import HTTPServer

from digest.ingest.by_hand import Document, InputError, ingest, read
from digest.ingest.document import MAX_BYTES
from digest.models import Fetch, Host, Paper, Source
from tests.digest.ingest.make import FEED
from tests.make import NOON

pytestmark = pytest.mark.django_db


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


def test_read_of_an_address_fetches_it(httpserver: HTTPServer, settings: Any) -> None:
    settings.FETCH_ALLOWED_HOSTS = ["localhost"]
    Host.objects.filter(name="*").update(gap_seconds=0)
    httpserver.expect_request("/feed").respond_with_data(FEED, content_type="application/rss+xml")
    url = httpserver.url_for("/feed")
    assert read(url) == Document(FEED, url, "application/rss+xml")
    assert not Fetch.objects.exists()
