import pytest
from django.core.exceptions import ValidationError

from accounts.address import mail_address, mailbox, spelled
from accounts.models import Reader
from digest.delivery.headers import for_letter
from tests.make import NOON

SHAPE = "A mail address looks like name@example.org."


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        ("ada@example.org", "ada@example.org"),
        ("  Ada.B+digest@Example.ORG\n", "ada.b+digest@example.org"),
        ("o'neill@lab.example.org", "o'neill@lab.example.org"),
        ("ada@bücher.example.org", "ada@xn--bcher-kva.example.org"),
        ("ada@EXAMPLE．org", "ada@example.org"),
        ("a" * 64 + "@" + "b" * 63 + ".example.org", "a" * 64 + "@" + "b" * 63 + ".example.org"),
    ],
)
def test_address_gets_its_one_spelling_which_readers_and_mails_take(typed: str, address: str) -> None:
    assert mail_address(typed) == address
    Reader(email=address, password="!").full_clean(validate_unique=False, validate_constraints=False)
    fields = for_letter("0" * 32, address, kind="code", subject="Moths", sent_at=NOON)
    assert fields["To"] == address


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("", "Type your mail address."),
        ("   ", "Type your mail address."),
        ("ada", SHAPE),
        ("@example.org", SHAPE),
        ("ada@", SHAPE),
        ("ada@eve@example.org", SHAPE),
        ("ada@example", "After the @ stands a name with a dot in it, such as example.org."),
        ("ada@localhost", "After the @ stands a name with a dot in it, such as example.org."),
        ("ada@example.invalid", "No mail can reach example.invalid. Look for a slip, or use another address."),
        ("ada@[127.0.0.1]", "After the @ stands a name such as example.org, not a number."),
        ("ada@127.0.0.1", "After the @ stands a name such as example.org, not a number."),
        ("ada@[IPv6:::1]", "After the @ stands a name such as example.org, not a number."),
        ("ada b@example.org", "A mail address has no spaces."),
        ("ada\u00a0b@example.org", "A mail address has no spaces."),
        ("ada\x00@example.org", "There is a character in it that nobody sees. Type it instead of pasting it."),
        (
            "ada@exam\r\nBcc: eve@example.org",
            "There is a character in it that nobody sees. Type it instead of pasting it.",
        ),
        ("ada\u202e@example.org", "There is a character in it that nobody sees. Type it instead of pasting it."),
        ("ada\u200b@example.org", "There is a character in it that nobody sees. Type it instead of pasting it."),
        ("ada\ud800@example.org", "There is a character in it that nobody sees. Type it instead of pasting it."),
        ("léa@example.org", "Before the @, letters such as é or 文 do not work here. Use another address."),
        ('"ada b"@example.org', "A mail address has no spaces."),
        ('"ada"@example.org', f"There is a mistake before the @. {SHAPE}"),
        ("ada..b@example.org", f"There is a mistake before the @. {SHAPE}"),
        ("<ada@example.org>", f"There is a mistake before the @. {SHAPE}"),
        ("a" * 65 + "@example.org", f"There is a mistake before the @. {SHAPE}"),
        ("ada@-example.org", f"There is a mistake after the @. {SHAPE}"),
        ("ada@example..org", f"There is a mistake after the @. {SHAPE}"),
        ("ada@exa_mple.org", f"There is a mistake after the @. {SHAPE}"),
        ("ada@" + "b" * 64 + ".org", f"There is a mistake after the @. {SHAPE}"),
        ("a" * 300 + "@example.org", "This is longer than any mail address: 254 characters are the most."),
    ],
)
def test_address_that_no_mail_can_reach_is_refused_in_words(typed: str, message: str) -> None:
    with pytest.raises(ValidationError) as refused:
        mail_address(typed)
    assert refused.value.messages == [message]


@pytest.mark.parametrize(
    ("address", "one_spelling"),
    [
        (" Ada@Example.org\n", "ada@example.org"),
        ("ada@Bücher.example.org", "ada@xn--bcher-kva.example.org"),
        ("ada@" + "ü" * 80 + ".org", "ada@" + "ü" * 80 + ".org"),
        ("ada@" + "ü." * 2_000_000, "ada@" + "ü." * 2_000_000),
        ("Nobody", "nobody"),
        ("", ""),
    ],
    ids=range(6),
)
def test_address_has_one_spelling(address: str, one_spelling: str) -> None:
    assert spelled(address) == one_spelling


@pytest.mark.parametrize("address", ["ada.b@example.org", "Ada.B+7@example.org", "a.d.a.b+x+y@Example.org"])
def test_spellings_of_one_mailbox_are_counted_together(address: str) -> None:
    assert mailbox(address) == "adab@example.org"
