from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError

from digest.models import Subscription, Topic
from tests.make import NOON, make_reader, make_topic

pytestmark = pytest.mark.django_db


def follow(**given: object) -> Subscription:
    return Subscription.objects.create(**{"reader": make_reader(), "topic": make_topic()} | given)


def settle_topics() -> None:
    """Say that all topics have met the papers of the last days."""
    Topic.objects.update(match_due_at=None)


def test_subscription_of_one_reader_to_one_topic_exists_once() -> None:
    subscription = follow()
    with pytest.raises(IntegrityError):
        follow(reader=subscription.reader, topic=subscription.topic)


@pytest.mark.parametrize("weight", [0.1, 1, 10])
def test_weight_in_range_is_stored(weight: float) -> None:
    follow(weight=weight).full_clean()


@pytest.mark.parametrize(
    ("weight", "message"),
    [
        (0, "Ensure this value is greater than or equal to 0.1."),
        (10.5, "Ensure this value is less than or equal to 10."),
    ],
)
def test_weight_out_of_range_gets_a_clear_error(weight: float, message: str) -> None:
    subscription = Subscription(reader=make_reader(), topic=make_topic(), weight=weight)
    with pytest.raises(ValidationError) as caught:
        subscription.full_clean()
    assert caught.value.message_dict == {"weight": [message]}


@pytest.mark.parametrize("weight", [-1, 0, 0.09, 10.01])
def test_weight_out_of_range_is_refused_by_the_database(weight: float) -> None:
    subscription = follow()
    with pytest.raises(IntegrityError), transaction.atomic():
        Subscription.objects.filter(pk=subscription.pk).update(weight=weight)


def test_active_leaves_out_muted_ones() -> None:
    active = follow()
    follow(is_muted=True)
    assert list(Subscription.objects.active()) == [active]


def test_deleting_the_reader_keeps_the_topic() -> None:
    subscription = follow()
    subscription.reader.delete()
    assert (Subscription.objects.count(), Topic.objects.count()) == (0, 1)


def test_deleting_a_topic_that_somebody_follows_is_refused() -> None:
    subscription = follow()
    with pytest.raises(ProtectedError):
        subscription.topic.delete()


def test_following_a_topic_that_nobody_followed_makes_it_due_for_matching() -> None:
    topic = make_topic()
    settle_topics()
    follow(topic=topic)
    assert list(Topic.objects.due_for_matching(NOON + timedelta(days=36_500))) == [topic]


def test_following_a_topic_that_others_follow_needs_no_matching() -> None:
    topic = make_topic()
    follow(topic=topic)
    settle_topics()
    follow(topic=topic)
    assert list(Topic.objects.filter(match_due_at__isnull=False)) == []


def test_unmuting_the_only_subscription_makes_the_topic_due_for_matching() -> None:
    subscription = follow(is_muted=True)
    settle_topics()
    subscription.is_muted = False
    subscription.save(update_fields=["is_muted"])
    assert list(Topic.objects.filter(match_due_at__isnull=False)) == [subscription.topic]


def test_muting_a_subscription_needs_no_matching() -> None:
    subscription = follow()
    settle_topics()
    subscription.is_muted = True
    subscription.save()
    assert list(Topic.objects.filter(match_due_at__isnull=False)) == []


def test_str_names_reader_and_topic() -> None:
    subscription = follow(reader=make_reader("ada@example.org"), topic=make_topic("knowledge transfer"))
    assert str(subscription) == "ada@example.org follows knowledge transfer"


@pytest.mark.parametrize(("weight", "step"), [(0.5, "less"), (1, "usual"), (2, "more"), (1.5, ""), (10, "")])
def test_step_names_the_weights_that_readers_choose_from(weight: float, step: str) -> None:
    assert follow(weight=weight).step == step
