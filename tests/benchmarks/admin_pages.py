"""The admin's lists and pages with very many readers and papers, beside the same pages of a nearly empty database.

ROWS readers and as many papers (10,000 unless the environment says more; 1,000,000 is the size of the goal), 3
editions with a digest for each reader. One line per page: the middle of RUNS requests, by Django's test client, which
knows no network. Goal: at most 300 ms for each on PostgreSQL. With BIG=postgres://... the rows in that database are
measured as they stand, and nothing is made: then DATABASE_URL must be another one.
"""

import os
from collections.abc import Callable, Iterator
from statistics import median
from time import perf_counter
from typing import Any

from tests.benchmarks.setting import report, set_up

ROWS = int(os.environ.get("ROWS", "10000"))
BIG = os.environ.get("BIG", "")
FEW, RUNS, GOAL = 30, 7, 300
Pages = dict[str, str]


def pages() -> Iterator[tuple[str, str]]:
    """Yield what each page is called and where it is, for the rows that are there."""
    yield from {"front": "/admin/", "trending papers": "/"}.items()
    yield from _lists()
    yield from _rows()


def _lists() -> Iterator[tuple[str, str]]:
    from accounts.models import Reader
    from digest.models import Digest, Edition, MailEvent, Paper, PaperIdentifier, Suppression, Topic

    reader, topic = Reader.objects.latest("pk"), Topic.objects.latest("pk")
    edition, first = Edition.objects.latest("date"), Edition.objects.earliest("date").pk
    asked: dict[str, list[str]] = {
        "accounts/reader": [
            "",
            f"q={reader.email}",
            f"q={reader.email[:3]}",
            *(f"state__exact={state}" for state in Reader.State.values),
            *(f"days__exact={days}" for days in Reader.Days.values),
            f"topic={topic.query}",
            f"topic={popular_topic().query}",
            "zone=Europe/Berlin",
            "staff=1",
            "p=20",
        ],
        "digest/topic": ["", f"q={topic.query[:2]}", f"q={topic.query}", "catalogue=in", "kind__exact=author", "p=20"],
        "digest/paper": [
            "",
            *(f"standing={name}" for name in ("featured", "trending", "hidden", "withdrawn")),
            *(f"within={days}" for days in (1, 7, 30)),
            "q=10.5555/invented.1",
            "q=10.",
            f"q=https://doi.org/{PaperIdentifier.objects.filter(scheme='doi').latest('pk').value}",
            "p=20",
        ],
        "digest/source": ["", "q=feed"],
        "digest/fetch": [""],
        "digest/edition": [""],
        "digest/digest": [
            "",
            f"q={reader.email}",
            f"q={reader.email[:3]}",
            *(f"state__exact={state}" for state in Digest.State.values),
            f"edition__id__exact={first}",
            *(f"edition__id__exact={first}&state__exact={state}" for state in Digest.State.values),
            f"edition__id__exact={edition.pk}",
            f"edition__id__exact={first}&state__exact=failed&reason=no+such+mailbox+here",
        ],
        "digest/subscription": ["", f"q={reader.email[:3]}", f"topic__id__exact={popular_topic().pk}"],
        "digest/suppression": ["", f"q={reader.email[:3]}", f"q={reader.email}", "reason__exact=complaint"],
        "digest/mailevent": ["", *(f"kind__exact={kind}" for kind in MailEvent.Kind.values), f"q={reader.email[:3]}"],
        "digest/feedback": ["", "wants_more__exact=1", f"q={reader.email[:3]}"],
    }
    assert Suppression.objects.exists()
    assert Paper.objects.exists()
    for noun, queries in asked.items():
        for query in queries:
            yield f"{noun}?{query}" if query else noun, f"/admin/{noun}/?{query}"


