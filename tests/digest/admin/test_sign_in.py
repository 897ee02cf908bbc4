import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.contrib import admin
from django.test import Client

from tests.make import make_reader

pytestmark = pytest.mark.django_db

LIST = "/admin/mfa/authenticator/"


def test_superusers_take_a_lost_second_factor_away_and_never_see_its_secret(admin_client: Client) -> None:
    TOTP.activate(make_reader(), "SECRETSECRET")
    row = Authenticator.objects.get(type="totp")
    for path in (LIST, f"{LIST}{row.pk}/change/"):
        answer = admin_client.get(path)
        assert (answer.status_code, b"SECRETSECRET" in answer.content) == (200, False)
    assert admin_client.post(f"{LIST}{row.pk}/delete/", {"post": "yes"}).status_code == 302
    assert not Authenticator.objects.filter(pk=row.pk).exists()


def test_pages_of_allauth_that_show_secrets_or_change_addresses_are_gone(admin_client: Client) -> None:
    assert admin_client.get("/admin/account/emailaddress/").status_code == 404
    assert {model._meta.label for model in admin.site._registry if model._meta.app_label in ("account", "mfa")} == {
        "mfa.Authenticator"
    }


def test_list_cannot_be_narrowed_by_a_secret(admin_client: Client) -> None:
    assert admin_client.get("/admin/mfa/authenticator/?data__secret__startswith=A").status_code == 400
