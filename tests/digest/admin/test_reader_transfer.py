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
from digest.models import Letter, Suppression, Topic
from tests.make import NOON, make_reader, make_topic

pytestmark = pytest.mark.django_db

IMPORT = "/admin/accounts/reader/import/"
EXPORT = "/admin/accounts/reader/export/"
HEAD = "email,name,topics,time_zone,delivery_hour,days,weekday,papers,consent_text,consented_at\n"


@pytest.fixture(autouse=True)
def noon() -> Any:
    with time_machine.travel(NOON, tick=False):
        yield


def show(client: Client, content: str | bytes) -> dict[str, Any]:
    """Choose a file, and return what the page says that it would do."""
    body = content.encode() if isinstance(content, str) else content
    file = SimpleUploadedFile("readers.csv", body, content_type="text/csv")
    answer: Any = client.post(IMPORT, {"import_file": file, "format": "0", "resource": "0"})
    assert answer.status_code == 200
    assert "<script>" not in answer.content.decode()
    assert "style=" not in answer.content.decode()
    context: dict[str, Any] = answer.context_data
    return context


def fine(context: dict[str, Any]) -> list[str]:
    return [row["said"] for row in context.get("fine", [])]


def wrong(context: dict[str, Any]) -> list[tuple[int, list[str]]]:
    return [(row["number"], row["said"]) for row in context.get("wrong", [])]


def confirm(client: Client, context: dict[str, Any]) -> Any:
    sent = {name: field.initial for name, field in context["confirm_form"].fields.items()}
    return client.post("/admin/accounts/reader/process_import/", sent | context["confirm_form"].initial, follow=True)


def bring_in(client: Client, content: str) -> list[str]:
    answer = confirm(client, show(client, content))
    assert answer.status_code == 200
    return [str(message) for message in answer.context["messages"]]


def test_file_is_shown_before_anything_changes(admin_client: Client) -> None:
    content = HEAD + "ada@example.org,Ada,,,,,,,,\n"
    shown = show(admin_client, content)
    assert (fine(shown), shown["totals"]) == (
        ["new: has to confirm first"],
        "1 new, 0 updated, 0 left as they are",
    )
    assert not Reader.objects.filter(email="ada@example.org").exists()
    assert not Topic.objects.exists()


def test_new_reader_without_consent_waits_for_the_confirmation_and_gets_no_mail(admin_client: Client) -> None:
    said = bring_in(admin_client, HEAD + "Ada@Example.org,Ada,,Europe/Berlin,18,weekly,4,5,,\n")
    assert said == ["Imported: 1 new, 0 updated, 0 left as they are."]
    ada = Reader.objects.get(email="ada@example.org")
    assert (ada.state, ada.name, ada.time_zone, ada.delivery_hour) == ("pending", "Ada", "Europe/Berlin", 18)
    assert (ada.days, ada.weekday, ada.papers, ada.next_digest_at) == ("weekly", 4, 5, None)
    assert not ada.has_usable_password()
    assert not Letter.objects.exists()


def test_new_reader_with_consent_gets_digests(admin_client: Client) -> None:
    bring_in(admin_client, HEAD + "ada@example.org,,,,,,,,At the desk,2026-03-01T09:00+01:00\n")
    ada = Reader.objects.get(email="ada@example.org")
    assert (ada.state, ada.consent_text, str(ada.consented_at)) == (
        "active",
        "At the desk",
        "2026-03-01 08:00:00+00:00",
    )
    assert ada.next_digest_at is not None
    assert ada.next_digest_at == ada.slot_after(NOON)


def test_topics_are_made_once_and_followed(admin_client: Client) -> None:
    known = make_topic("knowledge transfer")
    Topic.objects.filter(pk=known.pk).update(match_due_at=None)
    bring_in(
        admin_client,
        HEAD + "a@example.org,,knowledge transfer; cat:cs.CL,,,,,,,\nb@example.org,,Knowledge Transfer,,,,,,,\n",
    )
    assert Topic.objects.count() == 2
    assert Topic.objects.get(pk=known.pk).match_due_at == NOON
    follows = {
        reader.email: sorted(reader.subscriptions.values_list("topic__query", flat=True))
        for reader in Reader.objects.filter(email__contains="@example.org").exclude(is_staff=True)
    }
    category = Topic.objects.exclude(pk=known.pk).get().query
    assert follows == {"a@example.org": sorted([category, known.query]), "b@example.org": [known.query]}


def test_known_reader_is_updated_and_says_what_changes(admin_client: Client) -> None:
    topic = make_topic("knowledge transfer")
    ada = make_reader("ada@example.org", topics=(topic,))
    content = HEAD + "ada@example.org,Ada,knowledge transfer; graph,Europe/Berlin,7,,,,,\n"
    shown = show(admin_client, content)
    assert fine(shown) == ["updated: name, time_zone, topics"]
    confirm(admin_client, shown)
    ada.refresh_from_db()
    assert (ada.name, ada.time_zone, ada.state, ada.subscriptions.count()) == ("Ada", "Europe/Berlin", "active", 2)
    assert ada.next_digest_at == ada.slot_after(NOON)
    assert fine(show(admin_client, content)) == ["unchanged"]


def test_empty_cells_and_missing_columns_leave_what_there_is(admin_client: Client) -> None:
    make_reader("ada@example.org", name="Ada", papers=5)
    assert fine(show(admin_client, HEAD + "ada@example.org,,,,,,,,,\n")) == ["unchanged"]
    assert fine(show(admin_client, "email\nada@example.org\n")) == ["unchanged"]


