"""The checks of ../shared/tools over a letter of each kind: one outside the list breaks the rules of lists alone."""

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from digest.delivery.wording import write
from digest.models import Letter
from tests.mailchecks import TOOLS, needs_tools
from tests.make import NOON, make_match, make_paper, make_reader, make_topic

pytestmark = [pytest.mark.django_db, needs_tools]

LINK = "https://papers.example.org/confirm/17.1vYx2A.cHJlZmVyZW5jZXMtdG9rZW4tb2YtbGVuZ3Ro"
SAID: dict[str, dict[str, Any]] = {
    "confirm": {"topics": ["knowledge transfer", "cs.CL"], "url": LINK},
    "code": {"code": "K7QP-3MXD", "minutes": 15},
    "unknown": {},
    "welcome": {},
    "farewell": {},
    "new address": {"url": LINK},
    "moved": {"new": "zoe@example.net"},
    "notice": {"title": "A passkey was added", "lines": ["Your account has a new passkey."]},
}
OF_LISTS = {
    "List-Unsubscribe has exactly one HTTPS URI",
    "List-Unsubscribe-Post is exactly List-Unsubscribe=One-Click",
    "List-Id ends in <label.domain>",
    "List-Id identifier <=255 octets, no @",
    "visible unsubscribe link in the HTML body",
    "unsubscribe URL in the text part",
}


def letter(kind: str) -> Letter:
    topic = make_topic()
    make_match(
        topic, make_paper(title="What moths know", abstract="They know the moon.", url="https://arxiv.org/abs/1")
    )
    reader = make_reader("ada@lab.example.org", topics=(topic,))
    return Letter.objects.post(kind, reader.email, reader=reader.pk, now=NOON, said=SAID[kind])


def test_every_kind_is_checked() -> None:
    assert set(SAID) == set(Letter.Kind)


@pytest.mark.parametrize("kind", SAID)
def test_letter_follows_the_rules_of_mail(kind: str, tmp_path: Path, settings: Any) -> None:
    settings.UNSUBSCRIBE_EMAIL, settings.CONTACT = "unsubscribe@papers.example.org", "desk@papers.example.org"
    path = tmp_path / "letter.eml"
    path.write_bytes(write(letter(kind), NOON).raw)
    command = [str(TOOLS / "check_eml.py"), str(path), "99", "--no-dkim"]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    failed = set(re.findall(r"^FAIL (.*) \[", said, re.MULTILINE))
    assert failed == (set() if kind == "welcome" else OF_LISTS)
