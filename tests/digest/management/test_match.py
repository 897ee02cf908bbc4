import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from digest.models import PaperIdentifier
from tests.make import make_paper

pytestmark = pytest.mark.django_db


def matched(*arguments: str) -> str:
    out = StringIO()
    call_command("match", *arguments, stdout=out)
    return out.getvalue()


def test_match_prints_the_best_first() -> None:
    make_paper(title="Birds", abstract="What they know of transfer, and much more besides that is not to the point.")
    paper = make_paper(title="Knowledge transfer", abstract="About knowledge transfer.")
    PaperIdentifier.objects.create(paper=paper, scheme="arxiv", value="2603.00001")
    first, second = map(json.loads, matched("knowledge transfer", "--json").splitlines())
    assert (first["rank"], first["title"], first["identifiers"]) == (1, "Knowledge transfer", {"arxiv": "2603.00001"})
    assert (second["rank"], second["title"], second["identifiers"]) == (2, "Birds", {})
    assert 1 >= first["score"] > second["score"] > 0
    assert first["why"] == "matches knowledge transfer"
    assert set(first) == {"rank", "score", "title", "identifiers", "why"}


def test_match_limit_cuts_the_list() -> None:
    for _ in range(3):
        make_paper(title="Knowledge transfer")
    assert len(matched("knowledge transfer", "--limit", "2", "--json").splitlines()) == 2
    assert len(matched("knowledge transfer", "--limit", "0", "--json").splitlines()) == 3


def test_match_shows_what_is_related_after_the_matches_where_there_is_room() -> None:
    for number in range(3):
        make_paper(title=f"Knowledge transfer {number}", abstract="Distillation into a small student network.")
    make_paper(title="A student and its distillation")
    make_paper(title="Birds of the north")
    found = [json.loads(line) for line in matched("knowledge transfer", "--json").splitlines()]
    assert [line["title"] for line in found[3:]] == ["A student and its distillation"]
    assert found[3]["why"] == "related to the best matches"
    assert found[2]["score"] > found[3]["score"] > 0
    assert len(matched("knowledge transfer", "--limit", "3", "--json").splitlines()) == 3


def test_match_without_a_hit_says_so() -> None:
    assert matched("knowledge transfer") == "No stored paper belongs to this topic.\n"
    assert matched("knowledge transfer", "--json") == ""


@pytest.mark.parametrize("query", ["", '"unbalanced', "-only -exclusions", "foo:bar"])
def test_match_of_a_query_that_cannot_be_read_says_why(query: str) -> None:
    with pytest.raises(CommandError, match=r".{20,}"):
        matched(query)


def test_match_limit_below_zero_is_refused() -> None:
    with pytest.raises(CommandError, match="--limit must be 0"):
        matched("knowledge", "--limit", "-1")
