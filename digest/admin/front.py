"""The admin's front page: what needs somebody first, then the editions, the sources, the readers and the mail.

Each member of staff sees what their role lets them open. The numbers are those of `digest.delivery.tally`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.urls import reverse

from accounts.models import Reader
from digest.admin.health import NEEDS_YOU, counts
from digest.admin.pace_words import trouble_in_words
from digest.delivery.equations import ORDER
from digest.delivery.tally import TROUBLE, Counts, Standing, standing
from digest.models import Digest, Edition, Pace, Submission
from digest.templatetags.charts import BarChart, per_day

STATES = {
    Reader.State.PENDING: "still to confirm",
    Reader.State.ACTIVE: "getting digests",
    Reader.State.PAUSED: "paused",
    Reader.State.LEFT: "left",
}
TOO_MANY_FAILED = 0.05  # of the mails of a day
TOO_MANY_COMPLAINTS = 0.001  # of the accepted mails of thirty days: at 0.3 % large providers refuse all
TOO_MANY_SUPPRESSED = 0.1  # of all readers
SUBMISSIONS_COUNTED = 100


@dataclass(frozen=True, slots=True)
class Need:
    """Something that a person should look at, and where."""

    said: str
    url: str


def picture(user: AbstractBaseUser | AnonymousUser, now: datetime) -> dict[str, Any]:
    """Return what the front page shows to `user`."""
    stands = standing(now)
    sees = {
        "sources": _may(user, "digest.view_source"),
        "readers": _may(user, "accounts.view_reader"),
        "mail": _may(user, "digest.view_edition"),
    }
    sources = counts() if sees["sources"] else []
    needs = list(_needs_of_sources(sources)) if sees["sources"] else []
    if sees["mail"]:
        needs = [*_needs_of_mail(stands, now), *needs]
    if _may(user, "digest.view_pace"):
        needs = [*_needs_of_pace(now), *needs]
    if _may(user, "digest.view_submission"):
        needs += _needs_of_submissions(now)
    if sees["readers"]:
        needs += _needs_of_readers(stands.now)
    return {
        "needs": needs,
        "sees": sees,
        "taken_at": stands.taken_at,
        "is_old": stands.is_old,
        "sources": sources,
        "editions": list(_editions(stands, now)) if sees["mail"] else [],
        "readers": _readers(stands.now) if sees["readers"] else [],
        "charts": _charts(stands) if sees["mail"] else [],
        "days": [(day, *_mail(counted)) for day, counted in reversed(stands.days.items())],
    }


def _may(user: AbstractBaseUser | AnonymousUser, permission: str) -> bool:
    return bool(getattr(user, "has_perm", lambda _: False)(permission))


def _needs_of_mail(stands: Standing, now: datetime) -> Iterator[Need]:
    digests, letters = reverse("admin:digest_digest_changelist"), reverse("admin:digest_letter_changelist")
    if late := stands.now.get("digests late", 0):
        waited = _many(late, "digest has", "digests have")
        yield Need(f"{waited} waited for more than half an hour: see the mail system and the clock.", digests)
    if late := stands.now.get("letters late", 0):
        waited = _many(late, "confirmation or code has", "confirmations and codes have")
        yield Need(f"{waited} waited for more than half an hour.", letters)
    if failed := stands.now.get("letters failed", 0):
        yield Need(
            f"{failed:,} of {stands.now.get('letters', 0):,} other mails of the last day did not leave.", letters
        )
    for day in (now.date(), now.date() - timedelta(days=1)):
        counted = stands.days.get(day, {})
        if uncertain := counted.get(Digest.State.UNCERTAIN, 0):
            said = f"{_many(uncertain, 'digest', 'digests')} of {_day(day)} may have arrived or not."
            yield Need(said, f"{digests}?state__exact=uncertain")
        accepted, failed, _ = _mail(counted)
        if failed > TOO_MANY_FAILED * (accepted + failed):
            said = f"{failed:,} of {accepted + failed:,} digests of {_day(day)} failed or are uncertain."
            yield Need(said, f"{digests}?state__exact=failed")
    accepted = sum(counted.get(Digest.State.ACCEPTED, 0) for counted in stands.days.values())
    complaints = sum(counted.get("complaint", 0) for counted in stands.days.values())
    if complaints > TOO_MANY_COMPLAINTS * accepted:
        said = f"{complaints:,} readers reported mail as spam in thirty days, of {accepted:,} mails."
        yield Need(said, f"{reverse('admin:digest_suppression_changelist')}?reason__exact=complaint")


def _needs_of_pace(now: datetime) -> Iterator[Need]:
    for pace in Pace.objects.order_by("-is_all_mail", "name"):
        if said := trouble_in_words(pace, now):
            yield Need(said, reverse("admin:digest_pace_changelist"))


def _needs_of_sources(sources: list[tuple[str, str, int]]) -> Iterator[Need]:
    for value, _, count in sources:
        if value == NEEDS_YOU:
            said = f"{_many(count, 'source needs', 'sources need')} somebody to look."
            yield Need(said, f"{reverse('admin:digest_source_changelist')}?health={NEEDS_YOU}")


def _needs_of_readers(counted: Counts) -> Iterator[Need]:
    everybody, suppressed = counted["readers"], counted["suppressed"]
    if suppressed > TOO_MANY_SUPPRESSED * everybody:
        said = f"{_many(suppressed, 'address', 'addresses')} must not be mailed; there are {everybody:,} readers."
        yield Need(said, reverse("admin:digest_suppression_changelist"))
    waiting, asked = counted["sign-ups waiting"], counted["sign-ups"]
    if waiting > max(10, asked / 2):
        said = f"{waiting:,} of {asked:,} people who signed up this week have not confirmed for a day or longer."
        yield Need(said, reverse("admin:digest_signup_changelist"))


def _needs_of_submissions(now: datetime) -> Iterator[Need]:
    waiting = list(Submission.objects.waiting().values_list("submitted_at", flat=True)[: SUBMISSIONS_COUNTED + 1])
    if waiting:
        count = _many(len(waiting), "submitted paper waits", "submitted papers wait")
        if len(waiting) > SUBMISSIONS_COUNTED:
            count = f"More than {SUBMISSIONS_COUNTED:,} submitted papers wait"
        said = f"{count} for an answer, the first since {_day(waiting[0].date())}."
        yield Need(said, f"{reverse('admin:digest_submission_changelist')}?state=waiting")


def _editions(stands: Standing, now: datetime) -> Iterator[dict[str, Any]]:
    """Yield today's edition and yesterday's, each with its equation."""
    days = [now.date(), now.date() - timedelta(days=1)]
    known = {edition.date: edition for edition in Edition.objects.filter(date__in=days)}
    for name, day in zip(("Today", "Yesterday"), days, strict=True):
        counted = {state: n for state, n in stands.days.get(day, {}).items() if state in Digest.State.values}
        terms = [(state.label, counted[state]) for state in ORDER if counted.get(state)]
        yield {"name": name, "day": day, "edition": known.get(day), "eligible": sum(counted.values()), "terms": terms}


def _readers(counted: Counts) -> list[tuple[str, int, str]]:
    """Return (what, how many, where they are listed)."""
    url = reverse("admin:accounts_reader_changelist")
    states = [
        (STATES[state], counted.get(state.value, 0), f"{url}?state__exact={state.value}") for state in Reader.State
    ]
    return [*states, ("suppressed addresses", counted["suppressed"], reverse("admin:digest_suppression_changelist"))]


def _charts(stands: Standing) -> list[BarChart]:
    series = zip(*(_mail(counted) for counted in stands.days.values()), strict=True)
    names = ("Accepted", "Failed or uncertain", "Bounced or reported as spam")
    return [
        per_day(name, dict(zip(stands.days, values, strict=True)), last=max(stands.days), days=len(stands.days))
        for name, values in zip(names, series, strict=True)
    ]


def _mail(counted: Counts) -> tuple[int, int, int]:
    """Return how many were accepted, failed or are uncertain, and reported by providers as bounced or as spam."""
    refused = counted.get(Digest.State.FAILED, 0) + counted.get(Digest.State.UNCERTAIN, 0)
    bounced = sum(counted.get(kind, 0) for kind in TROUBLE)
    return counted.get(Digest.State.ACCEPTED, 0), refused, bounced


def _many(count: int, one: str, many: str) -> str:
    return f"{count:,} {one if count == 1 else many}"


def _day(day: date) -> str:
    return f"{day.day} {day:%B}"
