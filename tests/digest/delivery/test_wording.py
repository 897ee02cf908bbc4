from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest

from digest.delivery.wording import write
from digest.models import Letter
from tests.make import NOON, make_match, make_paper, make_reader, make_topic

pytestmark = pytest.mark.django_db


def read(letter: Letter) -> EmailMessage:
    message = message_from_bytes(write(letter, NOON).raw, policy=policy.default)
    assert isinstance(message, EmailMessage)
    assert not message.defects
    return message


def words(message: EmailMessage) -> tuple[str, str]:
    """Return the text, and the HTML, of a mail."""
    text, html = (part.get_content().replace("\r\n", "\n") for part in message.iter_parts())
    return text, html


def post(kind: str, **said: Any) -> Letter:
    return Letter.objects.post(kind, "ada@example.net", now=NOON, said=said)


def test_farewell_has_one_way_back() -> None:
    reader = make_reader("ada@example.net")
    letter = Letter.objects.post("farewell", reader.email, reader=reader.pk, now=NOON)
    message = read(letter)
    text, html = words(message)
    assert message["Subject"] == "You get no more digests from Broadsheet"
    assert text.count("https://") == 1
    assert f"https://papers.example.org/unsubscribe/{reader.pk}." in html
    assert message["List-Unsubscribe"] is None


def test_headers_of_a_letter_name_its_kind_and_no_list() -> None:
    message = read(post("new address", url="https://papers.example.org/address/1"))
    assert message["Feedback-ID"] == "new-address:letter:broadsheet"
    assert message["Auto-Submitted"] == "auto-generated"
    assert [name for name in message if name.startswith("List-") or name == "Precedence"] == []


def test_welcome_shows_papers_of_today_and_belongs_to_the_list() -> None:
    topic = make_topic()
    make_match(topic, make_paper(title="What moths know", url="https://arxiv.org/abs/2603.00001"))
    reader = make_reader("ada@example.net", topics=(topic,), time_zone="Asia/Kathmandu")
    message = read(Letter.objects.post("welcome", reader.email, reader=reader.pk, now=NOON))
    text, html = words(message)
    assert message["Subject"] == "Welcome to Broadsheet: 1 paper to begin with"
    assert "What moths know" in text
    assert "What moths know" in html
    assert reader.next_digest_at
    assert "soon after 07:00 (Asia/Kathmandu)" in " ".join(text.split())
    assert message["List-Id"] == "Broadsheet <digest.papers.example.org>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_welcome_without_papers_says_what_helps() -> None:
    reader = make_reader("ada@example.net", topics=(make_topic("a topic nobody writes about"),))
    message = read(Letter.objects.post("welcome", reader.email, reader=reader.pk, now=NOON))
    assert message["Subject"] == "Welcome to Broadsheet"
    assert all("Today there is no new paper in your topics yet." in " ".join(part.split()) for part in words(message))


def test_confirmation_shows_topics_as_text_in_html() -> None:
    message = read(
        post(
            "confirm",
            topics=["<img src=x onerror=alert(1)>", "moths\r\nBcc: eve@example.net"],
            url="https://a.example/1",
        )
    )
    text, html = words(message)
    assert "<img" not in html
    assert "&lt;img src=x onerror=alert(1)&gt;" in html
    assert "- moths Bcc: eve@example.net" in text
    assert message["Bcc"] is None


def test_title_of_a_notice_cannot_add_a_header() -> None:
    message = read(post("notice", title="Passkey\r\nBcc: eve@example.net", lines=["It was added."]))
    assert (message["Subject"], message["Bcc"]) == ("Passkey Bcc: eve@example.net", None)


def test_text_and_html_of_each_kind_say_the_same(settings: Any) -> None:
    settings.CONTACT = "desk@papers.example.org"
    letters = [
        post("confirm", topics=["moths"], url="https://a.example/1"),
        post("code", code="ABC-DEF", minutes=15),
        post("new address", url="https://a.example/1"),
        post("moved", new="zoe@example.net"),
        post("notice", title="A passkey was added", lines=["Your account has a new passkey."]),
    ]
    for letter in letters:
        text, html = words(read(letter))
        assert "{" not in text + html.partition("</style>")[2]
        for said in ("ABC-DEF", "https://a.example/1", "zoe@example.net", "desk@papers.example.org", "moths"):
            assert (said in text) == (said in html), (letter.kind, said)
