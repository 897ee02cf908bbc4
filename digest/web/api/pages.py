"""The address of the next page of a list, for the Link field, where clients look for it."""

from django.http import HttpRequest


def next_page(request: HttpRequest, page: int) -> str:
    """Return the Link field that leads to `page`: the same question, for the page after this one."""
    asked = request.GET.copy()
    asked["p"] = str(page)
    return f'<{request.build_absolute_uri(f"{request.path}?{asked.urlencode()}")}>; rel="next"'
