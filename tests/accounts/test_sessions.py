from datetime import UTC, datetime, timedelta

import pytest
from allauth.account.utils import user_pk_to_url_str
from django.contrib.auth import SESSION_KEY
from django.test import Client
from django.utils import timezone

from accounts.models import Reader, Session
from accounts.sessions import PASSING_BY, SIGNING_IN, SessionStore
from tests.make import make_reader

pytestmark = pytest.mark.django_db


def kept(**said: object) -> Session:
    store = SessionStore()
    store.update(said)
    store.save()
    return Session.objects.get(session_key=store.session_key)


def test_session_knows_who_is_signed_in_and_ends_with_the_account(client: Client) -> None:
    reader, other = make_reader(), make_reader()
    client.force_login(reader)
    Client().force_login(other)
    assert set(Session.objects.values_list("reader", flat=True)) == {reader.pk, other.pk}
    reader.delete()
    assert client.get("/you/").status_code == 302
    assert list(Session.objects.exclude(reader=None).values_list("reader", flat=True)) == [other.pk]


def test_session_knows_who_is_signing_in() -> None:
    reader = make_reader(pk=4711)
    assert kept(**{SIGNING_IN: {"user_pk": user_pk_to_url_str(reader), "email": reader.email}}).reader == reader
    assert kept(**{SIGNING_IN: {"user_pk": None, "email": "nobody@example.org"}}).reader is None
    assert kept(**{SIGNING_IN: None}).reader is None
    assert kept(basket="empty").reader is None


def test_session_of_whoever_is_not_signed_in_lasts_an_hour() -> None:
    reader = make_reader()
    now = datetime.now(UTC)
    assert kept(basket="empty").expire_date <= timezone.now() + PASSING_BY
    assert kept(**{SESSION_KEY: str(reader.pk)}).expire_date > now + timedelta(days=29)


def test_session_of_a_reader_who_is_just_gone_is_written_without_harm() -> None:
    assert kept(**{SESSION_KEY: "4711"}).reader_id == 4711


def test_session_of_a_closed_account_opens_nothing(client: Client) -> None:
    reader = make_reader(is_staff=True)
    client.force_login(reader)
    assert (client.get("/you/").status_code, client.get("/admin/").status_code) == (200, 200)
    Reader.objects.filter(pk=reader.pk).update(is_active=False)
    assert (client.get("/you/").status_code, client.get("/admin/").status_code) == (302, 302)


def test_changed_password_ends_all_other_sessions(client: Client) -> None:
    reader = make_reader(password="a long password 7")
    client.force_login(reader)
    elsewhere = Client()
    elsewhere.force_login(reader)
    new = {"oldpassword": "a long password 7", "password1": "another long one 8", "password2": "another long one 8"}
    assert client.post("/accounts/password/", new).status_code == 302
    assert (client.get("/you/").status_code, elsewhere.get("/you/").status_code) == (200, 302)
