from datetime import timedelta

import pytest

from digest.feedback.standing import OURS, WHY, mend, standing, why_no_mail
from digest.models import MailEvent, Suppression
from tests.make import NOON, make_reader

pytestmark = pytest.mark.django_db


def test_every_reason_has_its_words() -> None:
    assert set(WHY) == set(Suppression.Reason)


def test_reader_who_may_be_mailed_has_nothing_against_it() -> None:
    reader = make_reader()
    Suppression.objects.suppress("other@example.org", "hard bounce")
    assert (standing(reader), why_no_mail(reader)) == (None, None)


def test_mending_is_kept_as_an_event_and_happens_once() -> None:
    reader = make_reader()
    Suppression.objects.suppress(reader.email, "soft bounces")
    assert [mend(reader, NOON), mend(reader, NOON + timedelta(seconds=1))] == [True, False]
    event = MailEvent.objects.get()
    assert (event.provider, event.kind, event.reader, event.at) == (OURS, "delivered", reader, NOON)


def test_what_staff_stopped_is_not_mended() -> None:
    reader = make_reader()
    Suppression.objects.suppress(reader.email, "staff", "a note")
    assert not mend(reader, NOON)
    found = standing(reader)
    assert found
    assert (found.is_ours_to_mend, found.said) == (True, "")
