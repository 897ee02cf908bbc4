"""Trending: how fast a paper gains attention now, as one number, and the reason in words.

The gain of a kind of signal is the sum of its increases, each halved for every 24 hours since: an exponentially decayed
sum as in Cormode, Shkapenyuk, Srivastava and Xu, "Forward Decay" (ICDE 2009). What a total held when it was first read
is taken to have grown evenly since the paper was announced, so that an old paper seen late does not jump. A total below
its highest so far gains nothing.

    gain  = sum of increase x 2 ** -(hours since / 24)
    score = sum over kinds of WEIGHTS[kind] x log2(1 + gain / scale of the kind)

The scale of a kind is the median of its gains above 0 among all papers of the run, at least LEAST_SCALE: kinds of very
different size count alike, in every source. A paper without signals scores 0.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from math import exp, log, log2
from statistics import median
from typing import NamedTuple

Observation = tuple[str, int, datetime]  # kind of signal, total, when it was read

HALF_LIFE = timedelta(hours=24)
WEIGHTS = {"upvotes": 1.0, "votes": 1.0, "stars": 0.5, "comments": 0.5}  # for every kind of digest.sources.listing
VOTES = ("upvotes", "votes")
LEAST_SCALE = 1.0
YESTERDAY = timedelta(hours=20)  # a day, less the slack of a task that does not run to the minute
LAST_READ = timedelta(hours=44)  # ago at most: what was read before is no total of yesterday
KINDS_NAMED = 2
_DECAY = log(2) / HALF_LIFE.total_seconds()


class Trend(NamedTuple):
    """`score` is 0 or more; `why` says it in words: "84 upvotes, +31 since yesterday; 120 stars".

    `votes` are the upvotes and the readers' votes together, `gained` those since yesterday.
    """

    score: float
    why: str
    votes: int = 0
    gained: int = 0
    comments: int = 0


class Part(NamedTuple):
    """What a kind of signal adds to a score: its `points` are `weight` x log2(1 + `gain` / `scale`)."""

    kind: str
    total: int
    gain: float
    scale: float
    weight: float
    points: float


def rank_trending(series: Mapping[int, tuple[date, Iterable[Observation]]], *, now: datetime) -> dict[int, Trend]:
    """Return the trend of each paper, given the date of its announcement and its totals in any order of time.

    A total may be left out while it does not change, but for one a day: without it, nobody knows yesterday's. Readings
    after `now` are not looked at.
    """
    return ranked(series, now=now)[0]


def ranked(
    series: Mapping[int, tuple[date, Iterable[Observation]]], *, now: datetime
) -> tuple[dict[int, Trend], dict[str, float]]:
    """Return what `rank_trending` does, and the scale of each kind, which `explained` asks for."""
    totals = {paper: _by_kind(readings, now) for paper, (_, readings) in series.items()}
    gains = {
        paper: {kind: _gain(readings, series[paper][0], now) for kind, readings in kinds.items()}
        for paper, kinds in totals.items()
    }
    scales = _scales(gains.values())
    return {paper: _trend(totals[paper], gains[paper], scales, now) for paper in series}, scales


def explained(
    announced_on: date, readings: Iterable[Observation], *, scales: Mapping[str, float], now: datetime
) -> list[Part]:
    """Return the parts that a paper's score is the sum of, the greatest first, by the scales of the run at `now`."""
    totals = _by_kind(readings, now)
    gains = {kind: _gain(known, announced_on, now) for kind, known in totals.items()}
    parts = _parts(totals, {kind: gain for kind, gain in gains.items() if kind in scales}, scales)
    return sorted(parts, key=lambda part: -part.points)


def _parts(
    totals: Mapping[str, Sequence[tuple[datetime, int]]], gains: Mapping[str, float], scales: Mapping[str, float]
) -> list[Part]:
    parts = []
    for kind, gain in gains.items():
        if gain > 0:
            scale, weight = scales[kind], WEIGHTS[kind]
            parts.append(Part(kind, totals[kind][-1][1], gain, scale, weight, weight * log2(1 + gain / scale)))
    return parts


def _by_kind(readings: Iterable[Observation], now: datetime) -> dict[str, list[tuple[datetime, int]]]:
    """Return for each kind its totals in order of time."""
    kinds: dict[str, list[tuple[datetime, int]]] = {}
    for kind, value, observed_at in readings:
        if observed_at <= now:
            kinds.setdefault(kind, []).append((observed_at, value))
    for totals in kinds.values():
        totals.sort()
    return kinds


def _gain(totals: Sequence[tuple[datetime, int]], announced_on: date, now: datetime) -> float:
    first_at, highest = totals[0]
    gain = _spread(highest, datetime.combine(announced_on, time(), UTC), first_at, now)
    for observed_at, value in totals[1:]:
        if value > highest:
            gain += (value - highest) * exp(-_DECAY * (now - observed_at).total_seconds())
            highest = value
    return gain


def _spread(value: int, start: datetime, end: datetime, now: datetime) -> float:
    """Return the gain of a total that grew evenly from 0 at `start` to `value` at `end`: the integral of the decay."""
    at_end = exp(-_DECAY * (now - end).total_seconds())
    seconds = (end - start).total_seconds()
    if seconds <= 0:  # read before the day of the announcement began, somewhere east of here
        return value * at_end
    at_start = exp(-_DECAY * (now - start).total_seconds())
    return value * (at_end - at_start) / (_DECAY * seconds)


def _scales(gains: Iterable[Mapping[str, float]]) -> dict[str, float]:
    positive: dict[str, list[float]] = {}
    for kinds in gains:
        for kind, gain in kinds.items():
            if gain > 0:
                positive.setdefault(kind, []).append(gain)
    return {kind: max(median(values), LEAST_SCALE) for kind, values in positive.items()}


def _trend(
    totals: Mapping[str, Sequence[tuple[datetime, int]]],
    gains: Mapping[str, float],
    scales: Mapping[str, float],
    now: datetime,
) -> Trend:
    parts = {part.kind: part.points for part in _parts(totals, gains, scales)}
    named = sorted(totals, key=lambda kind: (-parts.get(kind, 0.0), list(WEIGHTS).index(kind)))
    reasons = [reason for kind in named if (reason := _reason(kind, totals[kind], now))]
    latest = {kind: readings[-1][1] for kind, readings in totals.items()}
    return Trend(
        sum(parts.values()),
        "; ".join(reasons[:KINDS_NAMED]),
        votes=sum(latest.get(kind, 0) for kind in VOTES),
        gained=sum(_since_yesterday(totals[kind], now) for kind in VOTES if kind in totals),
        comments=latest.get("comments", 0),
    )


def _reason(kind: str, totals: Sequence[tuple[datetime, int]], now: datetime) -> str:
    """Say the total of a kind, and the increase since yesterday where yesterday's total is known; "" for nothing."""
    value = totals[-1][1]
    if not value:
        return ""
    said = f"{value:,} {kind if value != 1 else kind.removesuffix('s')}"
    gained = _since_yesterday(totals, now)
    return f"{said}, +{gained:,} since yesterday" if gained else said


def _since_yesterday(totals: Sequence[tuple[datetime, int]], now: datetime) -> int:
    """Return how much a total has grown since yesterday; 0 where nobody knows yesterday's."""
    known = [earlier for observed_at, earlier in totals if now - LAST_READ <= observed_at <= now - YESTERDAY]
    return max(0, totals[-1][1] - known[-1]) if known else 0
