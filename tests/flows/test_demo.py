"""The demo, and every mail it writes held against the checks of what mail systems and readers see."""

import os
import subprocess
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from digest.models import Digest, Paper, Subscription, Topic

TOOLS = Path(__file__).parents[2].parent / "shared" / "tools"
INSTALLED = Path(os.environ.get("MAILTOOLS", Path.home() / ".cache" / "mailtools"))
needs_tools = pytest.mark.skipif(
    not (TOOLS.exists() and INSTALLED.exists()), reason="needs ../shared/tools, set up by its setup.sh"
)
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def said() -> str:
    out = StringIO()
    call_command("demo", stdout=out)
    return out.getvalue()


def failures(check: str, *arguments: str) -> str:
    """Return what a check says against a mail, "" where it has nothing to say."""
    done = subprocess.run([TOOLS / check, *arguments], capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else f"{check} {arguments}: {done.stdout[-1500:]}{done.stderr[-500:]}"


def test_demo_mails_the_readers_and_shows_who_got_what_and_why(said: str, settings: Any) -> None:
    assert Paper.objects.count() >= 60
    assert (Topic.objects.count() >= 8, Subscription.objects.values("reader").distinct().count()) == (True, 6)
    digests = Digest.objects.select_related("reader")
    assert {digest.state for digest in digests} == {"accepted", "empty"}
    for digest in digests:
        assert digest.reader.email in said
        assert digest.subject in said
    accepted = [digest for digest in digests if digest.state == "accepted"]
    assert len(list(settings.EMAIL_FILE_PATH.glob("*.eml"))) == len(accepted)
    assert len(list(settings.EMAIL_FILE_PATH.glob("*.html"))) == len(accepted)


def test_demo_refuses_a_database_in_use(said: str) -> None:
    with pytest.raises(CommandError, match="already holds papers or readers"):
        call_command("demo", stdout=StringIO())


@needs_tools
def test_demo_mails_pass_every_check(said: str, settings: Any) -> None:
    found = []
    for mail in settings.EMAIL_FILE_PATH.glob("*.eml"):
        found += [failures("check_eml.py", str(mail), "--no-dkim"), failures("spam_score.sh", str(mail))]
    for page in settings.EMAIL_FILE_PATH.glob("*.html"):
        checks = (("caniemail.sh",), ("vnu.sh",), ("axe.sh", "0", "390"), ("axe.sh", "0", "700"))
        found += [failures(check, str(page), *rest) for check, *rest in checks]
    assert [problem for problem in found if problem] == []
