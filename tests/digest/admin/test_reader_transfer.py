"""Readers from a file and into one: what is shown first, what is done, and what never is."""

import csv
import io
from typing import Any

import pytest
import time_machine
from django.contrib.admin.models import LogEntry
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts.models import Reader
from digest.admin import reader_cells
from digest.admin.reader_transfer import as_csv, defused
from digest.models import Topic
from tests.digest.admin.reader_files import HEAD, IMPORT, bring_in, confirm, fine, show
from tests.make import NOON, make_reader, make_topic

pytestmark = pytest.mark.django_db

EXPORT = "/admin/accounts/reader/export/"


@pytest.fixture(autouse=True)
def noon() -> Any:
    with time_machine.travel(NOON, tick=False):
        yield


def test_file_is_shown_before_anything_changes(admin_client: Client) -> None:
    content = HEAD + "ada@example.org,Ada,,,,,,,,\n"
    shown = show(admin_client, content)
    assert (fine(shown), shown["totals"]) == (
        ["new: has to confirm first"],
        "1 new, 0 updated, 0 left as they are",
    )
    assert not Reader.objects.filter(email="ada@example.org").exists()
    assert not Topic.objects.exists()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("name\nAda\n", "one of them must be email"),
        ("email;name\na@example.org;Ada\n", "separated by semicolons"),
        ("email,email\na@example.org,b@example.org\n", "names a column twice"),
        ("email\n" + "a@example.org\n" * 3, "has 3 rows"),
    ],
)
def test_file_that_is_wrong_as_a_whole_says_so(
    admin_client: Client, monkeypatch: pytest.MonkeyPatch, content: str, said: str
) -> None:
    monkeypatch.setattr(reader_cells, "ROWS", 2)
    shown = show(admin_client, content)
    assert said in str(shown["problems"])
    assert "confirm_form" not in shown


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("email,name\na@example.org,Zoë\n".encode("latin-1"), "This is not text in UTF-8."),
        ("email,name\na@example.org,Zoë\n".encode("utf-16"), "This is not text in UTF-8."),
        (b"email\na@example.org,b,c\n", "a row has more cells than the first line names."),
        (b"email,name\na@example.org," + b"x" * 200_000 + b"\n", "field larger than field limit"),
        (b"email\n", "No valid data to import"),
        (b"\x89PNG\r\n\x1a\n", "This is not text in UTF-8."),
    ],
)
def test_file_that_cannot_be_read_says_so_at_the_field(admin_client: Client, content: bytes, said: str) -> None:
    shown = show(admin_client, content)
    assert said in str(shown["form"].errors["import_file"])


