"""The demo, and every mail it writes held against the checks of what mail systems and readers see."""

from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from digest.models import Digest, Paper, Subscription, Topic
from tests.mailchecks import needs_tools, problems

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def said() -> str:
    out = StringIO()
    call_command("demo", stdout=out)
    return out.getvalue()


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


def test_demo_leaves_a_site_that_is_worth_a_look(said: str, client: Client) -> None:
    assert "make run" in said.splitlines()[-1]
    pages = {
        path: client.get(path).content.decode() for path in ("/", "/topics/", "/search?q=%22knowledge+transfer%22")
    }
    assert "Chosen by Broadsheet: The checks that more of us" in pages["/"]
    assert "about one paper a day" in pages["/topics/"]
    assert pages["/search?q=%22knowledge+transfer%22"].count('<li class="card">') == 9


def test_demo_refuses_a_database_in_use(said: str) -> None:
    with pytest.raises(CommandError, match="already holds papers or readers"):
        call_command("demo", stdout=StringIO())


def test_demo_refuses_a_real_mail_system(settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    with pytest.raises(CommandError, match="not for a real mail system"):
        call_command("demo", stdout=StringIO())
    assert not Paper.objects.exists()


@needs_tools
@pytest.mark.once
def test_demo_mails_pass_every_check(said: str, settings: Any) -> None:
    assert problems(settings.EMAIL_FILE_PATH) == []
