from datetime import timedelta

import pytest

from digest.delivery.forget import KEPT_DIGESTS, KEPT_MATCHES, KEPT_SIGNALS, forget
from digest.models import Digest, Match, Signal
from tests.make import NOON, TODAY, make_digest, make_match, make_paper, make_reader, make_topic

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def test_forget_drops_what_is_past_its_time_and_nothing_else() -> None:
    topic, reader = make_topic(), make_reader()
    for kept in (TODAY - KEPT_MATCHES, TODAY - KEPT_MATCHES - DAY):
        make_match(topic, make_paper(announced_on=kept))
    for day in (TODAY - KEPT_DIGESTS, TODAY - KEPT_DIGESTS - DAY):
        make_digest(reader, day, state="accepted", next_attempt_at=None)
    for moment in (NOON - KEPT_SIGNALS, NOON - KEPT_SIGNALS - DAY):
        Signal.objects.create(paper=make_paper(), kind="votes", value=1, observed_at=moment)
    assert forget(NOON) == 3
    assert list(Match.objects.values_list("announced_on", flat=True)) == [TODAY - KEPT_MATCHES]
    assert list(Digest.objects.values_list("edition__date", flat=True)) == [TODAY - KEPT_DIGESTS]
    assert list(Signal.objects.values_list("observed_at", flat=True)) == [NOON - KEPT_SIGNALS]
    assert forget(NOON) == 0


def test_digest_whose_fate_is_open_is_not_forgotten() -> None:
    make_digest(make_reader(), TODAY - KEPT_DIGESTS - DAY)
    assert forget(NOON) == 0