def test_file_that_is_too_large_is_refused(admin_client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("digest.admin.reader_transfer.BYTES", 10)
    assert "larger than" in str(show(admin_client, "email\na@example.org\n")["form"].errors["import_file"])


def test_hostile_cells_are_shown_as_text(admin_client: Client) -> None:
    evil = "<script>alert(1)</script>"
    row = ",".join([f"{evil}@example.org", *[evil] * 9])
    file = SimpleUploadedFile("readers.csv", (HEAD + row + "\n").encode())
    page = admin_client.post(IMPORT, {"import_file": file, "format": "0", "resource": "0"}).content.decode()
    assert evil not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;@example.org" in page


def test_nothing_is_imported_where_a_row_has_become_wrong_meanwhile(
    admin_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = show(admin_client, HEAD + "a@example.org,,,,,,,,,\nb@example.org,,,,,,,5,,\n")
    monkeypatch.setattr(reader_cells, "CELL", 0)
    monkeypatch.setattr("digest.admin.reader_rows.CELL", 0)
    answer = confirm(admin_client, shown)
    assert [str(message) for message in answer.context["messages"]] == [
        "Nothing was imported: the readers have changed since. Look at the file again."
    ]
    assert not Reader.objects.filter(email__startswith="a@").exists()


def test_file_is_imported_once(admin_client: Client) -> None:
    shown = show(admin_client, "email\na@example.org\n")
    confirm(admin_client, shown)
    answer = confirm(admin_client, shown)
    assert "This file was imported already" in str(next(iter(answer.context["messages"])))


def test_import_cannot_be_made_to_read_a_file_of_the_server(admin_client: Client) -> None:
    sent = {"import_file_name": "/etc/passwd", "original_file_name": "x", "format": "0", "resource": "0"}
    answer: Any = admin_client.post("/admin/accounts/reader/process_import/", sent, follow=True)
    assert "Choose it again" in str(next(iter(answer.context["messages"])))


def test_import_is_written_into_the_log_of_each_reader(admin_client: Client) -> None:
    bring_in(admin_client, "email\na@example.org\nb@example.org\n")
    assert set(LogEntry.objects.values_list("object_repr", flat=True)) == {"a@example.org", "b@example.org"}


def test_import_asks_as_many_questions_for_thirty_rows_as_for_three(
    admin_client: Client,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    def content(name: str, count: int) -> str:
        return HEAD + "".join(f"{name}{n}@example.org,,graph; word{n},,,,,,Yes,2026-01-01\n" for n in range(count))

    with django_assert_max_num_queries(60) as three:
        bring_in(admin_client, content("a", 3))
    with django_assert_max_num_queries(len(three)):
        bring_in(admin_client, content("b", 30))


def exported(client: Client, query: str = "") -> list[list[str]]:
    answer: Any = client.post(EXPORT + query)
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    text = b"".join(answer.streaming_content).decode()
    return list(csv.reader(io.StringIO(text)))


def test_export_page_changes_and_tells_nothing(admin_client: Client) -> None:
    make_reader("ada@example.org")
    page = admin_client.get(EXPORT).content.decode()
    assert "ada@example.org" not in page
    assert not LogEntry.objects.exists()


def test_export_holds_what_an_import_takes(admin_client: Client) -> None:
    ada = make_reader("ada@example.org", topics=(make_topic("graph"), make_topic("cat:cs.CL")), name="Ada")
    Reader.objects.filter(pk=ada.pk).update(consent_text="Yes", consented_at=NOON)
    [head, row] = exported(admin_client, "?q=ada")
    assert head == list(reader_cells.COLUMNS)
    topics = "; ".join(ada.subscriptions.order_by("pk").values_list("topic__query", flat=True))
    assert row == [
        "ada@example.org",
        "Ada",
        topics,
        "UTC",
        "7",
        "daily",
        "0",
        "10",
        "Yes",
        "2026-03-04T12:00:00+00:00",
    ]
    written = io.StringIO()
    csv.writer(written).writerows([head, row])
    assert fine(show(admin_client, written.getvalue())) == ["unchanged"]


def test_export_takes_the_list_as_it_is_filtered(admin_client: Client) -> None:
    for state in ("active", "left", "paused"):
        make_reader(f"{state}@example.org", state=state)
    assert [row[0] for row in exported(admin_client, "?state__exact=left")] == ["email", "left@example.org"]


def test_export_is_written_into_the_log(admin_client: Client) -> None:
    exported(admin_client, "?state__exact=left")
    assert LogEntry.objects.get().change_message == "Exported the list as CSV, narrowed by: state__exact=left."


def test_log_of_an_export_keeps_no_part_of_the_address_that_was_searched_for(admin_client: Client) -> None:
    exported(admin_client, "?q=ada%40example.org")
    assert LogEntry.objects.get().change_message == "Exported the list as CSV, narrowed by: q."


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_cell_that_a_spreadsheet_would_run_is_defused(cell: str) -> None:
    assert defused(cell) == f"'{cell}"


def test_export_of_a_name_that_is_a_formula_is_defused(admin_client: Client) -> None:
    make_reader("ada@example.org", name='=HYPERLINK("https://evil.example.com")')
    assert exported(admin_client, "?q=ada")[1][1] == '\'=HYPERLINK("https://evil.example.com")'


def test_export_reads_pieces_and_all_of_them(
    monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(5):
        make_reader(topics=(make_topic(),))
    with django_assert_num_queries(3):
        assert len(list(as_csv(Reader.objects.all()))) == 2
    monkeypatch.setattr("digest.admin.reader_transfer.PIECE", 2)
    lines = list(as_csv(Reader.objects.all()))
    assert len("".join(lines).splitlines()) == 6


def test_without_the_permissions_nothing_goes_in_or_out(client: Client) -> None:
    client.force_login(make_reader(is_staff=True))
    assert [client.get(IMPORT).status_code, client.get(EXPORT).status_code, client.post(EXPORT).status_code] == [
        403
    ] * 3
    assert client.post("/admin/accounts/reader/process_import/", {}).status_code == 403
