from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from digest.models import Signal
from digest.sources.listing import SignalKind
from tests.make import NOON, make_paper, make_signal

pytestmark = pytest.mark.django_db


def test_signal_of_one_kind_and_moment_exists_once() -> None:
    paper = make_paper()
    make_signal(paper, 5)
    with pytest.raises(IntegrityError):
        make_signal(paper, 6)


def test_signal_of_another_kind_or_moment_is_another() -> None:
    paper = make_paper()
    make_signal(paper, 5)
    make_signal(paper, 5, kind="stars")
    make_signal(paper, 5, observed_at=NOON + timedelta(seconds=1))
    assert paper.signals.count() == 3


@pytest.mark.parametrize("kind", [kind.value for kind in SignalKind])
def test_signal_kind_of_every_reading_is_stored(kind: str) -> None:
    assert str(make_signal(make_paper(), 84, kind=kind)) == f"84 {kind}"


@pytest.mark.parametrize("bad", [{"kind": "likes"}, {"value": -1}])
def test_signal_that_makes_no_sense_is_refused_by_the_database(bad: dict[str, object]) -> None:
    signal = make_signal(make_paper())
    with pytest.raises(IntegrityError), transaction.atomic():
        Signal.objects.filter(pk=signal.pk).update(**bad)


def test_recent_holds_the_days_up_to_the_moment() -> None:
    paper = make_paper()
    offsets = [-timedelta(days=2), -timedelta(days=2) + timedelta(seconds=1), timedelta(0), timedelta(seconds=1)]
    signals = [make_signal(paper, observed_at=NOON + offset) for offset in offsets]
    assert list(Signal.objects.recent(NOON, days=2).order_by("pk")) == signals[1:3]
