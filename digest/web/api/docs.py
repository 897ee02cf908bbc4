"""The description of the API, as a file for machines and as a page for people: the page shows what the file says.

The examples in both are answers of this installation, cut short.
"""

import json
from typing import Any
from urllib.parse import quote, urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe
from ninja import NinjaAPI, Schema

from digest.models import Paper
from digest.templatetags.papers import excerpt
from digest.web.api import shape
from digest.web.api.limits import agreed
from digest.web.api.openapi import DRAFT, description
from digest.web.api.topics import list_topics
from digest.web.api.written import json_answer
from digest.web.fresh import fresh

SHOWN = 3  # authors and topics of an example
SUMMARY = 240  # characters
TYPES = {"string": "text", "integer": "whole number", "number": "number", "boolean": "true or false"}
FORMATS = {"date-time": "time in UTC", "uri": "address"}
LIST = "list of "
QUERY = '"knowledge transfer" -survey'


@csrf_exempt
@require_safe
@fresh()
def openapi_json(request: HttpRequest, api: NinjaAPI) -> HttpResponse:
    return json_answer(description(api, _examples(request)))


@csrf_exempt
@require_safe
@fresh()
def api_docs(request: HttpRequest, api: NinjaAPI) -> HttpResponse:
    said = description(api, _examples(request))
    schemas = said["components"]["schemas"]
    operations = [_operation(path, entry["get"]) for path, entry in said["paths"].items()]
    context = {
        "info": said["info"],
        "site": settings.SITE_URL,
        "operations": operations,
        "shapes": [
            {"name": name, "fields": _fields(schemas[name])} for name in dict.fromkeys(["DailyPaper", *schemas])
        ],
        "rates": [f"{rate.amount} in {_seconds(rate.get_expiry())}" for rate in agreed()],
        "draft": DRAFT,
    }
    return render(request, "web/api_docs.html", context)


def _examples(request: HttpRequest) -> dict[str, Any]:
    """Return answers about the paper that gains most attention, and about the first topic, where there are any."""
    examples: dict[str, Any] = {"q": QUERY, "sort": "trending", "limit": 10}
    announced = Paper.objects.exclude(announced_on=None)
    paper = announced.trending().first() or announced.newest().first()
    if paper:
        (listed,), alone = shape.daily([paper]), shape.info(paper)
        papers = [_shortened(listed)]
        examples |= dict.fromkeys(("daily_papers", "search_papers", "topic_papers"), papers)
        examples |= {"paper_info": _shortened(alone), "paper_id": alone.id, "period": {"date": str(paper.announced_on)}}
    if topics := list_topics(request)[:1]:
        examples |= {"list_topics": [_shortened(topics[0])], "slug": topics[0].slug}
    return examples


def _shortened(answer: Schema) -> dict[str, Any]:
    said = answer.model_dump(by_alias=True, exclude_none=True)
    for part in (said, said.get("paper", {})):
        for name in ("authors", "topics"):
            if name in part:
                part[name] = part[name][:SHOWN]
        if "summary" in part:
            part["summary"] = excerpt(part["summary"], SUMMARY)
    return said


def _operation(path: str, said: dict[str, Any]) -> dict[str, Any]:
    answer = said["responses"]["200"]["content"]["application/json"]
    return {
        "name": said["operationId"],
        "path": path,
        "summary": said["summary"],
        "description": said["description"],
        "parameters": [shown for parameter in said["parameters"] for shown in _parameters(parameter)],
        "url": _url(path, said["parameters"]),
        "is_list": answer["schema"].get("type") == "array",
        "shape": _kind(answer["schema"]).removeprefix(LIST),
        "example": json.dumps(answer["example"], ensure_ascii=False, indent=2) if "example" in answer else "",
    }


def _parameters(said: dict[str, Any]) -> list[dict[str, str]]:
    """Return the rows of one parameter: of one that is an object, one for each of its names."""
    if said["schema"]["type"] == "object":
        return [
            {"name": name, "meaning": stated["description"], "kind": "text, at most one of these"}
            for name, stated in said["schema"]["properties"].items()
        ]
    default = said["schema"].get("default")
    needed = "required" if said["required"] else f"{default} where it is not given"
    kind = "number" if said["schema"]["type"] == "integer" else "text"
    return [{"name": said["name"], "meaning": said["description"], "kind": f"{kind}, {needed}"}]


def _url(path: str, parameters: list[dict[str, Any]]) -> str:
    """Return an address that can be tried."""
    asked: dict[str, Any] = {}
    for said in parameters:
        example = said.get("example", "")
        if said["in"] == "path":
            path = path.replace(f"{{{said['name']}}}", quote(str(example or said["name"])))
        elif isinstance(example, dict):
            asked |= example
        elif example:
            asked[said["name"]] = example
    return f"{settings.SITE_URL}{path}" + (f"?{urlencode(asked)}" if asked else "")


def _fields(schema: dict[str, Any]) -> list[dict[str, str]]:
    needed = schema.get("required", [])
    return [
        {
            "name": name,
            "kind": _kind(stated) + ("" if name in needed else ", where known"),
            "meaning": stated.get("description", ""),
        }
        for name, stated in schema["properties"].items()
    ]


def _kind(schema: dict[str, Any]) -> str:
    """Return what a schema holds, in words."""
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if schema["type"] == "array":
        return LIST + _kind(schema["items"])
    return FORMATS.get(schema.get("format", "")) or TYPES[schema["type"]]


def _seconds(seconds: int) -> str:
    return {1: "a second", 60: "a minute", 3600: "an hour", 86400: "a day"}.get(seconds, f"{seconds} seconds")