def test_consent_on_record_is_not_touched(admin_client: Client) -> None:
    ada = make_reader("ada@example.org", state="pending", consent_text="Yes")
    shown = show(admin_client, HEAD + "ada@example.org,,,,,,,,No,2026-01-01\n")
    assert fine(shown) == ["unchanged"]
    confirm(admin_client, shown)
    ada.refresh_from_db()
    assert (ada.consent_text, ada.consented_at, ada.state) == ("Yes", None, "pending")


def test_who_left_who_was_erased_and_staff_stay_as_they_are(admin_client: Client) -> None:
    left = make_reader("left@example.org", state="left")
    Suppression.objects.suppress("erased@example.org", "erased")
    boss = make_reader("boss@example.org", is_staff=True)
    rows = "".join(
        f"{name}@example.org,New name,graph,Europe/Berlin,9,,,,Yes,2026-01-01\n" for name in ("left", "erased", "boss")
    )
    shown = show(admin_client, HEAD + rows)
    assert fine(shown) == [
        "left: not brought back, only the reader can do that",
        "erased at the owner's wish: not brought back",
        "staff: not changed from a file",
    ]
    confirm(admin_client, shown)
    for reader, state in ((left, "left"), (boss, "active")):
        reader.refresh_from_db()
        assert (reader.state, reader.name, reader.time_zone) == (state, "", "UTC")
        assert not reader.subscriptions.exists()
    assert not Reader.objects.filter(email="erased@example.org").exists()
    assert not Topic.objects.exists()


def test_who_left_or_was_erased_does_not_come_back_under_another_spelling(admin_client: Client) -> None:
    make_reader("left@xn--bcher-kva.example.org", state="left")
    Suppression.objects.suppress("erased@xn--bcher-kva.example.org", "erased")
    rows = "".join(f"{name}@bücher.example.org,Yes,2026-01-01\n" for name in ("left", "ERASED"))
    assert fine(show(admin_client, "email,consent_text,consented_at\n" + rows)) == [
        "left: not brought back, only the reader can do that",
        "erased at the owner's wish: not brought back",
    ]


def test_suppressed_address_is_imported_and_said_to_get_no_mail(admin_client: Client) -> None:
    Suppression.objects.suppress("ada@example.org", "complaint")
    shown = show(admin_client, HEAD + "ada@example.org,,,,,,,,Yes,2026-01-01\n")
    assert fine(shown) == ["new: gets digests; suppressed, so gets no mail: reported as spam"]


def test_rights_are_no_columns(admin_client: Client) -> None:
    shown = show(admin_client, "email,is_staff,is_superuser,password\nada@example.org,1,1,x\n")
    assert "No such column: is_staff, is_superuser, password." in str(shown["problems"])
    assert "confirm_form" not in shown


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ("ada,,,,,,,,,", ["email: Enter a valid email address."]),
        (",,,,,,,,,", ["email: This field cannot be blank."]),
        (
            "a@example.org,,,Mars/Olympus,,,,,,",
            ["time_zone: “Mars/Olympus” is not a time zone; write one like Europe/Berlin."],
        ),
        ("a@example.org,,,,seven,,,,,", ["delivery_hour: “seven” is not a whole number."]),
        ("a@example.org,,,,24,,,,,", ["delivery_hour: Ensure this value is less than or equal to 23."]),
        ("a@example.org,,,,,often,,,,", ["days: Value 'often' is not a valid choice."]),
        ("a@example.org,,,,,,7,,,", ["weekday: Ensure this value is less than or equal to 6."]),
        ("a@example.org,,,,,,,0,,", ["papers: Ensure this value is greater than or equal to 1."]),
        (
            "a@example.org,,,,,,,,Yes,",
            ["consent_text: and consented_at belong together: what was agreed to, and when."],
        ),
        (
            "a@example.org,,,,,,,,Yes,soon",
            ["consented_at: “soon” is not a moment; write one like 2026-03-01T09:00+01:00."],
        ),
        ("a@example.org,,,,,,,,Yes,2027-01-01", ["consented_at: This moment has not come yet."]),
        ("a@example.org,A\0da,,,,,,,,", ["name: holds a NUL character or more than 5,000 characters."]),
        (f"a@example.org,{'x' * 6000},,,,,,,,", ["name: holds a NUL character or more than 5,000 characters."]),
    ],
)
def test_bad_cell_is_reported_at_its_row_and_column(admin_client: Client, cells: str, said: list[str]) -> None:
    shown = show(admin_client, HEAD + "fine@example.org,,,,,,,,,\n" + cells + "\n")
    assert wrong(shown) == [(2, said)]
    assert fine(shown) == ["new: has to confirm first"]
    assert "confirm_form" not in shown


def test_topic_that_cannot_be_understood_is_named(admin_client: Client) -> None:
    [(row, [said])] = wrong(show(admin_client, HEAD + 'a@example.org,,"graph; ""open",,,,,,,\n'))
    assert (row, said.startswith('topics: “"open”: ')) == (1, True)


def test_address_that_stands_twice_is_reported(admin_client: Client) -> None:
    shown = show(admin_client, "email\na@example.org\nA@example.org\n")
    assert wrong(shown) == [(2, ["email: stands in row 1 already."])]


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