def _rows() -> Iterator[tuple[str, str]]:
    from accounts.models import Reader
    from digest.models import Digest, Edition, Match, Paper, Source, Suppression

    rows: dict[str, Any] = {
        "accounts/reader": Digest.objects.latest("pk").reader_id,
        "digest/paper": Match.objects.latest("pk").paper_id,
        "digest/topic": popular_topic().pk,
        "digest/source": Source.objects.latest("pk").pk,
        "digest/edition": Edition.objects.latest("date").pk,
        "digest/digest": Digest.objects.latest("pk").pk,
        "digest/suppression": Suppression.objects.latest("pk").pk,
    }
    assert Reader.objects.exists()
    assert Paper.objects.exists()
    for noun, pk in rows.items():
        for page in ("change", "history"):
            yield f"{noun} {page}", f"/admin/{noun}/{pk}/{page}/"
        if noun not in ("digest/edition", "digest/digest", "accounts/reader"):
            yield f"{noun} delete", f"/admin/{noun}/{pk}/delete/"
    yield "digest/paper hide", f"/admin/digest/paper/{rows['digest/paper']}/say/hide/"
    yield "digest/topic merge", f"/admin/digest/topic/merge/?topic={rows['digest/topic']}&q=a"
    yield "digest/topic try", f"/admin/digest/topic/try/?q={popular_topic().query}"


def popular_topic() -> Any:
    from django.db.models import Count

    from digest.models import Subscription, Topic

    some = Subscription.objects.order_by("-pk").values_list("topic", flat=True)[:2000]
    counted = Subscription.objects.filter(topic__in=list(some)[:2000]).order_by().values_list("topic")
    topic, _ = counted.annotate(n=Count("pk")).order_by("-n")[0]
    return Topic.objects.get(pk=topic)


def measure(asked: Pages) -> dict[str, tuple[float, float, int]]:
    """Return for each page the milliseconds of the first request and of the middle one, and the number of queries."""
    from django.conf import settings
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext
    from django.utils import timezone

    from accounts.models import Reader
    from digest.delivery.tally import bring_up_to_date

    bring_up_to_date(timezone.now())  # as the clock does every few minutes
    settings.ALLOWED_HOSTS = ["*"]
    settings.SECURE_SSL_REDIRECT = False
    staff = Reader.objects.filter(is_superuser=True).first() or Reader.objects.create_superuser("staff@example.org")
    client = Client()
    client.force_login(staff)
    client.get("/admin/")  # templates are compiled once
    found: dict[str, tuple[float, float, int]] = {}
    for name, url in asked.items():
        with CaptureQueriesContext(connection) as captured:
            first = _milliseconds(lambda url=url: client.get(url), name)  # type: ignore[misc]
            queries = len(captured)
        times = [_milliseconds(lambda url=url: client.get(url), name) for _ in range(RUNS)]  # type: ignore[misc]
        found[name] = (first, median(times), queries)
    return found


def _milliseconds(get: Callable[[], Any], name: str) -> float:
    start = perf_counter()
    answer = get()
    taken = (perf_counter() - start) * 1000
    if answer.status_code != 200:
        raise SystemExit(f"{name}: {answer.status_code}")
    return taken


def make(count: int) -> None:
    from io import StringIO

    from django.core.management import call_command
    from django.db import connection

    call_command("make_readers", str(count), stdout=StringIO())
    call_command("make_papers", str(count), "--digests", str(count), "--editions", "3", stdout=StringIO())
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")


def main() -> None:
    set_up()
    from django.db import connection

    make(FEW)
    small = measure(dict(pages()))
    if BIG:
        use(BIG)
    else:
        make(ROWS)
    big = measure(dict(pages()))
    by_kind = {_kind(name): taken for name, taken in small.items()}
    for name, (first, taken, queries) in big.items():
        few = small.get(name) or by_kind.get(_kind(name))
        report(
            "admin_page",
            page=name,
            first_ms=first,
            ms=taken,
            ms_nearly_empty=few[1] if few else None,
            queries=queries,
            within_goal=max(first, taken) <= GOAL,
        )
    slowest = max(big, key=lambda name: big[name][1])
    over = [name for name, (_, taken, _) in big.items() if taken > GOAL]
    report(
        "admin_pages",
        database=connection.vendor,
        rows=ROWS,
        pages=len(big),
        slowest=slowest,
        slowest_ms=big[slowest][1],
        over_goal=over,
        goal=f"each at most {GOAL} ms on PostgreSQL with 1,000,000 readers and papers",
    )


def _kind(name: str) -> str:
    """Return the page without what was looked for, which differs between two databases."""
    page, _, query = name.partition("?")
    return f"{page}?{query.partition('=')[0]}"


def use(url: str) -> None:
    """Go on with another database, as it is."""
    import environ
    from django.conf import settings
    from django.db import connections

    connections["default"].close()
    settings.DATABASES["default"] |= environ.Env.db_url_config(url)
    connections["default"].settings_dict |= environ.Env.db_url_config(url)


if __name__ == "__main__":
    main()
