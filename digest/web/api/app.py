"""The addresses of the API, what each of them takes, and what it answers when something is wrong."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import path, re_path
from django.views.decorators.csrf import csrf_exempt
from ninja import NinjaAPI
from ninja.decorators import decorate_view
from ninja.errors import ValidationError

from digest.web.api import papers, topics
from digest.web.api.asked import MEANINGS, PERIODS, only
from digest.web.api.docs import api_docs, openapi_json
from digest.web.api.errors import WORDS, Wrong, error
from digest.web.api.shape import DailyPaper, PaperInfo, Problem, TopicJson
from digest.web.api.written import Renderer
from digest.web.fresh import fresh

PAGED = ("sort", "p", "limit")
PAPERS: dict[int, Any] = {200: list[DailyPaper]}
PROBLEMS: dict[int, Any] = {400: Problem, 429: Problem}
NOT_THERE: dict[int, Any] = {404: Problem}

api = NinjaAPI(title="Papers", renderer=Renderer(), docs_url=None, openapi_url=None, urls_namespace="api")


def answer(route: str, endpoint: Callable[..., Any], *takes: str, gives: dict[int, Any], summary: str) -> None:
    """Have `endpoint` answer at `route` with the parameters it takes: once for all who ask the same."""
    api.api_operation(
        ["GET", "HEAD"],
        route,
        response=gives | PROBLEMS,
        by_alias=True,
        exclude_none=True,
        operation_id=endpoint.__name__,
        summary=summary,
        tags=["topics" if route.startswith("/topics") else "papers"],
    )(decorate_view(only(*takes), fresh(*takes))(endpoint))


answer("/daily_papers", papers.daily_papers, *PERIODS, *PAGED, gives=PAPERS, summary="Papers of a day, week or month")
answer("/papers/search", papers.search_papers, "q", "limit", gives=PAPERS, summary="Search")
answer("/papers/{known:paper_id}", papers.paper_info, gives={200: PaperInfo} | NOT_THERE, summary="One paper")
answer("/topics", topics.list_topics, gives={200: list[TopicJson]}, summary="Topics of the catalogue")
answer("/topics/{slug}/papers", topics.topic_papers, *PAGED, gives=PAPERS | NOT_THERE, summary="Papers of a topic")


@api.exception_handler(Wrong)
def wrong(request: HttpRequest, problem: Wrong) -> HttpResponse:
    return error(str(problem), 400)


@api.exception_handler(ValidationError)
def invalid(request: HttpRequest, problem: ValidationError) -> HttpResponse:
    return error(" ".join(_in_words(request, str(found["loc"][-1])) for found in problem.errors), 400)


def _in_words(request: HttpRequest, name: str) -> str:
    given = request.GET.get(name)
    said = f"“{name}” is missing." if given is None else f"“{given[:40]}” cannot be used as {name}."
    return f"{said} {MEANINGS[name]}"


@csrf_exempt
def nothing(request: HttpRequest, **_: str) -> HttpResponse:
    return error(WORDS[404], 404)


urlpatterns = [
    path("openapi.json", openapi_json, {"api": api}, name="openapi_json"),
    path("docs", api_docs, {"api": api}, name="api_docs"),
    path("", api.urls),
    re_path("", nothing),
]
