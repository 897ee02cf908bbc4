import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import caches
from django.test import Client
from django.utils.html import escape

from digest.ingest.rank import update_trends
from digest.models import Paper, Topic
from digest.models.health import Word
from digest.web.about import HEALTH
from digest.web.example import example
from tests.make import NOON, TODAY, make_identifier, make_match, make_paper, make_signal, make_source, make_topic

pytestmark = pytest.mark.django_db
SCRIPT = '"><script>alert(7)</script>'


@pytest.fixture(autouse=True)
def nothing_kept() -> None:
    caches["pages"].clear()


def page() -> str:
    answer = Client().get("/about")
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def make_voted(votes: int = 12, **given: Any) -> Paper:
    paper = make_paper(**given)
    make_signal(paper, 2, observed_at=NOON - timedelta(hours=26))
    make_signal(paper, votes)
    make_signal(paper, 3, kind="comments")
    return paper


def make_public(query: str) -> Topic:
    topic = make_topic(query)
    Topic.objects.filter(pk=topic.pk).update(slug=query.replace(" ", "-"))
    return topic


def test_numbers_of_the_example_add_up_to_its_trend_as_it_is_shown() -> None:
    first = make_voted(40, title="Stones")
    make_voted(9)
    update_trends(NOON)
    first.refresh_from_db()
    shown = example(NOON)
    assert shown is not None
    assert shown.title == "Stones"
    assert shown.trend == pytest.approx(first.trend)
    cells = re.findall(r"<td>([\d.,]+)</td>", page())
    rows = [cells[start : start + 5] for start in (0, 5)]
    assert [row[4] for row in rows] == [f"{part.points:.2f}" for part in shown.parts]
    assert sum(float(row[4]) for row in rows) == pytest.approx(first.trend, abs=0.011)
    assert f"<strong>{first.trend:.2f}</strong>" in page()


def test_signals_that_came_since_the_trend_was_counted_are_left_out() -> None:
    paper = make_voted()
    update_trends(NOON - timedelta(hours=1))
    make_signal(paper, 500, observed_at=NOON - timedelta(minutes=5))
    paper.refresh_from_db()
    shown = example(NOON)
    assert shown is not None
    assert shown.trend == pytest.approx(paper.trend)


def test_best_topic_of_the_example_is_told_with_what_it_is_worth() -> None:
    paper = make_voted(announced_on=TODAY - timedelta(days=7))
    make_match(make_public("small stones"), paper, 0.8)
    make_match(make_topic("somebody's own"), paper, 0.9)
    update_trends(NOON)
    shown = example(NOON)
    assert shown is not None
    assert shown.topic is not None
    paper.refresh_from_db()
    assert (shown.topic.label, shown.days, shown.freshness) == ("small stones", 7, 0.5)
    assert shown.worth == pytest.approx(0.8 * 0.5 * (1 + 0.5 * paper.trend))
    assert "with a relevance of 0.80" in page()
    assert "somebody" not in page()


def test_example_has_a_trend_although_another_paper_is_featured() -> None:
    make_paper(title="Featured", featured_at=NOON, staff_note="read it")
    make_voted(title="Stones")
    update_trends(NOON)
    shown = example(NOON)
    assert (shown and shown.title) == "Stones"


def test_example_of_a_quiet_day_is_what_trends_of_other_days() -> None:
    make_voted(title="Stones", announced_on=TODAY - timedelta(days=3))
    make_paper()
    update_trends(NOON)
    shown = example(NOON)
    assert (shown and shown.title) == "Stones"


def test_without_votes_the_example_is_invented_and_says_so() -> None:
    make_paper()
    assert example(NOON) is None
    assert "No paper has votes now, so these numbers are invented." in page()
    assert "12 upvotes that came a day ago count as a gain of 6." in page()
    assert "1 × log<sub>2</sub>(1 + 6 ÷ 2) = 2.00 points" in page()


def test_sources_are_named_with_their_host_and_health_and_no_more(settings: Any) -> None:
    settings.FETCH_ALLOWED_HOSTS = ["intranet.example.org"]
    seen = {"last_checked_at": NOON, "last_success_at": NOON, "last_new_at": NOON, "next_check_at": NOON}
    make_source(name="Journal", kind="feed", url="https://jir.example.org/feed?key=k7qxrd", **seen)
    make_source(name="Broken", kind="feed", url="https://b.example.org/", failures=1, failing_since=NOON, **seen)
    make_source(name="Ours", url="https://intranet.example.org/feed")
    make_source(name="Off", is_active=False)
    shown = page()
    assert re.findall(r'<th scope="row">(Journal|Broken|Ours|Off)</th><td>(.*?)</td><td>(.*?)</td>', shown) == [
        ("Broken", "b.example.org", escape(HEALTH[Word.FAILING])),
        ("Journal", "jir.example.org", HEALTH[Word.OK]),
    ]
    assert "k7qxrd" not in shown


def test_operator_may_say_more_in_plain_text(settings: Any) -> None:
    settings.ABOUT_NOTE = f"We are a library.\n\nCome by {SCRIPT}"
    assert "<p>We are a library.</p> <p>Come by &quot;&gt;&lt;script&gt;alert(7)&lt;/script&gt;</p>" in page()


def test_titles_and_reasons_stay_text() -> None:
    paper = make_voted(title=SCRIPT)
    make_match(make_public("stones"), paper, why=SCRIPT)
    make_source(name=SCRIPT)
    update_trends(NOON)
    assert "<script>alert" not in page()


def test_page_is_the_same_for_all_and_made_once() -> None:
    make_identifier(make_voted(), "2603.00001")
    update_trends(NOON)
    first = Client().get("/about")
    assert (first["Cache-Control"], first["ETag"][:3]) == ("public, max-age=60", 'W/"')
    assert Client().get("/about", headers={"if-none-match": first["ETag"]}).status_code == 304
    assert not first.cookies


def test_page_asks_as_much_of_many_papers_as_of_one(django_assert_max_num_queries: Any) -> None:
    for _ in range(30):
        make_voted()
        make_source()
    update_trends(NOON)
    with django_assert_max_num_queries(16):
        page()


@pytest.mark.parametrize("path", ["/about", "/privacy"])
def test_page_names_its_own_address_for_previews(path: str) -> None:
    shown = Client().get(path).content.decode()
    assert f'<link rel="canonical" href="https://papers.example.org{path}">' in shown
    assert re.search(r'<meta name="description" content="[^"]{50,200}">', shown)
