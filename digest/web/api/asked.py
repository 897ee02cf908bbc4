"""What a program asks for: the parameters, each of them once and none that are not there, or words on what is wrong.

Plain ones are declared as django-ninja wants them. The period is one of three parameters, `date`, `week` or `month`.
"""

from collections.abc import Callable
from datetime import date, timedelta
from functools import wraps
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import Query

from digest.ranking.clauses import MAX_LENGTH
from digest.web.api.errors import Wrong, error
from digest.web.lists import Sort
from digest.web.periods import FIRST, LAST, Kind, Period, parse_period

Endpoint = Callable[..., HttpResponse]

MOST_PAGES = 100_000
MOST_PAPERS = 100  # on a page

MEANINGS = {
    "p": f"The page: 0 is the first, {MOST_PAGES} the last that can be asked for.",
    "limit": f"How many papers at most: 1 to {MOST_PAPERS}.",
    "sort": "publishedAt: the newest first; trending: those with most attention first.",
    "q": f'Words, "phrases", -exclusions, cat:cs.CL, author:"Jane Doe"; at most {MAX_LENGTH} characters.',
}
SortBy = Annotated[Sort, Query(description=MEANINGS["sort"])]
Page = Annotated[int, Query(ge=0, le=MOST_PAGES, description=MEANINGS["p"])]
Limit = Annotated[int, Query(ge=1, le=MOST_PAPERS, description=MEANINGS["limit"])]
Text = Annotated[str, Query(min_length=1, max_length=MAX_LENGTH, description=MEANINGS["q"])]

PERIODS: dict[str, Kind] = {"date": "day", "week": "week", "month": "month"}


def only(*names: str) -> Callable[[Endpoint], Endpoint]:
    """Refuse parameters that an endpoint does not have: nobody shall believe that they did something."""

    def decorate(endpoint: Endpoint) -> Endpoint:
        @wraps(endpoint)
        def checked(request: HttpRequest, **given: Any) -> HttpResponse:
            for name, values in request.GET.lists():
                if name not in names:
                    return error(f"There is no parameter “{name[:40]}” here. {_there_are(names)}", 400)
                if len(values) > 1:
                    return error(f"“{name}” is there {len(values)} times. Give it once.", 400)
            return endpoint(request, **given)

        return checked

    return decorate


def _there_are(names: tuple[str, ...]) -> str:
    return f"There are: {', '.join(names)}." if names else "There are none."


def period(request: HttpRequest) -> Period | None:
    """Return the period that is asked for; None, where none is."""
    given = [name for name in PERIODS if name in request.GET]
    if not given:
        return None
    if len(given) > 1:
        raise Wrong(f"{' and '.join(given)} cannot be asked for together. Give one of them.")
    try:
        return parse_period(PERIODS[given[0]], request.GET[given[0]])
    except ValueError as problem:
        raise Wrong(str(problem)) from problem


def patterns() -> dict[str, str]:
    """Return how each parameter of a period is written: what fits is in the calendar, and nothing else is."""
    years = range(FIRST.year, LAST.year + 1)
    leap = [year for year in years if (date(year, 3, 1) - timedelta(days=1)).day == 29]
    long = [year for year in years if date(year, 12, 28).isocalendar().week == 53]
    year = "(19|20|21)[0-9]{2}"
    days = "(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])|(0[13-9]|1[0-2])-(29|30)|(0[13578]|1[02])-31"
    return {
        "date": f"^({year}-({days})|({_any(leap)})-02-29)$",
        "week": f"^({year}-W(0[1-9]|[1-4][0-9]|5[0-2])|({_any(long)})-W53)$",
        "month": f"^{year}-(0[1-9]|1[0-2])$",
    }


def _any(years: list[int]) -> str:
    return "|".join(map(str, years))
