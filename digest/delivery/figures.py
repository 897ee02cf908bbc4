"""The numbers of an installation for Prometheus: what waits and for how long, how mail and sources go.

Each is cheap whatever the number of readers: it is read from an index and counted up to a limit, or was counted by the
clock (`tally`). No number tells of one reader. Who may read them is `digest.web.probes`' business.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from prometheus_client import CollectorRegistry, GCCollector, PlatformCollector, ProcessCollector
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from accounts.models import Reader
from digest.models import DayTally, Digest, Edition, Letter, Pace, Tally
from digest.models.health import Word, of_all

ENOUGH = 2_000  # how far is counted what may be a million: more than that is as much as can be
LATEST = 300  # failures, of which it is said why


class Figures(Collector):
    def collect(self) -> Iterator[Metric]:
        now = timezone.now()
        yield from _waiting(now)
        yield from _handed_over(now)
        yield from _under_way(now)
        yield _failures(now)
        yield from _sources(now)
        yield from _counted(now)


def registry() -> CollectorRegistry:
    """Return everything that is told: our figures, and those of this process."""
    made = CollectorRegistry()
    made.register(Figures())
    ProcessCollector(registry=made)
    PlatformCollector(registry=made)
    GCCollector(made)
    return made


def _gauge(name: str, said: str, label: str, values: Mapping[str, float]) -> Metric:
    family = GaugeMetricFamily(f"broadsheet_{name}", said, labels=[label])
    for value, number in values.items():
        family.add_metric([value], number)
    return family


def _waiting(now: datetime) -> Iterator[Metric]:
    due: dict[str, tuple[QuerySet[Any], str]] = {
        "readers": (Reader.objects.due(now), "next_digest_at"),
        "digests": (Digest.objects.due(now), "next_attempt_at"),
        "letters": (Letter.objects.due(now), "next_attempt_at"),
    }
    yield _gauge(
        "due",
        f"What is due and waits for a worker, counted up to {ENOUGH}: readers whose hour has come and who have no "
        "digest yet, digests, and letters (confirmations, codes).",
        "what",
        {what: _up_to_enough(rows) for what, (rows, _) in due.items()},
    )
    yield _gauge(
        "lag_seconds",
        "For how long the one that waits longest has been due; 0 where none waits.",
        "what",
        {
            what: _age(rows.order_by(column).values_list(column, flat=True).first(), now)
            for what, (rows, column) in due.items()
        },
    )


def _up_to_enough(rows: QuerySet[Any]) -> int:
    return rows.order_by()[:ENOUGH].count()


def _age(since: datetime | None, now: datetime) -> float:
    return (now - since).total_seconds() if since else 0


def _handed_over(now: datetime) -> Iterator[Metric]:
    """What mail systems have said, in numbers that only grow, and whether they may be asked at present."""
    rows = list(Pace.objects.order_by("pk"))
    said = "Mails that were handed over, digests and letters, by what the mail system said, since this is counted."
    family = CounterMetricFamily("broadsheet_handed_over", said, labels=["fate"])
    for fate in ("accepted", "failed", "retried", "uncertain"):
        family.add_metric([fate], sum(getattr(row, f"{fate}_total") for row in rows if row.is_all_mail))
    yield family
    closed = {
        "all": sum(row.is_closed(now) for row in rows if row.is_all_mail),
        "domains": sum(row.is_closed(now) for row in rows if not row.is_all_mail),
    }
    said = "All mail (0 or 1), and groups of recipient domains, that are held back: by staff, by refusals, by a limit."
    yield _gauge("mail_held_back", said, "what", closed)


def _under_way(now: datetime) -> Iterator[Metric]:
    by_state = {
        state: Digest.objects.filter(state=state)
        for state in (Digest.State.HANDING_OVER, Digest.State.RETRY, Digest.State.UNCERTAIN)
    }
    yield _gauge(
        "digests",
        f"Digests that are not at their end, or whose end nobody knows, by state, counted up to {ENOUGH}.",
        "state",
        {state.value: _up_to_enough(rows) for state, rows in by_state.items()},
    )
    family = GaugeMetricFamily("broadsheet_open_editions", "Editions that are not closed yet.")
    family.add_metric([], Edition.objects.filter(closed_at=None).count())
    yield family


def _failures(now: datetime) -> Metric:
    """Say why mails failed that failed lately: by the mail system's reply code, and "none" where it gave none."""
    failed = Digest.objects.filter(state=Digest.State.FAILED).order_by("-pk").values_list("code", "settled_at")
    lately = Counter(str(code or "none") for code, at in failed[:LATEST] if at and at > now - timedelta(days=1))
    said = f"Digests that failed in the last 24 hours, of the latest {LATEST}, by the reply code of the mail system."
    return _gauge("failed_lately", said, "code", dict(sorted(lately.items())))


def _sources(now: datetime) -> Iterator[Metric]:
    found = [health for _, health in of_all(now)]
    words = Counter(health.word.value for health in found)
    yield _gauge("sources", "Sources by how they are.", "health", {word.value: words[word.value] for word in Word})
    family = GaugeMetricFamily("broadsheet_sources_need_somebody", "Sources that need somebody to look.")
    family.add_metric([], sum(health.needs_person for health in found))
    yield family


def _counted(now: datetime) -> Iterator[Metric]:
    """What the clock counts every five minutes, and when it did so last."""
    tally = Tally.objects.filter(pk=1).first()
    if tally is None:
        return
    family = GaugeMetricFamily("broadsheet_counted_timestamp_seconds", "When the clock last counted what follows.")
    family.add_metric([], tally.taken_at.timestamp())
    yield family
    readers = {state.value: tally.counts.get(state.value, 0) for state in Reader.State}
    yield _gauge("readers", "Readers by state.", "state", readers)
    today = DayTally.objects.filter(day=now.date()).first()
    counted = today.by_state if today else {}
    states = {state.value: counted.get(state.value, 0) for state in Digest.State}
    yield _gauge("digests_of_today", "Digests of today's edition (UTC) by state.", "state", states)
