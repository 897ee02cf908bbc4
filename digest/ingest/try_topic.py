"""Try a topic on the papers of the last days, as the mail would judge them, and say how it could be better.

Nothing is stored: no topic is made, no paper is touched. Pages for readers and for staff show what is returned.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from digest.ingest.rank import MATCHES_PER_DAY
from digest.ingest.sample import DAYS, Sample, samples
from digest.models import Paper
from digest.models.catalogue import catalogue
from digest.models.sighting import first_seen
from digest.ranking.matching import DEFAULT_BAR, Hit, TopicIndex, decide, overlap
from digest.ranking.matching import hits as with_reasons
from digest.ranking.narrow import Narrower, narrower
from digest.ranking.query import Query, QueryError, parse_query
from digest.ranking.starter import Entry, fitting, query_of

BEST = 3
SUGGESTIONS = 4
MANY = 5  # a day: from here on, ways to narrow are offered
WAIT = 2.0  # seconds, for the first topic that a new process tries


@dataclass(frozen=True, slots=True)
class TriedPaper:
    """One of the best papers that the topic would have brought: `why` as in the mail."""

    paper: int
    title: str
    source: str
    announced_on: date | None
    url: str
    score: float
    why: str


@dataclass(frozen=True, slots=True)
class TopicTrial:
    """What a topic would have brought. With an `error`, or while `is_ready` is False, only suggestions are there.

    `found` of `papers` papers of the last `days` belong to the topic, `per_day` on the average day (both are estimates
    where a sample stands for many papers); `hits` are the best, best first.
    """

    text: str
    error: str = ""
    is_ready: bool = True
    papers: int = 0
    days: int = DAYS
    found: int = 0
    hits: tuple[TriedPaper, ...] = ()
    suggestions: tuple[Entry, ...] = ()
    narrower: tuple[Narrower, ...] = ()
    advice: str = ""

    @property
    def per_day(self) -> float:
        return self.found / self.days

    @property
    def how_many(self) -> str:
        """How much it brings, in words: "about 12 papers a day"."""
        return how_many(self.found, self.days)


def try_topic(text: str, *, best: int = BEST, wait: float = WAIT) -> TopicTrial:
    """Try what somebody typed: a query, or the name of an entry of the catalogue. Reads, and changes nothing."""
    entries = catalogue()
    typed = " ".join(text.split())
    asked = query_of(typed, entries)
    try:
        query = parse_query(asked)
    except QueryError as error:
        return TopicTrial(typed, error=str(error), suggestions=_fitting(typed, entries))
    suggestions = _fitting(typed, [entry for entry in entries if entry.canonical != query.canonical])
    sample = samples.current(wait=wait)
    if not sample:
        return TopicTrial(typed, is_ready=False, suggestions=suggestions)
    places, hits = _matched(query, sample, best)
    found = round(len(places) * sample.total / (len(sample.batch.documents) or 1))
    is_broad = found / sample.days >= MANY
    ways = narrower(asked, query, sample.batch, places) if is_broad else []
    return TopicTrial(
        typed,
        papers=sample.total,
        days=sample.days,
        found=found,
        hits=_papers(hits, best),
        suggestions=suggestions,
        narrower=tuple(ways),
        advice=advice(query, found, sample.days, has_ways=bool(ways)) if sample.total else "",
    )


def _matched(query: Query, sample: Sample, best: int) -> tuple[list[int], list[Hit]]:
    """Return the positions of all papers that belong to the topic, best first, and the best with their reasons."""
    index = TopicIndex([(0, query)], sample.words)
    shared = overlap(sample.batch, index)
    pairs = decide(sample.batch, index, shared, bar=DEFAULT_BAR, keep=None)
    # A few more than are shown: some may have been withdrawn since the sample was taken.
    likely = with_reasons(sample.batch, index, shared.presence, pairs.only(slice(2 * best)))
    return pairs.papers.tolist(), likely


def how_many(found: int, days: int) -> str:
    """Say how many papers a day or a week `found` papers in `days` days are."""
    if not found:
        return "fewer than one paper a week" if days >= DAYS else "no papers so far"
    if found / days >= 0.75:
        return f"about {_many(found / days)} a day"
    return f"about {_many(found / days * 7)} a week"


def advice(query: Query, found: int, days: int, *, has_ways: bool = False) -> str:
    """Say what to change where a topic is too broad for a digest or so narrow that hardly anything comes.

    With `has_ways`, the ways to narrow it are offered beside this.
    """
    if found / days > MATCHES_PER_DAY:
        broad = "That is more than one digest holds: only the best will come."
        return broad if has_ways else f"{broad} {_narrowing(query)}"
    if found / days * 7 < 1.5:
        return _widening(query)
    return ""


def _narrowing(query: Query) -> str:
    if query.categories:
        return "To narrow it, add a word or two that the papers must be about."
    return (
        "To narrow it, add a word, put words that belong together in quotation marks, or name a category such as"
        " cat:cs.CL."
    )


def _widening(query: Query) -> str:
    if query.phrases:
        return "To widen it, leave out quotation marks: the words then need not stand together."
    if query.categories and query.kind == "text":
        return "To widen it, leave out the category."
    if query.authors:
        return "A name brings mail only when that author has a new paper."
    if query.categories:
        return "Look whether the category is spelled as in its papers: cat:cs.CL, or a whole archive: cat:cs."
    if len(query.words) > 1:
        return "To widen it, take fewer words, or more common ones."
    return "To widen it, use the word that most papers use for it, or follow a second topic beside it."


def _many(number: float) -> str:
    """Return a whole number of papers, of two figures from a hundred on: more would only look exact."""
    whole = max(1, round(number, -1 if number >= 100 else None))
    return "one paper" if whole == 1 else f"{whole:,.0f} papers"


def _fitting(typed: str, entries: Sequence[Entry]) -> tuple[Entry, ...]:
    return tuple(fitting(typed, entries, most=SUGGESTIONS))


def _papers(hits: Sequence[Hit], best: int) -> tuple[TriedPaper, ...]:
    """Read the papers of the first `best` hits that still stand."""
    likely = {hit.paper: hit for hit in hits}
    papers = Paper.objects.standing().prefetch_related(first_seen()).in_bulk(likely)
    shown = [(papers[key], hit) for key, hit in likely.items() if key in papers][:best]
    return tuple(_tried(paper, hit) for paper, hit in shown)


def _tried(paper: Paper, hit: Hit) -> TriedPaper:
    return TriedPaper(paper.pk, paper.title, paper.source_name, paper.announced_on, paper.url, hit.score, hit.why)
