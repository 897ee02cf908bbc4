import pytest
from django.db import IntegrityError, transaction

from digest.models import Suppression

pytestmark = pytest.mark.django_db


def suppress(address: str, reason: str = "staff") -> Suppression:
    return Suppression.objects.create(address=address, reason=reason)


def test_address_in_any_case_is_stored_in_lower_case() -> None:
    assert suppress(" Ada@Example.ORG ").address == "ada@example.org"


def test_address_is_suppressed_once() -> None:
    suppress("ada@example.org")
    with pytest.raises(IntegrityError):
        suppress("ADA@example.org", "complaint")


@pytest.mark.parametrize("reason", Suppression.Reason.values)
def test_reason_of_every_kind_is_stored(reason: str) -> None:
    suppression = suppress("ada@example.org", reason)
    suppression.full_clean()
    assert suppression.reason == reason


def test_reason_unknown_is_refused_by_the_database() -> None:
    suppression = suppress("ada@example.org")
    with pytest.raises(IntegrityError), transaction.atomic():
        Suppression.objects.filter(pk=suppression.pk).update(reason="dislike")


def test_among_gives_the_reason_of_each_address_that_must_not_be_mailed() -> None:
    suppress("ada@example.org", "complaint")
    suppress("bo@example.org")
    assert Suppression.objects.among(["ada@example.org", "cy@example.org"]) == {"ada@example.org": "complaint"}


def test_among_no_addresses_is_empty() -> None:
    suppress("ada@example.org")
    assert Suppression.objects.among([]) == {}


def test_str_is_the_address() -> None:
    assert str(suppress("ada@example.org")) == "ada@example.org"


def test_address_is_suppressed_however_its_domain_is_spelled() -> None:
    row = Suppression.objects.suppress("Ada@Bücher.example.org", "complaint")
    assert row.address == "ada@xn--bcher-kva.example.org"
    for spelling in ("ada@xn--bcher-kva.example.org", "ada@bücher.example.org", "ADA@BÜCHER.example.org"):
        assert Suppression.objects.among([spelling]) == {spelling: "complaint"}
