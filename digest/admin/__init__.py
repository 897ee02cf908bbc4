"""What staff see and change, one file per noun."""

from digest.admin.delivery import DigestAdmin, EditionAdmin, SuppressionAdmin
from digest.admin.fetch import FetchAdmin
from digest.admin.gap import GapAdmin
from digest.admin.host import HostAdmin
from digest.admin.paper import PaperAdmin
from digest.admin.reader import ReaderAdmin
from digest.admin.source import SourceAdmin
from digest.admin.topic import SubscriptionAdmin, TopicAdmin

__all__ = [
    "DigestAdmin",
    "EditionAdmin",
    "FetchAdmin",
    "GapAdmin",
    "HostAdmin",
    "PaperAdmin",
    "ReaderAdmin",
    "SourceAdmin",
    "SubscriptionAdmin",
    "SuppressionAdmin",
    "TopicAdmin",
]
