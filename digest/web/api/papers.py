"""Papers for programs: of a day, a week, a month, as a search finds them, and one by what it is known by."""

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from digest.ingest.search import search
from digest.models import Paper
from digest.models.paper_address import known_paper
from digest.ranking.query import Query, QueryError, parse_query, plain_query
from digest.web.api.asked import Limit, Page, SortBy, Text, period
from digest.web.api.errors import error
from digest.web.api.pages import next_page
from digest.web.api.shape import DailyPaper, PaperInfo, daily, info
from digest.web.lists import nearest_day, of_period
from digest.web.periods import holding

NO_PAPER = "No paper here is known by “{}”. What can be given: an arXiv id, a DOI, a number that an answer gave as id."


def daily_papers(
    request: HttpRequest, response: HttpResponse, sort: SortBy = "publishedAt", p: Page = 0, limit: Limit = 50
) -> list[DailyPaper]:
    """Papers announced on a day, in a week or in a month: give one of date, week and month.

    Without any of them it is the latest day that had papers. A page past the end is empty.
    """
    today = timezone.now().date()
    asked = period(request) or holding("day", nearest_day(today) or today)
    found = of_period(asked, sort=sort, offset=p * limit, count=limit)
    if found.has_next:
        response["Link"] = next_page(request, p + 1)
    return daily(found.papers)


def search_papers(request: HttpRequest, q: Text, limit: Limit = 50) -> list[DailyPaper]:
    """Papers that belong to a query, the best first. An arXiv id or a DOI finds its paper alone.

    The language is that of the topics: words, "phrases", -exclusions, cat:cs.CL, author:"Jane Doe". Of a text that
    cannot be read so, such as a title with a colon, the words are searched; without any word nothing is found.
    """
    named = None if q.isdigit() else known_paper(q)
    if named and named.stands:
        return daily([named])
    try:
        query: Query | None = parse_query(q)
    except QueryError:
        query = plain_query(q)
    if query is None:
        return []
    return daily(Paper.objects.standing().in_order(hit.paper for hit in search(query, count=limit).hits))


def paper_info(request: HttpRequest, paper_id: str) -> PaperInfo | HttpResponse:
    """One paper, by its arXiv id (with or without version), its DOI, or the number that an answer gave as its id."""
    paper = known_paper(paper_id)
    if paper is None or not paper.stands:
        return error(NO_PAPER.format(paper_id[:80]), 404)
    return info(paper)
