"""Anything at all, asked of every address that is not the staff's: it gets an answer, and nothing in it but text.

Addresses, their parameters and the fields of their forms are read from the map of addresses and from the code behind
it, so that new ones are tried by themselves. `--hypothesis-profile=long` tries ten times as many.
"""

import re
import sys
from collections.abc import Callable, Iterator
from functools import cache as once
from inspect import getsource
from itertools import count
from types import ModuleType
from typing import Any
from urllib.parse import quote

import pytest
from django.core.cache import cache
from django.db import transaction
from django.forms.forms import BaseForm
from django.test import Client
from django.urls import URLPattern, get_resolver
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from accounts.models import Reader
from digest.feedback.links import Purpose, token
from digest.feedback.signup import ask
from digest.ingest.index import index_due
from digest.models import Host, Paper, Signup
from digest.web.api.asked import MEANINGS, PERIODS
from tests.digest.web.hostile import MARKUP, faults, make_hostile, make_said
from tests.digest.web.reports import ANYMAIL
from tests.digest.web.visits import signed_in
from tests.make import NOON, make_digest, make_submission

pytestmark = pytest.mark.django_db

STAFF = "admin/"
READS = re.compile(
    r"""(?:GET|POST|given)(?:\.get|\.getlist|\.pop)?[\[(]"(\w+)"|"(\w+)" (?:not )?in request\.(?:GET|POST)"""
)
OF_ALLAUTH = {"next", "email", "login", "password", "code", "action", "process", "email_add", "trust", "credential"}
FORM = "application/x-www-form-urlencoded"
# fmt: off
SENT = [
    "IF_NONE_MATCH", "IF_MATCH", "IF_MODIFIED_SINCE", "IF_UNMODIFIED_SINCE", "RANGE", "HOST", "COOKIE", "AUTHORIZATION",
    "ACCEPT", "ACCEPT_ENCODING", "ACCEPT_LANGUAGE", "ORIGIN", "REFERER", "SEC_FETCH_SITE", "USER_AGENT",
    "HX_REQUEST", "HX_CURRENT_URL", "HX_TARGET", "HX_PROMPT", "HX_TRIGGER", "HX_BOOSTED", "X_REQUESTED_WITH",
    "X_FORWARDED_FOR", "X_FORWARDED_PROTO", "X_HTTP_METHOD_OVERRIDE",
]
# fmt: on
numbers = count(1)

TEXTS = st.one_of(
    st.sampled_from(MARKUP),
    st.text(max_size=40),
    st.characters(categories=["Cs"]),
    st.integers().map(str),
    st.integers(-(10**400), 10**400).map(str),
    st.sampled_from(["", "0", "-1", "１", "٣", "1e9", "nan", "null", "true", "*", "newest", "best", "week", "bibtex"]),
    st.sampled_from(
        ["moths", '"moths"', "-moths", "cat:cs.CL", 'author:"', "10.5555/", "arXiv:2506.00001", "https://["]
    ),
    st.sampled_from(["2026-03-04", "2026-W10", "2026-03", "0000-00-00", "2026-W53", "9999-12-31", "1900-01-01"]),
    st.sampled_from(["//zz7.example", "\\\\zz7.example", "/\t/zz7.example", "https://zz7.example", "/%09/zz7.example"]),
    st.sampled_from(["x" * 9000, "a\u0301" * 3000, '"a b" ' * 400, "(" * 5000, "$" * 5000, "\\frac{" * 900]),
)
WRITTEN = st.one_of(
    TEXTS.map(lambda text: quote(text, safe="", errors="surrogatepass")), st.binary(max_size=20).map(quote)
)
HEADERS = st.dictionaries(
    st.sampled_from(SENT),
    st.one_of(
        st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=60),
        st.sampled_from(["*", "true", 'W/"zz7"', "gzip;q=0", "null", "http://testserver", "testserver:99999", "[::1"]),
        st.sampled_from(["csrftoken=" + "a" * 32, "messages=zz7; accounts=;;=", "Thu, 99 Jan 9999 99:99:99 GMT"]),
    ),
    max_size=4,
)


def addresses(resolver: Any = None, before: str = "") -> Iterator[tuple[str, Any]]:
    """Yield each address with its view."""
    for entry in (resolver or get_resolver()).url_patterns:
        route = before + str(entry.pattern)
        if isinstance(entry, URLPattern):
            yield route, entry.callback
        elif route != STAFF:
            yield from addresses(entry, route)


VIEWS = dict(addresses())
ROUTES = sorted(VIEWS)


@once
def names_read(module: str, package: str) -> frozenset[str]:
    """Return the parameters and fields that a module of `package` reads, and the modules that it works with."""
    found: set[str] = set()
    seen: set[str] = set()
    waiting = [module]
    while waiting:
        name = waiting.pop()
        if name in seen or not name.startswith(package):
            continue
        seen.add(name)
        code = sys.modules[name]
        found.update(first or second for first, second in READS.findall(getsource(code)))
        found.update(_fields(code))
        waiting += [getattr(value, "__module__", None) or "" for value in vars(code).values()]
    return frozenset(found)


def _fields(code: ModuleType) -> set[str]:
    forms = [value for value in vars(code).values() if isinstance(value, type) and issubclass(value, BaseForm)]
    return {name for form in forms for name in getattr(form, "base_fields", ())}


