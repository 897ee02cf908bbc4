"""A Breaker: closes the way to a mail system that asks for fewer mails, and stops it where refusals rise.

An abstract part of `Pace`, which says how fast mail may go while it is open.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import models

FIRST_BACK_OFF, LONGEST_BACK_OFF = timedelta(minutes=1), timedelta(hours=1)
MOST_BACK_OFFS = 6  # the speed is halved so often at most
FIRST_STOP, LONGEST_STOP = timedelta(minutes=15), timedelta(hours=4)
TRIAL = 10  # mails that show whether a mail system that refused takes mail again
WINDOW = 1000  # mails, about, over which refusals are counted, of the last hour at most
WINDOW_LASTS = timedelta(hours=1)
ALL_REFUSED = 10  # mails after which it is clear, where each was refused


@dataclass(slots=True)
class Heard:
    """What a mail system said to a batch of mails, in numbers.

    `slowed` of the retried were replies that ask for fewer mails; `refused` of the failed spoke against the sender, and
    not of the address. `said` is the last of either, in the mail system's words.
    """

    accepted: int = 0
    failed: int = 0
    retried: int = 0
    uncertain: int = 0
    slowed: int = 0
    refused: int = 0
    said: str = ""

    @property
    def mails(self) -> int:
        return self.accepted + self.failed + self.retried + self.uncertain

    def __add__(self, other: "Heard") -> "Heard":
        return Heard(
            self.accepted + other.accepted,
            self.failed + other.failed,
            self.retried + other.retried,
            self.uncertain + other.uncertain,
            self.slowed + other.slowed,
            self.refused + other.refused,
            other.said or self.said,
        )


class Breaker(models.Model):
    # What is stopped is also closed: until then nothing goes, and after it a few mails for trial.
    closed_until = models.DateTimeField(null=True, blank=True, editable=False)
    backoffs = models.PositiveSmallIntegerField(default=0, editable=False)  # each halves the speed
    stopped_at = models.DateTimeField(null=True, blank=True, editable=False)
    stops = models.PositiveSmallIntegerField(default=0, editable=False)  # in a row
    is_trial = models.BooleanField(default=False, editable=False)
    trouble = models.CharField(max_length=300, blank=True, editable=False)
    trouble_at = models.DateTimeField(null=True, blank=True, editable=False)
    window_began = models.DateTimeField(null=True, blank=True, editable=False)
    window_mails = models.PositiveIntegerField(default=0, editable=False)
    window_refused = models.PositiveIntegerField(default=0, editable=False)
    stops_total = models.PositiveIntegerField(default=0, editable=False)

    class Meta:
        abstract = True

    def is_shut(self, now: datetime) -> bool:
        return self.closed_until is not None and self.closed_until > now

    def heed(self, heard: Heard, now: datetime) -> bool:
        """Draw the consequences of what was said; return whether mail stopped just now."""
        if heard.slowed or heard.refused:
            self.trouble, self.trouble_at = heard.said[:300], now
        if self.stopped_at is not None:
            self._judge_trial(heard, now)
            return False
        if heard.slowed:
            self.back_off(now)
        elif heard.accepted and self.backoffs and not self.is_shut(now):
            self.backoffs -= 1
        return self._watch(heard, now)

    def back_off(self, now: datetime, longest: timedelta = LONGEST_BACK_OFF) -> None:
        """Close for a while, twice as long each time. Replies to what was under way already say nothing new."""
        if not self.is_shut(now):
            self.closed_until = now + min(longest, FIRST_BACK_OFF * 2.0**self.backoffs)
            self.backoffs = min(self.backoffs + 1, MOST_BACK_OFFS)

    def forget_trouble(self) -> None:
        self.is_trial, self.backoffs, self.stops = False, 0, 0
        self.closed_until = self.stopped_at = self.window_began = None
        self.window_mails = self.window_refused = 0

    def _judge_trial(self, heard: Heard, now: datetime) -> None:
        """Go on after a trial without a refusal, and stop for longer after one with any."""
        if not self.is_trial:
            return  # what was under way when mail stopped
        if heard.refused:
            self._stop(now)
        elif heard.accepted:
            self.is_trial, self.stopped_at, self.closed_until = False, None, None

    def _watch(self, heard: Heard, now: datetime) -> bool:
        if self.window_began is None or self.window_began <= now - WINDOW_LASTS:
            self.window_began, self.window_mails, self.window_refused = now, 0, 0
        self.window_mails += heard.accepted + heard.failed + heard.uncertain
        self.window_refused += heard.refused
        mails, refused = self.window_mails, self.window_refused
        least, share = settings.MAIL_STOP_LEAST, settings.MAIL_STOP_SHARE
        if (mails >= least and refused > share * mails) or ALL_REFUSED <= mails == refused:
            return self._stop(now)
        if mails > WINDOW:
            self.window_mails, self.window_refused = mails // 2, refused // 2
        if mails >= 2 * least:
            self.stops = 0
        return False

    def _stop(self, now: datetime) -> bool:
        """Stop; return whether this is news, and not the next of several stops in a row."""
        is_news = self.stops == 0
        self.closed_until = now + min(LONGEST_STOP, FIRST_STOP * 2.0**self.stops)
        self.stopped_at = self.stopped_at or now
        self.stops = min(self.stops + 1, 10)
        self.stops_total += 1
        self.is_trial, self.window_began, self.window_mails, self.window_refused = False, None, 0, 0
        return is_news
