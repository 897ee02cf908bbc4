"""Makes invented papers, with all that sources would have said of them, to see how the service is with very many."""

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.core.management.base import CommandParser
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from digest.management.bulk import reserve, write, write_new
from digest.management.invented import add_count, pieces, positive, refuse_in_production, skewed, vocabulary
from digest.management.invented_editions import make_editions
from digest.management.output import DataCommand, progress
from digest.models import Match, Paper, PaperIdentifier, Sighting, Signal, Source, Topic
from digest.models.catalogue import catalogue

PIECE = 10_000
SOURCES = 20
SENTENCES = 4000
FIRST_NUMBER = 50_000  # of an arXiv id: no month of arXiv has come so far
SIGNAL_DAYS, TREND_DAYS, MATCH_DAYS = 5, 14, 30
SEEN_TWICE, WITH_ARXIV, WITH_SIGNALS, WITHDRAWN, ON_A_TOPIC = 0.2, 0.6, 0.1, 0.002, 0.5  # of all papers
YEARS, PER_DAY = 5, 50  # over how long, and so many a day at least
CATEGORIES = ["cs.CL", "cs.LG", "cs.CV", "cs.AI", "cs.IR", "stat.ML", "math.PR", "q-bio.NC", "quant-ph", "econ.EM"]


