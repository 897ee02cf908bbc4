from typing import Any

import pytest
import time_machine
from django.test import Client

from accounts.models import Reader
from digest.models import Letter, Suppression, Topic
from tests.digest.admin.reader_files import HEAD, bring_in, confirm, fine, show, wrong
from tests.make import NOON, make_reader, make_topic

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def noon() -> Any:
    with time_machine.travel(NOON, tick=False):
        yield


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
