from typing import Any

import pytest
from django.db import IntegrityError, transaction

from digest.models import Pace, PaceDomain

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def groups() -> None:
    university = Pace.objects.create(name="University")
    for domain in ("uni.example", "medicine.example"):
        PaceDomain.objects.create(pace=university, domain=domain)
    PaceDomain.objects.create(pace=Pace.objects.create(name="Physics"), domain="physics.uni.example")


@pytest.mark.parametrize(
    ("domain", "group"),
    [
        ("uni.example", "University"),
        ("cs.uni.example", "University"),
        ("physics.uni.example", "Physics"),
        ("lab.physics.uni.example", "Physics"),
        ("medicine.example", "University"),
        ("notuni.example", None),
        ("example", None),
        ("", None),
    ],
)
def test_group_is_that_of_the_longest_name(domain: str, group: str | None) -> None:
    found = PaceDomain.objects.groups([domain])
    assert found == ({domain: Pace.objects.get(name=group).pk} if group else {})


def test_groups_of_many_domains_are_found_in_one_query(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        found = PaceDomain.objects.groups([f"d{n}.uni.example" for n in range(100)])
    assert len(found) == 100


@pytest.mark.parametrize("domain", ["uni.example", "Uni2.example"])
def test_domain_is_in_one_group_and_in_one_spelling(domain: str) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        PaceDomain.objects.create(pace=Pace.objects.get(name="Physics"), domain=domain)


def test_domain_gets_a_group_of_its_own_once() -> None:
    first, second = (PaceDomain.objects.group_of_its_own("new.example") for _ in range(2))
    assert (first.pk, first.name) == (second.pk, "new.example")
    assert PaceDomain.objects.group_of_its_own("uni.example").name == "University"
