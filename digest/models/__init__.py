"""The nouns, one file each: fields, constraints, and the QuerySet verbs that say what is due."""

from digest.models.change import Change
from digest.models.digest import Digest
from digest.models.edition import Edition
from digest.models.feedback import Feedback
from digest.models.fetch import Fetch
from digest.models.gap import Gap
from digest.models.host import Host
from digest.models.letter import Letter
from digest.models.mail_event import MailEvent
from digest.models.match import Match
from digest.models.pace import Pace
from digest.models.pace_domain import PaceDomain
from digest.models.paper import Paper, PaperIdentifier
from digest.models.paper_words import PaperWords
from digest.models.sighting import Sighting
from digest.models.signal import Signal
from digest.models.signup import Signup
from digest.models.source import Source
from digest.models.submission import Submission
from digest.models.subscription import Subscription
from digest.models.suppression import Salt, Suppression
from digest.models.tally import DayTally, Tally
from digest.models.topic import Topic
from digest.models.topic_day import TopicDay
from digest.models.trend_scale import TrendScale
from digest.models.vote import Vote

__all__ = [
    "Change",
    "DayTally",
    "Digest",
    "Edition",
    "Feedback",
    "Fetch",
    "Gap",
    "Host",
    "Letter",
    "MailEvent",
    "Match",
    "Pace",
    "PaceDomain",
    "Paper",
    "PaperIdentifier",
    "PaperWords",
    "Salt",
    "Sighting",
    "Signal",
    "Signup",
    "Source",
    "Submission",
    "Subscription",
    "Suppression",
    "Tally",
    "Topic",
    "TopicDay",
    "TrendScale",
    "Vote",
]
