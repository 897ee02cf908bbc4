from typing import Any

import pytest
from django.contrib.admin.models import DELETION, LogEntry
from django.contrib.auth.models import Permission
from django.test import Client
from django.utils import timezone

from accounts.models import Reader
from digest.feedback.bounces import take
from digest.feedback.report import Report
from digest.models import MailEvent, Suppression
from tests.make import make_reader

pytestmark = pytest.mark.django_db

LIST = "/admin/digest/suppression/"


def add(client: Client, address: str, note: str = "asked for it by phone") -> Any:
    return client.post(f"{LIST}add/", {"address": address, "note": note})


def shown(client: Client, typed: str) -> list[str]:
    answer: Any = client.get(LIST, {"q": typed})
    return [str(row) for row in answer.context["cl"].result_list]


def make_erased(address: str) -> None:
    row = Suppression.objects.suppress(address, "erased")
    Suppression.objects.filter(pk=row.pk).update(address="")


def test_address_is_added_by_staff_in_lower_case_with_a_note(admin_client: Client) -> None:
    add(admin_client, "Ada@Example.org")
    assert Suppression.objects.among(["ada@example.org"]) == {"ada@example.org": "staff"}
    assert Suppression.objects.get().note == "asked for it by phone"


@pytest.mark.parametrize(
    ("address", "note", "field"),
    [("", "why", "address"), ("no address", "why", "address"), ("ada@example.org", "", "note")],
)
def test_address_or_note_that_is_missing_is_asked_for_at_its_field(
    admin_client: Client, address: str, note: str, field: str
) -> None:
    answer = add(admin_client, address, note)
    assert answer.status_code == 200
    assert set(answer.context["adminform"].form.errors) == {field}
    assert not Suppression.objects.exists()


def test_address_that_is_on_the_list_says_so_at_the_field(admin_client: Client) -> None:
    Suppression.objects.create(address="ada@example.org", reason="staff")
    answer = add(admin_client, "ADA@example.org")
    assert answer.context["adminform"].form.errors == {"address": ["This address is on the list already."]}


def test_list_finds_an_address_by_its_beginning_in_any_case(admin_client: Client) -> None:
    for address in ("ada@example.org", "bo@example.org"):
        Suppression.objects.create(address=address, reason="staff")
    assert shown(admin_client, "Ada@") == ["ada@example.org"]


def test_list_finds_an_erased_address_where_it_is_typed_whole(admin_client: Client) -> None:
    make_erased("ada@example.org")
    found = {typed: shown(admin_client, typed) for typed in ("Ada@Example.org ", "ada@", "ada", "bo@example.org")}
    assert found == {"Ada@Example.org ": ["an erased address"], "ada@": [], "ada": [], "bo@example.org": []}


def test_page_changes_the_note_and_nothing_else(admin_client: Client) -> None:
    row = Suppression.objects.create(address="ada@example.org", reason="hard bounce", note="550")
    sent = {"address": "bo@example.org", "reason": "staff", "note": "moved away"}
    assert admin_client.post(f"{LIST}{row.pk}/change/", sent).status_code == 302
    row.refresh_from_db()
    assert (row.address, row.reason, row.note) == ("ada@example.org", "hard bounce", "moved away")


def test_note_of_an_erased_address_can_be_changed_and_the_address_stays_known(admin_client: Client) -> None:
    make_erased("ada@example.org")
    row = Suppression.objects.get()
    assert admin_client.post(f"{LIST}{row.pk}/change/", {"note": "by letter"}).status_code == 302
    assert Suppression.objects.among(["ada@example.org"]) == {"ada@example.org": "erased"}


def test_deleting_allows_mail_again_and_is_in_the_log(admin_client: Client) -> None:
    row = Suppression.objects.create(address="ada@example.org", reason="staff")
    page = admin_client.get(f"{LIST}{row.pk}/delete/").content.decode()
    assert "allows mail to the address again" in page
    admin_client.post(f"{LIST}{row.pk}/delete/", {"post": "yes"})
    assert Suppression.objects.among(["ada@example.org"]) == {}
    assert LogEntry.objects.filter(action_flag=DELETION, object_repr="ada@example.org").count() == 1


@pytest.mark.parametrize("how", ["page", "action"])
def test_report_from_before_staff_allowed_mail_again_stops_nothing(admin_client: Client, how: str) -> None:
    row = Suppression.objects.suppress("ada@example.org", "hard bounce")
    make_reader("ada@example.org")
    before = timezone.now()
    if how == "page":
        admin_client.post(f"{LIST}{row.pk}/delete/", {"post": "yes"})
    else:
        admin_client.post(LIST, {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"})
    take(Report("postmark", "late", MailEvent.Kind.HARD_BOUNCE, "ada@example.org", before))
    assert Suppression.objects.among(["ada@example.org"]) == {}
    take(Report("postmark", "new", MailEvent.Kind.HARD_BOUNCE, "ada@example.org", timezone.now()))
    assert Suppression.objects.among(["ada@example.org"]) == {"ada@example.org": "hard bounce"}


def test_staff_who_may_only_look_change_nothing(client: Client) -> None:
    staff = Reader.objects.create_user("staff@example.org", is_staff=True)
    staff.user_permissions.add(Permission.objects.get(codename="view_suppression"))
    client.force_login(staff)
    row = Suppression.objects.create(address="ada@example.org", reason="staff")
    assert client.get(LIST).status_code == 200
    assert add(client, "bo@example.org").status_code == 403
    assert client.post(f"{LIST}{row.pk}/delete/", {"post": "yes"}).status_code == 403
    assert client.post(f"{LIST}{row.pk}/change/", {"note": "x"}).status_code == 403
    assert Suppression.objects.count() == 1


def test_list_and_pages_show_hostile_text_as_text(admin_client: Client) -> None:
    row = Suppression.objects.create(address="ada@example.org", reason="staff", note="<script>alert(1)</script>")
    for page in ("", f"{row.pk}/change/"):
        answer = admin_client.get(f"{LIST}{page}").content.decode()
        assert "<script>alert(1)" not in answer
        assert "alert(1)" in answer


def test_support_cannot_stop_the_mail_of_staff_who_sign_in_by_it(client: Client, admin_client: Client) -> None:
    make_reader("boss@example.org", is_staff=True)
    desk = make_reader("desk@example.org", is_staff=True)
    desk.user_permissions.set(Permission.objects.filter(codename__in=["add_suppression", "view_suppression"]))
    client.force_login(desk)
    answer = add(client, "Boss@Example.org")
    assert "This is a member of staff: that is for superusers alone." in answer.content.decode()
    assert not Suppression.objects.exists()
    assert add(admin_client, "Boss@Example.org").status_code == 302
    assert Suppression.objects.among(["boss@example.org"]) == {"boss@example.org": "staff"}
