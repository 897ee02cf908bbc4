"""Runs the whole service once over the invented sample, and shows who got what and why."""

from collections.abc import Iterator
from datetime import date, timedelta
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.clock import slot_on
from accounts.models import Reader
from digest import sample
from digest.delivery.deliver import deliver_due
from digest.delivery.wire.outbox import OUTBOX_BACKEND
from digest.ingest.by_hand import Document, ingest
from digest.ingest.index import index_due
from digest.ingest.rank import match_due, open_topic_pages, update_trends
from digest.ingest.topic_days import count_days_due
from digest.management.output import progress
from digest.models import Digest, Match, Paper, Subscription, Topic
from digest.models.paper_address import known_paper

CONSENT = "invented reader of the sample"


class Command(BaseCommand):
    help = "Fill an empty database with the invented sample, run one whole day, write the mails, and show them."

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.EMAIL_BACKEND != OUTBOX_BACKEND:
            raise CommandError("The sample is not for a real mail system: leave EMAIL_URL and EMAIL_BACKEND empty.")
        call_command("migrate", verbosity=0)
        if Paper.objects.exists() or Reader.objects.exists():
            raise CommandError(
                f"The database already holds papers or readers, and the sample is only for an empty one: "
                f"run `make demo`, which uses one of its own, or set VAR_DIR to a new folder (now {settings.VAR_DIR})."
            )
        today = timezone.now().date()
        self._ingest(today)
        _feature(today)
        self._deliver(today)
        self._show(today)

    def _ingest(self, today: date) -> None:
        documents = list(sample.documents(today))
        for read_at, kind, body in progress(documents, quiet=False, unit="document"):
            ingest(Document(body), kind=kind, now=read_at)
            update_trends(read_at)

    def _deliver(self, today: date) -> None:
        """Let every reader's hour of `today` strike, in the order in which the hours come."""
        for stated in sample.readers():
            _make_reader(stated, today)
        open_topic_pages(timezone.now())
        match_due(timezone.now())
        count_days_due(timezone.now())
        index_due(timezone.now())
        slots = sorted(Reader.objects.active().values_list("next_digest_at", flat=True))
        for slot in progress(slots, quiet=False, unit="hour"):
            moment = slot + timedelta(minutes=1)
            deliver_due(clock=lambda moment=moment: moment)  # type: ignore[misc]

    def _show(self, today: date) -> None:
        counts = f"{Paper.objects.count()} papers, {Topic.objects.count()} topics, {Match.objects.count()} matches"
        self.stdout.write(f"Broadsheet, the edition of {today} (sample: invented papers and readers)\n{counts}\n")
        for digest in Digest.objects.select_related("reader").order_by("due_at"):
            self.stdout.write("\n".join(_lines(digest)))
        self.stdout.write(f"\nThe mails: {settings.EMAIL_FILE_PATH}/*.eml, and as pages: *.html beside them.")
        self.stdout.write(
            f"The site, on http://127.0.0.1:8000/: VAR_DIR={settings.VAR_DIR} SITE_URL=http://127.0.0.1:8000 make run"
        )


def _feature(today: date) -> None:
    """Have staff feature the papers of which the sample says why."""
    for arxiv_id, why in sample.featured(today):
        paper = known_paper(arxiv_id)
        if paper is not None:
            paper.feature(why, timezone.now())


def _make_reader(stated: dict[str, Any], today: date) -> None:
    reader = Reader.objects.create_user(
        stated["email"],
        state=Reader.State.ACTIVE,
        consent_text=CONSENT,
        consented_at=timezone.now(),
        weekday=today.weekday(),
        **{field: stated[field] for field in ("time_zone", "delivery_hour", "days", "papers")},
    )
    for wanted in stated["topics"]:
        topic = Topic.objects.named(wanted["query"])
        Subscription.objects.create(reader=reader, topic=topic, weight=wanted["weight"])
    slot = slot_on(today, zone=reader.time_zone, hour=reader.delivery_hour) + reader.jitter
    Reader.objects.filter(pk=reader.pk).update(next_digest_at=slot)


def _lines(digest: Digest) -> Iterator[str]:
    """Yield what the table says of one digest: who, when, what, why."""
    reader = digest.reader
    local = digest.due_at.astimezone(ZoneInfo(reader.time_zone))
    yield f"\n{reader.email}  {local:%H:%M} {reader.time_zone}  {digest.get_state_display()}"
    if digest.state != Digest.State.ACCEPTED:
        yield f"  {digest.reason}"
        return
    yield f"  {digest.subject}"
    matches = {(match.topic_id, match.paper_id): match for match in _matches(digest)}
    for paper, topic, *_ in digest.picks[:3]:
        match = matches[topic, paper]
        yield f"  - {match.paper.title[:70]}  ({match.why})"
    yield f"  {_page(settings.EMAIL_FILE_PATH / f'{digest.key.hex}.eml', reader)}"


def _matches(digest: Digest) -> Iterator[Match]:
    papers = [paper for paper, *_ in digest.picks]
    yield from Match.objects.filter(paper__in=papers).select_related("paper")


def _page(mail: Path, reader: Reader) -> Path:
    """Write the HTML part of a mail beside it, under the reader's name, to be opened in a browser."""
    html = message_from_bytes(mail.read_bytes(), policy=policy.default).get_body(("html",))
    page = mail.with_name(reader.email.partition("@")[0] + ".html")
    page.write_text(html.get_content() if html else "", encoding="utf-8")
    return page
