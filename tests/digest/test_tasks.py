from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from celery import Task
from django.db import transaction

from config.celery import app
from digest import tasks
from digest.models import Digest, Edition, Fetch, Gap, Letter, Match, Paper, PaperWords, Source, Topic, TopicDay
from digest.models.catalogue import catalogue
from tests.config.installation import run
from tests.make import (
    NOON,
    TODAY,
    make_digest,
    make_identifier,
    make_match,
    make_paper,
    make_public,
    make_reader,
    make_source,
    make_topic,
    open_catalogue,
)
from tests.messenger import wait_for_letters

pytestmark = pytest.mark.django_db

EVERY_TASK = [
    tasks.refresh_sources,
    tasks.catch_up,
    tasks.refresh_votes,
    tasks.complete_papers,
    tasks.rank_papers,
    tasks.count_topic_days,
    tasks.deliver_digests,
    tasks.deliver_letters,
    tasks.close_editions,
    tasks.count_up,
    tasks.forget_old_rows,
]


@pytest.fixture(autouse=True)
def noon() -> Any:
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


@pytest.fixture
def eager() -> Iterator[None]:
    """Run tasks where they are called, whatever the environment says."""
    before, app.conf.task_always_eager = app.conf.task_always_eager, True
    yield
    app.conf.task_always_eager = before


def name(task: Task[[], int]) -> str:
    return str(task.name).rpartition(".")[2]


@pytest.mark.parametrize("task", EVERY_TASK, ids=name)
def test_task_with_nothing_due_does_nothing(task: Task[[], int]) -> None:
    open_catalogue()
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
    source = Source.objects.exclude(last_error="").get()
    assert (source.last_error_kind, source.failing_since) == ("refused_address", NOON)


def due_gap() -> Gap:
    source = make_source(url="https://rss.arxiv.org/rss/cs.CL")
    return Gap.objects.create(source=source, category="cs.CL", first=TODAY, last=TODAY, next_attempt_at=NOON)


def test_catch_up_goes_on_with_a_gap(settings: Any) -> None:
    settings.ARXIV_OAI_URL = "https://127.0.0.1:9/oai"
    gap = due_gap()
    assert tasks.catch_up.apply().get() == 0
    gap.refresh_from_db()
    assert gap.attempts == 1
    assert Fetch.objects.get().error_kind == "refused_address"


def test_refresh_votes_reads_the_last_days() -> None:
    source = make_source(kind="hf-daily", url="https://127.0.0.1:9/api/daily_papers", signals_due_at=NOON)
    tasks.refresh_votes.apply().get()
    source.refresh_from_db()
    assert source.signals_due_at == NOON + timedelta(hours=3)
    assert set(Fetch.objects.values_list("purpose", flat=True)) == {"signals"}


def test_complete_papers_asks_for_what_is_due(settings: Any) -> None:
    settings.CROSSREF, settings.CROSSREF_URL = True, "https://127.0.0.1:9"
    paper = make_paper(complete_due_at=NOON)
    make_identifier(paper, "10.5555/one", scheme="doi")
    tasks.complete_papers.apply().get()
    paper.refresh_from_db()
    assert (paper.complete_attempts, paper.complete_due_at) == (1, NOON + timedelta(days=1))


def test_rank_papers_indexes_new_papers_and_matches_them_with_followed_topics() -> None:
    open_catalogue()
    due_paper()
    assert tasks.rank_papers.apply().get() == 3
    assert PaperWords.objects.get().paper.title == "Knowledge transfer in small models"
    assert Match.objects.get().paper.title == "Knowledge transfer in small models"
    assert not Paper.objects.filter(match_due_at__isnull=False).exists()


def test_rank_papers_opens_the_pages_of_the_catalogue() -> None:
    tasks.rank_papers.apply().get()
    assert Topic.objects.public().count() == len(catalogue())


def test_count_topic_days_counts_the_days_of_papers() -> None:
    topic = make_public("knowledge transfer")
    due_paper()
    assert tasks.count_topic_days.apply().get() == 1
    assert list(TopicDay.objects.values_list("topic", "day", "papers")) == [(topic.pk, TODAY, 1)]


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


def post_letter() -> Letter:
    return Letter.objects.post("code", "ada@example.net", now=NOON, said={"code": "ABC-DEF", "minutes": 15})


def test_deliver_letters_sends_what_is_due() -> None:
    letter = post_letter()
    assert tasks.deliver_letters.apply().get() == 1
    letter.refresh_from_db()
    assert letter.state == "accepted"


@pytest.mark.django_db(transaction=True)
def test_letters_soon_waits_for_the_commit(eager: None) -> None:
    with transaction.atomic():
        letter = post_letter()
        tasks.letters_soon()
        wait_for_letters()
        letter.refresh_from_db()
        assert letter.state == "waiting"
    wait_for_letters()
    letter.refresh_from_db()
    assert letter.state == "accepted"


@pytest.mark.django_db(transaction=True)
def test_letters_asked_for_one_by_one_are_all_sent(eager: None) -> None:
    for _ in range(10):
        post_letter()
        tasks.letters_soon()
    wait_for_letters()
    assert set(Letter.objects.values_list("state", flat=True)) == {"accepted"}


def test_letters_soon_without_a_broker_leaves_them_to_the_clock(tmp_path: Path) -> None:
    code = "import django; django.setup(); from digest.tasks import letters_soon; letters_soon(); print('goes on')"
    given = {"REDIS_URL": "redis://127.0.0.1:9/0", "DJANGO_SETTINGS_MODULE": "config.settings"}
    done = run("-c", code, var=tmp_path, given=given)
    assert (done.returncode, done.stdout) == (0, "goes on\n")
    assert "Connection refused" in done.stderr
