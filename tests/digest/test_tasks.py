from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from celery import Task

from digest import tasks
from digest.models import Digest, Edition, Match, Paper, Source
from tests.make import NOON, TODAY, make_digest, make_match, make_paper, make_reader, make_source, make_topic

pytestmark = pytest.mark.django_db

EVERY_TASK = [
    tasks.refresh_sources,
    tasks.rank_papers,
    tasks.deliver_digests,
    tasks.close_editions,
    tasks.forget_old_rows,
]


@pytest.fixture(autouse=True)
def noon() -> Any:
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


def name(task: Task[[], int]) -> str:
    return str(task.name).rpartition(".")[2]


@pytest.mark.parametrize("task", EVERY_TASK, ids=name)
def test_task_with_nothing_due_does_nothing(task: Task[[], int]) -> None:
    assert task.apply().get() == 0


def due_source() -> None:
    make_source(url="https://127.0.0.1:9/", next_check_at=NOON)


def due_paper() -> None:
    make_reader(topics=(make_topic("knowledge transfer"),))
    make_paper(title="Knowledge transfer in small models", match_due_at=NOON)


def due_reader(noon: time_machine.Traveller) -> None:
    make_reader()
    noon.move_to(NOON + timedelta(days=1))


def over_edition() -> None:
    make_digest(make_reader(), TODAY - timedelta(days=5), state="accepted", next_attempt_at=None)


def old_match() -> None:
    make_match(make_topic(), make_paper(announced_on=TODAY - timedelta(days=31)))


def test_refresh_sources_records_how_each_due_source_went() -> None:
    due_source()
    make_source(next_check_at=NOON + timedelta(hours=1))
    assert tasks.refresh_sources.apply().get() == 1
    assert Source.objects.exclude(last_error="").get().next_check_at == NOON + timedelta(hours=1)


def test_rank_papers_matches_new_papers_with_followed_topics() -> None:
    due_paper()
    assert tasks.rank_papers.apply().get() == 2
    assert Match.objects.get().paper.title == "Knowledge transfer in small models"
    assert not Paper.objects.filter(match_due_at__isnull=False).exists()


def test_deliver_digests_settles_what_is_due(noon: time_machine.Traveller) -> None:
    due_reader(noon)
    assert tasks.deliver_digests.apply().get() == 1
    assert Digest.objects.get().state == "empty"


def test_close_editions_stores_the_equation() -> None:
    over_edition()
    assert tasks.close_editions.apply().get() == 1
    assert Edition.objects.get().counts == {"eligible": 1, "accepted": 1}


def test_forget_old_rows_deletes_them() -> None:
    old_match()
    assert tasks.forget_old_rows.apply().get() == 1
    assert not Match.objects.exists()


@pytest.mark.parametrize(
    ("task", "make_due"),
    [
        (tasks.refresh_sources, due_source),
        (tasks.rank_papers, due_paper),
        (tasks.close_editions, over_edition),
        (tasks.forget_old_rows, old_match),
    ],
    ids=lambda value: "",
)
def test_task_that_comes_twice_finds_nothing_left(task: Task[[], int], make_due: Callable[[], None]) -> None:
    make_due()
    assert task.apply().get() > 0
    assert task.apply().get() == 0
