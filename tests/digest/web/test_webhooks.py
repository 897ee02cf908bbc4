from datetime import timedelta
from typing import Any

import pytest

from digest.feedback import bounces
from digest.models import MailEvent, Suppression
from tests.digest.web.reports import ANYMAIL, PROVIDERS, brevo, mailgun, post, postmark, report
from tests.make import NOON, make_digest, make_reader

pytestmark = pytest.mark.django_db
ADDRESS = "ada@example.org"


@pytest.fixture(autouse=True)
def providers(settings: Any) -> None:
    settings.ANYMAIL = ANYMAIL


def stored() -> list[tuple[str, str]]:
    return list(MailEvent.objects.order_by("pk").values_list("kind", "address"))


def suppressed() -> list[tuple[str, str]]:
    return list(Suppression.objects.values_list("reason", "address"))


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize(
    ("kind", "told", "reason"),
    [
        ("hard", "hard bounce", "hard bounce"),
        ("complaint", "complaint", "complaint"),
        ("soft", "soft bounce", None),
        ("delivered", "delivered", None),
    ],
)
def test_report_of_each_provider_is_kept_and_acted_on(provider: str, kind: str, told: str, reason: str | None) -> None:
    digest = make_digest(make_reader(ADDRESS))
    assert report(provider, kind, "Ada@Example.org", digest=digest.key.hex) == 200
    event = MailEvent.objects.get()
    assert (event.kind, event.address, event.reader, event.digest) == (told, ADDRESS, digest.reader, digest)
    assert event.at == NOON
    assert suppressed() == ([(reason, ADDRESS)] if reason else [])


@pytest.mark.parametrize("provider", PROVIDERS)
def test_unsubscribing_at_the_provider_is_leaving(provider: str) -> None:
    reader = make_reader(ADDRESS)
    assert report(provider, "unsubscribe", ADDRESS) == 200
    reader.refresh_from_db()
    assert (reader.state, stored(), suppressed()) == ("left", [("unsubscribe", ADDRESS)], [])


@pytest.mark.parametrize("provider", PROVIDERS)
def test_report_told_ten_times_counts_once(provider: str) -> None:
    digest = make_digest(make_reader(ADDRESS))
    told = {report(provider, "hard", ADDRESS, digest=digest.key.hex) for _ in range(10)}
    assert (told, stored()) == ({200}, [("hard bounce", ADDRESS)])
    assert suppressed() == [("hard bounce", ADDRESS)]


def test_batch_told_ten_times_counts_once() -> None:
    make_reader(ADDRESS)
    make_reader("bo@example.org")
    batch: list[Any] = []
    for number, (kind, address) in enumerate([("hard", ADDRESS), ("complaint", "bo@example.org"), ("soft", ADDRESS)]):
        batch += PROVIDERS["sparkpost"](kind, address, number=number)
    assert {post(batch, "sparkpost") for _ in range(10)} == {200}
    assert stored() == [("hard bounce", ADDRESS), ("complaint", "bo@example.org"), ("soft bounce", ADDRESS)]
    assert sorted(suppressed()) == [("complaint", "bo@example.org"), ("hard bounce", ADDRESS)]


@pytest.mark.parametrize("provider", PROVIDERS)
def test_report_about_nobody_here_is_dropped(provider: str) -> None:
    assert report(provider, "hard", "nobody@example.org") == 200
    assert (stored(), suppressed()) == ([], [])


# --- Proof


@pytest.mark.parametrize("provider", ["postmark", "brevo", "sparkpost", "mailgun"])
@pytest.mark.parametrize("headers", [{}, {"Authorization": "Basic aG9vazp3cm9uZw=="}, {"Authorization": "Bearer x"}])
def test_report_without_the_secret_is_refused(provider: str, headers: dict[str, str]) -> None:
    make_reader(ADDRESS)
    assert post(PROVIDERS[provider]("hard", ADDRESS), provider, headers=headers) == 400
    assert stored() == []


