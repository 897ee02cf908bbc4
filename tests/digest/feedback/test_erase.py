"""What the log of the admin makes hard: it cuts what it names, and writes some of its texts as JSON in ASCII."""

from typing import Any

import pytest
from django.contrib.admin.models import LogEntry

from accounts.models import Reader
from digest.feedback.erase import erase_reader
from digest.models import Suppression
from tests.make import make_digest, make_paper, make_reader
from tests.walk import tables_with

pytestmark = pytest.mark.django_db
LONG = f"{'quill.' * 10}x@{'feather.' * 22}example.org"


@pytest.fixture
def staff() -> Reader:
    return Reader.objects.create_superuser("root@example.net", "a long password 7")


@pytest.mark.parametrize("address", ["ada.lindqvist@bücher.example", "o'neill+a%_b@example.org", LONG])
def test_address_of_any_spelling_leaves_the_log(staff: Reader, address: str) -> None:
    reader = make_reader(address)
    for thing in (reader, make_digest(reader)):
        LogEntry.objects.log_actions(staff.pk, [thing], 2, [{"deleted": {"name": "x", "object": f"“{reader}”"}}])
    erase_reader(reader)
    assert tables_with(address[:60], address[-40:], address.partition("@")[0]) == set()
    assert [entry.get_change_message() for entry in LogEntry.objects.all()] == [
        "Deleted x ““an erased reader””." for _ in range(2)
    ]


def test_log_of_others_and_of_papers_stands(staff: Reader) -> None:
    reader, other = make_reader("a@example.org"), make_reader("aa@example.org.uk")
    things: Any = [other, make_paper(title="A paper")]
    for thing in things:
        LogEntry.objects.log_actions(staff.pk, [thing], 2, "looked at")
    erase_reader(reader)
    assert sorted(LogEntry.objects.values_list("object_repr", flat=True)) == ["A paper", "aa@example.org.uk"]


def test_reason_and_words_of_a_suppression_go_with_the_address() -> None:
    reader = make_reader("ada@example.org")
    Suppression.objects.suppress(reader.email, "staff", "Ada asked at the desk")
    erase_reader(reader)
    assert list(Suppression.objects.values_list("address", "reason", "note")) == [("", "erased", "")]