def names_of(route: str) -> frozenset[str]:
    if route.startswith("accounts/"):
        return frozenset(OF_ALLAUTH)
    if route.startswith("api/"):
        return frozenset({*MEANINGS, *PERIODS})
    return names_read(VIEWS[route].__module__, "digest.web.")


EVERY_NAME = sorted({"_method", "zz7"}.union(*map(names_of, ROUTES)))


class Reached:
    """What leads somewhere in the place of each part of an address: converter -> text."""

    def __init__(self, reader: Reader) -> None:
        signup = Signup.objects.get(address="new@example.org")
        self.texts = {
            "str": [token(purpose, reader.pk) for purpose in Purpose] + [token(Purpose.CONFIRM, signup.pk)],
            "slug": ["moths-1", "moths-9", "postmark"],
            "key": [str(key) for key in Paper.objects.values_list("pk", flat=True)[:5]] + ["9" * 18],
            "known": ["2506.00001", "2506.00003v2", "10.5555/2%3Czz7%3E", "10.5555/%00", "9" * 18],
            "date": ["2026-03-04", "2199-12-31"],
            "day": ["2026-03-04", "0001-01-01"],
            "week": ["2026-W10", "2199-W53"],
            "month": ["2026-03", "1900-01"],
            "uuid": [str(reader.feed_key)],
            "int": ["1", "9" * 18],
            "": ["moths-1", "2506.00001", "1-a"],
        }

    def path(self, draw: Callable[..., Any], route: str) -> str:
        """Return an address of this route, each part of which may be anything."""
        route = re.sub(r"\(\?P<(\w+)>[^)]*\)\$?", r"<\1>", route.replace("^", ""))

        def part(found: re.Match[str]) -> str:
            known = self.texts[(found[1] or "").rstrip(":")]
            return str(draw(st.one_of(st.sampled_from(known), WRITTEN)))

        return "/" + re.sub(r"<(?:(\w+):)?\w+>", part, route.rstrip("$"))


@pytest.fixture
def reader(reader: Reader, settings: Any) -> Reader:
    """Have hostile rows, a reader who has touched all of them, and nobody outside who could be asked."""
    cache.clear()
    settings.ARXIV_API_URL = settings.CROSSREF_URL = "http://127.0.0.1:9/"
    settings.FETCH_ALLOWED_HOSTS = ["127.0.0.1"]
    settings.ANYMAIL = ANYMAIL
    Host.objects.update_or_create(name="*", defaults={"gap_seconds": 0})
    papers = make_hostile()
    index_due(NOON)
    make_said(reader.pk, papers[:12])
    for paper in papers[12:]:
        make_submission(paper, reader, said=paper.abstract[:300])
    reader.name = MARKUP[0]
    reader.save()
    topic = reader.subscriptions.latest("pk").topic_id
    make_digest(reader, state="accepted", next_attempt_at=None, settled_at=NOON, picks=[[p.pk, topic] for p in papers])
    ask("new@example.org", ["moths"], time_zone="UTC", now=NOON)
    return reader


def asked(client: Client, draw: Callable[..., Any], reached: Reached) -> tuple[Any, str]:
    """Ask for anything at one of the addresses; return the answer and what was asked."""
    route = draw(st.sampled_from(ROUTES))
    path = reached.path(draw, route)
    names = st.sampled_from(EVERY_NAME)
    if own := sorted(names_of(route)):
        names = st.one_of(st.sampled_from(own), st.sampled_from(own), names)
    pairs = draw(st.lists(st.tuples(names, WRITTEN), max_size=6))
    query = "&".join(f"{name}={value}" for name, value in pairs)
    rubbish = draw(st.one_of(st.just(""), st.text(st.characters(min_codepoint=33, max_codepoint=255), max_size=20)))
    sent: dict[str, Any] = {f"HTTP_{name}": value for name, value in draw(HEADERS).items()}
    sent["REMOTE_ADDR"] = f"2001:db8::{next(numbers):x}"
    method = draw(st.sampled_from(["GET", "GET", "HEAD", "POST"]))
    if method == "POST":
        kind = draw(st.sampled_from([FORM, FORM, FORM, "application/json", "multipart/form-data; boundary=zz7", ""]))
        answer = client.generic(method, path, query + rubbish, kind, QUERY_STRING=rubbish, **sent)
    else:
        answer = client.generic(method, path, QUERY_STRING=query + rubbish, **sent)
    return answer, path


@pytest.mark.parametrize("who", ["stranger", "reader"])
@examples(suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_anything_asked_anywhere_is_answered_with_nothing_but_text(
    data: st.DataObject, reader: Reader, who: str
) -> None:
    with transaction.atomic():
        client = signed_in(reader) if who == "reader" else Client()
        answer, path = asked(client, data.draw, Reached(reader))
        assert list(faults(answer, path)) == []
        transaction.set_rollback(True)


@pytest.mark.parametrize(
    ("route", "names"),
    [
        ("search", {"q", "order", "page"}),
        ("papers/<known:public_id>", {"format"}),
        ("topics/<slug:slug>", {"order", "period", "page"}),
        ("vote/<key:paper>", {"vote", "next"}),
        ("sign-up", {"address", "time_zone", "homepage", "topics"}),
        ("submit", {"address", "sealed", "said"}),
    ],
)
def test_parameters_are_found_in_the_code(route: str, names: set[str]) -> None:
    assert names <= names_of(route)
