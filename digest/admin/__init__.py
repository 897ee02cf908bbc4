"""What staff see and change, one file per noun."""

from digest.admin.digest import DigestAdmin
from digest.admin.edition import EditionAdmin
from digest.admin.feedback import FeedbackAdmin
from digest.admin.fetch import FetchAdmin
from digest.admin.gap import GapAdmin
from digest.admin.host import HostAdmin
from digest.admin.letter import LetterAdmin
from digest.admin.mail_event import MailEventAdmin
from digest.admin.pace import PaceAdmin
from digest.admin.paper import PaperAdmin
from digest.admin.reader import ReaderAdmin
from digest.admin.sign_in import AuthenticatorAdmin
from digest.admin.signup import SignupAdmin
from digest.admin.source import SourceAdmin
from digest.admin.submission import SubmissionAdmin
from digest.admin.suppression import SuppressionAdmin
from digest.admin.topic import SubscriptionAdmin, TopicAdmin

__all__ = [
    "AuthenticatorAdmin",
    "DigestAdmin",
    "EditionAdmin",
    "FeedbackAdmin",
    "FetchAdmin",
    "GapAdmin",
    "HostAdmin",
    "LetterAdmin",
    "MailEventAdmin",
    "PaceAdmin",
    "PaperAdmin",
    "ReaderAdmin",
    "SignupAdmin",
    "SourceAdmin",
    "SubmissionAdmin",
    "SubscriptionAdmin",
    "SuppressionAdmin",
    "TopicAdmin",
]
