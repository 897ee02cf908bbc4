import re
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from digest.models import Paper, Topic, Vote
from tests.digest.web.visits import signed_in
from tests.make import NOON, index_papers, make_identifier, make_match, make_paper, make_reader, make_topic

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def clean() -> None:
    cache.clear()


def votes() -> tuple[int, int]:
    return Vote.objects.count(), Paper.objects.get().votes


def test_vote_says_what_is_to_hold_so_that_a_repeat_changes_nothing() -> None:
    paper, client = make_paper(), signed_in(make_reader())
    held = []
    for wanted in ("1", "1", "0", "0", "1"):
        client.post(f"/vote/{paper.pk}", {"vote": wanted})
        held.append(votes())
    assert held == [(1, 1), (1, 1), (0, 0), (0, 0), (1, 1)]


@pytest.mark.parametrize(
    ("came_from", "leads_to"),
    [
        ("/week/2026-W10?page=2", "/week/2026-W10?page=2"),
        ("", "/papers/2506.00001"),
        ("https://elsewhere.example/", "/papers/2506.00001"),
        ("//elsewhere.example/", "/papers/2506.00001"),
        ("javascript:alert(7)", "/papers/2506.00001"),
    ],
)
def test_vote_leads_back_to_a_page_of_ours(came_from: str, leads_to: str) -> None:
    paper = make_paper()
    make_identifier(paper, "2506.00001")
    answer = signed_in(make_reader()).post(f"/vote/{paper.pk}", {"vote": "1", "next": came_from})
    assert (answer.status_code, answer.headers["Location"]) == (302, leads_to)


def test_htmx_gets_the_button_alone() -> None:
    paper, client = make_paper(title="On <moths> and $\\alpha$"), signed_in(make_reader())
    client.get(f"/papers/{paper.pk}")
    answer = client.post(f"/vote/{paper.pk}", {"vote": "1"}, headers=HTMX)
    (button,) = re.findall(r"<button.*?>", answer.content.decode())
    assert button == (
        '<button class="small" type="submit" name="vote" value="0" aria-pressed="true"'
        ' aria-label="Take your vote back: On &lt;moths&gt; and α, 1 so far" autofocus>'
    )
    assert answer.content.decode().strip().startswith(f'<div class="vote" id="vote-{paper.pk}">')
    assert "no-store" in answer.headers["Cache-Control"]


def test_looking_leads_to_the_paper_and_changes_nothing() -> None:
    paper = make_paper()
    for client in (Client(), signed_in(make_reader())):
        answer = client.get(f"/vote/{paper.pk}?vote=1")
        assert (answer.status_code, answer.headers["Location"]) == (302, f"/papers/{paper.pk}")
    assert votes() == (0, 0)


def test_stranger_is_asked_to_sign_in_first() -> None:
    paper = make_paper()
    answer = Client().post(f"/vote/{paper.pk}", {"vote": "1"})
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/accounts/login/?next=/papers/{paper.pk}")
    assert votes() == (0, 0)


def test_vote_from_another_site_is_refused() -> None:
    paper, reader = make_paper(), make_reader()
    client = Client(enforce_csrf_checks=True)
    client.force_login(reader)
    assert client.post(f"/vote/{paper.pk}", {"vote": "1"}).status_code == 403
    assert votes() == (0, 0)


@pytest.mark.parametrize(("given", "status"), [({"hidden_at": NOON}, 404), ({"withdrawn_at": NOON}, 302)])
def test_paper_that_does_not_stand_takes_no_votes(given: dict[str, Any], status: int) -> None:
    paper = make_paper(**given)
    assert signed_in(make_reader()).post(f"/vote/{paper.pk}", {"vote": "1"}).status_code == status
    assert votes() == (0, 0)


def test_no_such_paper_is_not_there() -> None:
    client = signed_in(make_reader())
    assert [client.post("/vote/7").status_code, client.get("/vote/999999999999999999").status_code] == [404, 404]


def test_reader_who_votes_too_fast_is_told_and_others_go_on() -> None:
    papers = [make_paper() for _ in range(2)]
    fast, other = signed_in(make_reader()), signed_in(make_reader())
    statuses = [fast.post(f"/vote/{papers[0].pk}", {"vote": str(turn % 2)}).status_code for turn in range(61)]
    assert statuses == [302] * 60 + [429]
    limited = fast.post(f"/vote/{papers[0].pk}", {"vote": "1"}, headers=HTMX)
    assert (limited.status_code, "Too many at once: wait a minute." in limited.content.decode()) == (429, True)
    assert other.post(f"/vote/{papers[1].pk}", {"vote": "1"}).status_code == 302


@pytest.mark.parametrize("address", ["/search?q=moths", "/topics/moths", "/papers/{}"])
def test_pages_with_papers_have_the_button_for_readers_and_the_number_for_all(address: str) -> None:
    paper, topic, ada = (
        make_paper(title="Moths", announced_on=timezone.now().date()),
        make_topic("moths"),
        make_reader(),
    )
    Topic.objects.filter(pk=topic.pk).update(slug="moths")
    make_match(topic, paper)
    Vote.objects.cast(ada.pk, paper.pk, NOON)
    index_papers()
    address = address.format(paper.pk)
    button = 'name="vote" value="0" aria-pressed="true" aria-label="Take your vote back: Moths, 1 so far"'
    assert button in signed_in(ada).get(address).content.decode()
    shown = Client().get(address).content.decode()
    assert ('1<span class="unseen"> vote</span>' in shown, "/vote/" in shown, "csrf" in shown) == (True, False, False)
