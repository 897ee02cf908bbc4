from dataclasses import replace
from datetime import datetime
from email import message_from_string, policy
from typing import Any

import pytest

from digest.delivery.content import DigestContent
from digest.delivery.headers import address_of, for_digest, write, written
from tests.digest.delivery.make import KEY, SENT_AT, make_content


def fields(content: DigestContent | None = None, *, subject: str = "Moths: 3 new papers") -> dict[str, str]:
    return for_digest(content or make_content(), subject=subject, sent_at=SENT_AT)


def read_back(name: str, value: str) -> str:
    """What a mail program reads of a written field."""
    return str(message_from_string(write(name, value) + "\r\n", policy=policy.default)[name])


def test_headers_of_a_digest_follow_the_rules_for_bulk_mail(settings: Any) -> None:
    settings.FEEDBACK_SENDER = "broadsheet"
    settings.UNSUBSCRIBE_EMAIL = "unsubscribe@papers.example.org"
    assert fields() == {
        "From": "Broadsheet <digest@papers.example.org>",
        "To": "reader@lab.example.org",
        "Subject": "Moths: 3 new papers",
        "Date": "Wed, 04 Mar 2026 07:03:00 +0000",
        "Message-ID": f"<digest-{KEY}@papers.example.org>",
        "List-Id": "Broadsheet <digest.papers.example.org>",
        "List-Unsubscribe": "<https://papers.example.org/unsubscribe/17.dW5zdWJzY3JpYmUtdG9rZW4>, "
        "<mailto:unsubscribe@papers.example.org?subject=17.dW5zdWJzY3JpYmUtdG9rZW4>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "List-Help": "<https://papers.example.org/>",
        "Feedback-ID": "20260304:digest:broadsheet",
        "Precedence": "bulk",
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "OOF, AutoReply",
        "Content-Language": "en",
    }


def test_unsubscribe_token_is_found_before_a_closing_slash() -> None:
    content = replace(make_content(), unsubscribe_url="https://papers.example.org/unsubscribe/17.abc/")
    assert fields(content)["List-Unsubscribe"].endswith("?subject=17.abc>")


def test_names_that_need_it_are_quoted_or_encoded(settings: Any) -> None:
    settings.DEFAULT_FROM_EMAIL = '"Papers, daily" <digest@papers.example.org>'
    settings.SITE_NAME = "Blätter für Zoë"
    written = fields()
    assert written["From"] == '"Papers, daily" <digest@papers.example.org>'
    assert written["List-Id"] == "=?utf-8?b?QmzDpHR0ZXIgZsO8ciBab8Or?= <digest.papers.example.org>"
    assert read_back("List-Id", written["List-Id"]) == "Blätter für Zoë <digest.papers.example.org>"


def test_sender_whose_name_has_a_bare_comma_is_refused(settings: Any) -> None:
    settings.DEFAULT_FROM_EMAIL = "Papers, daily <digest@papers.example.org>"
    with pytest.raises(ValueError, match="not one mail address in ASCII: 'Papers'"):
        fields()


def test_address_in_an_international_domain_is_written_in_ascii() -> None:
    assert fields(replace(make_content(), email="reader@bücher.example"))["To"] == "reader@xn--bcher-kva.example"


@pytest.mark.parametrize(
    "email",
    [
        "",
        "reader",
        "reader@lab.example.org, other@lab.example.org",
        "reader@lab.example.org\r\nBcc: other@lab.example.org",
        "Reader <reader@lab.example.org>",
        "léa@lab.example.org",
    ],
)
def test_address_that_is_not_exactly_one_is_refused(email: str) -> None:
    with pytest.raises(ValueError, match="not one mail address in ASCII"):
        fields(replace(make_content(), email=email))


@pytest.mark.parametrize(
    "url",
    [
        "",
        "mailto:stop@example.org",
        "https://x.example.org/a b",
        "https://x.example.org/>,<b",
        "https://x/\r\nX: y",
        "https://ü",
    ],
)
def test_unsubscribe_link_that_is_no_plain_address_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="not a web address in ASCII"):
        fields(replace(make_content(), unsubscribe_url=url))


@pytest.mark.parametrize("key", ["", "0" * 31, "0" * 33, "G" * 32, "0" * 31 + "\n", "0" * 32 + "\n"])
def test_key_that_is_no_uuid_in_hex_is_refused(key: str) -> None:
    with pytest.raises(ValueError, match="32 hexadecimal digits"):
        fields(replace(make_content(), key=key))


def test_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="needs a time zone"):
        for_digest(make_content(), subject="Moths", sent_at=datetime(2026, 3, 4))  # noqa: DTZ001


def test_header_is_its_fields_in_order_whichever_were_written_before() -> None:
    for subject in ("Moths", "Bats"):
        fields = for_digest(make_content(), subject=subject, sent_at=SENT_AT)
        assert written(fields) == "".join(write(name, value) for name, value in fields.items())


def test_address_of_a_sender_is_what_stands_on_the_envelope() -> None:
    assert address_of('"Blätter, täglich" <digest@papers.example.org>') == "digest@papers.example.org"
    assert address_of("digest@papers.example.org") == "digest@papers.example.org"


def test_write_short_field_takes_one_line() -> None:
    assert write("Precedence", "bulk") == "Precedence: bulk\r\n"


def test_write_long_field_folds_at_spaces() -> None:
    words = " ".join(["moths"] * 30)
    written = write("Subject", words)
    assert max(len(line) for line in written.splitlines()) <= 78
    assert read_back("Subject", words) == words


def test_write_word_that_cannot_be_folded_stays_whole() -> None:
    link = "<https://papers.example.org/" + "a" * 100 + ">"
    assert write("List-Help", link) == f"List-Help:\r\n {link}\r\n"


def test_write_other_letters_in_encoded_words() -> None:
    subject = "Ďakujem: „mole“ and 蛾 in a title that goes on and on 🦋 until it needs several encoded words"
    written = write("Subject", subject)
    assert written.isascii()
    assert max(len(line) for line in written.splitlines()) <= 78
    assert read_back("Subject", subject) == subject


def test_write_text_that_looks_encoded_is_read_as_it_stands() -> None:
    subject = "Decoding =?utf-8?q?evil?= words"
    assert read_back("Subject", subject) == subject


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r", "\x00", "\x85"])
def test_subject_with_a_line_end_is_refused(end: str) -> None:
    with pytest.raises(ValueError, match="Subject holds a control character"):
        fields(subject=f"Moths{end}Bcc: other@lab.example.org")


def test_setting_with_a_line_end_is_refused(settings: Any) -> None:
    settings.FEEDBACK_SENDER = "lab\nBcc: other@lab.example.org"
    with pytest.raises(ValueError, match="Feedback-ID holds a control character"):
        fields()