class Command(DataCommand):
    help = (
        "Make N invented papers with identifiers, sightings, signals and matches, and some editions with digests for "
        "the readers of make_readers. For trying how the service is with many; refused in production."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        add_count(parser, "papers")
        help_years = f"over how long they were announced (default: {YEARS}, or {PER_DAY} a day)"
        parser.add_argument("--years", type=positive, help=help_years)
        parser.add_argument("--matches-each", type=positive, default=5, help="topics of a new paper (default: 5)")
        parser.add_argument("--editions", type=int, default=3, help="how many, up to today's (default: 3)")
        parser.add_argument(
            "--digests", type=positive, default=10_000, help="at most so many digests in an edition (default: 10000)"
        )

    def handle(self, *args: Any, count: int, seed: int, matches_each: int, **options: Any) -> None:
        refuse_in_production()
        days = options["years"] * 365 if options["years"] else min(YEARS * 365, -(-count // PER_DAY))
        chance = random.Random(seed)  # noqa: S311 - the same papers for the same seed
        making = Making(chance, count, days, matches_each, timezone.now())
        for size in progress(list(pieces(count, PIECE)), quiet=False, unit=f" x {PIECE:,} papers"):
            making.piece(size)
        self.stdout.write(f"Made {count:,} papers and {making.matches:,} matches.")
        if options["editions"] > 0:
            made = make_editions(options["editions"], options["digests"], chance, timezone.now())
            self.stdout.write(f"Made {made:,} digests.")


class Making:
    """Papers in the making, piece by piece, the oldest first."""

    def __init__(self, chance: random.Random, count: int, days: int, matches_each: int, now: datetime) -> None:
        self.chance, self.count, self.now, self.matches_each = chance, count, now, matches_each
        self.days, self.made, self.matches = days, 0, 0
        self.words = vocabulary()
        self.names = [word.capitalize() for word in self.words]
        self.sentences = [self._sentence() for _ in range(SENTENCES)]
        # So that the pages of topics have papers, once these are matched.
        self.interests = [entry.name for entry in catalogue()]
        self.topics = list(Topic.objects.order_by("pk").values_list("pk", "label"))
        self.sources = make_sources()
        self.numbers: dict[str, int] = {}

    def piece(self, size: int) -> None:
        """Make `size` papers and all that hangs on them, together or not at all."""
        with transaction.atomic():
            papers = [self.paper(key) for key in reserve(Paper, size)]
            identifiers = [row for paper in papers for row in self.identifiers(paper)]
            sightings = [row for paper in papers for row in self.sightings(paper)]
            signals = [row for paper in papers for row in self.signals(paper)]
            matches = [row for paper in papers for row in self.matching(paper)]
            write(papers)
            for rows in (identifiers, sightings, signals, matches):
                write_new(rows)
        self.matches += len(matches)

    def paper(self, key: int) -> Paper:
        chance = self.chance
        day = self.now.date() - timedelta(days=self.days * (self.count - self.made - 1) // self.count)
        self.made += 1
        interest = chance.choice(self.interests) if self.interests and chance.random() < ON_A_TOPIC else ""
        created_at = min(datetime.combine(day, time(chance.randrange(24)), tzinfo=UTC), self.now)
        return Paper(
            pk=key,
            title=self._title(interest),
            abstract=" ".join([*chance.choices(self.sentences, k=chance.randrange(4, 9)), *_saying(interest)]),
            authors=[f"{chance.choice(self.names)} {chance.choice(self.names)}" for _ in range(chance.randrange(1, 7))],
            categories=chance.sample(CATEGORIES, chance.randrange(1, 4)),
            url=f"https://papers.example.org/{key}",
            pdf_url=f"https://papers.example.org/{key}.pdf",
            announced_on=day,
            submitted_at=created_at - timedelta(days=1),
            withdrawn_at=created_at if chance.random() < WITHDRAWN else None,
            match_due_at=None,
            created_at=created_at,
        )

    def identifiers(self, paper: Paper) -> Iterator[PaperIdentifier]:
        yield PaperIdentifier(paper_id=paper.pk, scheme="doi", value=f"10.5555/invented.{paper.pk}")
        if self.chance.random() < WITH_ARXIV and (value := self._arxiv_id(paper.announced_on or date.min)):
            yield PaperIdentifier(paper_id=paper.pk, scheme="arxiv", value=value)

    def _arxiv_id(self, day: date) -> str | None:
        """Return the next id of the month in a range that arXiv has never reached, as long as there is one."""
        month = f"{day:%y%m}"
        if month not in self.numbers:
            known = PaperIdentifier.objects.filter(
                scheme="arxiv", value__range=(f"{month}.{FIRST_NUMBER}", f"{month}.:")
            )
            last = known.aggregate(last=Max("value"))["last"]
            self.numbers[month] = int(last.partition(".")[2]) if last else FIRST_NUMBER
        self.numbers[month] += 1
        return f"{month}.{self.numbers[month]}" if self.numbers[month] <= 99_999 else None

    def sightings(self, paper: Paper) -> Iterator[Sighting]:
        places = self.chance.sample(self.sources, 2 if self.chance.random() < SEEN_TWICE else 1)
        for place, source in enumerate(places):
            yield Sighting(
                paper_id=paper.pk,
                source_id=source,
                announce_type="cross" if place else "new",
                announced_on=paper.announced_on or date.min,
                seen_at=paper.created_at,
            )

    def signals(self, paper: Paper) -> Iterator[Signal]:
        """Yield how the votes of some papers rose; those of the last days trend."""
        if self.chance.random() >= WITH_SIGNALS or paper.withdrawn_at:
            return
        total = 0
        for day in range(self.chance.randrange(1, SIGNAL_DAYS + 1)):
            gained = 1 + skewed(self.chance, 60)
            total += gained
            at = paper.created_at + timedelta(days=day)
            if at <= self.now:
                yield Signal(paper_id=paper.pk, kind="upvotes", value=total, observed_at=at)
                if self.now - paper.created_at < timedelta(days=TREND_DAYS):
                    paper.trend, paper.attention = gained / 10, f"{total} upvotes, +{gained} since yesterday"
                    paper.gained = gained
                paper.votes = total

    def matching(self, paper: Paper) -> Iterator[Match]:
        """Yield topics for a paper of the last days; older matches would have been dropped."""
        day = paper.announced_on or date.min
        if not self.topics or paper.withdrawn_at or self.now.date() - day >= timedelta(days=MATCH_DAYS):
            return
        chosen = {self.topics[skewed(self.chance, len(self.topics))] for _ in range(self.matches_each)}
        for topic, label in sorted(chosen):
            score = round(self.chance.uniform(0.3, 1), 3)
            why = f"matches {label}"[:300]
            yield Match(topic_id=topic, paper_id=paper.pk, score=score, why=why, announced_on=day)

    def _title(self, interest: str) -> str:
        title = " ".join(self._words(self.chance.randrange(5, 12)))
        return f"{title[0].upper()}{title[1:]}{f': {interest}' if interest else ''}"

    def _sentence(self) -> str:
        text = " ".join(self._words(self.chance.randrange(12, 26)))
        return f"{text[0].upper()}{text[1:]}."

    def _words(self, count: int) -> list[str]:
        return [self.words[skewed(self.chance, len(self.words))] for _ in range(count)]


def _saying(interest: str) -> list[str]:
    return [f"This is work on {interest}, and {interest} is what it adds to."] if interest else []


def make_sources() -> list[int]:
    """Return the keys of the invented sources, which nobody fetches; made once."""
    for number in range(1, SOURCES + 1):
        stated = {"name": f"Invented feed {number}", "kind": Source.Kind.FEED, "is_active": False}
        Source.objects.get_or_create(url=f"https://feeds{number}.example.org/rss", defaults=stated)
    return list(Source.objects.filter(url__endswith=".example.org/rss").order_by("pk").values_list("pk", flat=True))