@pytest.mark.parametrize("field", ["token", "timestamp", "signature"])
def test_report_with_a_forged_signature_is_refused(settings: Any, field: str) -> None:
    settings.ANYMAIL = {"MAILGUN_WEBHOOK_SIGNING_KEY": ANYMAIL["MAILGUN_WEBHOOK_SIGNING_KEY"]}
    make_reader(ADDRESS)
    payload: Any = mailgun("hard", ADDRESS)
    payload["signature"][field] += "0"
    assert (post(payload, "mailgun", headers={}), stored()) == (400, [])
    assert post(mailgun("hard", ADDRESS), "mailgun", headers={}) == 200
    assert stored() == [("hard bounce", ADDRESS)]


@pytest.mark.filterwarnings("ignore::anymail.exceptions.AnymailInsecureWebhookWarning")
@pytest.mark.parametrize(
    "provider", ["postmark", "brevo", "sparkpost", "mailgun", "mandrill", "amazon_ses", "mailersend"]
)
def test_nothing_is_here_without_a_secret_and_a_key(settings: Any, provider: str) -> None:
    settings.ANYMAIL = {}
    make_reader(ADDRESS)
    assert (post(postmark("hard", ADDRESS), provider), stored()) == (404, [])


@pytest.mark.parametrize("provider", ["nobody", "postmark-inbound", "admin"])
def test_unknown_provider_is_not_found(provider: str) -> None:
    assert post({}, provider) == 404


def test_incoming_mail_is_not_taken() -> None:
    assert post({"FromFull": {}, "From": ADDRESS}, "postmark") == 400


# --- Bad input


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize(
    "body", ["", "{", "null", "7", '"x"', "[]", "[7]", "{}", '{"event": {}}', "\ud800"[:0] + "\x00", "[" * 100_000]
)
def test_report_that_cannot_be_read_is_the_senders_fault(provider: str, body: str) -> None:
    assert post(body, provider) in ((200, 400) if body in ("[]", "{}", '{"event": {}}') else (400,))
    assert stored() == []


@pytest.mark.parametrize(
    "address", [None, 7, [], {}, "", "ada", "ada@exam\x00ple.org", "\ud800@example.org", "a" * 400 + "@x.org"]
)
def test_report_without_a_usable_address_is_dropped(address: Any) -> None:
    make_reader(ADDRESS)
    assert (post(postmark("hard", address), "postmark"), stored()) == (200, [])


def test_hostile_words_are_kept_as_words() -> None:
    make_reader(ADDRESS)
    said = "550 <b>no\x00\r\n\ud800" + "x" * 5000
    assert report("postmark", "hard", ADDRESS, said=said) == 200
    kept = MailEvent.objects.get().said
    assert kept.startswith("The server was unable to deliver your message. 550 <b>no ?xxx")
    assert (len(kept), Suppression.objects.get().note) == (300, kept)


def test_report_of_another_readers_digest_is_not_tied_to_it() -> None:
    make_reader(ADDRESS)
    theirs = make_digest(make_reader())
    report("postmark", "hard", ADDRESS, digest=theirs.key.hex)
    assert MailEvent.objects.get().digest is None


def test_report_from_the_future_is_of_now() -> None:
    make_reader(ADDRESS)
    report("postmark", "hard", ADDRESS, at=NOON + timedelta(days=900))
    assert MailEvent.objects.get().at == NOON


def test_fault_of_ours_makes_the_provider_try_again(monkeypatch: pytest.MonkeyPatch) -> None:
    make_reader(ADDRESS)

    def broken(*_: Any) -> None:
        raise ValueError("our own")

    with monkeypatch.context() as patched:
        patched.setattr(bounces, "_act", broken)
        assert (post(brevo("hard", ADDRESS), "brevo"), stored()) == (500, [])
    assert (post(brevo("hard", ADDRESS), "brevo"), suppressed()) == (200, [("hard bounce", ADDRESS)])


def test_get_tells_and_changes_nothing(client: Any) -> None:
    assert client.get("/webhooks/postmark/tracking/").status_code == 405
    assert client.head("/webhooks/postmark/tracking/").status_code == 200
