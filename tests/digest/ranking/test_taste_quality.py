"""Feedback makes the order of unseen real papers better, and more feedback never makes it worse."""

import pytest

from tests.benchmarks.match_quality import PAGES
from tests.benchmarks.taste import VOTES, collections, measured

GOALS = {"topic_pages": 0.475, "first_category": 0.75, "cross_listed": 0.45}  # after the most votes


@pytest.mark.skipif(not PAGES.is_dir(), reason="needs ../shared/data")
def test_more_feedback_never_makes_the_order_worse() -> None:
    for collection in collections():
        found = measured(collection)
        precisions = [found[votes][0] for votes in VOTES]
        assert precisions == sorted(precisions), collection.name
        assert precisions[-1] >= GOALS[collection.name], collection.name
