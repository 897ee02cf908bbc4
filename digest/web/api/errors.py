"""What is wrong, as JSON: {"error": "..."} in words, for each answer below /api/ that is not the one asked for."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from digest.web.api.written import JSON, json_answer, written

View = Callable[[HttpRequest], HttpResponse]

PREFIX = "/api/"
DOCS = "/api/docs"  # a page for people: its errors are pages too
WORDS = {
    404: "There is nothing at this address. What there is: /api/docs",
    405: "This can only be read: ask with GET or HEAD.",
    500: "Something went wrong here. It was noted; please try again later.",
}


class Wrong(Exception):
    """What was asked for cannot be answered; the text says why, for whoever asked."""


def error(text: str, status: int) -> HttpResponse:
    return json_answer({"error": text}, status)


def asks_the_api(request: HttpRequest) -> bool:
    return request.path_info.startswith(PREFIX) and request.path_info != DOCS


def errors_in_words(get_response: View) -> View:
    """Let errors that Django words as a page be JSON where a program has asked; their headers stay."""

    def middleware(request: HttpRequest) -> HttpResponse:
        answer = get_response(request)
        if answer.status_code < 400 or not asks_the_api(request) or answer["Content-Type"].startswith(JSON):
            return answer
        answer.content = written({"error": WORDS.get(answer.status_code, answer.reason_phrase)})
        answer["Content-Type"] = JSON
        answer["Content-Length"] = str(len(answer.content))
        return answer

    return middleware
