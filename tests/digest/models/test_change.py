import pytest
from django.db import IntegrityError, transaction

from digest.models import Change

pytestmark = pytest.mark.django_db(transaction=True)


def test_number_counts_up_with_each_change() -> None:
    assert Change.objects.latest_number() == 0
    Change.objects.note()
    Change.objects.note()
    assert Change.objects.latest_number() == 2


def test_change_counts_once_it_is_committed() -> None:
    with transaction.atomic():
        Change.objects.note()
        assert Change.objects.latest_number() == 0
    assert Change.objects.latest_number() == 1


def test_change_that_is_rolled_back_does_not_count() -> None:
    with transaction.atomic():
        Change.objects.note()
        transaction.set_rollback(True)
    assert Change.objects.latest_number() == 0


def test_there_is_one_row() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Change.objects.create(pk=2, number=1)
    Change.objects.note()
    assert str(Change.objects.get()) == "1"
