"""The description of the API for machines: what django-ninja knows, completed with what it cannot know.

That is: the period, of whose three parameters only one may be given; the headers; who runs this; and examples, which
are answers of this installation. Answers hold no null, so their schemas allow none.
"""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from ninja import NinjaAPI

from digest.web.api.asked import patterns

VERSION = "1.0"
DRAFT = "draft-ietf-httpapi-ratelimit-headers-11"
ABOUT = (
    "Papers as the pages of this installation show them, in the JSON of the Hugging Face papers API. Nothing needs a "
    "key. A field that does not apply is left out. Our own additions: url, pageUrl, pdfUrl, doi, votesGained, trend, "
    "attention, topics."
)
SAID = {
    200: "What was asked for.",
    304: "It has not changed: you named its ETag in If-None-Match.",
    400: "What is asked for cannot be answered; the text says why.",
    404: "There is no such thing here.",
    429: "Asked more often than is agreed. Retry-After says how many seconds to wait.",
}
HEADERS: dict[str, tuple[str, str]] = {
    "ETag": ("string", "Send it as If-None-Match to get 304 while nothing has changed."),
    "Cache-Control": ("string", "How long the answer may be kept."),
    "Link": ("string", 'The address of the next page, rel="next", while there is one.'),
    "Retry-After": ("integer", "Seconds to wait."),
    "RateLimit": ("string", f'What is left, and seconds until there is more: "minute";r=118;t=42 ({DRAFT}).'),
    "RateLimit-Policy": ("string", f"What is agreed: so many requests (q) in so many seconds (w) ({DRAFT})."),
}
RATES = ("RateLimit", "RateLimit-Policy")
SENT = {200: ("ETag", "Cache-Control"), 304: ("ETag", "Cache-Control"), 429: ("Retry-After",)}
MEANINGS = {
    "date": "A day: 2026-03-04.",
    "week": "A week from Monday to Sunday, by ISO 8601: 2026-W10.",
    "month": "A month: 2026-03.",
    "paper_id": "An arXiv id, a DOI (its slashes may stand as they are), or an id that an answer gave.",
    "slug": "The slug of a topic, as /api/topics gives it.",
}
# How names in paths are written: an id of arXiv and a DOI hold no other signs.
WRITTEN = {"paper_id": "^[!-~]+$", "slug": "^[-a-zA-Z0-9_]+$"}


def description(api: NinjaAPI, examples: Mapping[str, Any]) -> dict[str, Any]:
    """Return the whole description. `examples` has, for operations and path parameters, what is shown as an example."""
    found: dict[str, Any] = _plain(dict(api.get_openapi_schema(path_prefix="/api")))
    found["info"] = _info()
    found["servers"] = [{"url": settings.SITE_URL}]
    found["components"]["headers"] = {
        name: {"description": text, "schema": {"type": kind}} for name, (kind, text) in HEADERS.items()
    }
    for path in found["paths"].values():
        path.pop("head")  # goes without saying, and an operation has one name
        _complete(path["get"], examples)
    return found


def _info() -> dict[str, Any]:
    info: dict[str, Any] = {
        "title": f"{settings.SITE_NAME}: papers",
        "version": VERSION,
        "description": ABOUT,
        "contact": {"name": settings.CURATOR, "url": settings.SITE_URL, "email": settings.CONTACT},
    }
    if settings.API_LICENCE:
        info["license"] = {"name": settings.API_LICENCE}
    return info


def _complete(operation: dict[str, Any], examples: Mapping[str, Any]) -> None:
    if operation["operationId"] == "daily_papers":
        operation["parameters"].insert(0, _period())
    for parameter in operation["parameters"]:
        name = parameter["name"]
        parameter.setdefault("description", MEANINGS.get(name, ""))
        if name in examples:
            parameter["example"] = examples[name]
        if parameter["in"] == "path":
            parameter["schema"]["pattern"] = WRITTEN[name]
    is_paged = any(parameter["name"] == "p" for parameter in operation["parameters"])
    answers = operation["responses"]
    answers[304] = {}
    for status, said in SAID.items():
        if status in answers:
            sent = (*SENT.get(status, ()), *(("Link",) if status == 200 and is_paged else ()), *RATES)
            headers = {name: {"$ref": f"#/components/headers/{name}"} for name in sent}
            answers[status] |= {"description": said, "headers": headers}
    if operation["operationId"] in examples:
        answers[200]["content"]["application/json"]["example"] = examples[operation["operationId"]]
    operation["responses"] = {str(status): answers[status] for status in sorted(answers)}


def _period() -> dict[str, Any]:
    """Return `date`, `week` and `month` as one object, which stands in an address as one of three parameters."""
    properties = {
        name: {"type": "string", "pattern": pattern, "description": MEANINGS[name]}
        for name, pattern in patterns().items()
    }
    return {
        "name": "period",
        "in": "query",
        "style": "form",
        "explode": True,
        "required": False,
        "description": "One of these three, or none: then it is the latest day that had papers.",
        "schema": {"type": "object", "properties": properties, "maxProperties": 1, "additionalProperties": False},
    }


def _plain(node: Any) -> Any:
    """Drop titles that only repeat names, and what allows null."""
    if isinstance(node, list):
        return [_plain(item) for item in node]
    if not isinstance(node, dict):
        return node
    kept = {key: _plain(value) for key, value in node.items() if not (key == "title" and isinstance(value, str))}
    if {"type": "null"} in kept.get("anyOf", []):
        (stated,) = [choice for choice in kept.pop("anyOf") if choice != {"type": "null"}]
        kept.pop("default", None)
        kept |= stated
    return kept
