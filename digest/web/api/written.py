"""JSON in which no sign can begin a tag: whoever mistakes an answer for a page finds only text in it."""

import json
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja.renderers import BaseRenderer

JSON = "application/json"
_SIGNS = {ord(sign): f"\\u{ord(sign):04x}" for sign in "<>&"}  # in JSON, they stand in texts alone


def written(content: Any) -> str:
    return json.dumps(content, separators=(",", ":")).translate(_SIGNS)


def json_answer(content: Any, status: int = 200) -> HttpResponse:
    return HttpResponse(written(content), status=status, content_type=JSON)


class Renderer(BaseRenderer):
    media_type = JSON

    def render(self, request: HttpRequest, data: Any, *, response_status: int) -> str:
        return written(data)
